"""Where `make test` gets its PostgreSQL and its Redis."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from machine.programs import Problem, Programs
from tests import servers

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def no_server_named_or_listening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    nowhere = servers.free_port()
    monkeypatch.setattr(servers, "POSTGRES_PORT", nowhere)
    monkeypatch.setattr(servers, "REDIS_PORT", nowhere)


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = servers.temporary_folder()
    yield folder
    shutil.rmtree(folder)


def test_without_servers_the_tests_start_their_own_and_stop_them(folder: Path) -> None:
    with Programs() as programs:
        database, broker = servers.postgres(programs, folder), servers.redis(programs, folder)
        assert servers.sql(database, "SELECT 6 * 7") == ["42"]
        ports = [int(url.rpartition(":")[2].partition("/")[0]) for url in (database, broker)]
        assert all(servers.listens(port) for port in ports)
    assert not any(servers.listens(port) for port in ports)


def test_named_server_that_does_not_answer_is_a_failure(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgres://postgres@127.0.0.1:{servers.POSTGRES_PORT}/journeybook")
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{servers.REDIS_PORT}/0")
    with Programs() as programs:
        with pytest.raises(Problem, match="PostgreSQL of DATABASE_URL cannot be reached"):
            servers.postgres(programs, folder)
        with pytest.raises(Problem, match="Redis of REDIS_URL cannot be reached"):
            servers.redis(programs, folder)


def test_sqlite_is_not_taken_for_the_postgresql_of_the_tests(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///var/journeybook.sqlite3")
    with Programs() as programs, pytest.raises(Problem, match="must begin with postgres://"):
        servers.postgres(programs, folder)


def test_server_that_must_be_installed_and_may_not_is_a_failure(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "_postgres_folder", lambda: None)
    monkeypatch.setattr("machine.needs.os.geteuid", lambda: 1000)
    monkeypatch.setattr("machine.needs._sudo_without_password", lambda: False)
    with Programs() as programs, pytest.raises(Problem, match=r"sudo apt-get install .* postgresql"):
        servers.postgres(programs, folder)
