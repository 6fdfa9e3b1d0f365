"""A word that stands in every text of another sponsor is in no file and in no e-mail of this one."""

import zipfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core import mail

from accounts.models import User
from ojt_logs import tasks as mails
from ojt_logs.nudges import remind
from reports.models import OF_A_PROGRAM, OF_AN_APPRENTICE, ReportRun
from tests import test_access as access
from tests.access import OWN_WORDS, in_anas_place
from tests.canaries import plant, rows_of
from tests.cast import CANARY, NOW, Cast
from tests.pdf.papers import Paper
from tests.reports.building import built, file_of

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.timeout(600)]


@pytest.fixture
def planted(cast: Cast, settings: Any, tmp_path: Any) -> Iterator[Cast]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        access.fill(cast)
        access.arguments(cast)
        theirs = in_anas_place(cast)
        access.fill(theirs)
        access.arguments(theirs)
        plant(rows_of((cast.harbor, cast.olga, cast.dara, cast.chen_user)))
        yield cast


def words_of(data: bytes) -> str:
    """Everything that can be read in a file: the text of papers, what is packed, names of what is packed."""
    if data.startswith(b"%PDF"):
        paper = Paper(data)
        return f"{paper.text} {paper.reader.metadata} {data!r}"
    if data.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(data)) as packed:
            return " ".join(f"{name} {words_of(packed.read(name))}" for name in packed.namelist())
    return data.decode("utf-8", "replace")


def asked(cast: Cast, by: User, **what: Any) -> str:
    run = built(ReportRun.objects.start(by=by, now=NOW, **what))
    assert run.state == "done", f"{what}: {run.reason}"
    return words_of(file_of(run).read_bytes())


@pytest.mark.parametrize("kind", OF_AN_APPRENTICE)
def test_no_file_about_an_apprentice_tells_of_another_sponsor(planted: Cast, kind: str) -> None:
    text = asked(planted, planted.nora, document=kind, apprentice=planted.ana)
    assert "Ana Reyes" in text and CANARY not in text


@pytest.mark.parametrize(
    ("kind", "for_each"),
    [*((kind, False) for kind in OF_A_PROGRAM), *((k, True) for k in OF_AN_APPRENTICE if k != "record")],
)
def test_no_file_about_a_program_tells_of_another_sponsor(planted: Cast, kind: str, for_each: bool) -> None:
    text = asked(planted, planted.nora, document=kind, program=planted.program, for_each=for_each)
    assert CANARY not in text
    assert kind == "schedule" or "Ana Reyes" in text


def test_no_mail_tells_of_another_sponsor(planted: Cast) -> None:
    people = User.objects.exclude(email="")
    for hours in (0, 24):
        with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
            mails.mail_notices()
            mails.mail_digests()
            mails.mail_checkpoints()
            mails.tell_raises()
            for person in people:
                remind(person, now=NOW + timedelta(hours=hours))
    said = {own: [one for one in mail.outbox if (CANARY in one.to[0]) is own] for own in (True, False)}
    assert said[True] and said[False]
    assert not [one.subject for one in said[False] if CANARY in f"{one.subject} {one.body}"]
    assert not [one.subject for one in said[True] if any(w in f"{one.subject} {one.body}" for w in OWN_WORDS)]
