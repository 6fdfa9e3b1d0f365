"""A sponsor writes its own version: nothing is lost, nobody else's record changes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.refusals import Conflict, Refusal
from apprenticeship.models import Apprentice
from competencies import versions
from competencies.drafts import acts
from competencies.models import Competency, JobFunction, PerformanceStandard, VersionStep, WorkProcessSchedule
from ledger.models import Entry
from ojt_logs import record
from tests.at_once import at_once
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast: Cast) -> WorkProcessSchedule:
    return versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside)


@pytest.fixture
def nora(cast: Cast) -> Client:
    return signed_in(cast.nora)


def competency(draft: WorkProcessSchedule, code: str) -> Competency:
    return Competency.objects.get(job_function__schedule=draft, code=code)


def codes(draft: WorkProcessSchedule) -> list[str]:
    rows = Competency.objects.filter(job_function__schedule=draft).order_by(
        "job_function__number", "position"
    )
    return list(rows.values_list("code", flat=True))


def reworded(row: Any, words: str, column: str = "title") -> Any:
    """The row with other words, saved as somebody who has seen it does."""
    seen = acts.look(row, [column])
    setattr(row, column, words)
    schedule = getattr(row, "schedule", None) or row.job_function.schedule
    acts.change(schedule, row, [column], seen=seen)
    return type(row).objects.get(pk=row.pk)


class TestBeginning:
    def test_a_draft_says_what_its_original_says_with_every_lineage(
        self, cast: Cast, draft: WorkProcessSchedule
    ) -> None:
        before = versions.basis(draft, cast.nora)
        assert before
        assert versions.content_hash(draft) == before.content_hash
        assert (draft.version, draft.status, draft.frozen) == (2, "draft", False)

    def test_who_has_a_version_is_told_that_adapting_leaves_it_out(
        self, cast: Cast, nora: Client, draft: WorkProcessSchedule
    ) -> None:
        public = WorkProcessSchedule.objects.get(lineage=draft.lineage, sponsor=None)
        told = nora.get(reverse("schedule-adapt", args=[public.uid])).text
        own = reverse("schedule-adapt", args=[cast.program.schedule.uid])
        assert own in told and "begin from your version 1" in told
        assert own not in nora.get(own).text.partition("<form")[2]

    def test_two_coordinators_who_begin_at_once_get_one_draft(
        self, transactional_db: None, cast: Cast
    ) -> None:
        def begin() -> int:
            return versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside).pk

        assert len(set(at_once(*[begin] * 4))) == 1

    def test_a_draft_changes_nothing_for_anybody(self, cast: Cast, nora: Client) -> None:
        cast.sign(cast.ana, "1a")
        progress = reverse("api-progress", kwargs={"id": cast.ana.uid})
        before = nora.get(progress).json()
        assert before["standards"]["met"]
        row = versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside)
        acts.remove(row, row.job_functions.get(number=1))
        assert nora.get(progress).json() == before

    def test_nobody_joins_what_waits_for_the_agency(self, cast: Cast, draft: WorkProcessSchedule) -> None:
        versions.submit(draft, on=TODAY, by=cast.nora, now=NOW)
        cast.program.schedule = draft
        with pytest.raises(Refusal, match="waits for the agency"):
            Apprentice.objects.register(cast.program, cast.dara, started_on=TODAY, by=cast.nora, now=NOW)


class TestWriting:
    def test_other_words_are_another_requirement(self, draft: WorkProcessSchedule) -> None:
        row = competency(draft, "2a")
        Competency.objects.filter(pk=row.pk).update(repair="l → 1", needs_review=True)
        lineage = row.lineage
        changed = reworded(row, "Something else")
        assert changed.lineage != lineage
        assert (changed.repair, changed.needs_review) == ("", False)

    def test_another_level_is_the_same_requirement(self, draft: WorkProcessSchedule) -> None:
        row = competency(draft, "2a")
        seen, lineage = acts.look(row, ["required"]), row.lineage
        row.required = not row.required
        acts.change(draft, row, ["required"], seen=seen)
        row.refresh_from_db()
        assert row.lineage == lineage

    def test_who_was_slower_overwrites_nobody(self, draft: WorkProcessSchedule) -> None:
        mine, theirs = competency(draft, "2a"), competency(draft, "2a")
        seen = acts.look(mine, ["title"])
        reworded(theirs, "Theirs")
        mine.title = "Mine"
        with pytest.raises(Conflict, match="Somebody else"):
            acts.change(draft, mine, ["title"], seen=seen)
        assert competency(draft, "2a").title == "Theirs"

    def test_two_who_change_different_places_at_once_both_keep_theirs(
        self, transactional_db: None, cast: Cast
    ) -> None:
        draft = versions.begin_draft(cast.program.schedule, sponsor=cast.lakeside)

        def rename(code: str) -> Callable[[], object]:
            return lambda: reworded(competency(draft, code), f"New {code}")

        at_once(*[rename(code) for code in ("1a", "2a", "3a", "4a")])
        assert [competency(draft, code).title for code in ("1a", "2a", "3a", "4a")] == [
            "New 1a", "New 2a", "New 3a", "New 4a",
        ]  # fmt: skip

    def test_a_new_competency_gets_the_next_letter_and_a_removed_one_leaves_its_gap(
        self, draft: WorkProcessSchedule
    ) -> None:
        function = draft.job_functions.get(number=1)
        acts.add(draft, Competency(job_function=function, title="Prints badges"))
        acts.remove(draft, competency(draft, "1a"))
        assert codes(draft)[:3] == ["1b", "1c", "2a"]

    @pytest.mark.parametrize(
        ("used", "following"),
        [([], "a"), (["b", "a"], "c"), (["z"], "aa"), (["z", "az"], "ba"), (["zz"], "aaa")],
    )
    def test_letters_go_on_behind_z(self, used: list[str], following: str) -> None:
        assert acts.next_letter(used) == following

    def test_moving_takes_number_and_letter_along(self, draft: WorkProcessSchedule) -> None:
        second = competency(draft, "1b")
        assert acts.move(draft, second, by=-1)
        assert competency(draft, "1a").pk == second.pk
        function = draft.job_functions.get(number=1)
        assert acts.move(draft, function, by=1)
        assert competency(draft, "2a").pk == second.pk
        assert not acts.move(draft, draft.job_functions.get(number=1), by=-1)
        assert codes(draft)[:9] == ["1a", "1b", "1c", "1d", "1e", "1f", "1g", "2a", "2b"]

    def test_lines_of_instruction_keep_their_notes_where_they_stay(self, draft: WorkProcessSchedule) -> None:
        function = draft.job_functions.get(number=1)
        rows = list(function.topics.filter(kind="knowledge").order_by("position"))
        rows[0].__class__.objects.filter(pk=rows[0].pk).update(repair="l → 1")
        lines = ["New line", rows[0].text]
        acts.set_topics(function, "knowledge", lines, seen=acts.topics_look(rows))
        found = function.topics.filter(kind="knowledge").order_by("position")
        assert [(row.text, row.repair) for row in found] == [("New line", ""), (rows[0].text, "l → 1")]

    def test_a_final_version_takes_no_change(self, cast: Cast, draft: WorkProcessSchedule) -> None:
        row = draft.job_functions.get(number=1)
        versions.issue(draft, by=cast.nora, now=NOW)
        attempts: list[Callable[[], object]] = [
            lambda: acts.add(draft, JobFunction(schedule=draft, title="Late")),
            lambda: acts.remove(draft, row),
            lambda: acts.move(draft, row, by=1),
            lambda: reworded(row, "Late"),
            lambda: versions.discard(draft),
        ]
        for attempt in attempts:
            with pytest.raises(Conflict):
                attempt()


class TestLineage:
    def test_a_person_says_that_other_words_ask_the_same(
        self, cast: Cast, draft: WorkProcessSchedule
    ) -> None:
        row = competency(draft, "2a")
        before = row.lineage
        after = reworded(row, f"{row.title} daily").lineage
        acts.confirm_same(draft, "competency", before=before, after=after, by=cast.nora, now=NOW)
        assert competency(draft, "2a").lineage == before
        with pytest.raises(Conflict):
            acts.confirm_same(draft, "competency", before=before, after=after, by=cast.nora, now=NOW)
        told = Entry.objects.get(chain__subject=draft.uid, act="schedule.same").payload.content
        assert told and told["after"] == f"{told['before']} daily"

    def test_no_signature_is_put_beside_words_that_read_otherwise(
        self, cast: Cast, draft: WorkProcessSchedule
    ) -> None:
        gone = competency(draft, "1a").standards.all()[0].lineage
        acts.remove(draft, competency(draft, "1a"))
        strange = PerformanceStandard(competency=competency(draft, "2g"), text="Flies a helicopter at night")
        acts.add(draft, strange)
        with pytest.raises(Conflict):
            acts.confirm_same(
                draft, "performance standard", before=gone, after=strange.lineage, by=cast.nora, now=NOW
            )

    def test_one_requirement_is_asked_once(self, cast: Cast, draft: WorkProcessSchedule) -> None:
        first, second = competency(draft, "2a").lineage, competency(draft, "2b").lineage
        with pytest.raises(Conflict):
            acts.confirm_same(draft, "competency", before=first, after=second, by=cast.nora, now=NOW)

    def test_what_was_refused_is_not_suggested_again(
        self, cast: Cast, nora: Client, draft: WorkProcessSchedule
    ) -> None:
        row = competency(draft, "2a")
        before = row.lineage
        after = reworded(row, f"{row.title} daily").lineage
        address = reverse("schedule-differences", kwargs={"uid": draft.uid})
        assert "Does it still ask the same?" in nora.get(address).content.decode()
        answer = {"what": "competency", "before": before, "after": after, "answer": "other"}
        nora.post(reverse("draft-same", kwargs={"uid": draft.uid}), answer)
        assert "Does it still ask the same?" not in nora.get(address).content.decode()


class TestSteps:
    def test_submitted_approved_and_retired_stand_in_the_ledger(
        self, cast: Cast, draft: WorkProcessSchedule
    ) -> None:
        versions.submit(draft, on=TODAY, by=cast.nora, now=NOW, reason="")
        letter = ContentFile(b"%PDF-1.7 yes", name="letter.pdf")
        versions.approve(draft, on=TODAY, by=cast.nora, now=NOW, letter=letter)
        versions.retire(draft, reason="Replaced", by=cast.nora, now=NOW)
        entries = Entry.objects.filter(chain__subject=draft.uid).order_by("sequence")
        assert [entry.act for entry in entries] == ["schedule.publish", *["schedule.status"] * 3]
        assert list(draft.steps.values_list("status", flat=True)) == ["submitted", "approved", "retired"]
        draft.refresh_from_db()
        assert (draft.status, draft.approved_on) == ("retired", TODAY)

    def test_an_approval_is_not_noted_before_it_is_there(
        self, cast: Cast, draft: WorkProcessSchedule
    ) -> None:
        with pytest.raises(Conflict):
            versions.approve(draft, on=TODAY, by=cast.nora, now=NOW)
        versions.submit(draft, on=TODAY, by=cast.nora, now=NOW)
        with pytest.raises(Refusal, match="today or an earlier day"):
            versions.approve(draft, on=TODAY.replace(month=12), by=cast.nora, now=NOW)

    def test_the_day_of_an_approval_stays(self, cast: Cast, draft: WorkProcessSchedule) -> None:
        versions.submit(draft, on=TODAY, by=cast.nora, now=NOW)
        versions.approve(draft, on=TODAY, by=cast.nora, now=NOW)
        rows = WorkProcessSchedule.objects.filter(pk=draft.pk)
        for change in (
            {"approved_on": TODAY.replace(day=1)},
            {"status": "submitted"},
            {"status": "published"},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                rows.update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            VersionStep.objects.update(on=TODAY.replace(day=1))

    def test_what_waits_for_the_agency_is_offered_to_no_program(
        self, cast: Cast, draft: WorkProcessSchedule
    ) -> None:
        versions.submit(draft, on=TODAY, by=cast.nora, now=NOW)
        offered = WorkProcessSchedule.objects.open_to(cast.nora)
        assert draft not in offered
        assert cast.program.schedule in offered.newest()
        versions.approve(draft, on=TODAY, by=cast.nora, now=NOW)
        assert draft in offered.newest()
        assert cast.program.schedule not in offered.newest()


class TestPages:
    def test_nora_adapts_writes_and_publishes_without_leaving_the_pages(
        self, cast: Cast, nora: Client
    ) -> None:
        adapt = reverse("schedule-adapt", kwargs={"uid": cast.program.schedule.uid})
        answer = nora.post(adapt, {"sponsor": cast.lakeside.uid})
        draft = WorkProcessSchedule.objects.get(sponsor=cast.lakeside, status="draft")
        assert answer["Location"] == reverse("draft", kwargs={"uid": draft.uid})
        add = reverse("draft-add", kwargs={"uid": draft.uid, "kind": "job-function"})
        nora.post(add, {"title": "Teaching clinicians", "core": "on", "ojt_minutes_min": "40"})
        function = draft.job_functions.get(number=6)
        assert (function.title, function.ojt_minutes_min) == ("Teaching clinicians", 2400)
        inside = reverse("draft-add", kwargs={"uid": draft.uid, "kind": "competency"})
        nora.post(f"{inside}?in={function.pk}", {"title": "Explains a query", "required": "on"})
        standard = reverse("draft-add", kwargs={"uid": draft.uid, "kind": "performance-standard"})
        nora.post(
            f"{standard}?in={competency(draft, '6a').pk}",
            {"text": "Answers a query within a day", "required_demonstrations": "2"},
        )
        page = nora.get(reverse("draft", kwargs={"uid": draft.uid})).content.decode()
        assert "Answers a query within a day" in page
        finish = reverse("draft-finish", kwargs={"uid": draft.uid})
        seen = nora.get(finish).context["form"]["seen"].value()
        nora.post(finish, {"way": "publish", "seen": seen})
        draft.refresh_from_db()
        assert (draft.status, draft.frozen) == ("published", True)
        told = nora.get(reverse("schedule-differences", kwargs={"uid": draft.uid})).content.decode()
        assert "Teaching clinicians" in told

    def test_what_collided_is_shown_beside_what_was_written(
        self, nora: Client, draft: WorkProcessSchedule
    ) -> None:
        row = competency(draft, "2a")
        address = reverse("draft-change", kwargs={"uid": draft.uid, "kind": "competency", "pk": row.pk})
        form = nora.get(address).context["form"]
        sent = {"title": "Mine", "level": "basic", "required": "on", "seen": form["seen"].value()}
        reworded(competency(draft, "2a"), "Theirs")
        answer = nora.post(address, sent)
        text = answer.content.decode()
        assert answer.status_code == 409
        assert "Theirs" in text and "Mine" in text
        again = {**sent, "seen": answer.context["form"]["seen"].value()}
        assert nora.post(address, again).status_code == 302
        assert competency(draft, "2a").title == "Mine"

    @pytest.mark.parametrize(
        ("name", "content", "told"),
        [
            ("letter.pdf", b"<html>", "This is no PDF"),
            ("letter.pdf", b"%PDF-" + b"x" * (5 * 1024 * 1024), "larger than 5 MB"),
        ],
    )
    def test_a_letter_is_a_pdf_of_a_sensible_size(
        self, cast: Cast, nora: Client, name: str, content: bytes, told: str
    ) -> None:
        schedule = cast.program.schedule
        letter = SimpleUploadedFile(name, content)
        address = reverse("schedule-approve", kwargs={"uid": schedule.uid})
        answer = nora.post(address, {"on": TODAY.isoformat(), "letter": letter})
        assert told in answer.content.decode()
        assert not schedule.steps.exists()

    def test_the_letter_comes_back_as_a_download(self, cast: Cast, nora: Client) -> None:
        schedule = cast.program.schedule
        letter = SimpleUploadedFile("../../x.pdf", b"%PDF-1.7 yes")
        address = reverse("schedule-approve", kwargs={"uid": schedule.uid})
        nora.post(address, {"on": TODAY.isoformat(), "letter": letter})
        step = schedule.steps.get()
        answer = nora.get(reverse("schedule-letter", kwargs={"uid": step.uid}))
        assert b"".join(answer.streaming_content) == b"%PDF-1.7 yes"  # type: ignore[attr-defined]
        assert answer["Content-Disposition"].startswith("attachment")
        assert step.letter.name.startswith("letters/")

    @pytest.mark.parametrize("lost", [False, True])
    def test_a_letter_that_was_exchanged_or_lost_is_refused_in_words(
        self, cast: Cast, nora: Client, lost: bool
    ) -> None:
        letter = ContentFile(b"%PDF-1.7 yes", name="letter.pdf")
        step = versions.approve(cast.program.schedule, on=TODAY, by=cast.nora, now=NOW, letter=letter)
        file = Path(step.letter.path)
        assert list(record.compare()) == []
        file.unlink() if lost else file.write_bytes(b"%PDF-1.7 no")
        answer = nora.get(reverse("schedule-letter", kwargs={"uid": step.uid}))
        assert answer.status_code == 409
        assert "The file is not the letter that was attached" in answer.content.decode()
        (found,) = record.compare()
        assert "the agency's letter is not the file that was attached, or is gone" in str(found)

    def test_a_word_in_the_address_that_is_no_kind_of_row_finds_nothing(
        self, nora: Client, draft: WorkProcessSchedule
    ) -> None:
        for kind, pk in (("sponsor", 1), ("competency", 10**30), ("competency", 0)):
            address = reverse("draft-change", kwargs={"uid": draft.uid, "kind": kind, "pk": pk})
            assert nora.get(address).status_code == 404

    def test_a_row_of_another_document_is_not_reached_through_this_draft(
        self, cast: Cast, nora: Client, draft: WorkProcessSchedule
    ) -> None:
        published = cast.competency("2a")
        address = reverse("draft-change", kwargs={"uid": draft.uid, "kind": "competency", "pk": published.pk})
        assert nora.get(address).status_code == 404

    def test_wages_and_figures_are_written_as_lines_and_come_back_as_they_were(
        self, nora: Client, draft: WorkProcessSchedule
    ) -> None:
        address = reverse("draft-about", kwargs={"uid": draft.uid})
        form = nora.get(address).context["form"]
        sent = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
        before = versions.content_hash(draft)
        assert nora.post(address, sent).status_code == 302
        draft.refresh_from_db()
        assert versions.content_hash(draft) == before, "saving what was there changes nothing"
        sent["seen"] = nora.get(address).context["form"]["seen"].value()
        steps = "1st 6 months | 1,000 hours | 50 %\nEnd"
        assert nora.post(address, sent | {"wage_steps": steps}).status_code == 302
        draft.refresh_from_db()
        assert draft.wage_steps == [["1st 6 months", "1,000 hours", "50 %"], ["End", "", ""]]
        told = nora.post(address, sent | {"wage_steps": "a | b | c | d"}).content.decode()
        assert "Line 1 has more than 3 parts" in told

    def test_a_foundation_skill_that_changes_its_tier_goes_last_there(
        self, nora: Client, draft: WorkProcessSchedule
    ) -> None:
        row = draft.cross_cutting.filter(tier=1).order_by("position")[0]
        address = reverse("draft-change", kwargs={"uid": draft.uid, "kind": "foundation-skill", "pk": row.pk})
        form = nora.get(address).context["form"]
        sent = {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}
        assert nora.post(address, sent | {"tier": "2"}).status_code == 302
        assert draft.cross_cutting.filter(tier=2).order_by("-position")[0] == row

    def test_a_title_is_one_line(self, nora: Client, draft: WorkProcessSchedule) -> None:
        address = reverse("draft-add", kwargs={"uid": draft.uid, "kind": "job-function"})
        assert "invisible character" in nora.post(address, {"title": "Two\nlines"}).content.decode()

    def test_removing_says_first_what_goes_along(self, nora: Client, draft: WorkProcessSchedule) -> None:
        row = draft.job_functions.get(number=2)
        address = reverse("draft-remove", kwargs={"uid": draft.uid, "kind": "job-function", "pk": row.pk})
        assert "7 competencies and 31 performance standards" in " ".join(
            nora.get(address).content.decode().split()
        )
        assert nora.post(address, {"seen": "older"}).status_code == 409
        nora.post(address, {"seen": nora.get(address).context["seen"]})
        assert not PerformanceStandard.objects.filter(competency__job_function=row.pk).exists()
