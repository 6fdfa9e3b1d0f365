"""What a mentor is qualified as: stated by the coordinator, kept by dates, read by the person."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from ledger import chain
from ledger.models import Entry
from ojt_logs import record
from tests.cast import NOW, Cast
from tests.ojt_logs.pages import signed_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def page(cast: Cast) -> str:
    return reverse("membership", args=[cast.marcus.memberships.get().uid])


def state(cast: Cast, **more: str) -> None:
    said = {"title": "Coding supervisor", "credential": "CCS", "credential_number": "", "ends_on": ""}
    said |= {"starts_on": cast.marcus.memberships.get().starts_on.isoformat()}
    answer = signed_in(cast.nora).post(page(cast), said | {"credential_expires": ""} | more)
    assert answer.status_code == 302


def told(cast: Cast) -> list[Entry]:
    return list(chain.entries_of(cast.marcus.uid).filter(act="qualification.state"))


def found() -> list[str]:
    return [str(one) for one in record.compare()]


def test_a_changed_qualification_is_on_the_record_and_the_one_before_is_kept_by_dates(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    state(cast, credential_number="0815", credential_expires="2027-01-31")
    clock.shift(timedelta(days=5))
    state(cast, title="Lead coder", credential_number="0815", credential_expires="2029-01-31")
    assert [entry.actor for entry in told(cast)] == [None, cast.nora.uid, cast.nora.uid]
    text = text_of(signed_in(cast.nora), page(cast))
    assert 'value="Lead coder"' in text and "Earlier qualifications" in text
    assert "stated from Nov 20, 2026 to Nov 25, 2026, valid until Jan 31, 2027" in text
    assert found() == list(chain.verify()) == []


def test_marcus_reads_his_own_on_his_profile(cast: Cast) -> None:
    state(cast, credential="CCS, CPC", credential_number="0815", credential_expires="2027-01-31")
    text = text_of(signed_in(cast.marcus), reverse("profile"))
    assert "CCS, CPC" in text and "0815" in text and "valid until Jan 31, 2027" in text
    assert "stated from Jan 1, 2026 to Nov 20, 2026" in text
    assert "Earlier qualifications" not in text_of(signed_in(cast.lena), reverse("profile"))


def test_an_ended_qualification_stands_behind_no_further_signature(cast: Cast) -> None:
    before = cast.sign(cast.ana, "2g")[0]
    state(cast, title="", credential="")
    after = cast.sign(cast.ana, "1a")[0]
    assert (before.signer_qualification, after.signer_qualification) == ("Coding supervisor, CCS", "")
    text = text_of(signed_in(cast.nora), page(cast))
    assert "Coding supervisor" in text and found() == []


def test_what_is_saved_unchanged_leaves_no_entry(cast: Cast) -> None:
    state(cast)
    assert len(told(cast)) == 1


def test_an_auditor_reads_and_another_sponsor_sees_nothing(cast: Cast) -> None:
    assert "disabled" in text_of(signed_in(cast.ruth), page(cast))
    assert signed_in(cast.ruth).post(page(cast), {"title": "Boss"}).status_code == 403
    assert signed_in(cast.olga).get(page(cast)).status_code == 404


@pytest.mark.parametrize(
    ("change", "fact"),
    [("credential = 'MD'", "credential"), ("credential_expires = '2030-01-01'", "credential_expires")],
)
def test_an_altered_qualification_is_named(cast: Cast, change: str, fact: str) -> None:
    row = cast.marcus.memberships.get()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_membership SET {change} WHERE id = %s", [row.pk])
    (line,) = found()
    assert f"record of person {cast.marcus.uid}, row {row.uid}" in line and line.endswith(f"about {fact}")


def test_one_from_before_there_were_entries_gets_one_when_the_site_is_upgraded(cast: Cast) -> None:
    Membership.objects.filter(user=cast.priya).update(title="Teacher")
    (line,) = found()
    assert "knows nothing of this qualification" in line
    upgrade: Any = import_module("accounts.migrations.0012_qualifications_on_the_record")
    for _ in range(2):
        upgrade.tell(apps, connection.schema_editor())
    assert found() == list(chain.verify()) == []


def test_the_operator_states_none_past_the_record(cast: Cast, client: Client) -> None:
    cast.olga.is_staff = cast.olga.is_superuser = True
    cast.olga.save()
    client.force_login(cast.olga)
    row = cast.marcus.memberships.get()
    text = client.get(reverse("admin:accounts_membership_change", args=[row.pk])).text
    assert "Coding supervisor" in text and 'name="title"' not in text and 'name="starts_on' in text
