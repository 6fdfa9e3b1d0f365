"""What a draft needs before it is final."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.refusals import Refusal
from competencies import checks, versions
from competencies.drafts import acts
from competencies.imports import outline as o
from competencies.models import JobFunction, PerformanceStandard
from tests.cast import NOW, Cast
from tests.ojt_logs.pages import signed_in

HOUR = 60
PASSING = o.ScaleOutline(
    name="Done",
    levels=(o.LevelOutline(value=1, label="Done", short_label="Done", passing=True),),
)


def function(number: int = 1, hours: int | None = None, *, competencies: int = 1) -> o.FunctionOutline:
    rows = tuple(o.CompetencyOutline(letter=chr(97 + n), title=f"Does {n}") for n in range(competencies))
    minutes = hours * HOUR if hours is not None else None
    return o.FunctionOutline(
        number=number, title="Work", competencies=rows, ojt_minutes_min=minutes, ojt_minutes_max=minutes
    )


def schedule(approach: str | None, *functions: o.FunctionOutline, **more: object) -> o.ScheduleOutline:
    occupation = o.OccupationOutline(title="Coder")
    whole = o.ScheduleOutline(
        title="Coder", occupation=occupation, approach=approach, job_functions=functions, rating_scale=PASSING
    )
    return replace(whole, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outline", "places"),
    [
        (schedule(None), ["job functions", "approach"]),
        (schedule("time", function(hours=2000)), []),
        (schedule("time", function(hours=1999)), ["hours on the job"]),
        (schedule("time", function(hours=2000), function(2)), ["hours on the job"]),
        (schedule("time", function(hours=2000), minimum_ojt_minutes=2001 * HOUR), ["hours on the job"]),
        (schedule("competency", function()), []),
        (schedule("competency", function(competencies=0)), ["competencies"]),
        (schedule("competency", function(), rating_scale=None), ["rating scale"]),
        (schedule("competency", function(), rating_scale=o.ScaleOutline(name="None")), ["rating scale"]),
        (schedule("hybrid", function(hours=900)), ["hours on the job"]),
        (schedule("hybrid", function(hours=900), minimum_ojt_minutes=2000 * HOUR), []),
    ],
)
def test_each_approach_has_its_needs(outline: o.ScheduleOutline, places: list[str]) -> None:
    assert [one.place for one in checks.errors(outline)] == places


@pytest.mark.django_db
class TestFinishing:
    def test_a_draft_without_a_scale_is_not_made_final(self, cast: Cast) -> None:
        draft = versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside)
        draft.rating_scale = None
        draft.save(update_fields=["rating_scale"])
        address = reverse("draft-finish", kwargs={"uid": draft.uid})
        nora = signed_in(cast.nora)
        assert "Choose how competencies are rated" in nora.get(address).content.decode()
        seen = nora.get(address).context["form"]["seen"].value()
        nora.post(address, {"way": "publish", "seen": seen})
        draft.refresh_from_db()
        assert draft.status == "draft"

    def test_what_contradicts_is_accepted_with_a_reason_that_stays(self, cast: Cast) -> None:
        draft = versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside)
        draft.rapids_code = "1114HY"
        draft.save(update_fields=["rapids_code"])
        address = reverse("draft-finish", kwargs={"uid": draft.uid})
        nora: Client = signed_in(cast.nora)
        assert "that of a hybrid schedule" in nora.get(address).content.decode()
        sent = {"way": "submit", "seen": nora.get(address).context["form"]["seen"].value()}
        assert "Say why" in nora.post(address, sent).content.decode()
        nora.post(address, sent | {"reason": "The agency lists it so."})
        step = draft.steps.get()
        assert (step.status, step.reason) == ("submitted", "The agency lists it so.")

    def test_what_a_colleague_changed_after_the_page_opened_is_not_made_final(self, cast: Cast) -> None:
        draft = versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside)
        address = reverse("draft-finish", kwargs={"uid": draft.uid})
        nora: Client = signed_in(cast.nora)
        seen = nora.get(address).context["form"]["seen"].value()
        acts.add(draft, JobFunction(schedule=draft, title="Added meanwhile"))
        assert nora.post(address, {"way": "publish", "seen": seen}).status_code == 409
        draft.refresh_from_db()
        assert draft.status == "draft"

    def test_the_rule_holds_without_the_page(self, cast: Cast) -> None:
        draft = versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside)
        for function in draft.job_functions.all():
            acts.remove(draft, function, seen=acts.look_inside(function))
        with pytest.raises(Refusal, match="There is none"):
            versions.issue(draft, by=cast.nora, now=NOW)

    def test_an_open_question_is_answered_before_nobody_can_answer_it_any_more(self, cast: Cast) -> None:
        draft = versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside)
        row = PerformanceStandard.objects.filter(competency__job_function__schedule=draft).order_by("pk")[0]
        seen = acts.look(row, ["text"])
        row.text = f"{row.text} daily"
        acts.change(draft, row, ["text"], seen=seen)
        nora: Client = signed_in(cast.nora)
        page = nora.get(reverse("draft-finish", kwargs={"uid": draft.uid})).content.decode()
        assert "Does it still ask the same?" in page
        with pytest.raises(Refusal, match="asks the same as before"):
            versions.issue(draft, by=cast.nora, now=NOW)
        (one,) = versions.suggestions(draft, by=cast.nora)
        assert one.before.lineage and one.after.lineage
        pair = {"before": one.before.lineage, "after": one.after.lineage}
        acts.confirm_same(draft, one.after.what, **pair, by=cast.nora, now=NOW)
        versions.issue(draft, by=cast.nora, now=NOW)
