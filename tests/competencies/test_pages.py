"""The public pages, as a visitor and as people of two sponsors meet them."""

import csv
import io
from base64 import urlsafe_b64encode
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from competencies import listing
from competencies.imports.outline import OccupationOutline, ScheduleOutline
from competencies.models import Framework, WorkProcessSchedule
from competencies.versions import bring_in
from tests.cast import Cast
from tests.competencies.conftest import NOW, document
from tests.competencies.test_loading import bring


def page(client: Client, name: str, uid: object = None, **query: str) -> str:
    """The text of a page that must be there."""
    answer = client.get(reverse(name, kwargs={"uid": uid} if uid else None), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "medical coder", "MEDICAL records", "clincal data", "accurate billing", "chargemaster",
        "1114", "1114cb", " 1114 CB ", "RAPIDS 1114", "29-2071.00", "29-2071", "O*NET 29-2071-00", "29207100",
    ],
)  # fmt: skip
def test_a_visitor_finds_the_schedule_in_any_spelling(
    query: str, coder: WorkProcessSchedule, client: Client
) -> None:
    assert reverse("schedule", kwargs={"uid": coder.uid}) in page(client, "standards", q=query)


@pytest.mark.parametrize("query", ["welder", "1115", "0414", "29-2072.00", "111", "coder chargemister"])
def test_a_search_without_result_says_the_next_step(
    query: str, coder: WorkProcessSchedule, client: Client
) -> None:
    text = page(client, "standards", q=query)
    assert "Nothing found" in text
    assert "Show all standards" in text


def test_a_search_for_words_links_to_the_competency(coder: WorkProcessSchedule, client: Client) -> None:
    text = page(client, "standards", q="chargemaster billing")
    assert f"{reverse('schedule', kwargs={'uid': coder.uid})}#2e" in text


def test_filters_choose_kind_and_approach(coder: WorkProcessSchedule, him: Framework, client: Client) -> None:
    both = page(client, "standards")
    assert str(coder.uid) in both and str(him.uid) in both
    assert str(coder.uid) not in page(client, "standards", kind="framework")
    assert str(him.uid) not in page(client, "standards", kind="schedule")
    assert str(coder.uid) in page(client, "standards", approach="blank")
    assert "Nothing found" in page(client, "standards", approach="hybrid")
    assert page(client, "standards", kind="nonsense", after="nonsense").count("<h2>") == 2


@pytest.mark.parametrize("wrong", ['["\\ud83d", "{}"]', '["A\\u0000", "{}"]', "[" * 3000, '["A", 7]', "7"])
def test_a_cursor_that_is_none_begins_the_list_anew(
    coder: WorkProcessSchedule, client: Client, wrong: str
) -> None:
    cursor = urlsafe_b64encode(wrong.replace("{}", str(coder.uid)).encode()).decode()
    assert page(client, "standards", after=cursor).count("<h2>") == 2


def test_standards_are_sorted_both_ways_page_by_page(
    coder: WorkProcessSchedule, him: Framework, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles = sorted([coder.title, him.title])
    for sort, wanted in (("", titles), ("reverse", titles[::-1])):
        answer = client.get(reverse("standards"), {"sort": sort})
        assert [row.document.title for row in answer.context["page"].rows] == wanted
        visible = WorkProcessSchedule.objects.filter(pk=coder.pk), Framework.objects.filter(pk=him.pk)
        first = listing.page(*visible, after="", sort=sort, size=1)
        second = listing.page(*visible, after=first.next, sort=sort, size=1)
        assert [one.rows[0].document.title for one in (first, second)] == wanted and second.next == ""


def test_the_standards_are_a_file_with_the_search_in_force(
    coder: WorkProcessSchedule, him: Framework, client: Client
) -> None:
    for words, kinds in (("", {"Work process schedule", "Framework"}), ("&kind=framework", {"Framework"})):
        answer = client.get(f"{reverse('standards')}?format=csv{words}")
        text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert {row["Kind"] for row in rows} == kinds
    everything = client.get(f"{reverse('standards')}?format=xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(everything))).active  # type: ignore[arg-type]
    assert sheet and sheet.title == "Standards" and sheet.max_row == 3


def test_a_site_without_standards_says_how_to_load_them(client: Client, db: None) -> None:
    assert "load_standards" in page(client, "standards")


def test_the_schedule_page_shows_every_word_and_an_anchor_for_each_competency(
    coder: WorkProcessSchedule, client: Client
) -> None:
    text = Words(page(client, "schedule", coder.uid))
    for function in coder.job_functions.prefetch_related("competencies__standards", "topics"):
        assert function.title in text.words
        for competency in function.competencies.all():
            assert competency.code in text.anchors
            assert competency.title in text.words
            assert all(standard.text in text.words for standard in competency.standards.all())
        assert all(topic.text in text.words for topic in function.topics.all())
    for words in (coder.context, coder.purpose, "188,660", "Certified Outpatient Coder (COC)"):
        assert words in text.words
    assert "22 places need review" in text.words
    assert "blank, for the sponsor to fill" in text.words


def test_the_framework_page_shows_the_tree_with_its_counts(him: Framework, client: Client) -> None:
    text = Words(page(client, "framework", him.uid)).words
    assert all(row.text in text for row in him.statements.all())
    assert "3,516" in text
    assert him.note in text
    assert "Nov 22, 2026" in text


def test_an_older_version_stays_readable_and_points_to_the_newer(
    coder: WorkProcessSchedule, client: Client
) -> None:
    changed = document("medical-coder")
    changed["title"] = "Medical Coders"
    bring(changed)
    newer = WorkProcessSchedule.objects.get(version=2)
    listed = page(client, "standards")
    assert str(newer.uid) in listed and str(coder.uid) not in listed
    old = page(client, "schedule", coder.uid)
    assert "There is a newer version" in old
    assert reverse("schedule", kwargs={"uid": newer.uid}) in old
    assert "There is a newer version" not in page(client, "schedule", newer.uid)


def test_a_sponsors_copy_is_seen_by_its_people_and_nobody_else(cast: Cast, client: Client) -> None:
    own = cast.program.schedule
    address = reverse("schedule", kwargs={"uid": own.uid})

    def sees(user: User | None) -> bool:
        client.logout()
        if user:
            client.force_login(user)
        there = client.get(address).status_code
        listed = str(own.uid) in page(client, "standards")
        assert (there, listed) in {(200, True), (404, False)}
        return listed

    for user in (cast.ana_user, cast.nora, cast.marcus, cast.priya, cast.ruth):
        assert sees(user), user
    for stranger in (None, cast.olga, cast.ivy, cast.chen_user, cast.dara):
        assert not sees(stranger), stranger


def test_a_search_by_occupation_finds_framework_and_registration(cast: Cast, client: Client) -> None:
    client.force_login(cast.nora)
    national = WorkProcessSchedule.objects.get(sponsor=None)
    for query in ("1114", "1114CB"):
        text = page(client, "standards", q=query)
        assert str(national.uid) in text and str(cast.program.schedule.uid) in text
    hybrid = page(client, "standards", q="1114HY")
    assert str(national.uid) in hybrid and str(cast.program.schedule.uid) not in hybrid


def test_a_draft_is_not_public(coder: WorkProcessSchedule, client: Client) -> None:
    draft = WorkProcessSchedule.objects.create(occupation=coder.occupation, title="Draft")
    assert client.get(reverse("schedule", kwargs={"uid": draft.uid})).status_code == 404
    assert "Draft" not in page(client, "standards")


@pytest.mark.parametrize("name", ["schedule", "framework"])
def test_an_unknown_document_is_not_found(name: str, client: Client, db: None) -> None:
    assert client.get(reverse(name, kwargs={"uid": uuid4()})).status_code == 404
    assert client.get(f"/standards/{name}s/17/").status_code == 404


@pytest.mark.parametrize("name", ["standards", "schedule", "framework"])
def test_the_pages_are_for_reading_only(
    name: str, coder: WorkProcessSchedule, him: Framework, client: Client
) -> None:
    kwargs = {"standards": None, "schedule": {"uid": coder.uid}, "framework": {"uid": him.uid}}[name]
    assert client.post(reverse(name, kwargs=kwargs)).status_code == 405


def test_the_list_goes_on_by_cursor_and_shows_everything_once(db: None, client: Client) -> None:
    several(60)
    seen: list[str] = []
    address: str | None = reverse("standards")
    while address:
        answer = client.get(address)
        seen += [row.document.title for row in answer.context["page"].rows]
        address = answer.context["next_url"] and reverse("standards") + answer.context["next_url"]
    assert seen == sorted(seen)
    assert len(seen) == len(set(seen)) == 60


def test_the_list_makes_no_more_queries_when_there_is_more(
    coder: WorkProcessSchedule, client: Client
) -> None:
    few = queries(client, reverse("standards"), {"q": "o"})
    several(20)
    assert queries(client, reverse("standards"), {"q": "o"}) == few <= 6


def test_a_document_is_read_in_a_constant_number_of_queries(
    coder: WorkProcessSchedule, him: Framework, client: Client
) -> None:
    assert queries(client, reverse("schedule", kwargs={"uid": coder.uid})) <= 11
    assert queries(client, reverse("framework", kwargs={"uid": him.uid})) <= 4


def several(number: int) -> None:
    """So many small public schedules."""
    for index in range(number):
        occupation = OccupationOutline(title=f"Welder {index:03}", rapids_code=f"{2000 + index}")
        bring_in(ScheduleOutline(title=occupation.title, occupation=occupation), now=NOW)


def queries(client: Client, address: str, query: dict[str, str] | None = None) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, query).status_code == 200
    return len(captured)


class Words(HTMLParser):
    """What a reader meets: the words of a page, and the places that can be linked to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.anchors: set[str] = set()
        self.feed(html)
        self.words = " ".join(" ".join(self.parts).split())

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.anchors.update(value for name, value in attrs if name == "id" and value)
