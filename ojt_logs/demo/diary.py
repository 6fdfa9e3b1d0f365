"""What an apprentice of the demo does on a day, decided by chance from the seed, alike at every loading."""

import random
from datetime import date, timedelta
from typing import Any

from competencies.models import Competency, Course
from ojt_logs.demo.stage import Stage
from ojt_logs.models import Line

WORKDAYS = 5
SATURDAY = 5
DAY_OFF = 0.04
SPLIT = 0.45
STEP = 30
"""Minutes that people round to."""


class Diary:
    """The days of one apprentice: which competencies, how long, which class."""

    def __init__(self, stage: Stage, one: dict[str, Any]) -> None:
        self.stage = stage
        self.one = one
        self.apprentice = stage.registration(one)
        name = one.get("key", one["name"])
        self.chance = random.Random(f"{stage.plan['seed']} {name}")  # noqa: S311  no secret
        self.notes: dict[str, list[str]] = one.get("notes", stage.plan["notes"])
        self.functions = {str(row.number): row for row in self.apprentice.schedule.job_functions.all()}
        rows = Competency.objects.filter(job_function__schedule=self.apprentice.schedule)
        self.competencies = {row.code: row for row in rows.select_related("job_function")}
        paused = one.get("suspended")
        self.last_day = stage.monday(paused["weeks_ago"]) - timedelta(days=1) if paused else stage.today

    def week(self, weeks_ago: int) -> list[list[Line]]:
        """The lines of every day of a week on which there were any."""
        if weeks_ago in self.one["away"]:
            return []
        monday = self.stage.monday(weeks_ago)
        numbers = [SATURDAY] if weeks_ago <= self.one.get("weekends_since", -1) else range(WORKDAYS)
        days = [self.day(monday + timedelta(days=number), weeks_ago) for number in numbers]
        return [lines for lines in days if lines and lines[0].date <= self.last_day]

    def day(self, day: date, weeks_ago: int) -> list[Line]:
        lesson = self._lesson(day)
        minutes = self.stage.plan["class_minutes"] if lesson else 0
        note = self.chance.choice(self.stage.plan["class_notes"])
        attended = [Line("ri", day, minutes, course=lesson, note=note)] if lesson else []
        return [*self._work(day, weeks_ago, minutes), *attended]

    def _lesson(self, day: date) -> Course | None:
        if day.weekday() != self.stage.plan["class_day"]:
            return None
        for taught, names in self.stage.classes:
            if (
                taught.program_id == self.apprentice.program_id
                and self.one["name"] in names
                and taught.starts_on <= day <= (taught.ends_on or day)
            ):
                return taught.course
        return None

    def _work(self, day: date, weeks_ago: int, in_class: int) -> list[Line]:
        least, most = self.one["minutes"]
        whole = self.chance.randrange(least, most + 1, STEP) - in_class
        if self.chance.random() < DAY_OFF:
            return []
        parts = [whole]
        if self.chance.random() < SPLIT:
            first = self.chance.randrange(STEP * 3, whole - STEP, STEP)
            parts = [first, whole - first]
        codes = self.chance.sample(self._practised(weeks_ago), len(parts))
        return [self.line(day, code, part) for code, part in zip(codes, parts, strict=True)]

    def _practised(self, weeks_ago: int) -> list[str]:
        """The competencies worked on in a week: those about to be signed then, at the end those of `now`."""
        if weeks_ago < 2:
            return list(self.one["now"])
        order = [code for code, _ in self.one["signed"]] + self.one["now"][:1]
        done = int(len(order) * (1 - weeks_ago / self.one["weeks_ago"]))
        return sorted(set(order[max(0, done - 1) : done + 3]) | set(order[-2:] if done else order[:2]))

    def line(self, day: date, code: str, minutes: int) -> Line:
        note = self.chance.choice(self.notes.get(code, [""]))
        if code in self.functions:
            return Line("ojt", day, minutes, self.functions[code], note=note)
        competency = self.competencies[code]
        return Line("ojt", day, minutes, competency.job_function, competency, note=note)
