"""Bringing standards documents in: all of them or none, and nothing twice."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Sponsor, User
from accounts.refusals import NotAllowed
from competencies import codes
from competencies.imports import case
from competencies.imports import outline as o
from competencies.imports.normal import normal
from competencies.imports.outline_json import read
from competencies.imports.rows import schedule_outline
from competencies.imports.save import latest_schedule, save_scale, save_schedule, take
from competencies.models import WorkProcessSchedule
from competencies.suggest import Document, suggest_for
from competencies.versions import bring_in, bring_in_framework, publish

Outline = o.ScheduleOutline | o.FrameworkOutline | tuple[o.ScaleOutline, ...]


@transaction.atomic
def load(documents: Iterable[tuple[str, bytes]], *, now: datetime) -> list[str]:
    """Load (name, JSON) documents, ours or CASE packages, in one transaction and say for each what happened.

    What the new ones have in common with schedules and frameworks is suggested.
    Raises Malformed, with the place, for the first document that cannot be stored.
    """
    outlines = [(name, *_outline(data, name)) for name, data in documents]
    said: list[str] = []
    fresh: list[Document] = []
    for name, outline, findings in outlines:
        said += [f"{name}: {one.severity}: {one.place}: {one.message}. {one.done}" for one in findings]
        sentence, document = _bring(outline, now=now)
        said.append(f"{name}: {sentence}")
        fresh += [document] if document else []
    suggest_for(fresh)
    return said


def _outline(data: bytes, name: str) -> tuple[Outline, tuple[o.Finding, ...]]:
    """The outline in a document of ours or in a CASE package, and what is odd in the latter."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    return case.outline(value, name=name) if case.is_case(value) else (read(data, name=name), ())


def _bring(outline: Outline, *, now: datetime) -> tuple[str, Document | None]:
    """What happened, and the document where it is new."""
    if isinstance(outline, tuple):
        scales = [save_scale(scale) for scale in outline]
        return f"rating scales {' and '.join(scale.name for scale in scales)} are there", None
    document: Document
    if isinstance(outline, o.ScheduleOutline):
        document, new = bring_in(outline, now=now)
    else:
        document, new = bring_in_framework(outline, now=now)
    if not new:
        return f"nothing changed, {document} is loaded already", None
    return f"{document} is loaded", document


def owners(user: User) -> QuerySet[Sponsor]:
    """The sponsors for which `user` may bring schedules in. Raises NotAllowed where there are none."""
    sponsors = Sponsor.objects.managed_by(user).order_by("name")
    if not sponsors.exists():
        raise NotAllowed(
            "Standards are brought in by a coordinator of the whole sponsor.", code="not_allowed"
        )
    return sponsors


@dataclass(frozen=True)
class Stored:
    """What became of an imported schedule: the version that says it, whether it is new, the one before."""

    schedule: WorkProcessSchedule
    new: bool
    before: WorkProcessSchedule | None


@transaction.atomic
def store_file(
    readings: Iterable[o.Reading], *, sponsor: Sponsor | None, now: datetime, name: str
) -> list[Stored]:
    """Keep every schedule of the file called `name`, or none of them; see `store`."""
    return [store(one.outline, sponsor=sponsor, now=now, name=name) for one in readings]


@transaction.atomic
def store(outline: o.ScheduleOutline, *, sponsor: Sponsor | None, now: datetime, name: str = "") -> Stored:
    """Keep an imported schedule: a draft of the sponsor's, or published for everybody where there is none.

    Where it names no source, the file called `name` is its source.

    What says the same as the newest version changes nothing, whatever the file is called; what says
    something else is a new version of the same document. Raises Malformed for what cannot be stored.
    """
    if not outline.title.strip():
        raise o.Malformed("title", "is missing: write the occupation's title")
    take(sponsor)  # two uploads of one file are one
    if name and not outline.source:
        outline = replace(outline, source=f"Imported from “{name}”.", source_read_on=now.date())
    before = newest_of(outline, sponsor=sponsor)
    if before and said_by(before) == said(outline):
        return Stored(before, False, before)
    saved = save_schedule(
        replace(outline, lineage=before.lineage if before else outline.lineage), sponsor=sponsor
    )
    if sponsor is None:
        publish(saved, now=now)
        suggest_for([saved])
    return Stored(saved, True, before)


def newest_of(outline: o.ScheduleOutline, *, sponsor: Sponsor | None) -> WorkProcessSchedule | None:
    """The newest version that this owner has of the same document: by identity, else by title and codes."""
    if outline.lineage:
        return latest_schedule(outline.lineage, sponsor=sponsor)
    rows = WorkProcessSchedule.objects.filter(sponsor=sponsor, title__iexact=outline.title)
    same = [row for row in rows.order_by("-version") if _agree(row, outline)]
    return latest_schedule(same[0].lineage, sponsor=sponsor) if same else None


def _agree(row: WorkProcessSchedule, outline: o.ScheduleOutline) -> bool:
    """Whether the codes of both are the same where both state one; the ending of a RAPIDS code may differ."""
    mine, other = codes.parse_rapids(row.rapids_code), codes.parse_rapids(outline.rapids_code)
    onet = {code for code in (row.onet_code, codes.normalise_onet(outline.onet_code)) if code}
    return len(onet) < 2 and not (mine and other and mine.digits != other.digits)


def said(outline: o.ScheduleOutline) -> str:
    """The hash of what a schedule says, without where it was read."""
    return o.content_hash(normal(replace(outline, source="", source_read_on=None)))


def said_by(schedule: WorkProcessSchedule) -> str:
    return said(schedule_outline(schedule))
