"""Sets of hours entries: who sees which, who reviews which, their sums, and the moves they make together."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, Sum
from django.utils import timezone

from accounts.models import Consent, User
from accounts.models.among import Among, any_of
from accounts.models.people import Role, authority_day
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.models import Apprentice, Class, Mentorship
from apprenticeship.models.apprentices import near
from apprenticeship.models.programs import covers, sponsors_of
from apprenticeship.standing import standing_of
from competencies.models import Competency, Course, JobFunction
from ojt_logs.models.acts import perform, supersede_corrected
from ojt_logs.models.lines import Kind, Line
from ojt_logs.models.moves import MOVES, UNREVIEWED, Move, State
from ojt_logs.models.rules import problems_at_approval, problems_of
from ojt_logs.models.totals import COUNTED, OTHER_WORK

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ojt_logs.models.hours import HoursEntry

Sums = dict[tuple[int, str, uuid.UUID], tuple[int, int]]
"""Waiting and approved minutes by apprentice id, kind and lineage of the job function or course."""

PLACE = ("job_function", "competency", "course")
JOINED = ("apprentice__user", "apprentice__program", *PLACE)
"""What a move reads with an entry."""
PREFETCHED = ("corrects", "created_by", "batch", "apprentice__status_changes", "evidence")
"""What it reads after them, since most have none or all the same: as joins it took 6 ms to plan."""


class HoursQuerySet(models.QuerySet["HoursEntry"]):
    def everyone(self) -> "HoursQuerySet":
        """All entries, for commands and workers that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "HoursQuerySet":
        """One's own; those on a record that one reads; what one reviews. Drafts stay private."""
        if not isinstance(user, User):
            return self.none()
        records, standing = Apprentice.objects.record_visible_to(user).values("pk"), standing_of(user)
        shared = ~Q(status=State.DRAFT)
        if standing.reviews:
            found = self.filter(Among(F("apprentice_id"), near(user)))
            shared &= Q(apprentice__in=records) | reviewed_by(user)
        else:
            found = self.filter(Among(F("apprentice_id"), records))
        return found.filter(Q(apprentice__user=user) | shared if standing.learns else shared)

    def worked_by(self, user: User) -> "HoursQuerySet":
        """One's own, drafts as well."""
        return self.filter(apprentice__user=user)

    def on_record_for(self, user: "User | AnonymousUser") -> "HoursQuerySet":
        """What stands on the records that `user` reads; nobody's drafts, one's own neither."""
        records = Apprentice.objects.record_visible_to(user).values("pk")
        return self.filter(apprentice__in=records).exclude(status=State.DRAFT)

    def under_review_of(self, user: "User | AnonymousUser") -> "HoursQuerySet":
        """Entries that fall to `user`, whatever their state; see `reviewed_by`."""
        return self.filter(reviewed_by(user)) if isinstance(user, User) else self.none()

    def reviewable_by(self, user: "User | AnonymousUser") -> "HoursQuerySet":
        """What waits for `user` now: the queue, the gate and the button's condition in one."""
        return self.under_review_of(user).filter(status=State.SUBMITTED)

    def logged_for(self) -> "HoursQuerySet":
        """What others wrote down for the apprentice and nobody has reviewed yet."""
        others = ~Q(created_by=F("apprentice__user"))
        return self.filter(others, status=State.SUBMITTED).select_related("created_by", "apprentice__user")

    def of_days(self, first: date, last: date) -> "HoursQuerySet":
        return self.filter(date__gte=first, date__lte=last)

    def sums(self) -> Sums:
        """What the rollup keeps, added up from these entries in one query; what is nothing is left out."""
        minutes = {
            column: Sum("minutes", filter=Q(status=state), default=0) for state, column in COUNTED.items()
        }
        keys = ("apprentice_id", "kind", "job_function__lineage", "course__lineage")
        rows = self.filter(status__in=COUNTED).order_by().values(*keys).annotate(**minutes)
        return {
            (row["apprentice_id"], row["kind"], row[keys[2]] or row[keys[3]] or OTHER_WORK): (
                row["waiting"],
                row["approved"],
            )
            for row in rows
        }

    def log(
        self, apprentice: Apprentice, *, by: User, now: datetime, lines: Sequence[Line]
    ) -> list["HoursEntry"]:
        """Save several drafts together, all or none.

        Raises NotAllowed for anybody but the apprentice, ValidationError with sentences by field. A line
        whose `client_uid` or `external_id` is there already is not written twice: the earlier entry is
        returned.
        """
        if apprentice.user_id != by.pk:
            raise NotAllowed("Hours are logged by the apprentice.", code="not_your_hours")
        with transaction.atomic():
            User.objects.select_for_update().get(pk=apprentice.user_id)
            return [self._write(apprentice, line, by=by, now=now) for line in lines]

    def _write(self, apprentice: Apprentice, line: Line, *, by: User, now: datetime) -> "HoursEntry":
        own = self.filter(apprentice=apprentice)
        for name in ("client_uid", "external_id"):
            given = getattr(line, name)
            if given and (earlier := own.filter(**{name: given}).first()):
                return earlier
        stamps = dict.fromkeys(("created_at", "updated_at", "changed_at"), now)
        entry = self.model(apprentice=apprentice, created_by=by, **stamps, **vars(line))
        entry.check_sense(now=now)
        entry.save(force_insert=True)
        return entry

    def move(
        self, name: str, *, by: User, now: datetime, reason: str = "", seen: datetime | None = None
    ) -> list["HoursEntry"]:
        """Make one move of MOVES on every entry of this set, all or none; returns them as they are now.

        `seen` is when what the reviewer read was submitted, at the latest: what was submitted again since
        then is not what they saw, and raises InvalidTransition. So that this cannot miss, each submission
        of a person is later than the ones before, also of one that waited long for the lock.

        In one transaction: conditional UPDATE, rollup, one ledger entry each. Raises NotAllowed when an
        entry is not in the actor's set, ConsentNeeded, Refusal without a required reason, InvalidTransition
        when a state forbids it (also when somebody was first).
        """
        move = MOVES[name]
        Consent.objects.demand(by)
        if move.needs_reason and not reason.strip():
            raise Refusal("Say why, so that it can be mended.", code="reason_required", field="reason")
        with transaction.atomic():
            entries = self._locked()
            self._check_actor(move, entries, by=by, now=now)
            if name == "submit":
                now = self._after_earlier(by, now)
            for entry in entries:
                entry.check_state(move)
                entry.check_seen(seen)
                if name == "undo":
                    entry.check_undo(by=by, now=now)
                if name == "recall":
                    entry.check_recallable()
                if name in ("dispute", "settle"):
                    entry.check_disputable()
                if name == "approve":
                    entry.check_undisputed()
                    _check_correction(entry, now=now)
            if name == "submit":
                _check_sense_of(entries, now=now)
            supersede_corrected(name, entries, by=by, now=now)
            moved = perform(name, entries, by=by, now=now, reason=reason.strip())
            if move.target in UNREVIEWED:
                self._catch_up(moved)
            return moved

    def follow(self, schedule: int) -> None:
        """Name the same requirements of the version with this id; what has none there stays, for the
        apprentice to choose. In four queries and one write; call it in the transaction of an act."""
        functions = _by_lineage(JobFunction.objects.filter(schedule=schedule))
        competencies = _by_lineage(Competency.objects.filter(job_function__schedule=schedule))
        courses = _by_lineage(Course.objects.filter(schedule=schedule))
        entries: list[Any] = [*self.select_related("job_function", "competency", "course")]
        for entry in entries:
            function = entry.job_function and functions.get(entry.job_function.lineage)
            competency = entry.competency and competencies.get(entry.competency.lineage)
            if competency:
                entry.job_function_id, entry.competency_id = competency.job_function_id, competency.pk
            elif function:
                entry.job_function, entry.competency = function, None
            entry.course = entry.course and courses.get(entry.course.lineage, entry.course)
        self.bulk_update(entries, PLACE)

    def _catch_up(self, entries: list["HoursEntry"]) -> None:
        """What comes back to its apprentice names what is asked of them now, also after another version."""
        behind: dict[int, list[HoursEntry]] = defaultdict(list)
        for entry in entries:
            place = entry.job_function or entry.course
            if place and place.schedule_id != entry.apprentice.schedule_id:
                behind[entry.apprentice.schedule_id].append(entry)
        for schedule, own in behind.items():
            self.model.objects.filter(pk__in=[entry.pk for entry in own]).follow(schedule)
            for entry in own:
                entry.refresh_from_db(fields=PLACE)

    def _locked(self) -> list["HoursEntry"]:
        """These entries, read under the locks of their people, always taken in the same order."""
        people = self.order_by().values("apprentice__user").distinct()
        list(User.objects.select_for_update().filter(pk__in=people).order_by("pk"))
        return list(self.select_related(*JOINED).prefetch_related(*PREFETCHED).order_by("date", "pk"))

    def _after_earlier(self, person: User, now: datetime) -> datetime:
        """The moment of a submission: `now`, but later than every earlier one. Call under the lock."""
        own = self.model.objects.filter(apprentice__user=person)
        newest = own.aggregate(newest=Max("submitted_at"))["newest"]
        return max(now, newest + timedelta(microseconds=1)) if newest else now

    def _check_actor(self, move: Move, entries: list["HoursEntry"], *, by: User, now: datetime) -> None:
        if move.actor == "owner" and all(entry.apprentice.user_id == by.pk for entry in entries):
            return
        if move.actor == "reviewer":
            ids = {entry.pk for entry in entries}
            allowed = self.model.objects.under_review_of(by).filter(pk__in=ids).values_list("pk", flat=True)
            if ids == set(allowed):
                return
        raise NotAllowed(
            "Only the apprentice may do this."
            if move.actor == "owner"
            else "Only a mentor (OJT) or instructor (RI) assigned to the apprentice may review these hours, "
            "and nobody their own.",
            code="not_your_review" if move.actor == "reviewer" else "not_your_hours",
        )


def _by_lineage(rows: models.QuerySet[Any]) -> dict[uuid.UUID, Any]:
    return {row.lineage: row for row in rows}


def _check_correction(entry: "HoursEntry", *, now: datetime) -> None:
    """Raise ValidationError where a correction makes no sense any more beside what was logged since."""
    if entry.corrects and (found := problems_at_approval(entry, now=now)):
        raise ValidationError(found)


def _check_sense_of(entries: list["HoursEntry"], *, now: datetime) -> None:
    """As `HoursEntry.check_sense` of each of one person's entries, in one query."""
    found = problems_of(entries, now=now)
    for entry in entries:
        if entry.pk in found:
            raise ValidationError(found[entry.pk])


def reviewed_by(user: User) -> Q:
    """Entries that fall to `user`: OJT as mentor assigned on the work date or today, RI as instructor.

    Never one's own. An instructor answers for a class's course and its roster. Bounded by the person's own
    assignments first, so that the work does not grow with everybody's hours.
    """
    if not standing_of(user).reviews:
        return any_of([])
    then, today = covers(OuterRef("date")), covers(authority_day(timezone.now()))
    mentorships = Mentorship.objects.filter(mentor=user)
    classes = Class.objects.filter(instructor=user)
    assigned = Exists(mentorships.filter(then | today, apprentice=OuterRef("apprentice")))
    in_class = classes.filter(roster=OuterRef("apprentice"), course__lineage=OuterRef("course__lineage"))
    as_mentor = Q(
        assigned,
        kind=Kind.OJT,
        apprentice__in=mentorships.values("apprentice"),
        apprentice__program__sponsor__in=sponsors_of(user, roles=[Role.MENTOR.value]),
    )
    as_instructor = Q(
        Exists(in_class.filter(then | today)),
        kind=Kind.RI,
        apprentice__in=classes.values("roster"),
        apprentice__program__sponsor__in=sponsors_of(user, roles=[Role.INSTRUCTOR.value]),
    )
    return (as_mentor | as_instructor) & ~Q(apprentice__user=user)
