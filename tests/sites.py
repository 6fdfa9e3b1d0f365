"""Whole sites for tests of backups: an empty place for one, what is in it, and a process that is killed."""

import hashlib
import os
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from django.apps import apps
from django.core.management import CommandError
from django.db import connection

from apprenticeship.storages import Folder
from reports.backups import tables
from reports.backups.places import Address, here, standing_at
from reports.backups.restoring import Place

LEDGER = {"ledger_chain", "ledger_entry", "ledger_payload"}
"""A restore writes one entry about itself into these, and nothing else anywhere."""


@contextmanager
def empty_place(folder: Path, *, kind: str = "") -> Iterator[Place]:
    """A place of its own for a site, on the database of this run unless `kind` says the other one."""
    kind = kind or connection.vendor
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        yield Place(_on_sqlite(folder / "site.sqlite3"), Folder(location=folder / "files"))
        return
    name = f"test_journeybook_place_{secrets.token_hex(4)}"
    own = here()
    _at_the_front_door(own, f'CREATE DATABASE "{name}"')
    try:
        yield Place({**own, "NAME": name}, Folder(location=folder / "files"))
    finally:
        _at_the_front_door(own, f'DROP DATABASE "{name}" WITH (FORCE)')


def _on_sqlite(path: Path) -> Address:
    options = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
    }
    return {**here(), "ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}


def _at_the_front_door(address: Address, statement: str) -> None:
    words = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    way = {word: address[key] for word, key in words.items() if address.get(key)}
    with_server = psycopg2.connect(dbname="postgres", **way)
    with_server.autocommit = True
    with_server.cursor().execute(statement)
    with_server.close()


def rows(place: Place) -> dict[str, str]:
    """The SHA-256 of every table of a site, its rows in the order of their keys."""
    with standing_at(place.address):
        return {model._meta.db_table: _digest(tables.lines(model)) for model in tables.carried(apps)}


def files(place: Place) -> dict[str, str]:
    """The SHA-256 of every kept file by its name."""
    return {name: _digest([place.files.open(name).read()]) for name in place.files.names()}


def _digest(parts: Any) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def killed_at(word: str, act: Callable[[Callable[[str], object]], object]) -> bool:
    """Do `act` in a process that is killed, as by a power cut, when it tells of `word`; whether it was.

    `act` is given the function that it tells its steps to.
    """
    child = os.fork()
    if child == 0:
        try:
            act(lambda line: os.kill(os.getpid(), signal.SIGKILL) if line.startswith(word) else None)
        finally:
            os._exit(0)  # never back into the tests
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def refused_in_a_child(act: Callable[[], object]) -> str:
    """Do `act` in another process, whose limits are its own; the words of its refusal, "" for none."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            act()
        except CommandError as refused:
            os.write(writing, str(refused).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as words:
        said = words.read().decode()
    os.waitpid(child, 0)
    return said
