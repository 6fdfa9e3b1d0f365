"""The PostgreSQL and the Redis of a test run: the named one, one that listens here, or a throw-away one.

Only the standard library and `machine`, because it is needed before the environment is complete.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from machine.needs import PYTHON, need_packages
from machine.programs import Problem, Programs, say, step

POSTGRES_PORT = int(os.environ.get("TEST_POSTGRES_PORT", "5432"))
REDIS_PORT = int(os.environ.get("TEST_REDIS_PORT", "6379"))
DATABASE = "journeybook"


def postgres(programs: Programs, folder: Path) -> str:
    """The DATABASE_URL of a PostgreSQL that may be used; one that is started ends with `programs`."""
    if url := os.environ.get("DATABASE_URL"):
        _must(url.startswith("postgres"), f"DATABASE_URL must begin with postgres:// and is {url!r}")
        _must(_lets_in(url), "the PostgreSQL of DATABASE_URL cannot be reached, or may not make databases")
        return url
    here = f"postgres://postgres@127.0.0.1:{POSTGRES_PORT}/{DATABASE}"
    if _lets_in(here):
        return here
    if not _postgres_folder():
        _install(["postgresql"], "the tests need a PostgreSQL")
    return own_postgres(programs, folder / "postgres", options=("-F",)).url


def redis(programs: Programs, folder: Path) -> str:
    """The REDIS_URL of a Redis that may be used; one that is started ends with `programs`."""
    if url := os.environ.get("REDIS_URL"):
        host, _, port = url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")
        _must(listens(int(port or 6379), host), "the Redis of REDIS_URL cannot be reached")
        return url
    if _says_pong(REDIS_PORT):
        return f"redis://127.0.0.1:{REDIS_PORT}/0"
    if not shutil.which("redis-server"):
        _install(["redis-server"], "the tests need a Redis")
    return own_redis(programs, folder / "redis").url


def _must(condition: bool, trouble: str) -> None:
    if not condition:
        raise Problem(f"{trouble}. Fix or unset it: without it the tests find or start a server themselves.")


def _install(packages: list[str], why: str) -> None:
    """Install a server without letting the package start it: this run starts its own."""
    os.environ["RUNLEVEL"] = "1"
    try:
        need_packages(packages, why=why)
    finally:
        del os.environ["RUNLEVEL"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int, host: str = "127.0.0.1") -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=2):
        return True
    return False


def _says_pong(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as line:
        line.sendall(b"PING\r\n")
        return line.recv(7).startswith(b"+PONG")
    return False


def _lets_in(url: str) -> bool:
    """Whether one may log in there and make databases."""
    question = (
        "import psycopg2, sys; c = psycopg2.connect(sys.argv[1], connect_timeout=3).cursor(); "
        "c.execute('SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user'); "
        "sys.exit(not c.fetchone()[0])"
    )
    return subprocess.run([PYTHON, "-c", question, _front_door(url)], capture_output=True).returncode == 0


def _front_door(url: str) -> str:
    """The database that every PostgreSQL has."""
    return url.rpartition("/")[0] + "/postgres"


def sql(url: str, *statements: str) -> list[str]:
    """Run statements, each by itself, on a server; returns the first column of the last one's rows."""
    program = (
        "import psycopg2, sys; c = psycopg2.connect(sys.argv[1]); c.autocommit = True; k = c.cursor(); "
        "[k.execute(s) for s in sys.argv[2:]]; print(*(r[0] for r in k.description and k.fetchall() or []))"
    )
    remedy = "the databases of this run could not be removed (see above). Drop the test_journeybook_* ones."
    return step([str(PYTHON), "-c", program, _front_door(url), *statements], remedy=remedy).split()


def _postgres_folder() -> Path | None:
    """Where initdb and postgres are; Debian keeps them out of PATH, a folder a version."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = [Path(path) for path in [shutil.which("initdb")] if path] + debian[::-1]
    return next((path.parent for path in found if (path.parent / "postgres").exists()), None)


@dataclass
class Own:
    """A throw-away server that may be killed and started again in its place, on its port."""

    url: str
    program: "subprocess.Popen[str]"
    start: "Callable[[], Own]"


def own_postgres(
    programs: Programs,
    folder: Path,
    *,
    port: int = 0,
    options: tuple[str, ...] = (),
    name: str = "throw-away PostgreSQL",
) -> Own:
    """A PostgreSQL in `folder`, which keeps its cluster when it is killed and started again."""
    place = _postgres_folder()
    if place is None:
        raise Problem("no PostgreSQL was found. Install one, or set DATABASE_URL to one that may be used.")
    folder.mkdir(parents=True, exist_ok=True)
    owner = _not_root(folder)
    if not (folder / "PG_VERSION").exists():
        _make_cluster(place, folder, owner)
    port = port or free_port()
    here = ["-D", str(folder), "-p", str(port), "-k", str(folder), "-h", "127.0.0.1"]
    log = folder / "log"
    with log.open("a") as output:
        server = [str(place / "postgres"), *here, *options]
        streams = {"stdout": output, "stderr": output}
        program = programs.start(name, server, end=signal.SIGINT, **streams, **owner)
    url = f"postgres://postgres@127.0.0.1:{port}/{DATABASE}"
    _wait(lambda: listens(port) and _lets_in(url), programs, log)
    return Own(url, program, lambda: own_postgres(programs, folder, port=port, options=options, name=name))


def own_replica(programs: Programs, folder: Path, *, of: Own) -> Own:
    """A PostgreSQL in `folder` that follows another throw-away one and answers what only reads."""
    place = _postgres_folder()
    if place is None:
        raise Problem("no PostgreSQL was found.")
    folder.mkdir(parents=True, exist_ok=True)
    copy = ["-d", _front_door(of.url), "-D", str(folder), "-R", "-X", "stream", "-c", "fast", "--no-sync"]
    remedy = "the throw-away PostgreSQL could not be copied (see above)."
    step(
        [str((place / "initdb").resolve().with_name("pg_basebackup")), *copy],
        remedy=remedy,
        **_not_root(folder),
    )
    return own_postgres(programs, folder, name="throw-away replica")


def _make_cluster(place: Path, folder: Path, owner: dict[str, object]) -> None:
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    remedy = "a throw-away PostgreSQL could not be made (see above). Set DATABASE_URL to a server."
    step([str(place / "initdb"), "-D", str(folder), *options], remedy=remedy, **owner)


def _not_root(folder: Path) -> dict[str, object]:
    """PostgreSQL refuses to run as root: who it runs as, and the folder made that user's."""
    if os.geteuid():
        return {"cwd": folder}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    folder.parent.chmod(0o755)
    os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o700)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": folder}


def own_redis(programs: Programs, folder: Path, *, port: int = 0) -> Own:
    """A Redis that keeps nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    calm = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    log = folder / "log"
    with log.open("a") as output:
        command = ["redis-server", "--port", str(port), *calm]
        program = programs.start("throw-away Redis", command, stdout=output, stderr=output)
    _wait(lambda: _says_pong(port), programs, log)
    return Own(f"redis://127.0.0.1:{port}/0", program, lambda: own_redis(programs, folder, port=port))


def _wait(ready: Callable[[], bool], programs: Programs, log: Path) -> None:
    for _ in range(150):
        if ready():
            return
        with contextlib.suppress(Problem):
            programs.check()
            time.sleep(0.2)
            continue
        break
    say(log.read_text())
    raise Problem("a throw-away server did not start; its last words are above.")


def temporary_folder() -> Path:
    """A folder for throw-away servers that another user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="journeybook-servers-"))
    folder.chmod(0o755)
    return folder
