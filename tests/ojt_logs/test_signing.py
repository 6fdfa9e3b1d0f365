"""The pages on which somebody signs: choose, rate, read, confirm with the password; the record; withdraw."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from apprenticeship.models import Mentorship, Program
from competencies.models import PerformanceStandard, RatingScale
from ledger import chain, triggers
from ojt_logs.forms.privacy import NO_PATIENTS
from ojt_logs.models import SignOff
from tests.api.client import Rest
from tests.cast import NOW, PASSWORD, STARTED, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

KEY = "11111111-1111-4111-8111-111111111111"


def with_password(user: User) -> Client:
    """Signed in by typing the password, just now."""
    client = Client()
    answer = client.post("/accounts/login/?next=/review/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def page_of(cast: Cast, code: str = "2g") -> str:
    return reverse("sign-competency", args=[cast.ana.uid, code])


def standards(cast: Cast, code: str = "2g") -> list[PerformanceStandard]:
    return list(cast.competency(code).standards.order_by("position"))


def typed(cast: Cast, *values: int, step: str = "review", **fields: str) -> dict[str, str]:
    """What a browser sends: ratings of the first standards of 2g, and the rest of the page."""
    ratings = {f"rating-{one.uid}": str(value) for one, value in zip(standards(cast), values, strict=False)}
    page = {"key": KEY, "method": "reviewed", "observed_from": "2026-11-16", "observed_to": "2026-11-20"}
    return page | {"note": "Ten charts."} | ratings | {"step": step} | fields


def post(client: Client, cast: Cast, *values: int, **fields: str) -> Any:
    return client.post(page_of(cast), typed(cast, *values, **fields))


def inputs(html: str) -> dict[str, str]:
    """Names and values of the hidden inputs of a page."""
    found = re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', html)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


# Choose


def test_open_competencies_that_hours_name_stand_first(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt("3a", minutes=450))
    cast.sign(cast.ana, "1a")
    page = text_of(signed_in(cast.marcus), reverse("sign", args=[cast.ana.uid]))
    assert (
        page.index("Worked on, not signed yet")
        < page.index("Not signed yet, no hours logged")
        < page.index("Achieved")
    )
    assert "0 of 5 signed · 7 h 30 min on entries naming 3a" in page
    assert (
        page.index("/sign/3a/") < page.index("/sign/1b/") < page.index("/sign/1a/") < page.index("/sign/5a/")
    )


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("ana_user", 403),
        ("nora", 403),
        ("priya", 403),
        ("ruth", 403),
        ("lena", 404),
        ("olga", 404),
        ("dara", 404),
    ],
)
def test_only_anas_mentor_opens_the_pages_of_signing(cast: Cast, who: str, status: int) -> None:
    client = signed_in(getattr(cast, who))
    assert client.get(reverse("sign", args=[cast.ana.uid])).status_code == status
    assert client.get(page_of(cast)).status_code == status
    assert post(client, cast, 3, step="sign", password=PASSWORD).status_code == status
    assert not SignOff.objects.exists()


def test_an_unknown_competency_is_not_there(cast: Cast) -> None:
    assert signed_in(cast.marcus).get(page_of(cast, "9z")).status_code == 404


# Rate


def test_every_standard_stands_there_in_full_with_every_level_and_its_meaning(cast: Cast) -> None:
    page = text_of(signed_in(cast.marcus), page_of(cast))
    for standard in standards(cast):
        assert standard.text in page
        assert page.count(f'name="rating-{standard.uid}"') == 5
    assert "Does it with little help." in page and "There was no occasion to see it." in page
    assert "You sign as" in page and "Marcus Webb, Coding supervisor, CCS, mentor" in page
    assert "“I reviewed this work and attest to these ratings.”" in page
    assert page.count(NO_PATIENTS) == 6


def test_reason_of_a_rating_says_what_may_not_be_in_it_to_every_reader(cast: Cast) -> None:
    page = text_of(signed_in(cast.marcus), page_of(cast))
    for standard in standards(cast):
        told = f"id_reason-{standard.uid}_helptext"
        assert f'aria-describedby="{told}"' in page
        assert f'id="{told}">{NO_PATIENTS}<' in page


def test_what_others_signed_stands_beside(cast: Cast) -> None:
    cast.sign(cast.ana, "2g", value=3)
    Mentorship.objects.create(apprentice=cast.ana, mentor=cast.lena, starts_on=cast.ana.started_on)
    page = text_of(signed_in(cast.lena), page_of(cast))
    assert page.count("by Marcus Webb,") == 5
    assert "Signed 3" in page and "Nov 20, 2026</a>. Yours stands beside it." in page


def test_setting_all_unrated_keeps_what_was_rated_and_signs_nothing(cast: Cast) -> None:
    answer = post(signed_in(cast.marcus), cast, 1, 4, step="fill:3")
    assert answer.status_code == 200
    html = answer.content.decode()
    chosen = re.findall(r'name="rating-[^"]+" value="(\d)" checked', html)
    assert chosen == ["1", "4", "3", "3", "3"]
    assert "Ten charts." in html and f'value="{KEY}"' in html and "errorlist" not in html
    assert not SignOff.objects.exists()


def test_a_rating_can_be_cleared_without_losing_the_rest(cast: Cast) -> None:
    first = standards(cast)[0]
    answer = post(signed_in(cast.marcus), cast, 1, 4, step=f"clear:{first.uid}")
    assert re.findall(r'name="rating-[^"]+" value="(\d)" checked', answer.content.decode()) == ["4"]
    assert "Ten charts." in answer.content.decode()


@pytest.mark.parametrize(
    ("values", "fields", "sentence"),
    [
        ((), {}, "Rate at least one performance standard."),
        ((0,), {}, "A rating of 0 needs a reason: say why."),
        ((3,), {"observed_to": "2026-11-21"}, "Choose today or earlier."),
        ((3,), {"observed_from": "2026-11-21"}, "The last day seen is before the first."),
        ((3,), {"observed_from": "2026-01-05"}, "You were not assigned to Ana Reyes on Jan 5, 2026."),
        ((3,), {"observed_from": "soon"}, "Write the day like 2026-11-20."),
        ((3,), {"method": "guessed"}, "Select a valid choice."),
        ((7,), {}, "Choose a rating of the scale: 0, 1, 2, 3, 4."),
        ((3,), {"note": "x" * 1001}, "at most 1000 characters"),
    ],
)
def test_a_fault_is_said_beside_its_field_and_nothing_typed_is_lost(
    cast: Cast, values: tuple[int, ...], fields: dict[str, str], sentence: str
) -> None:
    kept = {"note": "Ten charts, audited."} | fields
    answer = post(signed_in(cast.marcus), cast, *values, **kept)
    assert answer.status_code == 400
    page = plain(answer.content)
    assert sentence in page and kept["note"] in page
    assert not SignOff.objects.exists()


def test_a_standard_of_another_sponsor_in_the_body_is_left_alone(cast: Cast) -> None:
    foreign = PerformanceStandard.objects.filter(
        competency__job_function__schedule=cast.other_program.schedule
    )
    body = {f"rating-{foreign[0].uid}": "4", "password": PASSWORD}
    answer = post(with_password(cast.marcus), cast, 3, step="sign", **body)
    assert answer.status_code == 302
    assert [row.performance_standard for row in SignOff.objects.all()] == standards(cast)[:1]


# Read and confirm


def test_what_is_signed_is_read_word_for_word_before(cast: Cast) -> None:
    body = {f"reason-{standards(cast)[2].uid}": "No query this month."}
    answer = post(with_password(cast.marcus), cast, 3, 4, 0, **body)
    assert answer.status_code == 200
    page = plain(answer.content)
    for standard in standards(cast)[:3]:
        assert standard.text in page
    for standard in standards(cast)[3:]:
        assert standard.text not in page
    for words in ("3 satisfactory", "4 competent", "0 not yet seen", "“No query this month.”", "Ten charts."):
        assert words in page
    assert "Reviewed work or audit" in page and "Nov 16, 2026 to Nov 20, 2026" in page
    assert "<b>Marcus Webb, Coding supervisor, CCS, mentor</b>: “I reviewed this work and attest" in page
    assert "3 ratings: 3, 4, 0." in page and "Sign 3 of 5" in page
    assert not SignOff.objects.exists()


def test_the_page_that_was_read_can_be_sent_as_it_is_and_signs_just_that(cast: Cast) -> None:
    client = with_password(cast.marcus)
    read = post(client, cast, 3, 4).content.decode()
    answer = client.post(page_of(cast), inputs(read) | {"step": "sign"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("sign", args=[cast.ana.uid]))
    rows = list(SignOff.objects.order_by("pk"))
    assert [(row.statement, row.rating.value if row.rating else None) for row in rows] == [
        (standards(cast)[0].text, 3),
        (standards(cast)[1].text, 4),
    ]
    assert {(row.note, str(row.observed_from), row.method) for row in rows} == {
        ("Ten charts.", "2026-11-16", "reviewed")
    }
    assert {row.authenticated_at for row in rows} == {NOW}
    assert "You signed 2 ratings of 2g for Ana Reyes: 3, 4." in text_of(client, answer["Location"])


def test_going_back_to_change_loses_nothing(cast: Cast) -> None:
    client = with_password(cast.marcus)
    read = post(client, cast, 3, 4).content.decode()
    html = client.post(page_of(cast), inputs(read) | {"step": "edit"}).content.decode()
    assert re.findall(r'name="rating-[^"]+" value="(\d)" checked', html) == ["3", "4"]
    assert "Ten charts." in html and 'value="2026-11-16"' in html


def test_within_five_minutes_of_signing_in_no_password_is_asked(cast: Cast) -> None:
    client = with_password(cast.marcus)
    assert "Your password" not in plain(post(client, cast, 3).content)
    with time_machine.travel(NOW + timedelta(minutes=4, seconds=50), tick=False):
        assert post(client, cast, 3, step="sign").status_code == 302
    assert SignOff.objects.count() == 1


def test_after_five_minutes_the_password_is_asked_for_on_the_page_that_is_read(cast: Cast) -> None:
    client = with_password(cast.marcus)
    with time_machine.travel(NOW + timedelta(minutes=5, seconds=1), tick=False):
        read = post(client, cast, 3)
        assert "Your password" in plain(read.content)
        answer = post(client, cast, 3, step="sign")
        assert answer.status_code == 400
        assert "Enter your password to sign." in plain(answer.content)
        assert standards(cast)[0].text in plain(answer.content)
        assert not SignOff.objects.exists()
        assert post(client, cast, 3, step="sign", password=PASSWORD).status_code == 302
    row = SignOff.objects.get()
    assert row.authenticated_at == NOW + timedelta(minutes=5, seconds=1)


def test_a_wrong_password_signs_nothing_and_keeps_everything(cast: Cast) -> None:
    client = signed_in(cast.marcus)
    answer = post(client, cast, 3, step="sign", password="not it at all")
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "This is not your password." in html and "not it at all" not in html
    assert inputs(html)["note"] == "Ten charts."
    assert not SignOff.objects.exists()
    assert (
        client.post(page_of(cast), inputs(html) | {"step": "sign", "password": PASSWORD}).status_code == 302
    )


def test_somebody_elses_password_does_not_sign(cast: Cast) -> None:
    cast.lena.set_password("another one entirely")
    cast.lena.save()
    answer = post(signed_in(cast.marcus), cast, 3, step="sign", password="another one entirely")
    assert answer.status_code == 400 and not SignOff.objects.exists()


def test_passwords_are_not_guessed_here(cast: Cast) -> None:
    client = signed_in(cast.marcus)
    answers = [post(client, cast, 3, step="sign", password=f"guess {number}") for number in range(12)]
    assert answers[-1].status_code == 429
    assert post(client, cast, 3, step="sign", password=PASSWORD).status_code == 429
    assert not SignOff.objects.exists()


def test_a_page_sent_twice_signs_once_and_says_the_same(cast: Cast) -> None:
    client = with_password(cast.marcus)
    first, second = post(client, cast, 3, 4, step="sign"), post(client, cast, 3, 4, step="sign")
    assert (first.status_code, second.status_code) == (302, 302)
    assert SignOff.objects.count() == 2
    assert len([1 for row in chain.entries_of(cast.ana.uid) if row.act == "sign_off.sign"]) == 2


def test_going_back_in_the_browser_after_signing_does_not_sign_something_else(cast: Cast) -> None:
    client = with_password(cast.marcus)
    post(client, cast, 3, step="sign")
    answer = post(client, cast, 4, step="sign")
    assert answer.status_code == 409
    assert "From this page you have signed already" in plain(answer.content)
    assert SignOff.objects.count() == 1


def test_an_assignment_that_ended_while_the_page_was_open_signs_nothing(cast: Cast) -> None:
    client = with_password(cast.marcus)
    triggers.remove(connection)
    Mentorship.objects.filter(apprentice=cast.ana).update(starts_on=TODAY)
    answer = post(client, cast, 3, step="sign")
    assert answer.status_code == 400
    page = plain(answer.content)
    assert "You were not assigned to Ana Reyes on Nov 16, 2026" in page and "Ten charts." in page
    assert not SignOff.objects.exists()


def test_days_before_the_role_are_not_blamed_on_the_assignment(cast: Cast) -> None:
    Membership.objects.filter(user=cast.marcus, role="mentor").update(starts_on=TODAY)
    page = plain(post(with_password(cast.marcus), cast, 3, step="sign").content)
    assert "You were no mentor of Lakeside Health on Nov 16, 2026." in page
    assert not SignOff.objects.exists()


def test_who_reads_the_record_signs_for_the_days_of_an_assignment_that_ended(cast: Cast) -> None:
    """Nora coordinates, and stood in for Marcus until Wednesday: page and REST let her sign just that."""
    Membership.objects.create(user=cast.nora, sponsor=cast.lakeside, role="mentor", starts_on=STARTED)
    last = TODAY - timedelta(days=2)
    Mentorship.objects.create(apprentice=cast.ana, mentor=cast.nora, starts_on=STARTED, ends_on=last)
    client = with_password(cast.nora)
    assert post(client, cast, 3, step="sign").status_code == 400
    assert post(client, cast, 3, step="sign", observed_to=last.isoformat()).status_code == 302
    body = {"apprentice": str(cast.ana.uid), "performance_standard": str(standards(cast)[1].uid), "rating": 3}
    days = {"method": "reviewed", "observed_from": "2026-11-16"}
    for seen, status in ((TODAY, 403), (last, 201)):
        answer = Rest(cast.nora).post("sign-offs/", body | days | {"observed_to": seen.isoformat()})
        assert answer[0] == status, answer
    assert {row.signer for row in SignOff.objects.all()} == {cast.nora} and SignOff.objects.count() == 2


def test_date_and_initials_is_signed_on_the_same_page(cast: Cast) -> None:
    scale = RatingScale.objects.get(name="Date and initials")
    schedule = cast.program.schedule
    own = type(schedule).objects.create(
        occupation=schedule.occupation, sponsor=cast.lakeside, title="Of our own", approach="competency"
    )
    function = own.job_functions.create(number=1, title="Everything")
    function.competencies.create(position=1, letter="a", title="Codes charts")
    Program.objects.filter(pk=cast.program.pk).update(schedule=own, rating_scale=scale)
    type(cast.ana).objects.filter(pk=cast.ana.pk).update(schedule=own)
    page = text_of(signed_in(cast.marcus), page_of(cast, "1a"))
    assert page.count('type="radio" name="rating-') == 1 and "completed" in page
    name = re.search(r'name="(rating-[^"]+)"', page)
    assert name
    body = typed(cast, step="sign") | {name[1]: "1"}
    assert with_password(cast.marcus).post(page_of(cast, "1a"), body).status_code == 302
    assert SignOff.objects.get().statement == "Codes charts"


# Disagreement


def test_a_lower_rating_asks_whether_the_earlier_pass_should_go(cast: Cast) -> None:
    earlier = cast.sign(cast.ana, "2g", value=3)[0]
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        client = with_password(cast.marcus)
        read = plain(post(client, cast, 1).content)
        assert "You gave 3 on Nov 20, 2026. Yours stands beside it as a disagreement" in read
        page = plain(client.get(post(client, cast, 1, step="sign")["Location"]).content)
        assert "1 attempted now, where you gave 3 satisfactory on Nov 20" in page
        assert f'<a href="{reverse("sign-off", args=[earlier.uid])}">Withdraw it?</a>' in page
        record = text_of(client, reverse("sign-off", args=[earlier.uid]))
    assert "Rated lower later" in record and "This pass counts until it is withdrawn." in record


# The record of one signature


def test_the_record_has_everything_that_a_printed_form_needs(cast: Cast) -> None:
    row = cast.sign(cast.ana, "2g", value=3)[0]
    page = text_of(signed_in(cast.ana_user), reverse("sign-off", args=[row.uid]))
    entry = chain.entries_of(cast.ana.uid).get(object=row.uid)
    for words in (
        row.statement,
        "3 satisfactory",
        "Does it with little help.",
        "Marcus Webb</b> (MW)",
        "Coding supervisor, CCS",
        "Mentor, Lakeside Health",
        "Nov 20, 2026, 12:00 pm CST",
        "“I reviewed this work and attest to these ratings.”",
        "Reviewed work or audit",
        str(row.uid),
        f"Entry {entry.sequence} of",
        "Ana Reyes’s chain",
        f"{entry.digest[:4]} {entry.digest[4:8]}",
    ):
        assert words in page, words
    assert "Withdraw this sign-off" not in page


@pytest.mark.parametrize(
    ("who", "status"), [("nora", 200), ("ruth", 200), ("priya", 404), ("lena", 404), ("olga", 404)]
)
def test_who_may_read_a_signature(cast: Cast, who: str, status: int) -> None:
    row = cast.sign(cast.ana, "2g")[0]
    client = signed_in(getattr(cast, who))
    assert client.get(reverse("sign-off", args=[row.uid])).status_code == status


def withdraw(client: Client, row: SignOff, **fields: str) -> Any:
    return client.post(reverse("sign-off-withdraw", args=[row.uid]), fields)


def test_the_signer_withdraws_with_a_reason_and_a_password(cast: Cast) -> None:
    row = cast.sign(cast.ana, "2g")[0]
    client = signed_in(cast.marcus)
    record = reverse("sign-off", args=[row.uid])
    assert "Withdraw this sign-off" in text_of(client, record)
    assert withdraw(client, row, reason="It was Ben's work.", password=PASSWORD)["Location"] == record
    page = text_of(client, record)
    assert "<b>Withdrawn</b> by Marcus Webb, " in page and "It was Ben's work." in page
    assert "Withdraw this sign-off" not in page
    taken_back = SignOff.objects.get(withdraws=row)
    assert "This withdraws" in text_of(client, reverse("sign-off", args=[taken_back.uid]))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"password": PASSWORD}, "Say why the signature is taken back."),
        ({"reason": "It was Ben's work."}, "Enter your password to sign."),
        ({"reason": "It was Ben's work.", "password": "no"}, "This is not your password."),
    ],
)
def test_a_withdrawal_that_lacks_something_keeps_what_was_typed(
    cast: Cast, fields: dict[str, str], sentence: str
) -> None:
    row = cast.sign(cast.ana, "2g")[0]
    answer = withdraw(signed_in(cast.marcus), row, **fields)
    assert answer.status_code == 400
    page = plain(answer.content)
    assert sentence in page and fields.get("reason", "") in page
    assert SignOff.objects.count() == 5


def test_a_mentor_no_longer_assigned_opens_and_withdraws_what_they_signed_and_nothing_else(
    cast: Cast,
) -> None:
    Mentorship.objects.create(apprentice=cast.ana, mentor=cast.lena, starts_on=STARTED)
    hers, his = cast.sign(cast.ana, "2g", by=cast.lena)[0], cast.sign(cast.ana, "2g")[0]
    Mentorship.objects.filter(mentor=cast.lena).update(ends_on=TODAY - timedelta(days=1))
    client = with_password(cast.lena)
    page = text_of(client, reverse("sign-off", args=[hers.uid]))
    assert reverse("competency", args=[cast.ana.uid, "2g"]) not in page and his.record_id not in page
    assert client.get(reverse("sign-off", args=[his.uid])).status_code == 404
    assert Rest(cast.lena).get(f"sign-offs/{hers.uid}/")[0] == 200
    assert withdraw(client, hers, reason="It was Ben's chart.").status_code == 302
    assert hers.withdrawals.get().signer == cast.lena
    Membership.objects.filter(user=cast.lena).update(ends_on=TODAY - timedelta(days=1))
    assert not SignOff.objects.visible_to(cast.lena).exists()
    assert client.get(reverse("sign-off", args=[hers.uid])).status_code == 404


def test_a_second_withdrawal_is_told_so(cast: Cast) -> None:
    row = cast.sign(cast.ana, "2g")[0]
    client = with_password(cast.marcus)
    withdraw(client, row, reason="It was Ben's work.")
    answer = withdraw(client, row, reason="It was Ben's work.")
    assert answer.status_code == 409
    assert "withdrawn already" in plain(answer.content)
    assert SignOff.objects.filter(withdraws=row).count() == 1


@pytest.mark.parametrize(
    ("who", "status"), [("ana_user", 403), ("nora", 403), ("ruth", 403), ("lena", 404), ("olga", 404)]
)
def test_nobody_else_withdraws(cast: Cast, who: str, status: int) -> None:
    row = cast.sign(cast.ana, "2g")[0]
    client = signed_in(getattr(cast, who))
    assert withdraw(client, row, reason="No.", password=PASSWORD).status_code == status
    assert SignOff.objects.filter(withdraws=row).count() == 0


# Cost


def test_the_pages_ask_as_often_with_much_on_the_record_as_with_little(cast: Cast) -> None:
    first = cast.sign(cast.ana, "2g")[0]
    cast.submitted(cast.ana, cast.ojt("2g", minutes=60))
    marcus = signed_in(cast.marcus)
    addresses = [reverse("sign", args=[cast.ana.uid]), page_of(cast), reverse("sign-off", args=[first.uid])]
    little = [queries(marcus, address) for address in addresses]
    for code in ("1a", "2a", "3a", "2g", "2g"):
        cast.sign(cast.ana, code)
        cast.submitted(cast.ana, cast.ojt(code, minutes=15))
    assert [queries(marcus, address) for address in addresses] == little


def test_a_stranger_who_guesses_at_the_door_does_not_keep_a_mentor_from_signing(cast: Cast) -> None:
    stranger = Client(REMOTE_ADDR="10.9.8.7")
    for _ in range(6):
        stranger.post("/accounts/login/", {"login": cast.marcus.email, "password": "a guess"})
    assert post(signed_in(cast.marcus), cast, 3, step="sign", password=PASSWORD).status_code == 302
