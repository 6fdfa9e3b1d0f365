"""The one list of schedules and frameworks: a page of it, in a constant number of queries."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.tables import ROWS_AT_ONCE
from competencies import codes
from competencies.models import (
    Competency,
    Framework,
    FrameworkStatement,
    PerformanceStandard,
    StatementKind,
    WorkProcessSchedule,
)
from competencies.models.framework import FrameworkQuerySet
from competencies.models.schedule import ScheduleQuerySet

SIZE = 25
HITS = 3
ORDERS = {"": ("title", "uid"), "reverse": ("-title", "-uid")}
"""By the word in the address; a cursor is a title and a uid, whichever way one goes."""


@dataclass(frozen=True)
class Listed:
    """One line of the list: a schedule or a framework, and the competencies in which words were found."""

    document: WorkProcessSchedule | Framework
    hits: list[Competency] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return "framework" if isinstance(self.document, Framework) else "schedule"


@dataclass(frozen=True)
class Page:
    rows: list[Listed]
    next: str


def page(
    schedules: ScheduleQuerySet,
    frameworks: FrameworkQuerySet,
    *,
    after: str,
    text: str = "",
    sort: str = "",
    size: int = SIZE,
) -> Page:
    """`size` rows behind the cursor `after`, by title; `text` is what the hits are looked up for."""
    cursor, order = _read(after), ORDERS[sort]
    found = _keys(schedules, cursor, order).union(_keys(frameworks, cursor, order), all=True)
    keys = list(found.order_by(*order)[: size + 1])
    shown = keys[:size]
    documents = _documents([uid for _, uid in shown])
    hits = _hits([uid for _, uid in shown], text)
    rows = [Listed(documents[uid], hits[uid]) for _, uid in shown]
    return Page(rows, _write(shown[-1]) if len(keys) > size else "")


def every(schedules: ScheduleQuerySet, frameworks: FrameworkQuerySet, *, sort: str = "") -> Iterator[Listed]:
    """All rows, read some hundred at a time."""
    after = ""
    while True:
        found = page(schedules, frameworks, after=after, sort=sort, size=ROWS_AT_ONCE)
        yield from found.rows
        if not (after := found.next):
            return


def _keys(
    rows: QuerySet[Any], cursor: tuple[str, UUID] | None, order: tuple[str, str]
) -> QuerySet[Any, tuple[str, UUID]]:
    if cursor:
        title, uid = cursor
        way = "lt" if order[0].startswith("-") else "gt"
        rows = rows.filter(Q(**{f"title__{way}": title}) | Q(**{"title": title, f"uid__{way}": uid}))
    return rows.order_by().values_list("title", "uid")


def _read(cursor: str) -> tuple[str, UUID] | None:
    """A cursor that was tampered with or is cut begins the list anew."""
    try:
        title, uid = json.loads(urlsafe_b64decode(cursor.encode()))
        return _storable(str(title)), UUID(uid)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _storable(text: str) -> str:
    """The text, or ValueError where no database can compare it: NUL, or half of a surrogate pair."""
    if "\x00" in text:
        raise ValueError("NUL")
    text.encode()
    return text


def _write(key: tuple[str, UUID]) -> str:
    title, uid = key
    return urlsafe_b64encode(json.dumps([title, str(uid)]).encode()).decode()


def _documents(uids: list[UUID]) -> dict[UUID, WorkProcessSchedule | Framework]:
    """The documents by uid, with the counts that the list shows."""
    schedules = WorkProcessSchedule.objects.filter(uid__in=uids).select_related("occupation", "sponsor")
    frameworks = Framework.objects.filter(uid__in=uids)
    found: dict[UUID, WorkProcessSchedule | Framework] = {}
    found.update({row.uid: row for row in counted(schedules)})
    found.update({row.uid: row for row in counted_statements(frameworks)})
    return found


def counted(schedules: ScheduleQuerySet) -> ScheduleQuerySet:
    """With `competency_count` and `standard_count`."""
    competencies = Competency.objects.filter(job_function__schedule=OuterRef("pk"))
    standards = PerformanceStandard.objects.filter(competency__job_function__schedule=OuterRef("pk"))
    return schedules.annotate(
        competency_count=_count(competencies.values("job_function__schedule")),
        standard_count=_count(standards.values("competency__job_function__schedule")),
    )


def counted_statements(frameworks: FrameworkQuerySet) -> FrameworkQuerySet:
    """With `statement_count` and `resource_total`."""
    statements = FrameworkStatement.objects.filter(
        framework=OuterRef("pk"), kind=StatementKind.STATEMENT
    ).values("framework")
    total = statements.annotate(total=Sum("resource_count")).values("total")
    return frameworks.annotate(
        statement_count=_count(statements),
        resource_total=Coalesce(Subquery(total, output_field=IntegerField()), 0),
    )


def _count(rows: QuerySet[Any, Any]) -> Coalesce:
    """How many of `rows`, which are grouped by what they belong to."""
    counts = rows.order_by().annotate(rows=Count("pk")).values("rows")
    return Coalesce(Subquery(counts, output_field=IntegerField()), 0)


def _hits(uids: list[UUID], text: str) -> dict[UUID, list[Competency]]:
    """Up to three competencies of each schedule in whose title every searched word occurs."""
    found: dict[UUID, list[Competency]] = defaultdict(list)
    words = text.lower().split()
    if not words or codes.parse_rapids(text) or codes.parse_onet(text):
        return found
    rows = Competency.objects.filter(job_function__schedule__uid__in=uids)
    for word in words:
        rows = rows.filter(title__icontains=word)
    rows = rows.annotate(schedule_uid=F("job_function__schedule__uid"))
    for row in rows.order_by("job_function__number", "position"):
        if len(found[row.schedule_uid]) < HITS:
            found[row.schedule_uid].append(row)
    return found
