"""The log: one JSON object a line that tells what happened, and nothing of what people are or typed."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from celery import shared_task
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse

from accounts.logs import Lines, Text, request_id
from accounts.models import ApiToken
from apprenticeship.celery import app
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db

NOTE = "Coded the chart of Mr. Whisper"
PERSONAL = ("Ana", "Reyes", "ana@", "example.org", "Whisper", "Mr.", "a-guess", "secret-link")


def breaks(request: HttpRequest, secret: str) -> HttpResponse:
    """A page that goes wrong over what a person typed, with a cause that quotes it too."""
    try:
        raise LookupError(request.POST["note"])
    except LookupError as cause:
        raise ValueError(f"{request.user} <{request.user.email}>: {request.POST['note']}") from cause  # type: ignore[union-attr]


urlpatterns = [
    path("breaks/<str:secret>/", breaks, name="breaks"),
    path("api/breaks/", breaks, {"secret": ""}),
    path("", include("apprenticeship.urls")),
]
handler404, handler500 = "accounts.api.not_found", "accounts.api.breakdown"


class Log:
    """What a site would have written: the real lines, through the loggers as the settings make them."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def lines(self, message: str = "") -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in found if not message or line["message"] == message]


@pytest.fixture
def log() -> Iterator[Log]:
    written = Log()
    handler = logging.StreamHandler(written.stream)
    handler.setFormatter(Lines())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def ana(cast: Cast) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(cast.ana_user)
    return client


def assert_impersonal(log: Log) -> None:
    assert log.lines()
    assert [word for word in PERSONAL if word in log.text] == []


def test_refused_sign_in_is_told_without_who_it_was(cast: Cast, log: Log) -> None:
    visitor = Client()
    visitor.post(reverse("account_login"), {"login": "ana@example.org", "password": "a-guess"})
    (refused,) = log.lines("sign-in refused")
    (request,) = log.lines("request")
    assert (refused["level"], refused["request"]) == ("warning", request["request"])
    assert {"method": "POST", "route": "account_login", "status": 200}.items() <= request.items()
    assert "user" not in request
    assert_impersonal(log)


@pytest.mark.urls(__name__)
def test_error_is_told_with_its_places_and_without_what_was_typed(cast: Cast, ana: Client, log: Log) -> None:
    answer = ana.post("/breaks/secret-link/?of=ana@example.org", {"note": NOTE})
    (broken,) = [line for line in log.lines() if "error" in line]
    (request,) = log.lines("request")
    assert answer.status_code == 500
    assert answer["X-Request-ID"] == broken["request"] == request["request"]
    assert f"number <b>{request['request'][:8]}</b>" in answer.text
    assert (broken["error"]["type"], broken["error"]["cause"]) == ("ValueError", "LookupError")
    assert re.fullmatch(r"tests/accounts/test_logs\.py:\d+ breaks", broken["error"]["at"][-1])
    assert {"route": "breaks", "status": 500, "user": str(cast.ana_user.uid)}.items() <= request.items()
    assert isinstance(request["ms"], int)
    assert_impersonal(log)


@pytest.mark.urls(__name__)
def test_program_that_meets_an_error_is_told_the_number_to_pass_on(cast: Cast, ana: Client, log: Log) -> None:
    answer = ana.post("/api/breaks/", {"note": NOTE})
    told = answer.json()
    (broken,) = [line for line in log.lines() if "error" in line]
    assert (answer.status_code, told["code"], told["request"]) == (500, "breakdown", broken["request"])
    assert f"number {told['request'][:8]}" in told["detail"]


def test_person_behind_a_token_is_a_uid_too_and_the_token_is_not_told(cast: Cast, log: Log) -> None:
    row, secret = ApiToken.objects.issue(cast.ana_user, name="Ana's own", scopes=["read"], days=9, now=NOW)
    row.__class__.objects.filter(pk=row.pk).update(expires_at="2100-01-01T00:00Z")
    Client().get("/api/v1/me/?email=ana@example.org", headers={"authorization": f"Bearer {secret}"})
    (request,) = log.lines("request")
    assert (request["route"], request["user"]) == ("api-me", str(cast.ana_user.uid))
    assert secret not in log.text
    assert_impersonal(log)


def test_address_that_leads_nowhere_and_a_host_that_is_not_ours_are_not_repeated(
    client: Client, log: Log
) -> None:
    client.get("/nowhere/secret-link/")
    client.get("/", headers={"host": "ana.example.org"})
    assert [line["status"] for line in log.lines("request")] == [404, 400]
    assert_impersonal(log)


def test_text_of_libraries_is_left_out_and_their_numbers_stay(log: Log) -> None:
    logging.getLogger("a.library").warning("%s has %d reports", "Ana", 3)
    logging.getLogger("a.library").error(ValueError("Ana"))
    logging.getLogger("a.library").error("Ana has 3 reports")
    told, *places = [line["message"] for line in log.lines()]
    assert told == "… has 3 reports"
    assert len(places) == 2
    assert all(re.fullmatch(r"tests/accounts/test_logs\.py:\d+", place) for place in places)
    assert_impersonal(log)


def test_health_probe_that_goes_well_is_not_told(client: Client, log: Log) -> None:
    assert client.get("/healthz").status_code == 200
    assert log.text == ""


@pytest.mark.parametrize(("behind", "kept"), [(True, True), (False, False)])
def test_id_of_a_request_is_the_proxys_where_there_is_one(
    client: Client, settings: Any, behind: bool, kept: bool
) -> None:
    settings.BEHIND_PROXY = behind
    answer = client.get("/healthz", headers={"x-request-id": "from-the-proxy-1"})
    assert (answer["X-Request-ID"] == "from-the-proxy-1") is kept
    odd = client.get("/healthz", headers={"x-request-id": "ana@example.org"})
    assert re.fullmatch("[0-9a-f]{32}", odd["X-Request-ID"])


@shared_task
def fails(note: str) -> None:
    raise ValueError(note)


def test_task_is_told_with_its_name_and_the_request_that_asked_and_without_its_words(
    settings: Any, log: Log
) -> None:
    token = request_id.set("asked-by-this-one")
    eager = app.conf.task_always_eager
    app.conf.task_always_eager = True
    try:
        fails.apply(args=(NOTE,), headers={"asked_by_request": "asked-by-this-one"})
    finally:
        app.conf.task_always_eager = eager
        request_id.reset(token)
    (told,) = log.lines("task")
    (broken,) = [line for line in log.lines() if "error" in line]
    assert told["task"] == broken["task"] == "tests.accounts.test_logs.fails"
    assert (told["state"], told["request"]) == ("FAILURE", "asked-by-this-one")
    assert broken["error"]["type"] == "ValueError"
    assert_impersonal(log)


def test_ones_own_terminal_shows_everything() -> None:
    try:
        raise ValueError("Ana")
    except ValueError as error:
        found = logging.LogRecord("ours", logging.ERROR, "", 0, "broken", (), (ValueError, error, None))
    assert "ValueError: Ana" in Text().format(found)
