"""What the first load of the apprentice's page weighs, and whether a web worker grows."""

import gzip
import re
import threading
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, figure
from drill.ground import Ground, children
from drill.people import Browser, Caller, token

MOST = 150_000
"""Bytes of the first load, compressed."""
FEW, MANY = 100, 10_000
ASSET = re.compile(r"""(?:href|src)="/static/([^"]+)"|url\(["']?([^"')]+)["']?\)""")
PACKED = (".woff2", ".png", ".webp", ".jpg")
DATABASES = ("postgresql",)


def figures(ground: Ground) -> Iterator[Figure]:
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)
    ground.web()
    cast = ground.cast
    ana = Browser(ground.port, cast.ana_user)
    page = ana.get("/").body or ana.get(f"/apprentices/{cast.ana.uid}/week/").body
    html = page.decode()
    sheets = re.findall(r'<link[^>]+rel="stylesheet"[^>]*>', html)
    yield figure("stylesheets of the apprentice's page", len(sheets), 1, goal="<= 1", unit="")
    weight = len(gzip.compress(page)) + sum(asset_weights(html, ground.folder / "static").values())
    yield figure("first load of the apprentice's page, compressed", weight, MOST, goal="<= 1", unit="bytes")
    yield growth(ground)


def asset_weights(html: str, folder: Path) -> dict[str, int]:
    """Bytes of each file that a browser loads for this page, fonts of its stylesheets with it."""
    found: dict[str, int] = {}
    wanted = [one for one, _ in ASSET.findall(html) if one]
    while wanted:
        name = wanted.pop()
        path = folder / name
        if name in found or not path.is_file():
            continue
        data = path.read_bytes()
        found[name] = len(data) if path.suffix in PACKED else len(gzip.compress(data))
        if path.suffix == ".css":
            near = [one for _, one in ASSET.findall(data.decode()) if one and not one.startswith("data:")]
            wanted += [str((path.parent / one).resolve().relative_to(folder.resolve())) for one in near]
    return found


def growth(ground: Ground) -> Figure:
    """Memory of the web workers after many requests beside that after a few."""
    cast = ground.cast
    browser, program = Browser(ground.port, cast.ana_user), Caller(ground.port, token(cast.nora))
    week = f"/apprentices/{cast.ana.uid}/week/"

    def ask(count: int) -> None:
        for turn in range(count):
            if turn % 20:
                answer = program.get("me/" if turn % 2 else "hours/?page_size=5")
            else:
                answer = browser.get(week)
            assert answer.status == 200, answer.status

    ask(FEW)
    before = memory(ground)
    threads = [threading.Thread(target=ask, args=((MANY - FEW) // 2,)) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return figure(
        f"memory of the web workers after {MANY:,} requests, beside {FEW}",
        memory(ground),
        before,
        goal="<= 1.1",
        unit="MB",
        n=MANY,
    )


def memory(ground: Ground) -> float:
    """Megabytes of resident memory of all web workers together."""
    (master,) = [one for name, (one, _) in ground.programs.running.items() if name == "web server"]
    total = 0
    for pid in children(master.pid):
        status = Path(f"/proc/{pid}/status").read_text()
        total += int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]
    return total / 1024
