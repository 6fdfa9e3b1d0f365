"""Any number of somebody's progress, opened: what makes it, by which rule, and what it still lacks.

Nothing is counted here: every figure is `ojt_logs.progress`'s, and each part leads to the list behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from accounts.dates import day_words
from accounts.durations import format_hours
from accounts.numbers import count_of
from ojt_logs.progress import (
    CompetencyProgress,
    CourseProgress,
    FunctionProgress,
    Minutes,
    Progress,
    days_out,
    plan_days,
)

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
    in_class: bool = False
    """Whether it is the instructor's to help with, and no work can be asked for."""


def explain(found: Progress, name: str) -> Number | None:
    """The number of this name: one of NUMBERS, or that of a job function or course; None for another word."""
    if opened := NUMBERS.get(name):
        return opened(found)
    functions = {one.name: one for one in found.functions}
    courses = {one.name: one for one in found.courses}
    if name in functions:
        return _function(found, functions[name])
    return _course(found, courses[name]) if name in courses else None


def _percent(found: Progress) -> Number:
    parts = []
    if found.approach != "time":
        share = f"{found.signed_percent} %, {found.standards_met} of {found.standards_counted}"
        parts.append(Part("Standards that count", share, _why(found, "standards")))
    if found.approach != "competency":
        share = f"{found.worked_percent} %, {_of(found.countable_minutes, found.ojt)}"
        parts.append(Part("Hours of work that count", share, _why(found, "work")))
    rule = f"{APPROACHES[found.approach]} Per cent is rounded down, and 100 only when nothing is missing."
    source = "29 CFR 29.5(b)(2)"
    return Number("Done", f"{found.percent} %", rule, source, tuple(parts), tuple(found.missing))


def _work(found: Progress) -> Number:
    parts = [*(_function_hours(found, one) for one in found.functions)]
    if found.other_work.approved:
        path = _hours(found, about="other", state="approved")
        parts.append(Part("Other supervised work", format_hours(found.other_work.approved), path))
    parts += _besides(found, found.ojt, kind="ojt")
    if found.approach == "hybrid" and found.minutes_over:
        over = f"−{format_hours(found.minutes_over)}"
        parts.append(Part("Above the maximum of a job function, not counted", over))
    rule = "Hours that a mentor approved, wherever they were worked; hours that wait are not in it."
    if found.approach == "competency" and not found.ojt.required:
        rule += " In this program hours complete nothing: signed standards do."
    value = _of(found.countable_minutes, found.ojt)
    return Number("Work", value, rule, "29 CFR 29.5(b)(2)", tuple(parts), tuple(found.missing_hours))


def _function_hours(found: Progress, one: FunctionProgress) -> Part:
    return Part(
        f"Job function {one.function}",
        format_hours(one.ojt.approved),
        _why(found, one.name),
    )


def _besides(found: Progress, minutes: Minutes, **about: str) -> list[Part]:
    """What is credited, and what is handed in and waits, which no number counts."""
    waiting = _hours(found, **about, state="submitted")
    parts = (
        (minutes.credited, "Credited, for what came before", _credit(found)),
        (minutes.waiting, "Waits for a reviewer, not counted", waiting),
    )
    return [Part(words, format_hours(amount), path) for amount, words, path in parts if amount]


def _minutes(found: Progress, minutes: Minutes, **about: str) -> list[Part]:
    """The hours of one subject."""
    approved = _hours(found, **about, state="approved")
    return [
        Part("Approved hours", format_hours(minutes.approved), approved),
        *_besides(found, minutes, **about),
    ]


def _function(found: Progress, one: FunctionProgress) -> Number:
    parts = _minutes(found, one.ojt, about=str(one.function.number))
    if found.approach == "hybrid" and one.minutes_over:
        parts.append(Part("Above its maximum, not counted", f"−{format_hours(one.minutes_over)}"))
    for each in one.competencies:
        path = reverse("competency", args=[found.apprentice.uid, each.code])
        parts.append(Part(f"{each.code} {each.competency.title}", _signed(each), path))
    value = f"{format_hours(one.ojt.approved)} approved"
    if one.counted:
        value = f"{one.achieved} of {count_of(len(one.counted), 'competency', 'competencies')}, {value}"
    missing = [] if found.approach == "time" else [each.to_sign for each in one.open_ones]
    if one.counts and one.minutes_short and found.approach != "competency":
        missing.append(f"{format_hours(one.minutes_short)} of work in it to go.")
    rule = f"This job function is {one.why}. {_function_rule(found, one)}"
    return Number(
        f"Job function {one.function}", value, rule, "29 CFR 29.5(b)(2)", tuple(parts), tuple(missing)
    )


def _signed(one: CompetencyProgress) -> str:
    if one.not_applicable:
        return "not applicable"
    aside = f", {one.standards_not_applicable} not applicable" if one.standards_not_applicable else ""
    counts = "" if one.counts else ", not counted"
    return f"{one.standards_met} of {one.standards_total}{aside}{counts}"


def _function_rule(found: Progress, one: FunctionProgress) -> str:
    if not one.counts:
        return "Its work is shown and signed; nothing in it but hours of the total changes the per cent."
    competencies = "In it every competency counts that is required or elected"
    if found.approach == "competency":
        return f"{competencies}; its hours complete nothing."
    if found.approach == "hybrid":
        return f"{competencies}, and its hours up to its maximum."
    if found.function_hours_bind:
        return "Its hours are required, and so is the total."
    return "Its hours are a plan: a gap is shown, and only the total is required."


def _other(found: Progress) -> Number:
    rule = "Supervised work that is in no job function counts in the total, until a coordinator places it."
    parts = tuple(_minutes(found, found.other_work, about="other"))
    value = f"{format_hours(found.other_work.approved)} approved"
    return Number("Other supervised work", value, rule, "29 CFR 29.5(b)(2)", parts, ())


def _course(found: Progress, one: CourseProgress) -> Number:
    parts = _minutes(found, one.minutes, about=one.name)
    if one.result:
        path = reverse("course-result", args=[one.result.uid])
        parts.append(Part("Its instructor’s result", one.result.words, path))
    required = "It is required." if one.course.required else "It is optional: completion does not ask for it."
    rule = f"{required} Complete when it is passed or credited and its stated hours are met."
    missing = (one.to_finish,) if one.course.required and not one.complete else ()
    value = _of(one.minutes.counted, one.minutes)
    return Number(str(one.course), value, rule, "29 CFR 29.5(b)(4)", tuple(parts), missing, True)


def _class(found: Progress) -> Number:
    parts = [
        Part(
            str(one.course),
            format_hours(one.minutes.approved) + (", passed" if one.passed else ""),
            _why(found, one.name),
        )
        for one in found.courses
    ]
    parts += _besides(found, found.ri, kind="ri")
    rule = (
        "Hours of class that the instructor approved. Complete when every required course is passed or "
        "credited and stated hours are met."
    )
    value = _of(found.ri.counted, found.ri)
    missing = tuple(found.missing_instruction)
    return Number("Related instruction", value, rule, "29 CFR 29.5(b)(4)", tuple(parts), missing, True)


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
    missing = tuple(one.to_sign for one in found.open_competencies)
    return Number("Standards", value, rule, "29 CFR 29.5(b)(2)(ii)", tuple(parts), missing)


def _competencies(found: Progress) -> Number:
    parts = [
        Part(
            f"Job function {one.function}",
            f"{one.achieved} of {len(one.counted)}",
            _why(found, one.name),
        )
        for one in found.functions
        if one.counts
    ]
    if found.competencies_credited:
        parts.append(Part("Of them credited, not signed", str(found.competencies_credited), _credit(found)))
    rule = (
        "A competency is achieved when every standard in it is met, or it itself where it lists none. "
        "It counts where its job function is core or elected and it is required or elected."
    )
    missing = tuple(one.to_sign for one in found.open_competencies)
    value = f"{found.competencies_achieved} of {found.competencies_counted}"
    return Number("Competencies", value, rule, "29 CFR 29.5(b)(2)(ii)", tuple(parts), missing)


def _credited(found: Progress) -> Number:
    given = (
        ("Hours of work", format_hours(found.ojt.credited), found.ojt.credited),
        ("Hours of class", format_hours(found.ri.credited), found.ri.credited),
        ("Competencies", str(found.competencies_credited), found.competencies_credited),
    )
    parts = tuple(Part(words, amount, _credit(found)) for words, amount, any_ in given if any_)
    rule = (
        "A coordinator grants it on evidence, for what came before the agreement. It counts, and stands "
        "apart from what was earned."
    )
    value = found.credit_words or "Nothing"
    return Number("Credited", value, rule, "29 CFR 29.5(b)(12)", parts, ())


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
    "competencies": _competencies,
    "other": _other,
    "credit": _credited,
    "pace": _pace,
}
"""By the word in the address."""


def _of(amount: int, minutes: Minutes) -> str:
    """“12 h of 144 h”, or “12 h” where nothing is asked."""
    return format_hours(amount) + (f" of {format_hours(minutes.required)}" if minutes.required else "")


def _why(found: Progress, name: str) -> str:
    return reverse("why", args=[found.apprentice.uid, name])


def _hours(found: Progress, **words: str) -> str:
    return reverse("hours", args=[found.apprentice.uid]) + "?" + urlencode(words)


def _credit(found: Progress) -> str:
    return reverse("credit", args=[found.apprentice.uid])
