"""A library as a CSV file: read it, say what it would do, do it. One line a resource and statement."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Sponsor, User
from accounts.refusals import Refusal
from competencies.models import Course, Framework, FrameworkStatement, LearningResource, ResourceType, Use
from competencies.wording import words

COLUMNS = (
    *("title", "address", "provider", "type", "minutes", "licence", "language", "course", "statement"),
)
NEEDED = ("title", "address")
LONGEST = 1_000_000
"""Bytes of a file, and that is some thousand lines."""
MOST = 5000


@dataclass(frozen=True)
class Finding:
    """What is wrong with a line, by its number in the file, and what was done about it."""

    line: int
    said: str


@dataclass
class Plan:
    """What a file would do to a library."""

    sponsor: Sponsor | None
    new: list[tuple[LearningResource, list[FrameworkStatement]]] = field(default_factory=list)
    changed: list[tuple[LearningResource, list[FrameworkStatement]]] = field(default_factory=list)
    same: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def uses(self) -> int:
        """How many resources it puts beside a statement, counted once a statement."""
        return sum(len({one.pk for one in statements}) for _, statements in self.touched)

    @property
    def touched(self) -> list[tuple[LearningResource, list[FrameworkStatement]]]:
        return [*self.new, *self.changed]

    @transaction.atomic
    def store(self, *, by: User | None, now: datetime) -> None:
        """Bring in what is new and change what is changed, all or nothing."""
        for row, _ in self.new:
            row.added_by, row.added_at = by, now
        for row, statements in self.touched:
            row.save()
            for statement in statements:
                row.use_for(statement)


def plan(data: bytes, *, sponsor: Sponsor | None, user: Any) -> Plan:
    """What the CSV file `data` would do. Raises Refusal for what is no such file; lines are left out singly.

    An address that is in the library already is the same resource; the same file again changes nothing.
    """
    found = Plan(sponsor)
    statements = _statements(user)
    courses = {course.code.lower(): course for course in _courses(sponsor) if course.code}
    known = {row.address: row for row in LearningResource.objects.filter(sponsor=sponsor)}
    used = set(Use.objects.filter(resource__sponsor=sponsor).values_list("resource", "statement"))
    before = {row.address: _says(row) for row in known.values()}
    beside: dict[str, list[FrameworkStatement]] = {}
    for number, line in _lines(data):
        try:
            row = _resource(line, known, courses, sponsor)
            wanted = _statement(line, statements)
        except ValidationError as error:
            found.findings.append(Finding(number, f"{error.messages[0]} This line is left out."))
            continue
        known[row.address] = row
        beside.setdefault(row.address, []).extend([wanted] if wanted else [])
    for address, several in beside.items():
        row = known[address]
        added = [one for one in several if (row.pk, one.lineage) not in used]
        if address not in before:
            found.new.append((row, added))
        elif added or before[address] != _says(row):
            found.changed.append((row, added))
        else:
            found.same += 1
    return found


def _lines(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    if len(data) > LONGEST:
        raise Refusal(
            "This file is larger than 1 MB. Bring it in as several.", code="too_large", field="file"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise Refusal("This is no CSV file. Save the sheet as CSV.", code="no_csv", field="file")
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        rows = list(reader)
    except csv.Error as error:
        raise Refusal("This is no CSV file. Save the sheet as CSV.", code="no_csv", field="file") from error
    head = [name.strip().lower() for name in rows[0]] if rows else []
    if missing := [name for name in NEEDED if name not in head]:
        raise Refusal(
            f"The first line names no column “{missing[0]}”. It needs title and address, and may have "
            f"{', '.join(COLUMNS[2:])}.",
            code="columns",
            field="file",
        )
    if len(rows) > MOST + 1:
        raise Refusal(f"A file has at most {MOST} lines.", code="too_long", field="file")
    for number, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            yield number, dict(zip(head, (cell.strip() for cell in row), strict=False))


def _resource(
    line: dict[str, str],
    known: dict[str, LearningResource],
    courses: dict[str, Course],
    sponsor: Sponsor | None,
) -> LearningResource:
    """The resource of a line, new or known, unsaved. Raises ValidationError with a sentence."""
    address = line.get("address", "")
    row = known.get(address) or LearningResource(sponsor=sponsor, address=address)
    said = {name: line[name] for name in ("title", "provider", "licence", "language") if line.get(name)}
    if kind := line.get("type", "").lower():
        if kind not in ResourceType.values:
            raise ValidationError(f"“{kind}” is no type; use one of {', '.join(ResourceType.values)}.")
        said["type"] = kind
    minutes = line.get("minutes", "")
    if minutes and not (minutes.isascii() and minutes.isdigit() and int(minutes) < 100_000):
        raise ValidationError(f"“{minutes}” is no number of minutes.")
    code = line.get("course", "").lower()
    if code and code not in courses:
        raise ValidationError(f"No registered course here has the code “{line['course']}”.")
    made = LearningResource(**{name: getattr(row, name) for name in _FIELDS} | said)
    made.pk, made.uid, made.sponsor, made.address = row.pk, row.uid, sponsor, address
    made.added_by, made.added_at = row.added_by, row.added_at
    made.minutes = int(minutes) if minutes else row.minutes
    made.course = courses[code].lineage if code else row.course
    try:
        made.clean_fields(exclude=["sponsor", "added_by", "added_at"])
    except ValidationError as error:
        name, (message, *_) = next(iter(error.message_dict.items()))
        raise ValidationError(f"{name}: {message}") from error
    return made


_FIELDS = ("title", "provider", "type", "minutes", "licence", "language", "course")


def _says(row: LearningResource) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _FIELDS)


def _statement(
    line: dict[str, str], statements: dict[tuple[str, ...], FrameworkStatement]
) -> FrameworkStatement | None:
    text = line.get("statement", "")
    if not text:
        return None
    found = statements.get(words(text))
    if found is None:
        raise ValidationError(f"No statement of a framework here says “{text:.80}”.")
    return found


def _statements(user: Any) -> dict[tuple[str, ...], FrameworkStatement]:
    """Statements and headings of the newest frameworks, by their words; of equal ones the first."""
    newest = Framework.objects.visible_to(user).newest()
    rows = FrameworkStatement.objects.filter(framework__in=newest).order_by("-framework", "-position")
    return {words(row.text): row for row in rows}


def _courses(sponsor: Sponsor | None) -> list[Course]:
    """The registered courses of a sponsor's own schedules, the newest version last."""
    if sponsor is None:
        return []
    rows = Course.objects.filter(schedule__sponsor=sponsor, schedule__frozen=True)
    return list(rows.select_related("schedule").order_by("schedule__version", "position"))
