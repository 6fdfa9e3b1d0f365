"""The neutral outline: what every importer produces, what is saved, and what is hashed.

Plain frozen data without database rows. Field names are those of the models. Tuples keep the printed
order. `repair` says what was mended in a damaged source; `lineage` is set only by copying rows.
"""

import hashlib
import json
from dataclasses import Field, dataclass, field, fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from accounts.durations import format_span
from accounts.refusals import Refusal
from competencies.models.scales import mark


class Malformed(Refusal):
    """A document that cannot be stored. Nothing of it was kept; the message names the place."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place}: {what}", code="malformed", field=place)


class Severity(StrEnum):
    """How much a finding matters. Only what cannot be stored at all is refused (`Malformed`)."""

    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something a person should look at: where it stands in the source, what is odd there, what was done.

    It stops nothing. A warning is a contradiction or a loss that only a person can settle; a note is a
    reading that is safe, but not word for word what stands there.
    """

    severity: Severity
    place: str
    message: str
    done: str = ""


@dataclass(frozen=True, kw_only=True)
class Total:
    """A number of minutes that the document states, and what its parts add up to."""

    place: str
    stated: int
    computed: int


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a reader made of one file: the outline, and all that a person should know before it is stored."""

    format: str
    outline: "ScheduleOutline"
    findings: tuple[Finding, ...] = ()
    totals: tuple[Total, ...] = ()

    def titled(self, title: str) -> "Reading":
        """The same under another title, which the occupation bears too; with "" as it is."""
        if not title:
            return self
        occupation = replace(self.outline.occupation, title=title)
        return replace(self, outline=replace(self.outline, title=title, occupation=occupation))


def later(default: Any) -> Any:
    """A field that outlines got after documents had been published: left at `default`, it is not hashed."""
    return field(default=default, metadata={"later": True})


@dataclass(frozen=True, kw_only=True)
class Node:
    repair: str = ""
    needs_review: bool = False


@dataclass(frozen=True, kw_only=True)
class Lined(Node):
    lineage: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class TopicOutline(Node):
    text: str


@dataclass(frozen=True, kw_only=True)
class StandardOutline(Lined):
    text: str
    required_demonstrations: int = 1


@dataclass(frozen=True, kw_only=True)
class CompetencyOutline(Lined):
    letter: str
    title: str
    heading: str = later("")
    details: str = later("")
    answers: tuple[str, ...] = later(())
    level: str = ""
    required: bool = True
    standards: tuple[StandardOutline, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FunctionOutline(Lined):
    number: int
    title: str
    details: str = later("")
    core: bool = True
    ojt_minutes_min: int | None = None
    ojt_minutes_max: int | None = None
    ri_minutes_min: int | None = None
    ri_minutes_max: int | None = None
    skill: tuple[TopicOutline, ...] = ()
    knowledge: tuple[TopicOutline, ...] = ()
    tool: tuple[TopicOutline, ...] = ()
    competencies: tuple[CompetencyOutline, ...] = ()

    @property
    def ojt_words(self) -> str:
        """“600 h to 800 h”, or "" where no hours on the job are stated."""
        return format_span(self.ojt_minutes_min, self.ojt_minutes_max)


@dataclass(frozen=True, kw_only=True)
class CourseOutline(Lined):
    title: str
    heading: str = later("")
    code: str = ""
    ri_minutes: int | None = None
    ri_minutes_max: int | None = later(None)
    provider: str = later("")
    details: str = later("")
    required: bool = True

    @property
    def ri_words(self) -> str:
        """“10 h to 15 h”, “40 h”, or "" where no hours are stated."""
        most = self.ri_minutes if self.ri_minutes_max is None else self.ri_minutes_max
        return format_span(self.ri_minutes, most)


@dataclass(frozen=True, kw_only=True)
class CredentialOutline(Node):
    name: str
    abbreviation: str = ""
    awarding_body: str = ""
    timing: str = ""


@dataclass(frozen=True, kw_only=True)
class CrossCuttingOutline(Node):
    tier: int
    tier_title: str
    title: str
    level: int | None = None


@dataclass(frozen=True, kw_only=True)
class LevelOutline:
    """A rating of a scale; the one without a number is “not applicable”."""

    value: int | None
    label: str
    short_label: str
    description: str = ""
    passing: bool = False
    needs_reason: bool = False

    @property
    def mark(self) -> str:
        """Its number, or n/a."""
        return mark(self.value)


@dataclass(frozen=True, kw_only=True)
class ScaleOutline:
    name: str
    chosen_by_sponsor: bool = False
    source: str = ""
    levels: tuple[LevelOutline, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OccupationOutline:
    title: str
    onet_code: str = ""
    onet_taxonomy: str = ""
    rapids_code: str = ""


@dataclass(frozen=True, kw_only=True)
class ScheduleOutline(Lined):
    title: str
    occupation: OccupationOutline
    source: str = ""
    source_read_on: date | None = None
    approach: str | None = None
    onet_code: str = ""
    rapids_code: str = ""
    minimum_ojt_minutes: int | None = None
    maximum_ojt_minutes: int | None = later(None)
    minimum_ri_minutes: int | None = None
    maximum_ri_minutes: int | None = later(None)
    term_months: int | None = later(None)
    ratio: str = later("")
    wage_note: str = later("")
    wage_steps: tuple[tuple[str, str, str], ...] = later(())
    probation: str = later("")
    selection: str = later("")
    registration: tuple[tuple[str, str], ...] = later(())
    notes: str = later("")
    rating_scale: ScaleOutline | None = None
    job_title: str = ""
    company_contact: str = ""
    required_certifications: str = ""
    blank_job_functions: int = 0
    job_titles: tuple[str, ...] = ()
    context: str = ""
    purpose: str = ""
    promotional_paths: tuple[str, ...] = ()
    transitional_paths: tuple[str, ...] = ()
    attitudes: str = ""
    prerequisites: str = ""
    associations: tuple[str, ...] = ()
    accreditors: tuple[str, ...] = ()
    workforce: tuple[tuple[str, str], ...] = ()
    cross_cutting_note: str = ""
    cross_cutting_scale: tuple[tuple[str, str | int], ...] = ()
    job_functions: tuple[FunctionOutline, ...] = ()
    courses: tuple[CourseOutline, ...] = ()
    credentials: tuple[CredentialOutline, ...] = ()
    cross_cutting: tuple[CrossCuttingOutline, ...] = ()


LISTS = ("job_titles", "promotional_paths", "transitional_paths", "associations", "accreditors")
"""The fields of a schedule that are plain lists of lines."""


@dataclass(frozen=True, kw_only=True)
class StatementOutline(Lined):
    kind: str
    text: str
    resource_count: int | None = None
    counted_on: date | None = None
    children: tuple["StatementOutline", ...] = ()


@dataclass(frozen=True, kw_only=True)
class FrameworkOutline(Lined):
    title: str
    publisher: str = ""
    source: str = ""
    source_read_on: date | None = None
    note: str = ""
    statements: tuple[StatementOutline, ...] = ()


def content_hash(outline: ScheduleOutline | FrameworkOutline | ScaleOutline) -> str:
    """SHA-256 of what the document says; identity (lineage) is left out, so equal content hashes alike.

    A field declared with `later` counts only where the document says something in it, so that it changes the
    hash of no document that was published before there was such a field.
    """
    text = json.dumps(_said(outline), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _said(value: Any) -> Any:
    if is_dataclass(value):
        named = ((one, getattr(value, one.name)) for one in fields(value) if one.name != "lineage")
        return {one.name: _said(said) for one, said in named if not _is_silent(one, said)}
    if isinstance(value, list | tuple):
        return [_said(item) for item in value]
    return value


def _is_silent(one: Field[Any], said: Any) -> bool:
    return bool(one.metadata.get("later")) and said == one.default
