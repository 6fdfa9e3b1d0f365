"""What hours of a row were spent on: a job function by number or title, a competency or a course."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.spelling import fold
from apprenticeship.models import Apprentice
from competencies.models import Competency, Course, JobFunction

NUMBERED = re.compile(r"(?:job function |function |work process |process )?(\d{1,3})(?:[.:) ].*)?")

CODED = re.compile(r"(\d{1,3}[a-z]{1,2})(?:[.:) ].*)?")


class Places:
    """What may be named, of every schedule that these apprentices are pinned to, in three queries."""

    def __init__(self, people: Iterable[Apprentice]) -> None:
        schedules = {one.schedule_id for one in people}
        functions = JobFunction.objects.filter(schedule__in=schedules)
        competencies = Competency.objects.filter(job_function__schedule__in=schedules)
        courses = Course.objects.filter(schedule__in=schedules)
        self._functions = _keyed(
            (one.schedule_id, word, one) for one in functions for word in _of_function(one)
        )
        self._competencies = _keyed(
            (one.job_function.schedule_id, fold(word), one)
            for one in competencies.select_related("job_function")
            for word in {one.code, one.title}
        )
        self._courses = _keyed((one.schedule_id, word, one) for one in courses for word in _of_course(one))

    def find(self, said: Mapping[str, str], schedule: int) -> tuple[dict[str, Any], dict[str, str]]:
        """The columns of a line that name the place, and sentences by field for what names none."""
        texts = {name: said.get(name, "").strip() for name in ("job_function", "competency", "course")}
        found: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for name, text in texts.items():
            if not text:
                continue
            matches = getattr(self, f"_{name}")(text, schedule)
            if len(matches) == 1:
                found |= matches[0]
            else:
                fit = "several fit it: use its number or code" if matches else "there is none in the program"
                problems[name] = f"{name.replace('_', ' ').capitalize()} “{text[:80]}”: {fit}."
        if (one := found.get("competency")) and "job_function" not in found:
            found["job_function"] = one.job_function
        return found, problems

    def _job_function(self, text: str, schedule: int) -> list[dict[str, Any]]:
        word = fold(text)
        if rows := self._functions.get((schedule, word)):
            return [{"job_function": one} for one in rows]
        if rows := self._competencies.get((schedule, word)):
            return [{"job_function": one.job_function, "competency": one} for one in rows]
        numbered = NUMBERED.fullmatch(word)
        rows = self._functions.get((schedule, numbered[1]), []) if numbered else []
        return [{"job_function": one} for one in rows]

    def _competency(self, text: str, schedule: int) -> list[dict[str, Any]]:
        word = fold(text)
        coded = CODED.fullmatch(word)
        rows = self._competencies.get((schedule, coded[1] if coded else word), [])
        return [{"competency": one} for one in rows]

    def _course(self, text: str, schedule: int) -> list[dict[str, Any]]:
        return [{"course": one} for one in self._courses.get((schedule, fold(text)), [])]


def _of_function(one: JobFunction) -> set[str]:
    return {str(one.number), fold(one.title), fold(f"{one.number}. {one.title}")}


def _of_course(one: Course) -> set[str]:
    return {fold(word) for word in (one.code, one.title, f"{one.code} {one.title}", str(one.uid)) if word}


def _keyed(rows: Iterable[tuple[int, str, Any]]) -> dict[tuple[int, str], list[Any]]:
    found: dict[tuple[int, str], list[Any]] = {}
    for schedule, word, one in rows:
        found.setdefault((schedule, word), []).append(one)
    return found
