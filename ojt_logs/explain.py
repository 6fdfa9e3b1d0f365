"""Any number of somebody's progress, opened: what makes it, by which rule, and what it still lacks.

Nothing is counted here: every figure is `ojt_logs.progress`'s, and each part leads to the list behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from accounts.dates import day_words
from accounts.durations import format_hours
from ojt_logs.progress import FunctionProgress, Progress, days_out, plan_days

APPROACHES = {
    "competency": "Counted performance standards that are signed or credited, of those that count.",
    "time": "Approved and credited hours of work, of the term. The hours of a job function are a plan.",
    "hybrid": "The lower of two: standards signed of those that count, and hours that count of the term.",
}


@dataclass(frozen=True)
class Part:
    """One thing that a number is made of, and the page of the entries, signatures or credits behind it."""

    words: str
    amount: str
    path: str = ""


@dataclass(frozen=True)
class Number:
    """A number with its parts and its rule; `source` is where the rule comes from."""

    title: str
    value: str
    rule: str
    source: str
    parts: tuple[Part, ...]
    missing: tuple[str, ...]


def explain(found: Progress, name: str) -> Number | None:
    """The number of this name (see NUMBERS); None for another word."""
    opened = NUMBERS.get(name)
    return opened(found) if opened else None


def _percent(found: Progress) -> Number:
    parts = []
    if found.approach != "time":
        share = f"{found.signed_percent} %, {found.standards_met} of {found.standards_counted}"
        parts.append(Part("Standards that count", share, _why(found, "standards")))
    if found.approach != "competency":
        asked = f" of {format_hours(found.ojt.required)}" if found.ojt.required else ""
        share = f"{found.worked_percent} %, {format_hours(found.countable_minutes)}{asked}"
        parts.append(Part("Hours of work that count", share, _why(found, "work")))
    rule = f"{APPROACHES[found.approach]} Per cent is rounded down, and 100 only when nothing is missing."
    source = "29 CFR 29.5(b)(2)"
    return Number("Done", f"{found.percent} %", rule, source, tuple(parts), tuple(found.missing))


def _work(found: Progress) -> Number:
    parts = [*(_function_hours(found, one) for one in found.functions)]
    if found.other_work.approved:
        path = _hours(found, about="other", state="approved")
        parts.append(Part("Other supervised work", format_hours(found.other_work.approved), path))
    if found.ojt.credited:
        parts.append(Part("Credited, for what came before", format_hours(found.ojt.credited), _credit(found)))
    if found.approach == "hybrid" and found.minutes_over:
        over = f"−{format_hours(found.minutes_over)}"
        parts.append(Part("Above the maximum of a job function, not counted", over))
    asked = f" of {format_hours(found.ojt.required)}" if found.ojt.required else ""
    rule = "Hours that a mentor approved, wherever they were worked; hours that wait are not in it."
    if found.approach == "competency" and not found.ojt.required:
        rule += " In this program hours complete nothing: signed standards do."
    value = f"{format_hours(found.countable_minutes)}{asked}"
    return Number("Work", value, rule, "29 CFR 29.5(b)(2)", tuple(parts), tuple(found.missing_hours))


def _function_hours(found: Progress, one: FunctionProgress) -> Part:
    path = _hours(found, about=str(one.function.number), state="approved")
    return Part(f"Job function {one.function}", format_hours(one.ojt.approved), path)


def _class(found: Progress) -> Number:
    parts = [
        Part(
            str(one.course),
            format_hours(one.minutes.approved) + (f", {one.result.words}" if one.result else ""),
            _hours(found, about=f"course-{one.course.uid}", state="approved"),
        )
        for one in found.courses
    ]
    if found.ri.credited:
        parts.append(Part("Credited, for what came before", format_hours(found.ri.credited), _credit(found)))
    asked = f" of {format_hours(found.ri.required)}" if found.ri.required else ""
    rule = (
        "Hours of class that the instructor approved. Complete when every required course is passed or "
        "credited and stated hours are met."
    )
    value = f"{format_hours(found.ri.counted)}{asked}"
    missing = tuple(found.missing_instruction)
    return Number("Related instruction", value, rule, "29 CFR 29.5(b)(4)", tuple(parts), missing)


def _standards(found: Progress) -> Number:
    parts = [
        Part(
            f"Job function {one.function}",
            f"{one.standards_met} of {one.standards_counted}",
            f"{reverse('sign-offs', args=[found.apprentice.uid])}?function={one.function.number}",
        )
        for one in found.functions
        if one.counts
    ]
    if found.standards_credited:
        parts.append(Part("Of them credited, not signed", str(found.standards_credited), _credit(found)))
    if found.standards_not_applicable:
        parts.append(Part("Not applicable, in no figure", str(found.standards_not_applicable)))
    rule = (
        "A standard is met by as many passing signatures on different days as it asks, until withdrawn. "
        "One whose newest signature says “not applicable” is settled, and neither met nor missing. "
        "It counts where its job function is core or elected and its competency required or elected."
    )
    value = f"{found.standards_met} of {found.standards_counted}"
    missing = tuple(sentence for sentence in found.missing if sentence not in found.missing_besides)
    return Number("Standards", value, rule, "29 CFR 29.5(b)(2)(ii)", tuple(parts), missing)


def _pace(found: Progress) -> Number:
    person = found.apprentice
    suspended = person.suspended_days(until=found.as_of)
    away = days_out(person, until=found.as_of)
    parts = (
        Part("Began", day_words(person.started_on)),
        Part("Days of the plan", str(plan_days(person))),
        Part("Days of suspension, taken out", str(suspended)),
        Part("Other days without work, taken out", str(away - suspended)),
        Part("Reached", f"{int(100 * found.pace_fraction)} %", _why(found, "percent")),
        Part("Expected", f"{found.pace.expected_percent} %"),
    )
    measured = "counted standards" if found.measure == "standards" else "hours that count"
    rule = (
        f"The plan goes evenly from the first day to the last; {measured} are held against it. "
        "Suspensions and days without work are taken out."
    )
    return Number("Pace", found.pace.word, rule, "The sponsor's own record", parts, ())


NUMBERS: dict[str, Callable[[Progress], Number]] = {
    "percent": _percent,
    "work": _work,
    "class": _class,
    "standards": _standards,
    "pace": _pace,
}
"""By the word in the address."""


def _why(found: Progress, name: str) -> str:
    return reverse("why", args=[found.apprentice.uid, name])


def _hours(found: Progress, **words: str) -> str:
    return reverse("hours", args=[found.apprentice.uid]) + "?" + urlencode(words)


def _credit(found: Progress) -> str:
    return reverse("credit", args=[found.apprentice.uid])
