"""Asking journeyworkers to attest, and answering what they attested, over REST."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.models import IdempotencyKey
from ledger import chain
from ojt_logs.models import AttestationLink, SignOff
from tests.acts import attested_by_somebody
from tests.api.client import Rest
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def ask(cast: Cast, person: Any = None, **more: Any) -> tuple[int, Any]:
    body = {"apprentice": str(cast.ana.uid), "competencies": ["2G"], "way": "code"} | more
    return Rest(person or cast.marcus).post("attestation-links/", body)


# ---- Links


def test_a_code_opens_its_page_and_its_secret_is_told_once(cast: Cast) -> None:
    status, made = ask(cast)
    assert (status, made["state"], made["mailed"], made["competencies"]) == (201, "waiting", False, ["2g"])
    assert Client().get(urlsplit(made["address"]).path).status_code == 200
    listed = Rest(cast.nora).get("attestation-links/", apprentice=str(cast.ana.uid))[1]["results"]
    assert [one["id"] for one in listed] == [made["id"]] and "address" not in listed[0]
    assert Rest(cast.ana_user).get(f"attestation-links/{made['id']}/")[1]["asked_by"] == "Marcus Webb"
    assert chain.entries_of(cast.ana.uid).filter(act="attestation.ask").count() == 1


def test_the_secret_is_not_kept_with_a_key(cast: Cast) -> None:
    body = {"apprentice": str(cast.ana.uid), "competencies": ["2g"], "way": "code"}
    assert Rest(cast.marcus).post("attestation-links/", body, key="once")[0] == 201
    assert not IdempotencyKey.objects.filter(key="once").exists()


def test_a_mailed_link_is_told_to_its_mailbox_alone(cast: Cast) -> None:
    status, made = ask(cast, cast.nora, way="mail", email="Eli@north.example")
    assert (status, made["mailed"], made["address"], made["email"]) == (201, True, "", "eli@north.example")
    assert [one.to for one in mail.outbox] == [["eli@north.example"]]


def test_a_link_that_no_mail_server_took_becomes_a_code(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    status, made = ask(cast, way="mail", email="eli@north.example")
    assert (status, made["mailed"], made["way"]) == (201, False, "code") and made["address"]
    assert sorted(one.state(now=NOW) for one in AttestationLink.objects.everyone()) == ["revoked", "waiting"]


def test_a_link_is_revoked_once(cast: Cast) -> None:
    address = f"attestation-links/{ask(cast)[1]['id']}/revoke/"
    for person, status in ((cast.ana_user, 403), (cast.ruth, 403), (cast.lena, 404), (cast.olga, 404)):
        assert Rest(person).post(address)[0] == status, person
    assert Rest(cast.nora).post(address)[1]["state"] == "revoked"
    assert Rest(cast.marcus).post(address)[1]["code"] == "link_closed"


def test_who_may_not_ask_does_not(cast: Cast) -> None:
    assert ask(cast, cast.ana_user)[1]["code"] == ask(cast, cast.ruth)[1]["code"] == "not_assigned"
    assert ask(cast, cast.olga) == ask(cast, cast.olga, apprentice=str(uuid4()))
    assert ask(cast, cast.lena) == ask(cast, cast.lena, apprentice=str(uuid4()))
    assert not AttestationLink.objects.everyone().exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"competencies": []}, "competencies"),
        ({"competencies": ["9z"]}, "competencies"),
        ({"competencies": [f"{n}a" for n in range(11)]}, "competencies"),
        ({"way": "pigeon"}, "way"),
        ({"way": "mail"}, "email"),
        ({"way": "mail", "email": "eli"}, "email"),
        ({"way": "mail", "email": "ana@example.org"}, "email"),
        ({"apprentice": "ana"}, "apprentice"),
    ],
)
def test_bad_input_is_named(cast: Cast, wrong: Any, field: str) -> None:
    status, problem = ask(cast, **wrong)
    assert (status, problem["field"]) == (400, field), problem


# ---- Answers


def test_marcus_accepts_by_signing_once(cast: Cast) -> None:
    address = f"attestations/{attested_by_somebody(cast).uid}/accept/"
    assert Rest(cast.marcus, scopes=["read", "write"]).post(address)[0] == 403
    for person, status in ((cast.ana_user, 403), (cast.nora, 403), (cast.lena, 404), (cast.olga, 404)):
        assert Rest(person).post(address)[0] == status, person
    status, signed = Rest(cast.marcus).post(address)
    assert status == 201 and [(one["method"], one["competency"]) for one in signed] == [("accepted", "2g")]
    assert Rest(cast.marcus).post(address)[1]["code"] == "attestation_answered"
    assert SignOff.objects.visible_to(cast.ana_user).count() == 1
    assert list(chain.verify()) == []


def test_an_old_token_accepts_nothing(cast: Cast) -> None:
    address, marcus = f"attestations/{attested_by_somebody(cast).uid}/accept/", Rest(cast.marcus)
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        assert marcus.post(address)[0] in (401, 403)
    assert not SignOff.objects.visible_to(cast.ana_user).exists()


def test_marcus_declines_with_a_reason(cast: Cast) -> None:
    address = f"attestations/{attested_by_somebody(cast).uid}/decline/"
    assert Rest(cast.marcus).post(address)[1]["code"] == "reason_required"
    assert Rest(cast.nora).post(address, {"reason": "No."})[0] == 403
    assert Rest(cast.olga).post(address, {"reason": "No."})[0] == 404
    status, answer = Rest(cast.marcus).post(address, {"reason": "I did not see it."})
    assert (status, answer["accepted"], answer["by"]) == (201, False, "Marcus Webb")
    assert Rest(cast.marcus).post(address, {"reason": "Again."})[1]["code"] == "attestation_answered"
