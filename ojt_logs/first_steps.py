"""What a new sponsor does first, told from what is there: it fills itself in, nobody ticks anything."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse

from accounts.models import Invitation, Membership, Sponsor
from accounts.models.people import Role
from apprenticeship.models import Apprentice, Mentorship, Program
from competencies.models import WorkProcessSchedule
from ojt_logs.models import HoursEntry, State

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


@dataclass(frozen=True)
class Step:
    """One thing to do, whether it is done, and where; `url` is "" while something before it is missing."""

    title: str
    says: str
    done: bool
    url: str
    verb: str


@dataclass(frozen=True)
class FirstSteps:
    sponsor: Sponsor
    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def is_complete(self) -> bool:
        return all(step.done for step in self.steps)

    @property
    def next(self) -> Step | None:
        """The first thing that is left to do."""
        return next((step for step in self.steps if not step.done), None)


def first_steps(user: "User | AnonymousUser") -> list[FirstSteps]:
    """Of every sponsor that `user` runs: what was done and what is next. Two queries."""
    standards = WorkProcessSchedule.objects.visible_to(user).filter(frozen=True).exists()
    sponsors = _annotated(Sponsor.objects.managed_by(user)).order_by("name")
    return [FirstSteps(sponsor, _steps(sponsor, standards=standards)) for sponsor in sponsors]


def open_first_steps(user: "User | AnonymousUser") -> list[FirstSteps]:
    """Those that are neither complete nor put away."""
    new = [one for one in first_steps(user) if not one.is_complete]
    return [one for one in new if not one.sponsor.first_steps_put_away_at]


def _annotated(sponsors: QuerySet[Sponsor]) -> QuerySet[Any]:
    """With what the steps ask of them; a mentor who was only invited is one already."""
    own = {"sponsor": OuterRef("pk")}
    mentor = {"role": Role.MENTOR.value} | own
    apprentices = Apprentice.objects.everyone().filter(program__sponsor=OuterRef("pk"))
    guided = Mentorship.objects.filter(apprentice=OuterRef("pk"))
    hours = HoursEntry.objects.everyone().filter(apprentice__program__sponsor=OuterRef("pk"))
    return sponsors.annotate(
        first_program=Subquery(Program.objects.filter(**own).order_by("pk").values("uid")[:1]),
        has_mentor=Exists(Membership.objects.filter(**mentor)) | Exists(Invitation.objects.filter(**mentor)),
        has_apprentice=Exists(apprentices),
        unguided=Subquery(apprentices.filter(~Exists(guided)).order_by("pk").values("uid")[:1]),
        has_hours=Exists(hours.exclude(status=State.DRAFT)),
    )


WORDS = (
    (
        "Standards",
        "Find the work process schedule of your occupation: what an apprentice learns and is signed for.",
        "Look through the standards",
    ),
    (
        "Program",
        "Choose that schedule, how the apprenticeship is completed, its length and its classes.",
        "Create the program",
    ),
    (
        "Mentors",
        "Invite those who teach on the job. They approve hours and sign performance standards.",
        "Invite a mentor",
    ),
    (
        "Apprentices",
        "Enroll the first apprentice, or paste a list. Each gets a link to sign in.",
        "Enroll an apprentice",
    ),
    (
        "Who looks after whom",
        "Every apprentice needs a mentor, with the day from which.",
        "Assign a mentor",
    ),
    (
        "First hours",
        "An apprentice logs a day and submits the week; the mentor approves it. You see it on the board.",
        "Open the board",
    ),
)
"""Title, sentence and button of each step, in the order in which they are done."""


def _steps(sponsor: Any, *, standards: bool) -> tuple[Step, ...]:
    program: UUID | None = sponsor.first_program
    guided = sponsor.has_apprentice and sponsor.unguided is None
    board = reverse("program", args=[program]) if program else ""
    enrol = reverse("enrol", args=[program]) if program else ""
    invite = reverse("people-invite", args=[sponsor.uid], query={"role": Role.MENTOR})
    states: tuple[tuple[bool, str], ...] = (
        (standards, reverse("standards")),
        (program is not None, board or reverse("program-new")),
        (sponsor.has_mentor, reverse("people", args=[sponsor.uid]) if sponsor.has_mentor else invite),
        (sponsor.has_apprentice, board if sponsor.has_apprentice else enrol),
        (guided, reverse("registration", args=[sponsor.unguided]) if sponsor.unguided else ""),
        (sponsor.has_hours, board if guided else ""),
    )
    return tuple(
        Step(title, says, done, url, verb)
        for (title, says, verb), (done, url) in zip(WORDS, states, strict=True)
    )
