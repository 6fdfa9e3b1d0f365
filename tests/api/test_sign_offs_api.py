"""Signing and progress over REST."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from ojt_logs.models import SignOff
from tests.api.client import Rest
from tests.cast import NOW, PASSWORD, STARTED, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_friday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def signing(cast: Cast, **changes: Any) -> dict[str, Any]:
    standard = cast.competency("2g").standards.get(position=1)
    body = {
        "apprentice": str(cast.ana.uid),
        "performance_standard": str(standard.uid),
        "rating": 3,
        "method": "reviewed",
        "observed_from": "2026-11-16",
        "observed_to": "2026-11-19",
        "note": "",
    }
    return body | changes


def test_a_mentor_signs_and_withdraws(cast: Cast) -> None:
    marcus = Rest(cast.marcus)
    status, row = marcus.post("sign-offs/", signing(cast))
    assert (status, row["rating"], row["passed"], row["signer_initials"]) == (201, 3, True, "MW")
    assert row["attestation"] == "I reviewed this work and attest to these ratings."
    assert Rest(cast.ana_user).get(f"sign-offs/{row['id']}/")[1]["signer_qualification"] == (
        "Coding supervisor, CCS"
    )
    progress = Rest(cast.ana_user).get(f"apprentices/{cast.ana.uid}/progress/")[1]
    assert progress["standards"] == {"met": 1, "credited": 0, "not_applicable": 0, "counted": 64}
    assert marcus.post(f"sign-offs/{row['id']}/withdraw/", {"reason": ""})[0] == 400
    status, gone = marcus.post(f"sign-offs/{row['id']}/withdraw/", {"reason": "Wrong apprentice."})
    assert (status, gone["withdraws"]) == (200, row["id"])
    assert marcus.post(f"sign-offs/{row['id']}/withdraw/", {"reason": "Again."})[0] == 409
    assert Rest(cast.nora).get(f"apprentices/{cast.ana.uid}/progress/")[1]["standards"]["met"] == 0


def test_the_public_frameworks_own_id_of_a_standard_is_understood(cast: Cast) -> None:
    page = Client().get("/api/v1/schedules/", {"rapids_code": "1114"}).json()
    schedule = Client().get(f"/api/v1/schedules/{page['results'][0]['id']}/").json()
    standard = schedule["job_functions"][1]["competencies"][6]["performance_standards"][0]
    status, row = Rest(cast.marcus).post("sign-offs/", signing(cast, performance_standard=standard["id"]))
    assert (status, row["competency"]) == (201, "2g")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rating": 5}, "rating"),
        ({"rating": 10**30}, "rating"),
        ({"rating": 0}, "reason"),
        ({"method": "guessed"}, "method"),
        ({"observed_to": "2026-11-15"}, "observed_to"),
        ({"observed_to": "2026-11-21"}, "observed_to"),
        ({"observed_from": "2026-01-30"}, "observed_from"),
        ({"performance_standard": None}, "performance_standard"),
        ({"performance_standard": "no id"}, "performance_standard"),
    ],
)
def test_what_cannot_be_signed_is_refused_by_field(cast: Cast, changes: dict[str, Any], field: str) -> None:
    status, answer = Rest(cast.marcus).post("sign-offs/", signing(cast, **changes))
    assert status in (400, 403)
    assert answer["field"] == field, answer
    assert not SignOff.objects.exists()


def test_the_wrong_people_do_not_sign(cast: Cast) -> None:
    body = signing(cast)
    assert Rest(cast.ana_user).post("sign-offs/", body)[0] == 403
    assert Rest(cast.nora).post("sign-offs/", body)[0] == 403
    for stranger in (cast.lena, cast.ben_user, cast.olga, cast.priya):
        assert Rest(stranger).post("sign-offs/", body)[1]["field"] == "apprentice"
    assert not SignOff.objects.exists()


def test_write_does_not_sign_and_a_browser_session_neither(cast: Cast) -> None:
    assert Rest(cast.marcus, scopes=["write"]).post("sign-offs/", signing(cast))[0] == 403
    browser = Client()
    assert browser.login(email=cast.marcus.email, password=PASSWORD)
    answer = browser.post("/api/v1/sign-offs/", signing(cast), "application/json")
    assert answer.status_code == 403
    assert not SignOff.objects.exists()


def test_progress_tells_its_numbers_and_what_is_missing(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt("1a", minutes=600), cast.ri(minutes=120))
    cast.submitted(cast.ana, cast.ojt("2g", minutes=30))
    cast.sign(cast.ana, "1a")
    status, found = Rest(cast.nora).get(f"apprentices/{cast.ana.uid}/progress/")
    assert status == 200
    assert (found["approach"], found["complete"], found["percent"]) == ("competency", False, 6)
    assert found["standards"] == {"met": 4, "credited": 0, "not_applicable": 0, "counted": 64}
    assert found["ojt_minutes"] == {"approved": 600, "waiting": 30, "credited": 0, "required": None}
    assert found["ri_minutes"] == {"approved": 120, "waiting": 0, "credited": 0, "required": 8640}
    first, second = found["job_functions"][:2]
    assert first["ojt_minutes"]["approved"] == 600
    assert second["ojt_minutes"]["waiting"] == 30
    assert first["competencies"][0]["achieved"] is True
    assert found["job_functions"][4]["counts"] is False
    assert any(sentence.startswith("1b: 2 standards to sign") for sentence in found["missing"])
    earlier = Rest(cast.nora).get(f"apprentices/{cast.ana.uid}/progress/", as_of="2026-11-19")[1]
    assert earlier["standards"]["met"] == 0


@pytest.mark.parametrize("day", ["2026-11-21", "9999-12-31"])
def test_progress_of_a_day_that_has_not_come_is_refused(cast: Cast, day: str) -> None:
    suspended(cast)
    status, body = Rest(cast.nora).get(f"apprentices/{cast.ana.uid}/progress/", as_of=day)
    assert (status, body["code"], body["field"]) == (400, "future_day", "as_of")
    assert "2026-11-20" in body["detail"]


def test_progress_of_the_apprentices_own_today_is_told(cast: Cast) -> None:
    """At noon in Chicago it is tomorrow already on Guam."""
    User.objects.filter(pk=cast.ana_user.pk).update(time_zone="Pacific/Guam")
    found = Rest(cast.nora).get(f"apprentices/{cast.ana.uid}/progress/", as_of="2026-11-21")[1]
    assert found["as_of"] == "2026-11-21"


def test_progress_of_the_first_day_there_is_tells_that_nothing_was_done(cast: Cast) -> None:
    suspended(cast)
    status, found = Rest(cast.nora).get(f"apprentices/{cast.ana.uid}/progress/", as_of="0001-01-01")
    assert (status, found["percent"], found["standards"]["met"]) == (200, 0, 0)


def suspended(cast: Cast) -> None:
    cast.ana.change_status("suspended", effective_on=STARTED, reason="Leave.", by=cast.nora, now=NOW)


def test_progress_is_for_those_who_may_read_the_record(cast: Cast) -> None:
    path = f"apprentices/{cast.ana.uid}/progress/"
    expected = {
        cast.ana_user: 200,
        cast.marcus: 200,
        cast.nora: 200,
        cast.ruth: 200,
        cast.priya: 403,
        cast.ben_user: 404,
        cast.lena: 404,
        cast.olga: 404,
    }
    assert {person: Rest(person).get(path)[0] for person in expected} == expected


def test_me_tells_roles_and_registrations(cast: Cast) -> None:
    _, me = Rest(cast.ana_user).get("me/")
    assert me["apprenticeships"][0]["id"] == str(cast.ana.uid)
    _, me = Rest(cast.marcus).get("me/")
    lakeside = {"sponsor_id": str(cast.lakeside.uid), "sponsor": "Lakeside Health"}
    assert me["roles"] == [lakeside | {"role": "mentor"}]


@pytest.mark.parametrize("secret", ["", "jb_wrong", "something else"])
def test_a_wrong_token_is_401(cast: Cast, secret: str) -> None:
    answer = Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/me/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer["Content-Type"] == "application/problem+json"
