"""What has to be there before Journeybook can start: each need is met, or is a Problem with its remedy."""

import contextlib
import ctypes
import errno
import fcntl
import hashlib
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from machine.programs import ROOT, Problem, say, step

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
HOST = "127.0.0.1"
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
SECRETS = ("SECRET_KEY", "LEDGER_KEY")


def check_python() -> None:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        version = ".".join(map(str, sys.version_info[:2]))
        raise Problem(
            f"Journeybook needs Python 3.11, 3.12 or 3.13 and this is {version}. "
            "Name another one: make run PYTHON=python3.12"
        )


def chosen_port() -> int:
    """The free port named by PORT (8000 if none is)."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Problem(f"PORT must be a number from 1 to 65535 and is {text!r}. Try: PORT=8001 make run")
    port = int(text)
    if (trouble := _why_not(port)) is None:
        return port
    if trouble == errno.EACCES:
        raise Problem(f"port {port} is reserved for the administrator. Choose another: PORT=8001 make run")
    free = next((p for p in range(port + 1, 65536) if _why_not(p) is None), 8001)
    raise Problem(
        f"port {port} on {HOST} is already in use. Stop what listens there, or choose another port: "
        f"PORT={free} make run"
    )


def _why_not(port: int) -> int | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as trouble:
            return trouble.errno
    return None


@contextlib.contextmanager
def only_one(act: str = "run") -> Iterator[None]:
    """Hold the folder for one `act` at a time: two would share one environment or one queue."""
    folder = ROOT / ".run"
    folder.mkdir(exist_ok=True)
    with (folder / act).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Problem(
                f"`make {act}` is already under way in this folder (process {lock.read().strip()}). "
                "Wait for it, or stop it with Ctrl-C in its terminal first."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def need_packages(packages: list[str], *, why: str) -> None:
    """Install Debian packages where this user may; otherwise Problem with the exact line to type."""
    line = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if not shutil.which("apt-get"):
        raise Problem(f"{why}. Install what Debian calls {' '.join(packages)} with your package manager.")
    if os.geteuid() and not _sudo_without_password():
        raise Problem(f"{why}. Type this, then try again: sudo {line}")
    say(f"Installing system packages: {' '.join(packages)}")
    apt = [
        *(["sudo", "-n"] if os.geteuid() else []),
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-qq",
    ]
    remedy = f"the system packages could not be installed (see above). Type this, then try again: {line}"
    with contextlib.suppress(Problem):  # an old list may still have what is needed
        step([*apt, "update"], remedy="")
    step([*apt, "install", "--yes", "--no-install-recommends", *packages], remedy=remedy)


def _sudo_without_password() -> bool:
    return (
        bool(shutil.which("sudo"))
        and not subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode
    )


def need_system() -> None:
    """The venv module and the libraries that WeasyPrint opens to set the type of the PDFs."""
    missing = [package for name, package in LIBRARIES.items() if not _opens(name)]
    if importlib.util.find_spec("ensurepip") is None:
        missing.append("python3-venv")
    if missing:
        need_packages(missing, why="some system libraries are missing")


def _opens(name: str) -> bool:
    names = (name, name.replace(".so.0", ".dylib"), name.replace(".so.0", ".0.dylib"))
    for each in names if sys.platform == "darwin" else names[:1]:
        with contextlib.suppress(OSError):
            ctypes.CDLL(each)
            return True
    return False


def need_dependencies(lock: str, *parts: str) -> None:
    """Bring .venv to what the lock file says, of which `parts` are others that it contains.

    Nothing happens when it is there already. The stamp is taken away first and written last, so that
    an environment that was cut off, moved, or made by another Python is made again from nothing.
    """
    maker = {"python": ".".join(map(str, sys.version_info[:2])), "folder": str(VENV)}
    wanted = {each: hashlib.sha256((ROOT / each).read_bytes()).hexdigest() for each in (lock, *parts)}
    stamp = _stamp()
    usable = maker.items() <= stamp.items() and PYTHON.exists()
    if usable and wanted.items() <= stamp.items():
        return
    say("Installing the dependencies (a minute or two the first time) ...")
    if not usable:
        if VENV.is_symlink():
            raise Problem(
                "`.venv` is a link to another folder's environment. Type `rm .venv`, then try again."
            )
        stamp = maker
        remedy = f"no environment could be made in {VENV} (see above): is the disk full or read-only?"
        step([sys.executable, "-m", "venv", "--clear", str(VENV)], remedy=remedy)
    STAMP.unlink(missing_ok=True)
    _install(lock)
    new = STAMP.with_suffix(".new")
    new.write_text(json.dumps({**stamp, **wanted}))
    new.replace(STAMP)


def _stamp() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def _install(lock: str) -> None:
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    step(
        [*pip, "--require-hashes", "--requirement", lock],
        remedy="the dependencies could not be installed (see above). Check that a Python package index can "
        "be reached and that the disk is not full, then try again.",
    )


def need_secrets() -> None:
    """Write .env once, whole or not at all; an existing one is only ever read."""
    path = ROOT / ".env"
    if path.exists():
        return _check_secrets(path)
    if (ROOT / "var" / "journeybook.sqlite3").exists():
        raise Problem(
            "there is a database in var/ but no .env with the LEDGER_KEY that seals its records. Put that "
            ".env back, or begin anew with `make clean`, which removes the database."
        )
    lines = [
        "# Written once by `make run`. Keep LEDGER_KEY: without it no record can be verified.",
        "DEBUG=1",
    ]
    lines += [f"{name}={secrets.token_urlsafe(48)}" for name in (*SECRETS, "PRIVATE_KEYS")]
    new = ROOT / ".env.new"
    with open(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
    new.replace(path)


def _check_secrets(path: Path) -> None:
    given = {**dotenv(path), **os.environ}
    if short := [name for name in SECRETS if len(given.get(name, "")) < 32]:
        raise Problem(
            f"{' and '.join(short)} in .env must have at least 32 characters. Put the old value back; if "
            "this site has no records yet, remove .env and run `make run` again, which writes a new one."
        )


def dotenv(path: Path) -> dict[str, str]:
    """The variables of a file of NAME=value lines."""
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as trouble:
        raise Problem(f"{path.name} cannot be read ({trouble}). Fix it or put an older copy back.") from None
    pairs = (
        line.removeprefix("export ").partition("=") for line in lines if not line.lstrip().startswith("#")
    )
    return {name.strip(): value.strip().strip("'\"") for name, equals, value in pairs if equals}
