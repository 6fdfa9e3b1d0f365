"""The queue in a folder: a message is whole from the moment it can be seen."""

from pathlib import Path
from queue import Empty
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from kombu import Connection

from apprenticeship.celery import app

MESSAGES = 3000


def channel(folder: Path) -> Any:
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(folder)}
    transport = "apprenticeship.folder_queue:Transport"
    return Connection("filesystem://localhost/", transport=transport, transport_options=options).channel()


def test_a_reader_that_never_rests_meets_no_half_message(tmp_path: Path) -> None:
    taken: list[int] = []
    writer, reader = channel(tmp_path), channel(tmp_path)

    def write() -> None:
        for number in range(MESSAGES):
            writer._put("celery", {"number": number, "words": "w" * 4000})

    thread = Thread(target=write)
    thread.start()
    while len(taken) < MESSAGES:
        try:
            taken.append(reader._get("celery")["number"])
        except Empty:
            assert thread.is_alive() or reader._size("celery"), "messages were lost"
    thread.join()
    assert sorted(taken) == list(range(MESSAGES))
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        channel(tmp_path)._put("celery", {"words": object()})
    assert list(tmp_path.iterdir()) == []


def test_a_site_without_redis_uses_it() -> None:
    with app.connection_for_write() as connection:
        uses_folder = type(connection.transport).__module__ == "apprenticeship.folder_queue"
    assert uses_folder is not bool(settings.REDIS_URL)
