"""What a reader has gathered of work processes and courses so far, until it becomes an outline."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from competencies.imports import outline as o
from competencies.imports.words import Span, letters

CODED = re.compile(r"(?P<code>[A-Z]{2,5}[ -]?\d{2,4}[A-Z]?)\s*[-–—:]\s+(?P<title>\S.*)")
"""“ACC 201 - Financial Accounting”: a course with its number before it."""
NUMBERED = re.compile(r"(?:[A-Z]{1,2}|\d{1,2}(?:\.\d{1,2})?|[ivx]{1,4})[.)]\s+(?=\S)")
"""“A. ”, “1.2) ”: the number that the page gives to a line."""


def unnumbered(text: str) -> str:
    return NUMBERED.sub("", text, count=1) if NUMBERED.match(text) else text


def key(title: str) -> str:
    return re.sub(r"[\W_]+", "", title.lower())


@dataclass
class CompetencyDraft:
    title: str
    details: list[str] = field(default_factory=list)
    required: bool = True
    level: str = ""
    heading: str = ""


@dataclass
class FunctionDraft:
    title: str
    ojt: tuple[int | None, int | None] = (None, None)
    ri: tuple[int | None, int | None] = (None, None)
    core: bool = True
    tasks: list[str] = field(default_factory=list)
    competencies: list[CompetencyDraft] = field(default_factory=list)


@dataclass
class Draft:
    """Job functions and courses, in the order of the pages; lines belong to `function` now."""

    functions: list[FunctionDraft] = field(default_factory=list)
    courses: list[o.CourseOutline] = field(default_factory=list)
    totals: list[o.Total] = field(default_factory=list)
    function: FunctionDraft | None = None
    heading: str = ""
    """That the courses stand under."""

    def begin(self, title: str, *, ojt: tuple[int | None, int | None] = (None, None)) -> FunctionDraft:
        """The function with this title. A title that comes again without hours of its own is the same one."""
        known = next((one for one in self.functions if key(one.title) == key(title)), None)
        if known and ojt == (None, None):
            self.function = known
        else:
            self.function = FunctionDraft(title, ojt)
            self.functions.append(self.function)
        return self.function

    def course(self, title: str, span: Span | None, **columns: str) -> None:
        match = CODED.fullmatch(title) if not columns.get("code") else None
        if match:
            title, columns = match["title"], {**columns, "code": match["code"]}
        self.courses.append(
            o.CourseOutline(
                title=title,
                heading=self.heading,
                ri_minutes=span.least if span else None,
                ri_minutes_max=span.most if span and span.is_range else None,
                **columns,  # type: ignore[arg-type]
            )
        )

    def course_total(self, place: str, span: Span, *, partial: bool) -> bool:
        """Keep what the page states beside the sum of its courses; True where it is of all courses."""
        every = _minutes(self.courses)
        under = _minutes(one for one in self.courses if one.heading == self.heading)
        nearer = abs(span.most - every) < abs(span.most - under)
        whole = not partial and (not self.heading or nearer)
        self.totals.append(o.Total(place=place, stated=span.most, computed=every if whole else under))
        return whole

    def job_functions(self) -> tuple[o.FunctionOutline, ...]:
        return tuple(_function(number, one) for number, one in enumerate(self.functions, start=1))


def _minutes(courses: Iterable[o.CourseOutline]) -> int:
    return sum(one.ri_minutes_max or one.ri_minutes or 0 for one in courses)


def _function(number: int, draft: FunctionDraft) -> o.FunctionOutline:
    return o.FunctionOutline(
        number=number,
        title=draft.title,
        details="\n".join(draft.tasks),
        core=draft.core,
        ojt_minutes_min=draft.ojt[0],
        ojt_minutes_max=draft.ojt[1],
        ri_minutes_min=draft.ri[0],
        ri_minutes_max=draft.ri[1],
        competencies=tuple(
            o.CompetencyOutline(
                letter=letter,
                title=one.title,
                heading=one.heading,
                details="\n".join(one.details),
                level=one.level,
                required=one.required,
            )
            for letter, one in zip(letters(), draft.competencies, strict=False)
        ),
    )
