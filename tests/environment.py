"""What a test run calls its own: loaded (`-p tests.environment`) before Django reads its settings.

Everything that settings.py reads from the environment is decided here, so that the `.env` of a
developer's site never reaches a test. `DATABASE_URL` and `REDIS_URL` are taken over when set;
the test database, the Redis prefix and the folder of files get a name that no other run has.
Workers of pytest-xdist and programs that a test starts inherit the run from the environment.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

import pytest

RUN_VARIABLE = "JOURNEYBOOK_TEST_RUN"
_started_here = RUN_VARIABLE not in os.environ

RUN = os.environ.setdefault(RUN_VARIABLE, secrets.token_hex(4))
FOLDER = Path(tempfile.gettempdir()) / f"journeybook-test-{RUN}"
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def _own_the_environment() -> None:
    own = FOLDER / _WORKER
    (own / "static").mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "DEBUG": "0",
        "SECRET_KEY": "only-for-tests-" + "s" * 40,
        "LEDGER_KEY": "only-for-tests-" + "l" * 40,
        "PRIVATE_KEYS": "only-for-tests-" + "p" * 40,
        "SITE_URL": "http://127.0.0.1:8000",
        "VAR_DIR": str(own),
        "STATIC_ROOT": str(own / "static"),
        "EMAIL_URL": "memorymail://",
        "BACKUP_DIR": "",
        "STORAGE_URL": "",
        "REPLICA_URL": "",
        "SSO_ISSUER": "",
        "SSO_SAML_METADATA": "",
        "REDIS_URL": os.environ.get("REDIS_URL", ""),
        "API_REQUESTS_A_MINUTE": "100000",  # a test asks a year's worth in a frozen minute
        "REDIS_PREFIX": f"journeybook-test-{RUN}-{_WORKER}",
        "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{own / 'journeybook.sqlite3'}",
    }
    for name in ("ALLOWED_HOSTS", "BEHIND_PROXY", "LEDGER_KEY_ID", "LEDGER_OLD_KEYS", "SECRET_KEY_OLD"):
        os.environ.pop(name, None)


_own_the_environment()


def pytest_configure(config: pytest.Config) -> None:
    """Name the test database after the run; pytest-django adds the xdist worker to it."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    name = f"test_journeybook_{RUN}"
    if database["ENGINE"].endswith("sqlite3"):
        name = str(FOLDER / _WORKER / f"{name}.sqlite3")
    # Made at once, as all migrations leave them; tests/reports/test_upgrades.py compares the two.
    database.setdefault("TEST", {}).update(NAME=name, MIGRATE=False)


if _started_here and "PYTEST_XDIST_WORKER" not in os.environ:
    atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
