"""Who is in the demo: sponsors with their people, programs, registrations and classes."""

import json
import zoneinfo
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import prefetch_related_objects

from accounts.models import Consent, Membership, Sponsor, User
from apprenticeship.models import Apprentice, Class, Mentorship, Program, WageStep
from competencies import codes
from competencies.imports.outline import CourseOutline
from competencies.imports.rows import schedule_outline
from competencies.models import RatingScale, WorkProcessSchedule
from competencies.versions import adopt
from ojt_logs.dates import monday_of
from ojt_logs.progress import add_months

PLAN = Path(settings.BASE_DIR) / "fixtures" / "demo" / "lakeside.json"
FRAMEWORK = "1114"
STAFF_SINCE = timedelta(days=730)


def read_plan() -> dict[str, Any]:
    """The demo as written in its file."""
    plan: dict[str, Any] = json.loads(PLAN.read_text())
    return plan


def people_of(plan: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(name, e-mail, role with sponsor) of everybody who can sign in, apprentices first."""
    found = {one["email"]: (one["name"], one["email"], "apprentice") for one in plan["apprentices"]}
    for sponsor in plan["sponsors"]:
        for name, (email, roles) in _roles(sponsor).items():
            found[email] = (name, email, f"{' and '.join(roles)}, {sponsor['name']}")
    return list(found.values())


def _roles(sponsor: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """By name, the e-mail and the roles of each person of a sponsor; a further role names no e-mail."""
    found: dict[str, tuple[str, list[str]]] = {}
    for one in sponsor["staff"]:
        found.setdefault(one["name"], (one.get("email", ""), []))[1].append(one["role"])
    return found


def standards_of(plan: dict[str, Any]) -> set[str]:
    """RAPIDS codes of the published schedules that the programs take over."""
    return {one.get("standard", FRAMEWORK) for sponsor in plan["sponsors"] for one in sponsor["programs"]}


def everybody_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """All registrations, those of people who are there already last."""
    return [*plan["apprentices"], *plan.get("further", [])]


@dataclass
class Stage:
    """The demo's people and things, and its clock: nothing happens after `now`.

    `password` is the hash that all share: hashing takes long on purpose, and the password is public.
    """

    plan: dict[str, Any]
    now: datetime
    password: str = ""
    people: dict[str, User] = field(default_factory=dict)
    programs: list[Program] = field(default_factory=list)
    apprentices: dict[str, Apprentice] = field(default_factory=dict)
    classes: list[tuple[Class, list[str]]] = field(default_factory=list)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.plan["time_zone"])

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def program(self) -> Program:
        """The one that has apprentices."""
        return self.programs[0]

    def monday(self, weeks_ago: int) -> date:
        return monday_of(self.today) - timedelta(weeks=weeks_ago)

    def at(self, day: date, clock: str) -> datetime:
        """The moment, in UTC, of a time of day such as "16:30" in the demo's time zone."""
        return datetime.combine(day, time.fromisoformat(clock), self.zone).astimezone(UTC)

    def registration(self, one: dict[str, Any]) -> Apprentice:
        """The registration that an entry of the plan tells of."""
        return self.apprentices[one.get("key", one["name"])]

    def only(self, role: str, program: Program | None = None) -> User:
        """The one person with this role at the sponsor of a program (the one that has apprentices)."""
        sponsor = (program or self.program).sponsor
        return sponsor.memberships.select_related("user").get(role=role).user


def set_stage(plan: dict[str, Any], *, now: datetime) -> Stage:
    """Make everybody and everything that is there before the first hour is logged."""
    stage = Stage(plan, now, make_password(plan["password"]))
    for sponsor in plan["sponsors"]:
        _sponsor(stage, sponsor)
    for one in everybody_of(plan):
        _apprentice(stage, one)
    for one in plan["classes"]:
        _class(stage, one)
    prefetch_related_objects(list(stage.apprentices.values()), "status_changes", "program__rating_scale")
    return stage


def _sponsor(stage: Stage, facts: dict[str, Any]) -> None:
    sponsor = Sponsor.objects.create(name=facts["name"])
    for one in facts["staff"]:
        days = one.get("credential_days")
        held = Membership.objects.create(
            user=stage.people.get(one["name"]) or _person(stage, one),
            sponsor=sponsor,
            role=one["role"],
            title=one["title"],
            credential=one.get("credential", ""),
            credential_expires=stage.today + timedelta(days=days) if days else None,
            starts_on=stage.today - STAFF_SINCE,
            ends_on=stage.today + timedelta(days=one["ends_in_days"]) if "ends_in_days" in one else None,
        )
        held.record(by=None, now=stage.now - STAFF_SINCE)
    stage.programs += [_program(stage, sponsor, one) for one in facts["programs"]]


def _person(stage: Stage, one: dict[str, Any]) -> User:
    user = User(email=one["email"], name=one["name"], time_zone=stage.plan["time_zone"])
    user.password = stage.password
    user.address_proved_at = stage.now - STAFF_SINCE
    user.save()
    Consent.objects.give(user, now=stage.now - STAFF_SINCE)
    stage.people[user.name] = user
    return user


def _program(stage: Stage, sponsor: Sponsor, facts: dict[str, Any]) -> Program:
    code = facts.get("standard", FRAMEWORK)
    national = WorkProcessSchedule.objects.newest().get(sponsor=None, occupation__rapids_code=code)
    began = stage.monday(facts["began_weeks_ago"])
    courses = _courses(national, facts)
    scale = facts.get("rating_scale")
    schedule = adopt(
        national,
        sponsor=sponsor,
        now=stage.at(began, "10:00"),
        approach=facts["approach"],
        rapids_code=facts["rapids_code"],
        rating_scale=RatingScale.objects.get(name=scale) if scale else None,
        minimum_ojt_minutes=facts.get("ojt_hours", 0) * 60,
        courses=courses,
        approved_on=began,
    )
    program = Program.objects.create(
        sponsor=sponsor,
        name=facts["name"],
        schedule=schedule,
        approach=facts["approach"],
        rapids_code=facts["rapids_code"],
        onet_code=schedule.onet_code,
        takes_files=not codes.is_health(schedule.onet_code),
        term_months=facts["term_months"],
        ri_minutes_required=sum(one.ri_minutes or 0 for one in courses) or None,
        time_zone=stage.plan["time_zone"],
        figures_note=facts["figures_note"],
        **_stated(facts.get("registration", {}), wage_on=began),
    )
    for number, step in enumerate(facts.get("registration", {}).get("wage_steps", ()), start=1):
        WageStep.objects.create(program=program, number=number, **step)
    coordinator = stage.only("coordinator", program)
    program.record("program.start", by=coordinator, now=stage.at(began, "10:00"))
    return program


def _stated(facts: dict[str, Any], *, wage_on: date) -> dict[str, Any]:
    """What an Appendix A prints beside the schedule, of a program that states it."""
    stated = {key: value for key, value in facts.items() if key != "wage_steps"}
    return {"journeyworker_wage_on": wage_on} | stated if stated else {}


def _courses(national: WorkProcessSchedule, facts: dict[str, Any]) -> list[CourseOutline]:
    """The sponsor's own courses, or those of the schedule with hours that the sponsor gives them."""
    if "course_hours" in facts:
        hours = facts["course_hours"]
        rows = schedule_outline(national).courses
        return [replace(one, ri_minutes=hours * 60) for one in rows]
    return [
        CourseOutline(title=one["title"], code=one["code"], ri_minutes=one["hours"] * 60)
        for one in facts.get("courses", ())
    ]


def _apprentice(stage: Stage, one: dict[str, Any]) -> None:
    started = stage.monday(one["weeks_ago"])
    named = [program for program in stage.programs if program.name == one.get("program")]
    program = named[0] if named else stage.program
    apprentice = Apprentice.objects.register(
        program,
        stage.people.get(one["name"]) or _person(stage, one),
        started_on=started,
        expected_end_on=add_months(started, program.term_months),
        by=stage.only("coordinator", program),
        now=stage.at(started, "08:00"),
    )
    for mentor in one["mentors"]:
        Mentorship.objects.assign(
            apprentice,
            stage.people[mentor["name"]],
            starts_on=stage.monday(mentor["weeks_ago"]),
            by=stage.only("coordinator", program),
            now=stage.at(started, "08:10"),
        )
    stage.apprentices[one.get("key", one["name"])] = apprentice


def _class(stage: Stage, one: dict[str, Any]) -> None:
    begins = stage.monday(one["weeks_ago"])
    taught = Class.objects.begin(
        stage.program,
        stage.program.schedule.courses.get(code=one["course"]),
        stage.only("instructor"),
        starts_on=begins,
        ends_on=begins + timedelta(weeks=one["sessions"], days=-3),
        roster=[stage.apprentices[name] for name in one["roster"]],
        by=stage.only("coordinator"),
        now=stage.at(begins, "09:00"),
    )
    stage.classes.append((taught, one["roster"]))
