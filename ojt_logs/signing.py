"""What a mentor needs to know to sign, and the one signing that a double press makes."""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, Sum

from accounts.models import IdempotencyKey, User
from accounts.models.keys import KeyReused
from accounts.refusals import Conflict
from apprenticeship.models import Apprentice
from competencies.models import Competency, PerformanceStandard
from ojt_logs.models import Authentication, HoursEntry, Origin, Rating, SelfRating, SignOff, State
from ojt_logs.models.ratings import FIRST_HAND
from ojt_logs.progress import CompetencyProgress, progress_of

Target = PerformanceStandard | Competency


@dataclass(frozen=True)
class Choice:
    """A competency that could be signed, with the minutes on entries that name it."""

    progress: CompetencyProgress
    minutes: int


@dataclass(frozen=True)
class Choices:
    """All competencies of a schedule as a signer meets them: what counts and is open comes first.

    Of those, the ones that hours name (most first) stand before the ones that nobody worked at yet.
    """

    worked: tuple[Choice, ...]
    open: tuple[Choice, ...]
    achieved: tuple[Choice, ...]
    optional: tuple[Choice, ...]


@dataclass(frozen=True)
class Statement:
    """One thing to rate, and the ratings beside it: the mentors' and the apprentice's own, newest first."""

    target: Target
    text: str
    beside: tuple[SignOff, ...]
    own: tuple[SelfRating, ...] = ()

    @property
    def required(self) -> int:
        """Demonstrations on different days that make it met."""
        return self.target.required_demonstrations if isinstance(self.target, PerformanceStandard) else 1

    @property
    def demonstrations(self) -> int:
        """Days with a pass so far."""
        return len({row.observed_to for row in self.passes})

    @property
    def passes(self) -> tuple[SignOff, ...]:
        return tuple(row for row in self.beside if row.passed)


def choices(apprentice: Apprentice, user: User) -> Choices:
    """What can be signed for `apprentice`."""
    minutes = minutes_naming(apprentice, user)
    found = [
        Choice(competency, minutes.get(competency.competency.lineage, 0))
        for function in progress_of(apprentice).functions
        for competency in function.competencies
    ]
    still_open = [one for one in found if one.progress.counts and not one.progress.achieved]
    return Choices(
        worked=tuple(sorted((one for one in still_open if one.minutes), key=lambda one: -one.minutes)),
        open=tuple(one for one in still_open if not one.minutes),
        achieved=tuple(one for one in found if one.progress.counts and one.progress.achieved),
        optional=tuple(one for one in found if not one.progress.counts),
    )


def standards_met(apprentice: Apprentice, competency: Competency) -> int:
    """How many of the competency's standards are met, with every demonstration they need."""
    functions = progress_of(apprentice).functions
    rows = (row for function in functions for row in function.competencies if row.competency == competency)
    return sum(row.standards_met for row in rows)


def minutes_naming(apprentice: Apprentice, user: User) -> dict[uuid.UUID, int]:
    """Approved and waiting minutes by lineage of the competency they name. Never to be added up."""
    hours = HoursEntry.objects.visible_to(user).filter(
        apprentice=apprentice, competency__isnull=False, status__in=[State.SUBMITTED, State.APPROVED]
    )
    rows = hours.order_by().values_list("competency__lineage").annotate(minutes=Sum("minutes"))
    return dict(rows)


def statements(apprentice: Apprentice, competency: Competency, user: User) -> list[Statement]:
    """Every performance standard of a competency, or the competency itself where it lists none."""
    targets = targets_of(competency)
    beside, own = _standing(apprentice, targets, user), own_ratings(apprentice, user)
    return [
        Statement(
            target,
            text_of(target),
            tuple(beside.get(target.lineage, ())),
            tuple(own.get(target.lineage, ())),
        )
        for target in targets
    ]


def targets_of(competency: Competency) -> list[Target]:
    """What is rated of a competency: its performance standards, or itself where it lists none."""
    return [*competency.standards.order_by("position")] or [competency]


def text_of(target: Target) -> str:
    return target.text if isinstance(target, PerformanceStandard) else target.title


def bare_statements(competency: Competency) -> list[Statement]:
    """The statements alone, with nothing of the record beside them: for somebody who may not read it."""
    return [Statement(target, text_of(target), ()) for target in targets_of(competency)]


def own_ratings(apprentice: Apprentice, user: User) -> dict[uuid.UUID, list[SelfRating]]:
    """How the apprentice rated themselves, by lineage of what was rated, newest first."""
    rows = SelfRating.objects.visible_to(user).filter(request__apprentice=apprentice)
    found: dict[uuid.UUID, list[SelfRating]] = defaultdict(list)
    named = rows.select_related("performance_standard", "competency", "rating", "request")
    for row in named.order_by("-request__asked_at", "-pk"):
        found[row.lineage].append(row)
    return found


def _standing(
    apprentice: Apprentice, targets: Sequence[Target], user: User
) -> dict[uuid.UUID, list[SignOff]]:
    lineages = [target.lineage for target in targets]
    rows = (
        SignOff.objects.visible_to(user)
        .standing()
        .filter(apprentice=apprentice)
        .filter(
            Q(performance_standard__lineage__in=lineages)
            | Q(performance_standard=None, competency__lineage__in=lineages)
        )
        .select_related("rating", "performance_standard", "competency")
    )
    found: dict[uuid.UUID, list[SignOff]] = defaultdict(list)
    for row in rows:
        found[row.lineage].append(row)
    return found


def beside(sign_off: SignOff, user: User) -> list[SignOff]:
    """Other standing ratings of the same statement, newest first."""
    target = sign_off.performance_standard or sign_off.competency
    rows = _standing(sign_off.apprentice, [target], user).get(target.lineage, [])
    return [row for row in rows if row.pk != sign_off.pk]


def doubted(signed: Iterable[SignOff], user: User) -> list[tuple[SignOff, SignOff]]:
    """Pairs of a rating just signed and an earlier pass it contradicts, which stands until withdrawn."""
    rows = [row for row in signed if not row.passed]
    if not rows:
        return []
    targets = [row.performance_standard or row.competency for row in rows]
    standing = _standing(rows[0].apprentice, targets, user)
    return [
        (row, earlier)
        for row in rows
        for earlier in standing.get(row.lineage, [])
        if row.contradicts(earlier)
    ]


def sign_once(
    key: uuid.UUID,
    apprentice: Apprentice,
    *,
    by: User,
    now: datetime,
    authentication: Authentication,
    method: str,
    observed_from: date,
    observed_to: date,
    ratings: Sequence[Rating],
    note: str,
    origin: Origin = FIRST_HAND,
) -> list[SignOff]:
    """SignOff.objects.record, made once however often the page with this `key` is sent.

    A second request waits for the first and gets what that one signed. Raises Conflict when the key comes
    back with other ratings: then somebody went back in the browser after signing.
    """
    rated = sorted((str(one.target.uid), one.level.answer, one.reason.strip()) for one in ratings)
    said = [apprentice.uid, method, observed_from, observed_to, note.strip(), rated]
    said += [origin.original_at, origin.ink] if origin != FIRST_HAND else []
    try:
        with IdempotencyKey.objects.once(
            by, key=f"sign-off:{key}", method="POST", path="sign-off", words=said, now=now
        ) as row:
            if row.answered:
                return _signed_before(row)
            signed = SignOff.objects.record(
                apprentice,
                by=by,
                now=now,
                authentication=authentication,
                method=method,
                observed_from=observed_from,
                observed_to=observed_to,
                ratings=ratings,
                note=note,
                origin=origin,
            )
            row.answer(status=303, body=json.dumps([str(one.uid) for one in signed]))
            return signed
    except KeyReused as reused:
        raise Conflict(
            "From this page you have signed already, with other ratings. Open the competency again to see "
            "what stands, and to sign once more if you want to.",
            code="signed_already",
        ) from reused


def _signed_before(first: IdempotencyKey) -> list[SignOff]:
    mine = SignOff.objects.visible_to(first.user).filter(uid__in=json.loads(first.body))
    return list(mine.select_related("rating", "performance_standard", "competency").order_by("pk"))
