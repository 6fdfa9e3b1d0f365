"""Nobody waits for someone who left: handing over, what waits for whom, and whose delay it is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.models import Membership, User
from apprenticeship.models import Mentorship
from ojt_logs import record, waiting
from ojt_logs.delays import APPRENTICE, REVIEWER, delay_of, delay_of_requests
from ojt_logs.models import HoursEntry, Notice
from ojt_logs.models.requests import SignOffRequest
from tests.api.client import Rest
from tests.at_once import at_once
from tests.cast import CANARY, NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, queries, signed_in, text_of
from tests.ojt_logs.test_imports import ANA, brought, uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

PAGE = "/waiting/"
DAY = timedelta(days=1)


def handed_in(cast: Cast) -> None:
    """Work and class of Ana's five days ago, work of Ben's yesterday."""
    day = TODAY - 10 * DAY
    lines = (cast.ojt(minutes=60, day=day), cast.ri(minutes=90, day=day))
    cast.submitted(cast.ana, *lines, now=NOW - 5 * DAY)
    cast.submitted(cast.ben, cast.ojt(minutes=30, day=day), now=NOW - DAY)


# What waits, and for whom


def test_nora_reads_what_waits_how_long_and_for_whom(cast: Cast) -> None:
    handed_in(cast)
    page = text_of(signed_in(cast.nora), PAGE)
    assert page.index("Ana Reyes") < page.index("Ben Ortiz")
    assert "waits for Priya Nair" in page and "5 days" in page
    assert "waits for Lena Fox or Marcus Webb" in page and "1 day" in page


def test_what_waits_for_nobody_says_so_and_leads_to_assigning(cast: Cast) -> None:
    cast.submitted(cast.ana)
    Mentorship.objects.get(mentor=cast.marcus, apprentice=cast.ana).end(on=TODAY, by=cast.nora, now=NOW)
    Membership.objects.filter(user=cast.marcus).update(ends_on=TODAY - DAY)
    page = text_of(signed_in(cast.nora), PAGE)
    assert "nobody is assigned." in page and reverse("registration", args=[cast.ana.uid]) in page
    assert "Ana Reyes" in text_of(signed_in(cast.nora), f"{PAGE}?reviewer=nobody")


def test_only_offices_read_it_and_only_their_own(cast: Cast) -> None:
    cast.submitted(cast.ana)
    for person in (cast.marcus, cast.ana_user, cast.priya, cast.ivy):
        assert signed_in(person).get(PAGE).context["rows"] == []
    assert "Ana Reyes" in text_of(signed_in(cast.ruth), PAGE)
    assert "Ana Reyes" not in text_of(signed_in(cast.olga), PAGE)
    assert CANARY not in text_of(signed_in(cast.nora), PAGE)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("kind=ri", {"Ana"}),
        ("older=3", {"Ana"}),
        ("reviewer=marcus", {"Ana", "Ben"}),
        ("reviewer=priya", {"Ana"}),
        ("reviewer=nobody", set()),
        ("program=ours", {"Ana", "Ben"}),
        ("sort=name", {"Ana", "Ben"}),
    ],
)
def test_it_is_filtered_on_the_page_and_downloaded_alike(cast: Cast, words: str, names: set[str]) -> None:
    handed_in(cast)
    uids = {"marcus": cast.marcus.uid, "priya": cast.priya.uid, "ours": cast.program.uid}
    name, _, value = words.partition("=")
    nora, query = signed_in(cast.nora), {name: str(uids.get(value, value))}
    rows = nora.get(PAGE, query).context["rows"]
    assert {row.name.split()[0] for row in rows} == names
    csv = b"".join(nora.get(PAGE, query | {"format": "csv"})).decode()
    assert {who for who in ("Ana", "Ben") if who in csv} == names
    assert nora.get(PAGE, query | {"format": "xlsx"}).status_code == 200


def test_a_long_list_asks_as_often_as_a_short_one(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ri(minutes=10))
    few = queries(nora, PAGE)
    for day in range(5):
        cast.submitted(cast.ben, cast.ojt("2a", minutes=10, day=TODAY - day * DAY), cast.ri(minutes=10))
    assert queries(nora, PAGE) == few


def test_how_long_each_reviewer_takes_is_an_average_of_what_they_decided(cast: Cast) -> None:
    for minutes, days in ((60, 3), (61, 1)):
        line = cast.ojt(minutes=minutes, day=TODAY - 10 * DAY)
        (entry,) = cast.submitted(cast.ana, line, now=NOW - days * DAY)
        entry.move("approve", by=cast.marcus, now=NOW)
    (pace,) = waiting.paces_of(cast.nora, now=NOW)
    assert (pace.name, pace.decided, pace.words) == ("Marcus Webb", 2, "2.0 days")
    assert waiting.paces_of(cast.olga, now=NOW) == []
    User.objects.filter(pk=cast.lena.pk).update(name="Marcus Webb")
    (entry,) = cast.submitted(cast.ben, cast.ojt(minutes=60))
    entry.move("approve", by=cast.lena, now=NOW)
    assert sorted(one.decided for one in waiting.paces_of(cast.nora, now=NOW)) == [1, 2]
    assert "2.0 days" in text_of(signed_in(cast.nora), PAGE)


def test_rest_tells_the_same_with_the_same_words(cast: Cast) -> None:
    handed_in(cast)
    status, rows = Rest(cast.nora).get("waiting/", kind="ojt")
    assert status == 200
    assert [(one["name"], one["minutes"], one["days"], one["people"]) for one in rows] == [
        ("Ana Reyes", 60, 5, ["Marcus Webb"]),
        ("Ben Ortiz", 30, 1, ["Lena Fox", "Marcus Webb"]),
    ]
    lenas = Rest(cast.nora).get("waiting/", reviewer=str(cast.lena.uid))[1]
    assert [one["name"] for one in lenas] == ["Ben Ortiz"]
    assert Rest(cast.marcus).get("waiting/")[1] == Rest(cast.olga).get("waiting/")[1] == []
    assert Rest(cast.nora).get("waiting/", wrong="1")[0] == 400


# Whose delay it is


def moment(day: int, hour: int = 12) -> datetime:
    """November 2026 in Chicago, in winter time."""
    return datetime(2026, 11, day, hour + 6, tzinfo=UTC)


def test_waiting_for_the_reviewer_is_counted_apart_from_the_apprentices_own_delay(cast: Cast) -> None:
    """Worked on the 2nd, in on the 5th, returned on the 9th, again in on the 10th, approved on the 20th."""
    (entry,) = cast.submitted(cast.ana, cast.ojt(day=date(2026, 11, 2)), now=moment(5, 0))
    entry.move("return", by=cast.marcus, now=moment(9, 0), reason="Which?")
    entry.move("submit", by=cast.ana_user, now=moment(10, 0))
    entry.move("approve", by=cast.marcus, now=moment(20, 0))
    delay = delay_of(cast.ana, entries=[entry], now=moment(30))
    assert (delay.own_days, delay.others_days, delay.waits_for) == (2 + 1, 4 + 10, "")


def test_what_waits_now_says_for_whom(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ojt(day=date(2026, 11, 2)), now=moment(3, 0))
    delay = delay_of(cast.ana, entries=[entry], now=moment(13, 0))
    assert (delay.own_days, delay.others_days, delay.waits_for) == (0, 10, REVIEWER)
    entry.move("recall", by=cast.ana_user, now=moment(13, 0))
    delay = delay_of(cast.ana, entries=[entry], now=moment(15, 0))
    assert (delay.own_days, delay.others_days, delay.waits_for) == (2, 10, APPRENTICE)


def test_days_in_which_several_entries_wait_count_once(cast: Cast) -> None:
    entries = [
        cast.submitted(cast.ana, cast.ojt(code, minutes=60, day=date(2026, 11, 2)), now=moment(day, 0))[0]
        for code, day in (("2g", 3), ("2a", 3), ("3a", 5))
    ]
    assert delay_of(cast.ana, entries=entries, now=moment(13, 0)).others_days == 10


def test_a_request_for_a_sign_off_waits_for_the_mentor_until_it_is_answered(cast: Cast) -> None:
    asked = SignOffRequest.objects.ask(
        cast.ana, by=cast.ana_user, now=NOW - 4 * DAY, competencies=[cast.competency("2g")]
    )
    page = text_of(signed_in(cast.nora), PAGE)
    assert "Requests for sign-offs" in page and "4 days" in page and "waits for Marcus Webb" in page
    for person in (cast.marcus, cast.olga, cast.ana_user):
        assert "Requests for sign-offs" not in text_of(signed_in(person), PAGE)
    delay = delay_of_requests([asked], now=NOW)
    assert (delay.own_days, delay.others_days, delay.waits_for) == (0, 4, REVIEWER)
    asked.decline(by=cast.marcus, now=NOW - DAY, reason="Not seen yet.")
    assert delay_of_requests([asked], now=NOW).others_days == 3
    assert "Requests for sign-offs" not in text_of(signed_in(cast.nora), PAGE)


def test_what_a_file_brought_was_nobodys_delay_before_and_waits_for_the_reviewer_since(cast: Cast) -> None:
    brought(cast, uploaded(ANA))
    delay = delay_of(cast.ana, entries=list(HoursEntry.objects.all()), now=NOW + 3 * DAY)
    assert (delay.own_days, delay.others_days, delay.waits_for) == (0, 3, REVIEWER)


# Handing over


def hand_over(cast: Cast, **typed: object) -> object:
    role = cast.marcus.memberships.get()
    said = {"mentor": cast.lena.pk, "on": TODAY.isoformat(), "apprentices": [cast.ana.pk, cast.ben.pk]}
    return signed_in(cast.nora).post(reverse("hand-over", args=[role.uid]), said | typed)


def test_a_mentor_who_leaves_hands_everything_that_waits_over_at_once(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt(day=TODAY - 7 * DAY), now=NOW - 2 * DAY)
    assert "1 week of theirs waits" in text_of(
        signed_in(cast.nora), reverse("hand-over", args=[cast.marcus.memberships.get().uid])
    )
    assert hand_over(cast, ends_role="on").status_code == 302  # type: ignore[attr-defined]
    assert HoursEntry.objects.reviewable_by(cast.lena).count() == 1
    assert HoursEntry.objects.reviewable_by(cast.marcus).count() == 0
    page = text_of(signed_in(cast.lena), "/review/")
    assert "1 week waits for you" in page and "approved from records" in page
    HoursEntry.objects.get().move("approve", by=cast.lena, now=NOW)
    assert list(record.compare()) == []
    assert not Membership.objects.active(on=TODAY).filter(user=cast.marcus, role="mentor").exists()


def test_the_new_mentor_and_the_apprentices_are_told(cast: Cast) -> None:
    cast.submitted(cast.ana)
    hand_over(cast)
    told = {notice.person: notice.words for notice in Notice.objects.filter(about="ending")}
    assert told[cast.ana_user] == "Lena Fox mentors you from Nov 20, 2026, in the place of Marcus Webb."
    assert (
        told[cast.lena]
        == "1 apprentice of Marcus Webb is yours from Nov 20, 2026. 1 week of hours came along."
    )
    assert cast.ben_user not in told, "Lena mentors Ben already"


def test_nobody_is_left_without_a_mentor_by_ending_the_role(cast: Cast) -> None:
    answer = hand_over(cast, ends_role="on", apprentices=[cast.ben.pk])
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert b"left without them" in answer.content  # type: ignore[attr-defined]
    assert Mentorship.objects.in_force(on=TODAY).filter(mentor=cast.marcus).count() == 2


def test_one_who_stands_in_for_some_days_takes_over_when_they_are_over(cast: Cast) -> None:
    Mentorship.objects.stand_in(
        cast.lena,
        [cast.ana],
        stands_in_for=cast.marcus,
        starts_on=TODAY,
        ends_on=TODAY + 5 * DAY,
        by=cast.nora,
        now=NOW,
    )
    hand_over(cast)
    spans = Mentorship.objects.filter(mentor=cast.lena, apprentice=cast.ana).order_by("starts_on")
    assert [(row.starts_on, row.ends_on) for row in spans] == [
        (TODAY, TODAY + 5 * DAY),
        (TODAY + 6 * DAY, None),
    ]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"mentor": ""}, "Choose somebody."),
        ({"mentor": "self"}, "Choose somebody else."),
        ({"apprentices": []}, "Choose at least one apprentice."),
        ({"on": "2099-01-01"}, "more than a year away"),
        ({"on": "2020-01-01"}, "It would end before it begins."),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field_and_changes_nothing(
    cast: Cast, typed: dict[str, object], sentence: str
) -> None:
    if typed.get("mentor") == "self":
        typed = {"mentor": cast.marcus.pk}
    answer = hand_over(cast, **typed)
    assert answer.status_code == 200 and sentence in answer.content.decode()  # type: ignore[attr-defined]
    assert Mentorship.objects.in_force(on=TODAY).filter(mentor=cast.marcus).count() == 2


def test_two_coordinators_at_once_hand_over_once(transactional_db: None, cast: Cast) -> None:
    def press() -> int:
        return int(hand_over(cast).status_code)  # type: ignore[attr-defined]

    assert set(at_once(press, press)) <= {200, 302}
    rows = Mentorship.objects.filter(mentor=cast.lena, apprentice=cast.ana)
    assert rows.count() == 1
    assert list(record.compare()) == []


def test_the_page_of_a_mentor_leads_to_handing_over_and_others_may_not(cast: Cast) -> None:
    role = cast.marcus.memberships.get()
    page = text_of(signed_in(cast.nora), reverse("membership", args=[role.uid]))
    assert "2 apprentices" in page and reverse("hand-over", args=[role.uid]) in page
    for person, status in ((cast.ruth, 403), (cast.marcus, 404), (cast.olga, 404)):
        assert signed_in(person).get(reverse("hand-over", args=[role.uid])).status_code == status
    priya = cast.priya.memberships.get()
    assert signed_in(cast.nora).get(reverse("hand-over", args=[priya.uid])).status_code == 404
