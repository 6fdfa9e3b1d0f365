"""What no client of ours would send: ids that are none, bodies that are none, too much of everything.

Never a breakdown (500), never a foreign thing, never a row; the API always answers problem+json.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.fields import LinesField, RowsField
from accounts.middleware import LARGEST_REQUEST
from ojt_logs.models import HoursEntry, SignOff
from reports.models import ReportRun
from tests import test_access as access
from tests.access import in_anas_place
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import plain, signed_in
from tests.refusals import ask_report, log, sign

pytestmark = pytest.mark.django_db

ADDRESSES = [name for name in access.MATRIX if not name.startswith(("account_", "mfa_"))]
NONSENSE = [None, "", "\x00", "no id", True, -1, 10**30, [], {"id": 1}, "9" * 300]
BODIES = [b"", b"{", b"[]", b"null", b'"2g"', b"7", b"\xff\xfe", b"NaN", b'{"minutes": NaN}', b"[" * 100_000]


@pytest.fixture(autouse=True)
def _noon() -> Iterator[datetime]:
    with time_machine.travel(NOW, tick=False):
        yield NOW


class Asker:
    """One person with a browser session and, for the API, a token of every scope."""

    def __init__(self, cast: Cast, who: str) -> None:
        self.session, self.token = signed_in(getattr(cast, who)), Rest(getattr(cast, who)).client

    def ask(self, name: str, path: str, method: str = "GET", body: Any = "{}") -> Any:
        """The answer, which over REST says what is wrong as problem+json."""
        client, content = (
            (self.token, "application/json")
            if name.startswith("api-")
            else (self.session, "application/x-www-form-urlencoded")
        )
        answer = client.generic(method, path, b"" if method == "GET" else body, content)
        assert answer.status_code < 500, f"{method} {path} broke down"
        if name.startswith("api-") and answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json", f"{method} {path}"
        return answer


# ---- Another sponsor's anything


def test_everything_of_another_sponsor_is_nowhere_for_everybody_here(cast: Cast) -> None:
    """Every address that names a thing, by every method, for the apprentice, the mentor, the coordinator."""
    theirs = in_anas_place(cast)
    access.fill(theirs)
    words_of = access.arguments(theirs)
    shown = f"shown={theirs.ana.hours.filter(status='submitted')[0].uid}&reason=No."
    askers = [Asker(cast, who) for who in ("ana_user", "marcus", "nora")]
    names = [name for name in ADDRESSES if words_of(name) and not name.startswith(PUBLIC + FRESH_FIRST)]
    assert len(names) > 30
    for name in names:
        path = reverse(name, kwargs=words_of(name))
        methods = ("GET", "POST", "PATCH", "DELETE") if name.startswith("api-") else ("GET", "POST")
        for asker in askers:
            body = shown if "review-" in name else "{}"
            statuses = {asker.ask(name, path, method, body).status_code for method in methods}
            assert statuses in ({404}, {404, 405}), (name, statuses)


PUBLIC = (
    "framework",
    "api-frameworks-detail",
    "invitation",
    "case-",
    "statement",
    "resource-add",
    "mails-stop",
    "verify",
)
FRESH_FIRST = ("second-step-set", "second-step-reset")
"""These ask everybody, whosever thing it is, to show anew who they are before they look at it."""


# ---- Ids that are none


@pytest.mark.parametrize("wrong", ["no-id", "%00", "7"])
def test_an_address_with_a_malformed_id_is_no_address(cast: Cast, wrong: str) -> None:
    access.fill(cast)
    words_of, asker = access.arguments(cast), Asker(cast, "ana_user")
    for name in ADDRESSES:
        words = words_of(name)
        uid = next((str(words[key]) for key in ("uid", "id") if key in words), "")
        if not uid:
            continue
        path = reverse(name, kwargs=words).replace(uid, wrong)
        for method in ("GET", "POST"):
            assert asker.ask(name, path, method).status_code in (404, 405), f"{method} {path}"


@pytest.mark.parametrize("wrong", ["0", "9z", "%00", "2g'", "2G ", "x" * 500])
def test_a_competency_that_is_none_has_no_page(cast: Cast, wrong: str) -> None:
    for who, address in (("ana_user", "progress"), ("marcus", "sign")):
        path = f"/apprentices/{cast.ana.uid}/{address}/{wrong}/"
        assert Asker(cast, who).ask("page", path).status_code == 404


ASKED = {
    "standards": "q kind approach sort after format",
    "case-documents": "limit offset sort orderBy filter fields",
    "tokens": "q state sort page format",
    "people": "q role employer state sort page format",
    "invitations": "q role employer state sort page format",
    "employers": "q sort page format",
    "classes": "q state sort page format",
    "review": "apprentice kind week older sort page format",
    "schedule": "open",
    "crosswalk": "framework",
    "library": "q type placed sort page format",
    "week": "of",
    "hours": "about state kind from to sort page format",
    "sign-offs": "function signer method passed act from to sort page format",
    "program-hours": "apprentice state kind from to sort page format",
    "program-sign-offs": "apprentice function signer from to sort page format",
    "reports": "document state sort page format",
    "programs": "q approach sort page format",
    "program": "show sort format",
    "api-hours-list": "apprentice from to kind state cursor page_size",
    "api-sign-offs-list": "apprentice competency act passed method from to cursor",
    "api-schedules-list": "q approach rapids_code onet_code cursor",
    "api-schedules-versions": "cursor page_size",
    "api-schedules-differences": "from",
    "api-apprentices-list": "program state cursor",
    "api-programs-list": "q approach cursor",
    "api-reports-list": "document state cursor",
    "api-alignments-list": "schedule framework status cursor page_size",
    "api-resources-list": "q type placed statement cursor",
    "api-progress": "as_of",
}

OFFICE = ("program", "people", "invitations", "employers", "classes")


@pytest.mark.parametrize(
    "wrong", ["%00", "2026-02-30", "0001-01-01", "9999-12-31", "9" * 40, "%F0%9F%92%A9%27"]
)
def test_a_question_in_an_address_that_makes_no_sense_breaks_nothing(cast: Cast, wrong: str) -> None:
    access.fill(cast)
    words_of = access.arguments(cast)
    cast.ana.change_status("suspended", effective_on=TODAY, reason="Leave.", by=cast.nora, now=NOW)
    for name, words in ASKED.items():
        asker = Asker(cast, "nora" if name.startswith(OFFICE) else "ana_user")
        path = reverse(name, kwargs=words_of(name))
        for word in words.split():
            assert asker.ask(name, f"{path}?{word}={wrong}").status_code in (200, 400, 404)


# ---- Bodies that are none


@pytest.mark.parametrize("path", ["hours/", "sign-offs/", "reports/"])
def test_a_body_that_is_no_json_object_is_refused(cast: Cast, path: str) -> None:
    asker = Asker(cast, "marcus")
    for body in BODIES:
        answer = asker.ask("api-x", f"/api/v1/{path}", "POST", body)
        assert answer.status_code == 400, (body[:20], answer.content)
        assert answer.json()["detail"]
    assert not HoursEntry.objects.exists() and not SignOff.objects.exists()


def test_every_field_of_every_body_bears_every_nonsense(cast: Cast) -> None:
    """The answer is a refusal that names a field, or the nonsense was sense after all; never a breakdown."""
    (draft,) = cast.log(cast.ana, cast.ojt(minutes=60))
    wishes = [
        (Asker(cast, "ana_user"), log(cast), ["POST"]),
        (Asker(cast, "ana_user"), replace(log(cast), path=f"hours/{draft.uid}/"), ["PATCH"]),
        (Asker(cast, "marcus"), sign(cast), ["POST"]),
        (Asker(cast, "nora"), ask_report(cast, program=None, **{"from": None, "to": None}), ["POST"]),
    ]
    for asker, wish, (method,) in wishes:
        for field in wish.body:
            for value in NONSENSE:
                answer = asker.ask(
                    "api-x", f"/api/v1/{wish.path}", method, json.dumps(wish.body | {field: value})
                )
                assert answer.status_code in (200, 201, 202, 400), (field, value, answer.content)
                if answer.status_code == 400:
                    assert answer.json()["field"], (field, value, answer.json())


def test_a_foreign_id_in_a_body_is_answered_like_one_of_nobody(cast: Cast) -> None:
    theirs = in_anas_place(cast)
    access.fill(theirs)
    foreign = theirs.competency("2g").standards.get(position=1).uid
    pairs = [
        ("ana_user", "hours/", log(cast).body, "apprentice", cast.chen.uid),
        ("ana_user", "hours/", log(cast).body | RI, "course", theirs.klass.course.uid),
        ("marcus", "sign-offs/", sign(cast).body, "apprentice", cast.chen.uid),
        ("marcus", "sign-offs/", sign(cast).body, "performance_standard", foreign),
        ("nora", "reports/", ask_report(cast).body, "apprentice", cast.chen.uid),
        ("nora", "reports/", ask_report(cast, apprentice=None).body, "program", cast.other_program.uid),
    ]
    runs = ReportRun.objects.count()
    for who, path, body, field, uid in pairs:
        rest = Rest(getattr(cast, who))
        first, second = (rest.post(path, body | {field: str(one)}) for one in (uid, uuid4()))
        assert first == second and first[0] == 400, (path, field, first, second)
    assert not HoursEntry.objects.filter(apprentice=cast.ana).exists()
    assert ReportRun.objects.count() == runs


RI = {"kind": "ri", "job_function": None, "competency": None}


def test_a_filter_with_a_foreign_id_finds_as_little_as_one_of_nobody(cast: Cast) -> None:
    access.fill(in_anas_place(cast))
    nora = Rest(cast.nora)
    for path, field, uid in (
        ("hours/", "apprentice", cast.chen.uid),
        ("sign-offs/", "apprentice", cast.chen.uid),
        ("apprentices/", "program", cast.other_program.uid),
    ):
        assert nora.get(path, **{field: uid}) == nora.get(path, **{field: uuid4()})


# ---- Too much


def test_a_page_refuses_a_body_beyond_all_measure_in_words(cast: Cast) -> None:
    """With the proof of the form checked, as in production: that reads the body before the page does."""
    ana, visitor = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    ana.force_login(cast.ana_user, backend="accounts.sign_in.OwnAddress")
    for client, address in ((ana, log(cast).address), (visitor, reverse("account_login"))):
        client.get(address)
        proof = client.cookies["csrftoken"].value
        answer = client.post(address, {"csrfmiddlewaretoken": proof, "line-0-note": "x" * 1_100_000})
        assert answer.status_code == 400
        assert "too large" in plain(answer.content) and "Nothing was saved" in plain(answer.content)


def test_a_page_refuses_a_thousand_fields_in_words(cast: Cast) -> None:
    fields = {f"line-{number}-note": "" for number in range(1001)}
    answer = signed_in(cast.ana_user).post(log(cast).address, fields)
    assert answer.status_code == 400 and "Nothing was saved" in plain(answer.content)


def test_the_api_refuses_a_body_of_more_than_256_kb_by_every_way_in(cast: Cast) -> None:
    body = json.dumps(log(cast, note="x" * 270_000).body)
    asker = Asker(cast, "ana_user")
    for path in ("hours/", "sign-offs/", "reports/"):
        answer = asker.ask("api-x", f"/api/v1/{path}", "POST", body)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    browser = signed_in(cast.ana_user)
    assert browser.post("/api/v1/hours/", body, "application/json").status_code == 413
    assert not HoursEntry.objects.exists()


class Unread(BytesIO):
    """A body of which nobody may read a byte."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("The body was read")


@pytest.mark.parametrize("path", ["/standards/import/", "/api/v1/imports/", "/accounts/login/"])
def test_what_is_larger_than_anything_is_refused_before_a_byte_of_it_is_read(cast: Cast, path: str) -> None:
    body = {"wsgi.input": Unread(), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    client = signed_in(cast.nora)
    for length in (str(LARGEST_REQUEST + 1), "9" * 40, "-1", "many"):
        answer = client.generic("POST", path, **body | {"CONTENT_LENGTH": length})
        assert answer.status_code == 413, length
        words = plain(answer.content)
        assert "less at once" in words and ("Nothing was saved" in words or path.startswith("/api/"))


@pytest.mark.parametrize("field", [LinesField(), RowsField(cells=2)])
def test_a_list_that_is_typed_line_by_line_takes_no_nul(field: LinesField) -> None:
    """PostgreSQL keeps none, in a list either."""
    with pytest.raises(ValidationError, match="cannot be seen"):
        field.clean("HIM\x00manager")


def test_the_api_takes_json_and_says_so(cast: Cast) -> None:
    answer = Rest(cast.ana_user).client.post("/api/v1/hours/", {"minutes": "60"})
    assert (answer.status_code, answer["Content-Type"]) == (415, "application/problem+json")


@pytest.mark.parametrize("path", ["nothing/", "hours/x/y/z/", "schedules/../", "hours/%00/"])
def test_an_address_of_the_api_that_is_none_answers_as_a_problem(cast: Cast, path: str) -> None:
    for client in (Client(), Rest(cast.ana_user).client):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code in (401, 404)
        assert answer["Content-Type"] == "application/problem+json"


def test_a_breakdown_of_the_api_answers_as_a_problem_and_tells_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("a secret of the machine")

    monkeypatch.setattr("ojt_logs.api.hours.HoursViewSet.get_queryset", fail)
    client = Rest(cast.ana_user).client
    client.raise_request_exception = False
    answer = client.get("/api/v1/hours/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "secret" not in answer.content.decode() and "again" in answer.json()["detail"]


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer a b", "Bearer \u00e9", "Basic eDp5", "x" * 5000]
)
def test_a_token_that_is_none_opens_nothing(header: str) -> None:
    answer = Client().get("/api/v1/hours/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["detail"]


# ---- What cannot be read


FORM = "application/x-www-form-urlencoded"
UNREADABLE: dict[str, dict[str, Any]] = {
    "hex": {"content_type": f"{FORM}; charset=hex"},
    "hex in parts": {"content_type": "multipart/form-data; boundary=x; charset=hex"},
    "utf-7": {"content_type": f"{FORM}; charset=utf-7"},
    "no code": {"content_type": "application/json; charset=no-such-code"},
    "NUL in a cookie": {"headers": {"cookie": "sessionid=a\0b"}},
    "NUL in a quoted cookie": {"headers": {"cookie": 'csrftoken="a\\000b"'}},
    "NUL in a browser's name": {"headers": {"user-agent": "a\0b"}},
}


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("debug", [True, False])
def test_what_cannot_be_read_is_answered_so_on_pages_and_over_rest(
    cast: Cast, settings: Any, name: str, debug: bool
) -> None:
    settings.DEBUG = debug
    sent = {"content_type": FORM} | UNREADABLE[name]
    page = Client().generic("POST", "/accounts/login/", b"login=+AGE-", **sent)
    assert page.status_code == 400 and "could not be read" in page.text
    rest = Client().generic("POST", "/api/v1/hours/", b"{}", **sent)
    assert (rest.status_code, rest.json()["code"]) == (400, "unreadable")
    assert rest["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=UTF-8", '; charset="utf-8"'])
def test_what_browsers_write_in_is_read(cast: Cast, charset: str) -> None:
    answer = Client().generic("POST", "/accounts/login/", b"login=a", content_type=f"{FORM}{charset}")
    assert answer.status_code == 200


@pytest.mark.parametrize("charset", ["iso-8859-1", "us-ascii"])
def test_what_programs_write_in_is_read(cast: Cast, charset: str) -> None:
    content_type = f"application/json; charset={charset}"
    body = json.dumps(log(cast, note="Caf\u00e9").body, ensure_ascii=charset == "us-ascii").encode(charset)
    answer = Rest(cast.ana_user).client.generic("POST", "/api/v1/hours/", body, content_type=content_type)
    assert answer.status_code == 201 and HoursEntry.objects.get().note == "Caf\u00e9"
