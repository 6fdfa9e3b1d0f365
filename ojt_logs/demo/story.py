"""What people of the demo did beside daily work: leave, reviews, raises, a request, a payroll."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Sum

from accounts.models import User
from competencies.models import Competency
from ojt_logs.demo.stage import Stage
from ojt_logs.demo.work import Act
from ojt_logs.imports.bringing import plan_for
from ojt_logs.imports.payroll import bring_paid
from ojt_logs.imports.uploads import read
from ojt_logs.models import (
    Authentication,
    HoursEntry,
    Kind,
    Notice,
    NoWorkPeriod,
    PaidHours,
    PeriodicReview,
    Rating,
    SignOffRequest,
    State,
)
from ojt_logs.models.reviews import Said
from ojt_logs.models.wage_decisions import Verdict
from ojt_logs.periodic_reviews import figures_of
from ojt_logs.wages import decide, wages_of


def acts_of_story(stage: Stage, one: dict[str, Any]) -> Iterator[Act]:
    """What the plan tells of this apprentice, in no particular order."""
    story = Story(stage, one)
    for leave in one.get("leave", ()):
        first = stage.monday(leave["weeks_ago"])
        yield stage.at(first - timedelta(days=4), "12:20"), partial(story.away, leave)
    for review in one.get("reviews", ()):
        held = stage.at(stage.monday(review["weeks_ago"]) + timedelta(days=1), "15:30")
        yield held, partial(story.review, review)
        if review.get("answer"):
            yield held + timedelta(hours=4), partial(story.answer, review)
    for weeks_ago in one.get("raises", ()):
        yield stage.at(stage.monday(weeks_ago) + timedelta(days=2), "09:40"), story.confirm_raises
    for asked in one.get("asks", ()):
        moment = stage.at(stage.monday(asked["weeks_ago"]) + timedelta(days=asked["days"]), asked["clock"])
        yield moment, partial(story.ask, asked)


def acts_of_payroll(stage: Stage) -> Iterator[Act]:
    """The payroll that the coordinator compares with the hours logged, and what explains a difference."""
    if paid := stage.plan.get("payroll"):
        yield stage.at(stage.monday(paid["weeks_ago"]), "08:40"), partial(_bring_payroll, stage, paid)


def acts_of_reading(stage: Stage) -> Iterator[Act]:
    """Everybody read their notices at the beginning of last week."""
    for person in stage.people.values():
        yield stage.at(stage.monday(1), "07:00"), partial(_read, person)


def _read(person: User, at: datetime) -> None:
    Notice.objects.visible_to(person).read(now=at)


class Story:
    """Acts of one apprentice and those around them, each called with the moment it happens."""

    def __init__(self, stage: Stage, one: dict[str, Any]) -> None:
        self.stage = stage
        self.apprentice = stage.registration(one)
        self.mentor = stage.people[one["mentors"][0]["name"]]
        self.coordinator = stage.only("coordinator", self.apprentice.program)

    def away(self, leave: dict[str, Any], at: datetime) -> None:
        first = self.stage.monday(leave["weeks_ago"])
        NoWorkPeriod.objects.record(
            self.apprentice,
            leave["why"],
            first_day=first,
            last_day=first + timedelta(weeks=leave["weeks"], days=-3),
            by=self.apprentice.user,
            now=at,
            note=leave.get("note", ""),
        )

    def review(self, review: dict[str, Any], at: datetime) -> None:
        day = at.astimezone(self.stage.zone).date()
        PeriodicReview.objects.sign(
            self.apprentice,
            by=self.mentor,
            now=at,
            authentication=Authentication("password", at - timedelta(minutes=2)),
            held_on=day,
            said=Said(**review["said"]),
            step=review["step"],
            figures=figures_of(self.apprentice, as_of=day),
        )

    def answer(self, review: dict[str, Any], at: datetime) -> None:
        row = PeriodicReview.objects.answerable_by(self.apprentice.user).get(apprentice=self.apprentice)
        row.respond(by=self.apprentice.user, now=at, agrees=True, words=review["answer"])

    def confirm_raises(self, at: datetime) -> None:
        for step in wages_of([self.apprentice], now=at)[self.apprentice.pk].proposed:
            decide(self.apprentice, step.number, Verdict.CONFIRMED, by=self.coordinator, now=at)

    def ask(self, asked: dict[str, Any], at: datetime) -> None:
        competency = Competency.objects.get(
            job_function__schedule=self.apprentice.schedule, code=asked["code"]
        )
        scale = self.apprentice.program.scale
        levels = {level.value: level for level in scale.levels.all()} if scale else {}
        standards = competency.standards.order_by("position")
        SignOffRequest.objects.ask(
            self.apprentice,
            by=self.apprentice.user,
            now=at,
            competencies=[competency],
            note=asked["note"],
            ratings=[Rating(row, levels[value]) for row, value in zip(standards, asked["own"], strict=True)],
        )


def _bring_payroll(stage: Stage, paid: dict[str, Any], at: datetime) -> None:
    """Read the file in, as the office would: what was logged is paid, but for what the plan says."""
    coordinator = stage.only("coordinator")
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["E-mail", "Period start", "Period end", "Hours"])
    rows.writerows(_paid_rows(stage, paid))
    upload = read(text.getvalue().encode(), name="payroll.csv", kind="payroll")
    sponsor = stage.program.sponsor
    bring_paid(upload, plan_for(upload, sponsor=sponsor), sponsor=sponsor, by=coordinator, now=at)
    for other in paid["otherwise"]:
        row = PaidHours.objects.get(
            apprentice=stage.apprentices[other["name"]], starts_on=stage.monday(other["weeks_ago"])
        )
        if other.get("explained"):
            row.explain(other["explained"], by=coordinator, now=at + timedelta(minutes=10))


def _paid_rows(stage: Stage, paid: dict[str, Any]) -> Iterator[list[str]]:
    otherwise = {(other["name"], other["weeks_ago"]): other["hours"] for other in paid["otherwise"]}
    for name in paid["people"]:
        who = stage.apprentices[name]
        logged = HoursEntry.objects.filter(apprentice=who, kind=Kind.OJT).exclude(status=State.SUPERSEDED)
        for weeks_ago in range(paid["weeks_ago"] + paid["weeks"], paid["weeks_ago"], -1):
            first = stage.monday(weeks_ago)
            last = first + timedelta(days=6)
            minutes = logged.of_days(first, last).aggregate(all=Sum("minutes"))["all"] or 0
            hours = minutes / 60 + otherwise.get((name, weeks_ago), 0)
            if hours:
                yield [who.user.email, first.isoformat(), last.isoformat(), f"{hours:.2f}"]
