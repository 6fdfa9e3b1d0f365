"""The people of every test, with their stated relations; house style 9. Use the fixture `cast`.

Ana and Ben are apprentices of Lakeside Health's program for medical coders (competency-based, on the
sponsor's own published copy of the medical coder framework, rated 0-4). Marcus mentors both, Lena mentors
Ben. Nora coordinates, Priya teaches the course “Medical coding I” to both, Ruth audits. Olga coordinates
another sponsor, Harbor Clinic, with its own program, apprentice (Chen) and mentor (Dara): they and the
people of Lakeside must see nothing of each other. Ivy runs a shop of one: coordinator and mentor in one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import Model

from accounts.models import Consent, Membership, Sponsor, User
from apprenticeship.models import Apprentice, Class, Mentorship, Program
from competencies.imports.outline import CourseOutline
from competencies.models import Competency, JobFunction, RatingLevel, RatingScale, WorkProcessSchedule
from competencies.versions import adopt
from ojt_logs.models import Authentication, CourseResult, HoursEntry, Line, Rating, SignOff
from ojt_logs.models.course_results import Outcome

PASSWORD = "correct horse battery"
STARTED = date(2026, 2, 2)
TODAY = date(2026, 11, 20)
JOINED = datetime(2026, 1, 1, 18, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
"""Friday, Nov 20, 2026, noon in Chicago: the moment at which acts of tests happen unless they say."""

SEEDS = [
    settings.BASE_DIR / "fixtures" / "standards" / f"{name}.json"
    for name in ("health-information-management", "medical-coder", "rating-scales")
]
"""The standards that the cast needs; `load_standards` alone brings further ones."""

OURS = {"ledger", "accounts", "competencies", "apprenticeship", "ojt_logs", "reports"}
CANARY = "Quillfeather"
"""A word in everything of the other sponsor; it must appear in no answer to anybody of Lakeside."""


@dataclass
class Cast:
    """Everybody, and the things they own."""

    lakeside: Sponsor
    harbor: Sponsor
    program: Program
    other_program: Program
    ana_user: User
    ben_user: User
    marcus: User
    lena: User
    nora: User
    priya: User
    ruth: User
    ivy: User
    olga: User
    chen_user: User
    dara: User
    ana: Apprentice
    ben: Apprentice
    chen: Apprentice
    klass: Class

    def function(self, number: int) -> JobFunction:
        return self.program.schedule.job_functions.get(number=number)

    def competency(self, code: str) -> Competency:
        return Competency.objects.get(job_function__schedule=self.program.schedule, code=code)

    def level(self, value: int) -> RatingLevel:
        scale = self.program.scale
        assert scale
        return scale.levels.get(value=value)

    def ojt(self, code: str = "2g", *, minutes: int = 480, day: date = TODAY, note: str = "") -> Line:
        """A line of on-the-job training on the competency `code`."""
        competency = self.competency(code)
        return Line("ojt", day, minutes, competency.job_function, competency, note=note)

    def ri(self, *, minutes: int = 120, day: date = TODAY, note: str = "") -> Line:
        return Line("ri", day, minutes, course=self.klass.course, note=note)

    def log(self, apprentice: Apprentice, *lines: Line, now: datetime = NOW) -> list[HoursEntry]:
        """Drafts of `apprentice`, saved by the apprentice."""
        return HoursEntry.objects.log(apprentice, by=apprentice.user, now=now, lines=lines or [self.ojt()])

    def submitted(self, apprentice: Apprentice, *lines: Line, now: datetime = NOW) -> list[HoursEntry]:
        Consent.objects.give(apprentice.user, now=JOINED)
        drafts = self.log(apprentice, *lines, now=now)
        ids = [draft.pk for draft in drafts]
        return HoursEntry.objects.filter(pk__in=ids).move("submit", by=apprentice.user, now=now)

    def approved(self, apprentice: Apprentice, *lines: Line, now: datetime = NOW) -> list[HoursEntry]:
        """Entries that Marcus (OJT) or Priya (RI) approved."""
        done = []
        for entry in self.submitted(apprentice, *lines, now=now):
            entry.move("approve", by=self.marcus if entry.kind == "ojt" else self.priya, now=now)
            done.append(entry)
        return done

    def sign(
        self, apprentice: Apprentice, code: str, *, value: int = 4, by: User | None = None, day: date = TODAY
    ) -> list[SignOff]:
        """Sign every standard of a competency with one rating, by Marcus unless said otherwise."""
        level = self.level(value)
        ratings = [
            Rating(standard, level, reason="no exposure yet" if level.needs_reason else "")
            for standard in self.competency(code).standards.all()
        ]
        return SignOff.objects.record(
            apprentice,
            by=by or self.marcus,
            now=NOW,
            authentication=Authentication("password", NOW - timedelta(minutes=1)),
            method="reviewed",
            observed_from=day,
            observed_to=day,
            ratings=ratings,
        )

    def grade(self, *outcomes: Outcome, day: date = TODAY, by: User | None = None) -> list[CourseResult]:
        """What Priya, unless said otherwise, records of her class."""
        return CourseResult.objects.record(
            self.klass,
            by=by or self.priya,
            now=NOW,
            authentication=Authentication("password", NOW - timedelta(minutes=1)),
            completed_on=day,
            outcomes=outcomes,
        )


def _user(name: str, *, zone: str = "America/Chicago") -> User:
    email = f"{name.split()[0].lower()}@example.org"
    user = User.objects.create_user(email, PASSWORD, name=name, time_zone=zone, address_proved_at=JOINED)
    Consent.objects.give(user, now=JOINED)
    return user


def _join(user: User, sponsor: Sponsor, role: str, title: str = "", credential: str = "") -> User:
    held = Membership.objects.create(
        user=user, sponsor=sponsor, role=role, title=title, credential=credential, starts_on=date(2026, 1, 1)
    )
    if held.states_qualification:
        held.record(by=None, now=JOINED)
    return user


def _program(sponsor: Sponsor, name: str, *, courses: tuple[str, ...]) -> Program:
    national = WorkProcessSchedule.objects.get(sponsor=None, occupation__rapids_code="1114")
    scale = RatingScale.objects.get(name="0-4")
    schedule = adopt(
        national,
        sponsor=sponsor,
        now=NOW,
        approach="competency",
        rapids_code="1114CB",
        rating_scale=scale,
        courses=[
            CourseOutline(title=title, code=f"MC {number}", ri_minutes=72 * 60)
            for number, title in enumerate(courses, start=101)
        ],
    )
    program = Program.objects.create(
        sponsor=sponsor,
        name=name,
        schedule=schedule,
        approach="competency",
        rapids_code="1114CB",
        onet_code="29-2071.00",
        takes_files=True,  # as their coordinator decided: most tests of files are about something else
        ri_minutes_required=144 * 60,
        term_months=12,
    )
    program.record("program.start", by=None, now=NOW)
    return program


def _register(program: Program, user: User, by: User, *mentors: User) -> Apprentice:
    apprentice = Apprentice.objects.register(program, user, started_on=STARTED, by=by, now=NOW)
    for mentor in mentors:
        Mentorship.objects.assign(apprentice, mentor, starts_on=STARTED, by=by, now=NOW)
    return apprentice


def build_cast() -> Cast:
    """Everybody, made through the product's own methods. Loads the standards when they are missing."""
    if not WorkProcessSchedule.objects.filter(sponsor=None).exists():
        call_command("load_standards", *SEEDS, verbosity=0)
    lakeside = Sponsor.objects.create(name="Lakeside Health")
    harbor = Sponsor.objects.create(name=f"Harbor Clinic {CANARY}")
    program = _program(lakeside, "Medical coders", courses=("Medical coding I", "Medical coding II"))
    other = _program(harbor, f"{CANARY} coders", courses=(f"{CANARY} course",))
    nora = _join(_user("Nora Bell"), lakeside, "coordinator")
    marcus = _join(_user("Marcus Webb"), lakeside, "mentor", "Coding supervisor", "CCS")
    lena = _join(_user("Lena Fox"), lakeside, "mentor", "Senior coder", "CPC")
    priya = _join(_user("Priya Nair"), lakeside, "instructor")
    olga = _join(_user(f"Olga Brandt {CANARY}"), harbor, "coordinator")
    dara = _join(_user(f"Dara Miles {CANARY}"), harbor, "mentor")
    ivy_shop = Sponsor.objects.create(name="Ivy Stone Billing")
    ivy = _join(_join(_user("Ivy Stone"), ivy_shop, "coordinator"), ivy_shop, "mentor")
    ana, ben, chen = _user("Ana Reyes"), _user("Ben Ortiz"), _user(f"Chen Park {CANARY}")
    ana_registered = _register(program, ana, nora, marcus)
    ben_registered = _register(program, ben, nora, marcus, lena)
    klass = Class.objects.begin(
        program,
        program.schedule.courses.get(position=1),
        priya,
        starts_on=STARTED,
        roster=[ana_registered, ben_registered],
        by=nora,
        now=NOW,
    )
    return Cast(
        lakeside=lakeside,
        harbor=harbor,
        program=program,
        other_program=other,
        ana_user=ana,
        ben_user=ben,
        marcus=marcus,
        lena=lena,
        nora=nora,
        priya=priya,
        ruth=_join(_user("Ruth Hale"), lakeside, "auditor"),
        ivy=ivy,
        olga=olga,
        chen_user=chen,
        dara=dara,
        ana=ana_registered,
        ben=ben_registered,
        chen=_register(other, chen, olga, dara),
        klass=klass,
    )


_first_build: tuple[Cast, list[Model]] | None = None


@pytest.fixture
def cast(db: None) -> Cast:
    """Everybody, new for this test. In a test of threads ask for `transactional_db` as well."""
    return everybody()


def everybody() -> Cast:
    """Everybody, new in this database.

    The first call of a process builds them through the product's methods (a second); later ones get the
    same rows put back (a tenth of that).
    """
    global _first_build
    if _first_build is None:
        with transaction.atomic():
            built = build_cast()
        _first_build = built, list(_all_rows())
        return built
    remembered, rows = _first_build
    by_model: dict[type[Model], list[Model]] = {}
    for row in rows:
        row._state.adding = True
        by_model.setdefault(type(row), []).append(row)
    with transaction.atomic():
        for model, ones in by_model.items():
            model._base_manager.bulk_create(ones)
    return _read_again(remembered)


def _all_rows() -> Iterator[Model]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in OURS and model._meta.managed:
            yield from model._base_manager.all()


def _read_again(remembered: Cast) -> Cast:
    """The same people as objects of this test's own, so that no test sees what another did to them."""
    known = {one.name: getattr(remembered, one.name) for one in fields(remembered)}
    return Cast(**{name: type(row)._base_manager.get(pk=row.pk) for name, row in known.items()})
