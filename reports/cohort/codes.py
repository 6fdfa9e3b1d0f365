"""The QR code that opens the check of a print-out, drawn as WeasyPrint draws its SVG."""

from reports import pdf, prints
from reports.cohort.pages import number
from reports.cohort.pieces import Misfit


class Code:
    """A code as it was drawn, and how others are."""

    def __init__(self, url: str, drawn: bytes) -> None:
        """`drawn` are the operators of the SVG behind `url`. Raises Misfit for any other picture."""
        self.before, lines, self.after = drawn.partition(_operators(url))
        if not lines:
            raise Misfit("the picture is no code")
        self.rows = _rows(lines)

    def drawn(self, url: str) -> bytes:
        """The operators of another code. Raises Misfit where it has more modules, or fewer."""
        lines = _operators(url)
        if _rows(lines) != self.rows:
            raise Misfit("the code is larger or smaller")
        return self.before + lines + self.after


def _rows(lines: bytes) -> bytes:
    """Where the last row is; it always has black modules."""
    return lines.rsplit(b" ", 2)[1]


def _operators(url: str) -> bytes:
    """One move and one line for each row of black modules."""
    code = pdf.CODE.fullmatch(url.removeprefix("asset:"))
    if not code:
        raise Misfit("the picture is no code")
    rows = [(number(y), lines) for y, lines in prints.strokes(code[1])]
    return b"\n".join(b"%d %b m\n%d %b l" % (x, y, end, y) for y, lines in rows for x, end in lines)
