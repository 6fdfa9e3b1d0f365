"""Run the Dockerfile without a container engine: `python -m tests.image [--python PREFIX] [--keep] FOLDER`.

Makes a bare Debian 12 with debootstrap in FOLDER, copies it for each stage, runs every step of the
Dockerfile in it with chroot, and at last starts the image's command as the image's user until /healthz and a
page answer. Needs root, debootstrap, and what apt and pip of this machine are set up to reach. PREFIX is a
Python of the version that the base image brings (pyenv has such), which is copied to /usr/local; without it
Debian's own Python stands in.
"""

import argparse
import contextlib
import fnmatch
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from machine.programs import ROOT, Problem, Programs, main, say
from tests.dockerfile import Stage, Step, stages
from tests.servers import free_port

SUITE = "bookworm"
OF_BASE = ["ca-certificates", "netbase", "tzdata", "libbz2-1.0", "libffi8", "liblzma5", "libreadline8"]
OF_BASE += ["libsqlite3-0", "libssl3", "libuuid1", "zlib1g", "libncursesw6", "libexpat1", "libgdbm6"]
"""What python:*-slim has beside Python."""
BASE_PATH = "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin"
OF_THIS_MACHINE = ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf", "/etc/xdg/pip")
KEYS = dict.fromkeys(("SECRET_KEY", "LEDGER_KEY"), "for-the-trial-of-an-image-alone-0123456789")


class Root:
    """One stage: a folder that is a whole system, with the state that the steps build up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.variables: dict[str, str] = {"PATH": BASE_PATH}
        self.workdir, self.user = "/", "root"

    def at(self, path: str) -> Path:
        """Where a path of the image is on this machine."""
        whole = path if path.startswith("/") else f"{self.workdir.rstrip('/')}/{path}"
        return self.folder / whole.lstrip("/")

    def command(self, words: list[str], **more: str) -> list[str]:
        """How to run something inside, as the user and in the folder of the moment."""
        variables = [f"{name}={value}" for name, value in {**self.variables, **more}.items()]
        inside = ["/bin/sh", "-c", f'cd {self.workdir} && exec "$@"', "sh"]
        return [
            "chroot",
            f"--userspec={self.user}",
            str(self.folder),
            "env",
            "-i",
            *variables,
            *inside,
            *words,
        ]

    def run(self, words: list[str], **more: str) -> None:
        done = subprocess.run(self.command(words, **more))
        if done.returncode:
            raise Problem(f"this ended with status {done.returncode}: {' '.join(words)[:200]}")


@contextlib.contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """/dev and /proc, and the caches of this machine's pip, for as long as a stage is used."""
    places = {"/dev": folder / "dev", "/proc": folder / "proc"}
    places |= {name: folder / name.lstrip("/") for name in _pip_folders()}
    done: list[Path] = []
    try:
        for source, target in places.items():
            target.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "--bind", source, target], check=True)
            done.append(target)
        yield
    finally:
        for target in reversed(done):
            subprocess.run(["umount", "--lazy", target], check=False)


def _pip_folders() -> list[str]:
    """Folders of wheels that this machine's pip is told to look into."""
    told = subprocess.run(["pip", "config", "list"], capture_output=True, text=True).stdout
    words = re.findall(r"(?:file://)?(/[\w./-]+)", told)
    tops = {f"/{'/'.join(word.split('/')[1:3])}" for word in words}
    return [top for top in tops if Path(top).is_dir() and top.startswith(("/opt/", "/srv/", "/var/"))]


def debian(folder: Path, python: Path | None) -> None:
    """A bare Debian with what the base image has."""
    packages = ["python3", "python3-venv"] if python is None else []
    mirror = _mirror()
    include = ",".join([*OF_BASE, *packages])
    command = ["debootstrap", "--variant=minbase", f"--include={include}", SUITE, folder, mirror]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for name in OF_THIS_MACHINE:
        _take_over(Path(name), folder / name.lstrip("/"))
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", folder / "etc/ssl/certs/ca-certificates.crt")
    for file in Path("/etc/apt/sources.list.d").glob("debian*"):
        shutil.copy(file, folder / "etc/apt/sources.list.d")
        (folder / "etc/apt/sources.list").write_text("")
    for file in Path("/etc/apt/apt.conf.d").glob("*proxy*"):
        shutil.copy(file, folder / "etc/apt/apt.conf.d")
    if python:
        shutil.copytree(python, folder / "usr/local", symlinks=True, dirs_exist_ok=True)
        subprocess.run(["chroot", folder, "ldconfig"], check=True)
    else:
        (folder / "usr/local/bin/python").symlink_to("/usr/bin/python3")


def _take_over(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def _mirror() -> str:
    """Where this machine's apt gets Debian from."""
    told = subprocess.run(["apt-cache", "policy", "bash"], capture_output=True, text=True).stdout
    found = re.search(rf"(https?://\S+) {SUITE}/main", told)
    if not found:
        raise Problem(f"apt knows no source of {SUITE}: the image cannot be tried on this machine")
    return found.group(1)


def apply(step: Step, root: Root, others: dict[str, Root]) -> None:
    """Do one step of the Dockerfile."""
    if step.word == "ENV":
        own = {name: value.replace("$PATH", root.variables["PATH"]) for name, value in step.variables.items()}
        root.variables |= own
    elif step.word == "WORKDIR":
        root.at(step.text).mkdir(parents=True, exist_ok=True)
        root.workdir = step.text
    elif step.word == "USER":
        root.user = f"{step.text}:{step.text}"
    elif step.word == "RUN":
        pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        root.run(["/bin/sh", "-c", step.text], **pip)
    elif step.word == "COPY":
        *sources, target = step.words
        origin = others[step.flags["from"]].folder if "from" in step.flags else None
        for source in sources:
            copy(origin / source.lstrip("/") if origin else ROOT / source, root.at(target))


def copy(source: Path, target: Path) -> None:
    """As COPY does: what .dockerignore names stays out of what comes from the checkout."""
    if source.is_file():
        shutil.copy(source, target / source.name if target.is_dir() else target)
        return
    ignore = _ignored if source.is_relative_to(ROOT) else None
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, ignore=ignore)


def _ignored(folder: str, names: list[str]) -> list[str]:
    patterns = (ROOT / ".dockerignore").read_text().split()
    inside = Path(folder).relative_to(ROOT)
    return [
        name
        for name in names
        for pattern in patterns
        if fnmatch.fnmatch(
            name if pattern.startswith("**/") else str(inside / name), pattern.removeprefix("**/")
        )
    ]


def build(folder: Path, python: Path | None) -> Root:
    """All stages; returns the last."""
    base = folder / "base"
    begun = time.monotonic()
    if not base.exists():  # one that --keep left
        debian(base, python)
    say(f"{time.monotonic() - begun:6.1f} s  Debian {SUITE}, {size(base)} MB")
    made: dict[str, Root] = {}
    for stage in stages():
        root = Root(folder / f"stage-{stage.name}")
        subprocess.run(["rm", "--recursive", "--force", "--one-file-system", root.folder], check=True)
        subprocess.run(["cp", "--archive", base, root.folder], check=True)
        _all_steps(stage, root, made)
        made[stage.name] = root
    return root


def _all_steps(stage: Stage, root: Root, made: dict[str, Root]) -> None:
    with mounted(root.folder):
        for step in stage.steps:
            begun = time.monotonic()
            apply(step, root, made)
            say(f"{time.monotonic() - begun:6.1f} s  [{stage.name}] {step.word} {step.text[:70]}")


def size(folder: Path) -> int:
    """MB on the disk, without what is mounted there."""
    told = subprocess.run(["du", "-sxm", folder], capture_output=True, text=True).stdout
    return int(told.split()[0])


def serve(root: Root) -> None:
    """The image's command, as its user, on a fresh SQLite: until a page answers."""
    port = free_port()
    words = [word.replace("8000", str(port)) for word in stages()[-1].last("CMD").words]
    with mounted(root.folder), Programs() as programs:
        for manage in (["migrate", "--no-input", "-v", "0"], ["createcachetable"], ["load_standards"]):
            root.run(["python", "manage.py", *manage], **KEYS)
        programs.start("web server", root.command(words, **KEYS))
        for path in ("healthz", "standards/", "static/journeybook.css"):
            say(f"{answer(f'http://127.0.0.1:{port}/{path}', programs)}  /{path}")
        root.run(["python", "manage.py", "export_schedule", "1114", "--output", "/data/form.pdf"], **KEYS)
        say(f"{root.at('/data/form.pdf').stat().st_size} bytes of a PDF made inside")


def answer(address: str, programs: Programs) -> int:
    for _ in range(300):
        programs.check()
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=20) as found:  # noqa: S310
            return int(found.status)
        time.sleep(0.2)
    raise Problem(f"nothing answers at {address}")


def image() -> None:
    reader = argparse.ArgumentParser(prog="python -m tests.image", description=__doc__)
    reader.add_argument("folder", type=Path)
    reader.add_argument("--python", type=Path)
    reader.add_argument("--keep", action="store_true", help="leave the folder there")
    said = reader.parse_args()
    if os.geteuid() or not shutil.which("debootstrap"):
        raise Problem("this needs root and debootstrap (apt-get install debootstrap).")
    said.folder.mkdir(parents=True, exist_ok=True)
    try:
        root = build(said.folder.resolve(), said.python)
        whole, base = size(root.folder), size(said.folder / "base")
        say(f"{whole} MB in the image, {whole - base} MB of it beside Debian and Python")
        serve(root)
    finally:
        if not said.keep:
            subprocess.run(["rm", "--recursive", "--force", "--one-file-system", said.folder], check=False)


if __name__ == "__main__":
    sys.exit(main(image))
