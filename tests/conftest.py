"""Fixtures and rules that hold for every test. See tests/environment.py for the databases."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import TransactionTestCase

from tests.cast import cast
from tests.servers import free_port
from tests.standing import FAST, own_caches

__all__ = ["cast"]

ONCE_FOLDERS = {"browser", "pdf", "fuzz"}
TESTS = Path(__file__).parent

hypothesis.settings.register_profile("journeybook", derandomize=True, deadline=None)
hypothesis.settings.load_profile("journeybook")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark by folder what runs once, and leave out what concerns the other database alone."""
    for item in items:
        if item.path.is_relative_to(TESTS) and ONCE_FOLDERS & set(item.path.relative_to(TESTS).parts):
            item.add_marker("once")
    other = "postgresql" if _on_sqlite() else "sqlite"
    for_other = [item for item in items if item.get_closest_marker(other)]
    config.hook.pytest_deselected(items=for_other)
    items[:] = [item for item in items if item not in for_other]


def _on_sqlite() -> bool:
    return bool(django_settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    return _no_skips((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    return _no_skips((yield))


def _no_skips(report: Any) -> Any:
    """A test that did not run has proved nothing: skipped and expected failures count as failures."""
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"Skipping is not allowed, a missing service is a failure: {report.longrepr}"
        vars(report).pop("wasxfail", None)
    return report


@pytest.fixture(scope="session", autouse=True)
def _emptied_quickly() -> Iterator[None]:
    """After a transactional test: the one place that passes by the triggers of the ledger."""
    from tests.emptied import empty_all

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_all())
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The tables are made at once (tests/environment.py), so the migrations are written down as applied."""
    from reports.backups import manifest, schema

    with django_db_blocker.unblock():
        if not MigrationRecorder(connection).applied_migrations():
            schema.note_applied(manifest.known_migrations())


@pytest.fixture(autouse=True)
def _fast_passwords(request: pytest.FixtureRequest, settings: Any) -> None:
    """Hash quickly, except where login is the subject: those tests are marked `real_passwords`."""
    if not request.node.get_closest_marker("real_passwords"):
        settings.PASSWORD_HASHERS = [FAST, *settings.PASSWORD_HASHERS]


@pytest.fixture(autouse=True)
def _own_cache(settings: Any) -> None:
    """A Redis is not rolled back: give each test a prefix, so that it meets no other's rate limits."""
    if settings.REDIS_URL:
        settings.CACHES = own_caches(f"{settings.REDIS_PREFIX}-{secrets.token_hex(4)}")


@pytest.fixture(autouse=True)
def _own_checkpoints(settings: Any) -> None:
    """Files of checkpoints are not rolled back either: those of another test are of another history."""
    settings.CHECKPOINT_DIR = settings.VAR_DIR / "checkpoints" / secrets.token_hex(4)


@pytest.fixture(scope="session", autouse=True)
def _own_keys_are_removed() -> Iterator[None]:
    yield
    if django_settings.REDIS_URL:
        server = redis.Redis.from_url(django_settings.REDIS_URL)
        for key in server.scan_iter(match=f"{django_settings.REDIS_PREFIX}*", count=1000):
            server.delete(key)


@pytest.fixture
def worker_at_hand() -> Iterator[None]:
    """Celery's own way of working at once; tests/reports/test_workers.py has workers apart."""
    from apprenticeship.celery import app

    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def outside(transactional_db: None) -> dict[str, str]:
    """The environment for a program beside the test (a worker, manage.py): same database and files."""
    return {**os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "apprenticeship.settings"}


def database_url() -> str:
    """The address of the test database that this process is connected to."""
    from django.db import connection

    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + name


@pytest.fixture
def port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    return free_port()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, quiet; root may not use its sandbox."""
    quiet = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-gpu",
    ]
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": "/usr/bin/chromium", "args": quiet + as_root}
