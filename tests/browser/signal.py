"""A network that can be lost: a line between browser and site, which a test cuts, or cuts for answers."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit


class Line:
    """Passes connections on to the site. `cut`: none gets through. `block`: nothing to a path with this word
    in it does. `lose_answers`: the site gets what is sent there, does it, and nobody hears of it."""

    def __init__(self, site: str) -> None:
        place = urlsplit(site)
        self._site = (place.hostname or "127.0.0.1", place.port or 80)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self.cut = False
        self.block = b""
        self.lose_answers = b""
        self.lost = 0
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def hang_up(self) -> None:
        """Cut the line: what is open breaks off, and nothing new gets through."""
        self.cut = True
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.hang_up()
        self._door.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                browser, _ = self._door.accept()
                if self.cut:
                    browser.close()
                    continue
                threading.Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        with contextlib.suppress(OSError), browser, socket.create_connection(self._site) as site:
            self._open |= {browser, site}
            lost = threading.Event()
            back = threading.Thread(target=self._answers, args=(site, browser, lost), daemon=True)
            back.start()
            for piece in _pieces(browser):
                asked = piece.split(b"\r\n", 1)[0]
                if self.block and self.block in asked:
                    lost.set()
                    break
                if self.lose_answers and self.lose_answers in asked:
                    lost.set()
                site.sendall(piece)
            with contextlib.suppress(OSError):
                site.shutdown(socket.SHUT_WR)
            with contextlib.suppress(OSError):
                if lost.is_set():
                    browser.shutdown(socket.SHUT_RDWR)
            back.join()
            self._open -= {browser, site}

    def _answers(self, site: socket.socket, browser: socket.socket, lost: threading.Event) -> None:
        with contextlib.suppress(OSError):
            for piece in _pieces(site):
                if lost.is_set():
                    self.lost += 1
                    break
                browser.sendall(piece)
            browser.shutdown(socket.SHUT_RDWR)


def _pieces(end: socket.socket) -> Iterator[bytes]:
    while piece := end.recv(65_536):
        yield piece
