"""Versions of schedules over REST: those one may see, what two say differently, how each came into force."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from competencies import versions
from competencies.drafts import acts
from competencies.models import PerformanceStandard, WorkProcessSchedule
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast: Cast) -> WorkProcessSchedule:
    """Lakeside's draft of a second version: a standard less, a job function reworded."""
    draft = versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside)
    acts.remove(draft, PerformanceStandard.objects.filter(competency__job_function__schedule=draft)[0])
    function = draft.job_functions.get(number=2)
    seen = acts.look(function, ["core"])
    function.core = False
    acts.change(draft, function, ["core"], seen=seen)
    return draft


def public() -> WorkProcessSchedule:
    return WorkProcessSchedule.objects.get(sponsor=None)


def listed(rest: Rest, schedule: WorkProcessSchedule) -> list[tuple[Any, ...]]:
    _, page = rest.get(f"schedules/{schedule.uid}/versions/")
    return [(row["sponsor"], row["version"], row["status"]) for row in page["results"]]


def test_everybody_is_told_the_versions_that_they_may_see(cast: Cast, draft: WorkProcessSchedule) -> None:
    own, theirs = cast.program.schedule, (None, 1, "published")
    lakeside = [("Lakeside Health", 2, "draft"), ("Lakeside Health", 1, "published"), theirs]
    assert listed(Rest(cast.nora), own) == listed(Rest(cast.nora), public()) == lakeside
    assert listed(Rest(cast.ana_user), own) == lakeside[1:], "an apprentice reads no draft"
    harbor = listed(Rest(cast.olga), public())
    assert {row[0] for row in harbor} == {cast.harbor.name, None}
    open_to_all = Client().get(f"/api/v1/schedules/{public().uid}/versions/").json()["results"]
    assert [(row["id"], row["approved_on"]) for row in open_to_all] == [(str(public().uid), None)]


def test_the_differences_are_those_of_the_page(cast: Cast, draft: WorkProcessSchedule) -> None:
    rest = Rest(cast.nora)
    page = signed_in(cast.nora).get(reverse("schedule-differences", args=[draft.uid])).context["found"]
    status, found = rest.get(f"schedules/{draft.uid}/differences/")
    assert (status, found["from"], found["to"]) == (200, str(cast.program.schedule.uid), str(draft.uid))
    assert (found["counts"], found["kept_percent"]) == (page.counts, page.kept_percent)
    assert [(part["title"], part["counts"]) for part in found["parts"]] == [
        (part.title, part.counts) for part in page.parts
    ]
    rows = [row for part in found["parts"] for row in part["rows"]]
    assert len(rows) == sum(page.counts.values())
    gone, changed = [row for row in rows if row["kind"] != "kept"]
    assert (gone["kind"], gone["what"], gone["place"], gone["after"]) == (
        *("removed", "performance standard", "1a"),
        None,
    )
    assert gone["before"] and gone["facts"] == []
    assert (changed["kind"], changed["place"], changed["before"]) == ("changed", "2", changed["after"])
    assert changed["facts"] == [{"name": "kind", "before": "core", "after": "optional"}]


def test_any_version_that_one_sees_is_compared_with(cast: Cast, draft: WorkProcessSchedule) -> None:
    rest, path = Rest(cast.nora), f"schedules/{draft.uid}/differences/"
    _, found = rest.get(path, **{"from": str(public().uid)})
    assert found["from"] == str(public().uid)
    about = {row["what"] for row in found["parts"][0]["rows"] if row["kind"] == "added"}
    assert "approach" in about, "the framework leaves it to the sponsor"
    foreign = cast.other_program.schedule.uid
    for wrong in (foreign, draft.uid, "no-id"):
        status, problem = rest.get(path, **{"from": str(wrong)})
        assert (status, problem["field"]) == (400, "from"), wrong


def test_a_first_version_differs_from_nothing(cast: Cast) -> None:
    status, found = Rest(cast.nora).get(f"schedules/{public().uid}/differences/")
    assert (status, found["from"], found["parts"]) == (200, None, [])
    assert set(found["counts"].values()) == {0}


def test_nobody_is_compared_with_what_they_may_not_see(cast: Cast, draft: WorkProcessSchedule) -> None:
    """Ana is registered on the second version alone: for her it differs from the public framework."""
    versions.issue(draft, by=cast.nora, now=NOW)
    type(cast.ana).objects.filter(pk=cast.ana.pk).update(schedule=draft)
    type(cast.program).objects.filter(pk=cast.program.pk).update(schedule=draft)
    path, page = f"schedules/{draft.uid}/differences/", reverse("schedule-differences", args=[draft.uid])
    assert Rest(cast.nora).get(path)[1]["from"] != str(public().uid)
    assert Rest(cast.ana_user).get(path)[1]["from"] == str(public().uid)
    assert signed_in(cast.ana_user).get(page).context["before"] == public()


def test_a_draft_is_read_by_its_sponsor_and_by_nobody_else(cast: Cast, draft: WorkProcessSchedule) -> None:
    status, found = Rest(cast.nora).get(f"schedules/{draft.uid}/")
    assert (status, found["status"], found["approved_on"], found["steps"]) == (200, "draft", None, [])
    for person in (cast.olga, cast.ana_user):
        assert Rest(person).get(f"schedules/{draft.uid}/")[0] == 404
    every = Rest(cast.nora).get("schedules/")[1]["results"]
    assert str(draft.uid) not in {row["id"] for row in every}, "the list is of published ones"


def test_the_way_into_force_is_told_with_its_days(cast: Cast, draft: WorkProcessSchedule) -> None:
    versions.submit(draft, on=TODAY, by=cast.nora, now=NOW, reason="Hours as last year.")
    letter = ContentFile(b"%PDF-1.7", name="letter.pdf")
    step = versions.approve(draft, on=TODAY, by=cast.nora, now=NOW, letter=letter)
    _, found = Rest(cast.nora).get(f"schedules/{draft.uid}/")
    assert (found["status"], found["approved_on"]) == ("approved", "2026-11-20")
    submitted, approved = found["steps"]
    assert submitted == {
        "status": "submitted",
        "on": "2026-11-20",
        "reason": "Hours as last year.",
        "by": cast.nora.name,
        "at": "2026-11-20T18:00:00Z",
        "letter_sha256": None,
    }
    assert (approved["status"], approved["letter_sha256"]) == ("approved", step.letter_hash)


def test_a_course_says_its_hours_and_who_teaches_it(cast: Cast) -> None:
    draft = versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside)
    draft.courses.update(ri_minutes=600, ri_minutes_max=900, provider="Harbor College")
    course, *_ = Rest(cast.nora).get(f"schedules/{draft.uid}/")[1]["courses"]
    assert {name: course[name] for name in ("ri_minutes", "ri_minutes_max", "provider", "required")} == {
        "ri_minutes": 600,
        "ri_minutes_max": 900,
        "provider": "Harbor College",
        "required": True,
    }


def test_the_questions_to_the_database_do_not_grow_with_the_schedule(
    cast: Cast, draft: WorkProcessSchedule
) -> None:
    def asked(path: str) -> int:
        rest = Rest(cast.nora)
        rest.get("me/")
        with CaptureQueriesContext(connection) as captured:
            rest.get(f"schedules/{draft.uid}/{path}")
        return len(captured)

    paths = ("", "versions/", "differences/")
    few = [asked(path) for path in paths]
    for number in range(20):
        acts.add(
            draft,
            PerformanceStandard(
                competency=draft.job_functions.all()[0].competencies.all()[0], text=f"{number}"
            ),
        )
        acts.add(draft, type(draft.courses.all()[0])(schedule=draft, title=f"Course {number}"))
    assert [asked(path) for path in paths] == few
