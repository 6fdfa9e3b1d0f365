"""What is done to a draft, row by row.

Every act locks the schedule first and refuses what is no draft any more (Conflict). Whoever changes or
removes a row says what it looked like on their page (`seen`, from `look`); where somebody else changed it
meanwhile nothing is written, so that nobody's words are lost.

Words that are changed make a new requirement: the row gets a new lineage, and a person says on the page of
the differences whether it still asks the same (`confirm_same`). They are the sponsor's own words by then, so
that notes about the source's damage go.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max, Model, Q

from accounts.models import User
from accounts.refusals import Conflict
from competencies.imports.rows import schedule_outline
from competencies.imports.save import search_text
from competencies.models import (
    Competency,
    Course,
    Credential,
    CrossCuttingCompetency,
    JobFunction,
    PerformanceStandard,
    RelatedInstructionTopic,
    Status,
    WorkProcessSchedule,
)
from competencies.versions import suggestions
from ledger import chain

Row = JobFunction | Competency | PerformanceStandard | Course | Credential | CrossCuttingCompetency
WORDS = {JobFunction: "title", Competency: "title", PerformanceStandard: "text", Course: "title"}
"""The column whose words are what a row with a lineage asks for."""
INSIDE: dict[type[Model], str] = {
    JobFunction: "schedule",
    Competency: "job_function",
    PerformanceStandard: "competency",
    Course: "schedule",
    Credential: "schedule",
    CrossCuttingCompetency: "schedule",
}
"""The column that says what a row stands in."""
FURTHEST = 30_000
"""A place beyond all others, for the moment in which two rows change places."""


def look(row: Model, columns: Iterable[str]) -> str:
    """A short mark of what these columns say: equal as long as nobody changed them."""
    said = [str(getattr(row, column)) for column in columns]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def open_draft(pk: int) -> WorkProcessSchedule:
    """The draft, locked until the transaction ends. Raises Conflict when it is one no more."""
    draft = WorkProcessSchedule.objects.select_for_update().filter(pk=pk).first()
    return demand_draft(draft)


def demand_draft(found: WorkProcessSchedule | None) -> WorkProcessSchedule:
    """The schedule itself. Raises Conflict where it is no draft."""
    if found is None or found.status != Status.DRAFT or found.frozen:
        raise Conflict(
            "This is no draft any more: somebody published, submitted or discarded it. "
            "Begin a new draft from the latest version.",
            code="no_draft",
        )
    return found


@transaction.atomic
def change(draft: WorkProcessSchedule, row: Model, columns: Iterable[str], *, seen: str) -> None:
    """Save the columns of a row (or of the draft itself) as `row` holds them.

    `seen` is the `look` of the row when its form was shown. Raises Conflict when it differs by now.
    """
    columns = list(columns)
    open_draft(draft.pk)
    now = type(row)._default_manager.filter(pk=row.pk).first()
    if now is None:
        raise Conflict("Somebody removed this meanwhile. Copy your words and add it anew.", code="removed")
    if look(now, columns) != seen:
        raise Conflict(
            "Somebody else changed this meanwhile. Below stands what you wrote, and what is there now: "
            "save again to replace theirs.",
            code="changed_meanwhile",
        )
    words = WORDS.get(type(row))  # type: ignore[arg-type]
    if words and getattr(now, words) != getattr(row, words):
        row.lineage, row.repair, row.needs_review = uuid4(), "", False  # type: ignore[attr-defined]
        columns += ["lineage", "repair", "needs_review"]
    if isinstance(row, CrossCuttingCompetency) and row.tier != now.tier:  # type: ignore[attr-defined]
        row.position = (_around(row).aggregate(last=Max("position"))["last"] or 0) + 1
        columns.append("position")
    row.save(update_fields=columns)
    if isinstance(row, JobFunction):
        _code(row)
    _index(draft)


@transaction.atomic
def add(draft: WorkProcessSchedule, row: Row) -> None:
    """Put a new row last where it stands: the next number, letter or place."""
    open_draft(draft.pk)
    around = _around(row)
    if isinstance(row, JobFunction):
        row.number = (around.aggregate(last=Max("number"))["last"] or 0) + 1
    else:
        row.position = (around.aggregate(last=Max("position"))["last"] or 0) + 1
    if isinstance(row, Competency):
        row.letter = next_letter(around.values_list("letter", flat=True))
    row.save(force_insert=True)
    _index(draft)


def look_inside(row: Row) -> str:
    """A mark of a row and of everything that goes with it."""
    standards = PerformanceStandard.objects.filter(competency=row.pk)
    if isinstance(row, JobFunction):
        standards = PerformanceStandard.objects.filter(competency__job_function=row)
    within = list(standards.order_by("pk")) if isinstance(row, JobFunction | Competency) else []
    said = [str(row), *(f"{one.pk} {one.text}" for one in within)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


@transaction.atomic
def remove(draft: WorkProcessSchedule, row: Row, *, seen: str | None = None) -> None:
    """Take a row out with everything in it. What stays keeps its number or letter.

    `seen` is its `look_inside` on the person's page, None where nobody read one.
    """
    open_draft(draft.pk)
    now: Any = type(row)._default_manager.filter(pk=row.pk).first()
    if now is None or seen not in (None, look_inside(now)):
        raise Conflict("Somebody else changed this meanwhile. Look at it again.", code="changed_meanwhile")
    row.delete()
    _index(draft)


@transaction.atomic
def move(draft: WorkProcessSchedule, row: Row, *, by: int) -> bool:
    """Let a row change places with its neighbour (`by` is -1 or 1), and number or letter with it.

    False at the end of the list, where nothing happens.
    """
    open_draft(draft.pk)
    order = "number" if isinstance(row, JobFunction) else "position"
    row.refresh_from_db()
    here = getattr(row, order)
    beside = _around(row).filter(**{f"{order}__{'gt' if by > 0 else 'lt'}": here})
    other = beside.order_by(order if by > 0 else f"-{order}").first()
    if other is None:
        return False
    _swap(row, other, order)
    if isinstance(row, Competency):
        _swap(row, other, "letter")
    for one in (row, other):
        if isinstance(one, JobFunction):
            _code(one)
        elif isinstance(one, Competency):
            one.save(update_fields=["code"])
    return True


def _swap(row: Any, other: Any, column: str) -> None:
    """The database sees no moment in which both have the same."""
    rows = type(row)._default_manager
    mine, theirs = getattr(row, column), getattr(other, column)
    rows.filter(pk=row.pk).update(**{column: "~~~" if isinstance(mine, str) else FURTHEST})
    rows.filter(pk=other.pk).update(**{column: mine})
    rows.filter(pk=row.pk).update(**{column: theirs})
    setattr(row, column, theirs)
    setattr(other, column, mine)


def _code(function: JobFunction) -> None:
    for competency in function.competencies.all():
        competency.job_function = function
        competency.save(update_fields=["code"])


@transaction.atomic
def set_topics(function: JobFunction, kind: str, lines: list[str], *, seen: str) -> None:
    """What is taught of one kind (skill, knowledge, tool); a line that stays keeps its note of repair."""
    open_draft(function.schedule_id)
    rows = list(function.topics.filter(kind=kind).order_by("position"))
    if topics_look(rows) != seen:
        raise Conflict(
            "Somebody else changed these lines meanwhile. Below stands what you wrote: "
            "save again to replace theirs.",
            code="changed_meanwhile",
        )
    known = {row.text: (row.repair, row.needs_review) for row in rows}
    function.topics.filter(kind=kind).delete()
    RelatedInstructionTopic.objects.bulk_create(
        RelatedInstructionTopic(
            job_function=function,
            kind=kind,
            position=position,
            text=text,
            repair=known.get(text, ("", False))[0],
            needs_review=known.get(text, ("", False))[1],
        )
        for position, text in enumerate(lines, start=1)
    )


def topics_look(rows: Iterable[RelatedInstructionTopic]) -> str:
    """As `look`, of the lines of one kind."""
    return hashlib.sha256(json.dumps([row.text for row in rows]).encode()).hexdigest()[:16]


LINEAGES = {
    "job function": (JobFunction, "schedule"),
    "competency": (Competency, "job_function__schedule"),
    "performance standard": (PerformanceStandard, "competency__job_function__schedule"),
    "course": (Course, "schedule"),
}
"""Rows with a lineage, by what the differences call them, and how each finds its schedule."""


@transaction.atomic
def confirm_same(
    draft: WorkProcessSchedule, what: str, *, before: UUID, after: UUID, by: User, now: datetime
) -> None:
    """A person says that a changed row still asks the same: it takes the lineage it had before.

    What was logged and signed for the earlier wording then counts for this one, so that only what reads alike
    can be confirmed, and who said so stands in the ledger with both wordings. Raises Conflict for any other
    pair, and for one that was decided already.
    """
    row = open_draft(draft.pk)
    for one in suggestions(row, by=by):
        if (one.after.what, one.before.lineage, one.after.lineage) == (what, before, after):
            model, schedule = LINEAGES[what]
            rows: Any = model._default_manager.filter(**{schedule: draft})
            rows.filter(lineage=after).update(lineage=before)
            said = {"what": what, "lineage": str(before), "before": one.before.text, "after": one.after.text}
            chain.tell(row.uid, act="schedule.same", actor=by.uid, object=None, at=now, payload=said)
            return
    raise Conflict("This is no suggestion, or was decided already. Reload the page.", code="decided")


@transaction.atomic
def refuse_same(draft: WorkProcessSchedule, *, before: UUID, after: UUID) -> None:
    """A person says that two rows that read alike are not the same; it is not suggested again."""
    row = open_draft(draft.pk)
    pair = [str(before), str(after)]
    if pair not in row.refused_lineages:
        row.refused_lineages = [*row.refused_lineages, pair]
        row.save(update_fields=["refused_lineages"])


def next_letter(used: Iterable[str]) -> str:
    """a, b … z, aa, ab …: the letter behind the last of `used`, which come in any order."""
    last = max(
        (letter.lower() for letter in used if letter.isalpha()), key=lambda one: (len(one), one), default=""
    )
    if not last:
        return "a"
    head, tail = last[:-1], last[-1]
    if tail != "z":
        return head + chr(ord(tail) + 1)
    return next_letter([head]) + "a" if head else "aa"


def _around(row: Row) -> Any:
    """The rows that stand where this one stands, this one included when it is saved."""
    inside = INSIDE[type(row)]
    same = {inside: getattr(row, inside)}
    if isinstance(row, CrossCuttingCompetency):
        same["tier"] = row.tier
    return type(row)._default_manager.filter(**same)


def _index(draft: WorkProcessSchedule) -> None:
    draft.refresh_from_db()
    text = search_text(schedule_outline(draft))
    WorkProcessSchedule.objects.filter(~Q(search_text=text), pk=draft.pk).update(search_text=text)
