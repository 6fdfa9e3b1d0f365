"""The page of a crosswalk, and the same over REST, as a visitor and people of two sponsors meet them."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from competencies import crosswalk
from competencies.api.alignments import ListPaging
from competencies.crosswalk import Standing
from competencies.imports.outline_json import read as read_outline
from competencies.models import Alignment, Framework, WorkProcessSchedule
from competencies.suggest import suggest
from competencies.versions import bring_in
from tests.api.client import Rest
from tests.cast import NOW, SEEDS, Cast
from tests.competencies.conftest import document
from tests.competencies.test_pages import page
from tests.ojt_logs.pages import signed_in

pytestmark = pytest.mark.django_db


def link_of(cast: Cast, code: str) -> Standing:
    found = crosswalk.read(cast.program.schedule, user=cast.nora)
    return next(link for link in found.links if link.target.code == code)


def say(client: Client, link: Standing, says: str, **words: Any) -> Any:
    """Press a button of one link on the page of Lakeside's schedule."""
    schedule = WorkProcessSchedule.objects.get(sponsor__name="Lakeside Health")
    body = {
        "framework": link.statement.framework.uid,
        "target": link.target.key,
        "statement": link.statement.lineage,
        "kind": link.kind,
        "status": says,
    }
    return client.post(reverse("crosswalk-decide", args=[schedule.uid]), body | words)


def test_a_visitor_reads_both_sides_the_links_and_the_gaps(
    coder: WorkProcessSchedule, client: Client
) -> None:
    text = page(client, "crosswalk", coder.uid)
    assert "13 of 20" in text and "57 suggested" in text
    assert "Support accurate billing through coding" in text and "100 % alike, nothing closer" in text
    assert "Only in the schedule" in text and "Stays apprised of innovative solutions" in text
    assert "Only in the framework" in text and "Demonstrate job search skills" in text
    assert "<form" not in text.split("<main")[1]
    assert reverse("crosswalk", args=[coder.uid]) in page(client, "schedule", coder.uid)
    assert reverse("crosswalk", args=[coder.uid]) in page(client, "framework", Framework.objects.get().uid)


def test_a_framework_that_is_not_there_shows_the_nearest(coder: WorkProcessSchedule, client: Client) -> None:
    assert "13 of 20" in page(client, "crosswalk", coder.uid, framework="nonsense")


def test_without_a_framework_the_page_says_what_a_crosswalk_is(db: None, client: Client) -> None:
    schedule, _ = bring_in(read_outline(SEEDS[1].read_bytes(), name="coder"), now=NOW)  # type: ignore[arg-type]
    assert "No framework yet" in page(client, "crosswalk", schedule.uid)


def test_the_coordinator_confirms_and_the_instructor_rejects(cast: Cast) -> None:
    link = link_of(cast, "2e")
    answer = say(signed_in(cast.nora), link, "confirmed", kind="close")
    following = link_of(cast, "2f").target.next_anchor
    assert answer.status_code == 302 and answer["Location"].endswith(f"#{following}")
    seen = link_of(cast, "2e")
    assert (seen.status, seen.kind, seen.decisions[0].side) == ("confirmed", "close", "sponsor")
    text = page(signed_in(cast.ana_user), "crosswalk", cast.program.schedule.uid)
    assert "Confirmed for the sponsor by Nora Bell" in text
    say(signed_in(cast.priya), link, "rejected")
    found = crosswalk.read(cast.program.schedule, user=cast.ana_user)
    assert "2e" in [one.target.code for one in found.unlinked]


@pytest.mark.parametrize("who", ["ana_user", "marcus", "ruth"])
def test_others_read_and_may_not_decide(cast: Cast, who: str) -> None:
    client = signed_in(getattr(cast, who))
    assert "Confirm</" not in page(client, "crosswalk", cast.program.schedule.uid)
    assert say(client, link_of(cast, "2e"), "confirmed").status_code == 403
    assert not Alignment.objects.exclude(sponsor=None).exists()


def test_a_link_is_made_by_hand_to_a_heading_too(cast: Cast) -> None:
    found = crosswalk.read(cast.program.schedule, user=cast.nora)
    target = next(one.target for one in found.aligned if one.target.code == "5b")
    heading = next(row for row in found.statements if row.text == "Information Technology & Systems")
    made = Standing(target, heading, None, ())
    words = {"kind": "narrower"}
    assert say(signed_in(cast.nora), link_of(cast, "2e"), "confirmed", target=target.key,
               statement=heading.lineage, **words).status_code == 302  # fmt: skip
    seen = link_of(cast, "5b")
    assert (seen.link, seen.status, seen.kind, seen.percent) == (made.link, "confirmed", "narrower", None)
    after = crosswalk.read(cast.program.schedule, user=cast.nora)
    assert len(after.uncovered) < len(found.uncovered) - 10
    assert "linked by hand" in page(signed_in(cast.ben_user), "crosswalk", cast.program.schedule.uid)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("target", "competency:7"),
        ("target", ""),
        ("statement", "x"),
        ("kind", "same"),
        ("status", "suggested"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(cast: Cast, field: str, value: str) -> None:
    client = signed_in(cast.nora)
    answer = say(client, link_of(cast, "2e"), "confirmed", **{field: value})
    assert answer.status_code == 302
    assert "note-bad" in client.get(answer["Location"]).text
    assert not Alignment.objects.exclude(sponsor=None).exists()


def test_a_sponsors_own_schedule_is_compared_when_its_coordinator_asks(cast: Cast) -> None:
    content = document("medical-coder") | {"lineage": str(uuid4())}
    outline = read_outline(json.dumps(content).encode(), name="own")
    own, _ = bring_in(outline, now=NOW, sponsor=cast.lakeside)  # type: ignore[arg-type]
    him, public = Framework.objects.get(), Alignment.objects.count()
    assert not crosswalk.read(own, user=cast.nora).links
    client = signed_in(cast.nora)
    assert "Look for links" in page(client, "crosswalk", own.uid)
    client.post(reverse("crosswalk-suggest", args=[own.uid]), {"framework": him.uid})
    assert crosswalk.read(own, user=cast.nora).answered == 13
    before = list(Alignment.objects.order_by("pk").values())
    assert len(before) == 2 * public
    assert suggest(cast.program.schedule, him) == 0
    assert list(Alignment.objects.order_by("pk").values()) == before


def test_the_page_takes_as_many_queries_for_many_decisions_as_for_none(cast: Cast) -> None:
    client = signed_in(cast.nora)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page(client, "crosswalk", cast.program.schedule.uid)
        return len(found)

    assert queries() >= (few := queries())
    for link in crosswalk.read(cast.program.schedule, user=cast.nora).links:
        Alignment.objects.decide(
            link.link, sponsor=cast.lakeside, status="confirmed", kind="exact", by=cast.nora, now=NOW
        )
    assert queries() == few


# ---- REST


def get(**query: Any) -> Any:
    answer = Client().get("/api/v1/alignments/", query)
    return answer.status_code, answer.json()


def test_everybody_reads_the_suggestions_between_public_documents(coder: WorkProcessSchedule) -> None:
    status, found = get(schedule=coder.uid)
    assert status == 200 and found["next"] is None and len(found["results"]) == 57
    codes = [row["competency_code"] for row in found["results"] if row["competency_code"]]
    assert codes == sorted(codes)
    assert [row["target_kind"] for row in found["results"]][-1] == "cross_cutting"
    best: dict[str, Any] = {}
    for row in found["results"]:
        assert row["status"] == "suggested" and 0 < row["score"] <= 1 and row["decisions"] == []
        before = best.setdefault(row["target"], row)
        assert row["score"] <= before["score"]
    by_code = {row["competency_code"]: row for row in best.values()}
    assert by_code["2a"]["statement_text"].startswith(
        "Ensure accuracy of diagnostic/procedural groupings such as DRG, MSDRG"
    )
    assert by_code["2f"]["statement_text"].startswith(
        "Ensure accuracy of diagnostic/procedural groupings such as DRG, APC"
    )
    assert (by_code["2e"]["kind"], by_code["2e"]["score"], by_code["2e"]["confident"]) == ("exact", 1.0, True)
    assert not by_code["1a"]["confident"] and "5b" not in by_code


def test_pages_of_alignments_hold_each_once(coder: WorkProcessSchedule) -> None:
    _, whole = get(schedule=coder.uid)
    rows, address = [], f"/api/v1/alignments/?schedule={coder.uid}&page_size=20"
    while address:
        answer = Client().get(address).json()
        rows += answer["results"]
        address = answer["next"]
    assert rows == whole["results"]
    back = Client().get(answer["previous"]).json()
    assert back["results"] == rows[20:40]
    assert ListPaging.max_page_size == 200


def test_a_schedule_must_be_named_and_seen(cast: Cast) -> None:
    for words in ({}, {"schedule": "x"}, {"schedule": cast.program.schedule.uid}):
        status, answer = get(**words)
        assert (status, answer["field"]) == (400, "schedule")
    status, answer = get(schedule=WorkProcessSchedule.objects.get(sponsor=None).uid, framework="x")
    assert (status, answer["field"]) == (400, "framework")


def test_the_people_of_a_sponsor_read_what_was_decided(cast: Cast) -> None:
    say(signed_in(cast.nora), link_of(cast, "2e"), "confirmed")
    say(signed_in(cast.priya), link_of(cast, "2g"), "rejected")
    status, found = Rest(cast.ana_user).get(
        "alignments/", schedule=cast.program.schedule.uid, status="confirmed"
    )
    assert status == 200
    (row,) = found["results"]
    assert row["competency_code"] == "2e"
    assert row["decisions"][0]["by"] == "Nora Bell" and row["decisions"][0]["side"] == "sponsor"
    assert Rest(cast.olga).get("alignments/", schedule=cast.program.schedule.uid)[0] == 400
    assert {
        row["status"] for row in get(schedule=WorkProcessSchedule.objects.get(sponsor=None).uid)[1]["results"]
    } == {"suggested"}
