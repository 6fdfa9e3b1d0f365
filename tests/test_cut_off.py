"""A machine that is cut off: both ends of a line to PostgreSQL ask whether the other is there."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

pytestmark = [pytest.mark.once, pytest.mark.postgresql]
TELL = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS'])"


@pytest.mark.django_db
def test_server_asks_after_half_a_minute_and_gives_up_after_a_whole_one() -> None:
    names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, reset_val FROM pg_settings WHERE name = ANY(%s)", [list(names)])
        found: dict[str, str] = dict(cursor.fetchall())
    assert [found[name] for name in names] == ["30", "10", "3", "60000"]


def test_what_the_address_of_the_database_says_wins() -> None:
    said: dict[str, Any] = {"DATABASE_URL": "postgres://a@127.0.0.1/b?keepalives_idle=99&sslmode=prefer"}
    own = {**os.environ, "DJANGO_SETTINGS_MODULE": "apprenticeship.settings", **said}
    done = subprocess.run([sys.executable, "-c", TELL], env=own, capture_output=True, text=True, check=True)
    assert "'keepalives_idle': 99" in done.stdout
    assert "'sslmode': 'prefer'" in done.stdout and "'keepalives_count': 3" in done.stdout
