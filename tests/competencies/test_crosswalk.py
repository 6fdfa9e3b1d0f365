"""The crosswalk of the two documents: what is suggested, what is decided by whom, what versions keep."""

from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.refusals import NotAllowed
from benchmarks.crosswalk import Figures, measure
from competencies import crosswalk
from competencies.crosswalk import Crosswalk, Standing
from competencies.imports.outline import (
    CompetencyOutline,
    FunctionOutline,
    OccupationOutline,
    ScheduleOutline,
)
from competencies.imports.outline_json import read as read_outline
from competencies.load import load
from competencies.matching import CONFIDENT, LISTED, Line, Part, matches
from competencies.models import Alignment, Competency, Framework, WorkProcessSchedule
from competencies.suggest import suggest
from competencies.versions import begin_draft, bring_in, issue
from tests.cast import NOW, SEEDS, Cast
from tests.competencies.conftest import document
from tests.competencies.test_loading import bring

NO_COUNTERPART = {"1a", "1b", "3b", "3c", "5a", "5b", "5c"}


@pytest.fixture(scope="module")
def figures() -> Figures:
    return measure()


def public(schedule: WorkProcessSchedule) -> Crosswalk:
    return crosswalk.read(schedule, user=AnonymousUser())


def link_of(found: Crosswalk, code: str) -> Standing:
    """The best link of a competency."""
    return next(link for link in found.links if link.target.code == code)


def test_the_gold_list_has_every_statement_and_every_competency_once_or_never(figures: Figures) -> None:
    rows = figures.gold["statements"]
    statements = read_outline(SEEDS[0].read_bytes(), name="him")
    texts = [
        row.text
        for domain in statements.statements  # type: ignore[union-attr]
        for subdomain in domain.children
        for row in subdomain.children
    ]
    assert [row["text"] for row in rows] == texts and len(texts) == 75
    assert len(figures.near) == 13 and not figures.near.keys() & NO_COUNTERPART


def test_the_right_statement_stands_first_and_nothing_else_is_confident(figures: Figures) -> None:
    assert figures.right_first == 13
    assert figures.at(CONFIDENT) == (1.0, 1.0)
    assert figures.lowest_right.score > CONFIDENT > figures.highest_without.score + 0.2
    assert figures.beside("topic", "topics") == (3, 3, 3)
    assert figures.beside("cross_cutting", "skills") == (1, 1, 1)


def test_near_duplicates_are_told_apart_in_any_order() -> None:
    parts = [
        Part(
            "competency", "2a", "Ensures accuracy of groups such as DRG (Diagnosis Related Group), MSDRG, APC"
        ),
        Part("competency", "2f", "Ensures accuracy of groupings such as DRG and APC"),
    ]
    lines = [
        Line("with", "Ensure accuracy of groupings such as DRG, MSDRG, APC, and so on."),
        Line("without", "Ensure accuracy of groupings such as DRG, APC, and so on."),
        Line("other", "Monitor supplies."),
    ]
    for several in (parts, parts[::-1]):
        for ordered in (lines, lines[::-1]):
            found = {match.part.key: match.line.key for match in matches(several, ordered) if match.confident}
            assert found == {"2a": "with", "2f": "without"}


def test_of_two_parts_alike_only_the_nearer_is_confident() -> None:
    parts = [
        Part("competency", n, text)
        for n, text in enumerate(["Audits coded records yearly", "Audits records"])
    ]
    found = matches(parts, [Line("audit", "Audit records."), Line("other", "Monitor supplies.")])
    assert [(match.part.key, match.confident) for match in found] == [(0, False), (1, True)]


def test_loading_suggests_what_the_two_documents_have_in_common(coder: WorkProcessSchedule) -> None:
    found = public(coder)
    assert link_of(found, "2a").statement.text.startswith(
        "Ensure accuracy of diagnostic/procedural groupings such as DRG, M"
    )
    assert (link_of(found, "2e").kind, link_of(found, "3a").kind) == ("exact", "close")
    assert {one.target.code for one in found.unlinked} == NO_COUNTERPART
    under_headings = 4 + 1  # “Other” with its four, and one way of solving problems
    assert len(found.uncovered) == 75 - 13 - under_headings
    assert {link.status for link in found.links} == {"suggested"}
    line = "A&P, disease process, medical terminology, pathophysiology"
    best = next(link for link in found.links if link.target.text == line)
    assert (best.statement.text, best.confident, best.kind) == ("Other", True, "related")


def test_suggesting_again_changes_nothing(coder: WorkProcessSchedule, him: Framework) -> None:
    before = list(Alignment.objects.order_by("pk").values())
    assert suggest(coder, him) == len(before)
    out = StringIO()
    call_command("suggest_alignments", stdout=out)
    call_command("load_standards", *SEEDS, stdout=StringIO())
    assert list(Alignment.objects.order_by("pk").values()) == before
    assert f"{len(before)} suggestions" in out.getvalue()


def test_a_sponsor_changes_no_suggestion_of_any_public_schedule(cast: Cast, him: Framework) -> None:
    """Also where its own version holds something of a public schedule that it was not copied from."""
    words = him.statements.filter(kind="statement")[0].text
    same = CompetencyOutline(letter="a", title=words)
    work = FunctionOutline(number=1, title="Work", competencies=(same,))
    other = ScheduleOutline(title="Other", occupation=OccupationOutline(title="Other"), job_functions=(work,))
    public, _ = bring_in(other, now=NOW)
    suggest(public, him)
    target = Competency.objects.get(job_function__schedule=public).lineage
    rows = Alignment.objects.filter(sponsor=None, target=target).order_by("pk")
    before = list(rows.values())
    assert before
    draft = begin_draft(cast.program.schedule, sponsor=cast.lakeside)
    Competency.objects.create(
        job_function=draft.job_functions.get(number=1),
        letter="z",
        position=99,
        title="Something else",
        lineage=target,
    )
    issue(draft, by=cast.nora, now=NOW)
    suggest(draft, him)
    assert list(rows.values()) == before


def test_only_published_documents_are_aligned(coder: WorkProcessSchedule, him: Framework) -> None:
    coder.frozen = False
    with pytest.raises(ValueError, match="published"):
        suggest(coder, him)


def _new_version(change: Any) -> WorkProcessSchedule:
    content = document("medical-coder")
    change(content)
    bring(content)
    return WorkProcessSchedule.objects.get(version=2)


def test_a_new_version_keeps_what_it_left_unchanged(cast: Cast) -> None:
    """2e is reworded, so that its lineage is new: its decision does not follow by itself; that of 2g does."""
    coder = WorkProcessSchedule.objects.get(sponsor=None)
    for code in ("2e", "2g"):
        link = link_of(public(coder), code).link
        Alignment.objects.decide(
            link, sponsor=cast.lakeside, status="confirmed", kind="exact", by=cast.nora, now=NOW
        )
    topic = next(link for link in public(coder).links if link.target.kind == "topic")

    def reword(content: Any) -> None:
        content["job_functions"][1]["competencies"][4]["title"] = "Supports accurate billing"

    second = _new_version(reword)
    found = crosswalk.read(second, user=cast.nora)
    assert link_of(found, "2g").statement == link_of(public(coder), "2g").statement
    assert topic.link in [link.link for link in found.links]
    ours = Alignment.objects.filter(sponsor=cast.lakeside).values_list("target", flat=True)
    kept = {one.target.code for one in found.aligned if one.target.lineage in set(ours)}
    assert kept == {"2g"}
    assert link_of(found, "2e").confident is False


def test_a_suggestion_that_is_no_longer_made_goes_and_decisions_stay(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    coder, him = WorkProcessSchedule.objects.get(sponsor=None), Framework.objects.get()
    link = link_of(public(coder), "5c").link
    Alignment.objects.decide(
        link, sponsor=cast.lakeside, status="confirmed", kind="related", by=cast.nora, now=NOW
    )
    monkeypatch.setitem(LISTED, "competency", 0.6)
    suggest(coder, him)
    assert not Alignment.objects.filter(sponsor=None, target=link.target).exists()
    assert Alignment.objects.get(sponsor=cast.lakeside).target == link.target


def test_the_sponsor_and_the_school_decide_each_for_itself(cast: Cast) -> None:
    schedule = cast.program.schedule
    link = link_of(crosswalk.read(schedule, user=cast.nora), "2e").link
    said: dict[str, Any] = {"sponsor": cast.lakeside, "kind": "exact", "now": NOW}
    assert Alignment.objects.decide(link, status="confirmed", by=cast.priya, **said).side == "school"
    seen = link_of(crosswalk.read(schedule, user=cast.ana_user), "2e")
    assert (seen.status, seen.decisions[0].decided_by) == ("confirmed", cast.priya)
    assert Alignment.objects.decide(link, status="rejected", by=cast.nora, **said).side == "sponsor"
    assert Alignment.objects.filter(sponsor=cast.lakeside).count() == 2
    rows = [row for row in crosswalk.read(schedule, user=cast.ana_user).links if row.link == link]
    assert [row.status for row in rows] == ["rejected"]
    Alignment.objects.decide(link, status="confirmed", by=cast.nora, **said)
    assert link_of(crosswalk.read(schedule, user=cast.ana_user), "2e").status == "confirmed"


def test_who_decides_for_neither_side_is_refused(cast: Cast) -> None:
    link = link_of(crosswalk.read(cast.program.schedule, user=cast.nora), "2e").link
    for who in (cast.ana_user, cast.marcus, cast.ruth, cast.olga, cast.ivy):
        with pytest.raises(NotAllowed):
            Alignment.objects.decide(
                link, sponsor=cast.lakeside, status="confirmed", kind="exact", by=who, now=NOW
            )
    with pytest.raises(NotAllowed):
        Alignment.objects.decide(link, sponsor=None, status="confirmed", kind="exact", by=cast.nora, now=NOW)
    assert not Alignment.objects.exclude(sponsor=None).exists()


def test_another_sponsors_decisions_are_not_seen(cast: Cast) -> None:
    link = link_of(crosswalk.read(cast.program.schedule, user=cast.nora), "2e").link
    Alignment.objects.decide(
        link, sponsor=cast.harbor, status="rejected", kind="exact", by=cast.olga, now=NOW
    )
    for user in (cast.nora, cast.ana_user, AnonymousUser()):
        assert link_of(crosswalk.read(cast.program.schedule, user=user), "2e").status == "suggested"
    rows = crosswalk.read(cast.other_program.schedule, user=cast.olga).links
    assert {row.status for row in rows if row.link == link} == {"rejected"}


def test_an_alignment_informs_and_transfers_no_achievement(cast: Cast) -> None:
    """Decision 31: 2e is signed in full, 2g is aligned with the same statement: 2g stays unsigned."""
    from ojt_logs.progress import progress_of

    cast.approved(cast.ana, cast.ri())
    before = progress_of(cast.ana)
    found = crosswalk.read(cast.program.schedule, user=cast.nora)
    statement = link_of(found, "2e").statement
    for one in found.aligned:
        link = crosswalk.Link(statement.lineage, one.target.kind, one.target.lineage)
        for by in (cast.nora, cast.priya):
            Alignment.objects.decide(
                link, sponsor=cast.lakeside, status="confirmed", kind="exact", by=by, now=NOW
            )
    assert progress_of(cast.ana) == before
    cast.sign(cast.ana, "2e")
    after = {
        one.code: one.standards_met
        for function in progress_of(cast.ana).functions
        for one in function.competencies
    }
    assert after["2e"] > 0 and {code for code, met in after.items() if met} == {"2e"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "confirmed"},
        {"score": 1.5},
        {"kind": "same"},
        {"target_kind": "course"},
        {"side": "school"},
    ],
)
def test_the_database_refuses_what_is_no_suggestion(
    coder: WorkProcessSchedule, wrong: dict[str, Any]
) -> None:
    row = Alignment.objects.all()[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Alignment.objects.filter(pk=row.pk).update(**wrong)
    row.pk, row.uid = None, UUID(int=7)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_reading_takes_as_many_queries_for_many_links_as_for_few(coder: WorkProcessSchedule) -> None:
    with CaptureQueriesContext(connection) as many:
        public(coder)
    Alignment.objects.exclude(pk=Alignment.objects.all()[0].pk).delete()
    with CaptureQueriesContext(connection) as few:
        public(coder)
    assert len(many) == len(few) == 5


def test_a_schedule_that_has_nothing_to_do_with_the_framework_gets_nothing_confident(db: None) -> None:
    names = ("health-information-management", "sprinkler-fitter", "licensed-practical-nurse")
    folder = SEEDS[0].parent
    load([(name, (folder / f"{name}.json").read_bytes()) for name in names], now=NOW)
    assert not Alignment.objects.filter(confident=True).exists()
