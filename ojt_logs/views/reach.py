"""What a person reaches by an address: 404 for what one may not see, 403 for what is not one's own."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.access import get_or_deny, signed_in
from apprenticeship.models import Amendment, Apprentice, Employer, Program
from ojt_logs import own
from ojt_logs.models import HoursEntry, NoWorkPeriod
from ojt_logs.models.hour_sets import HoursQuerySet
from ojt_logs.tables import HOURS_RELATED


def own_registration(request: HttpRequest, uid: UUID) -> Apprentice:
    """One's own registration; 403 for those who may only look at it."""
    return own.registration_of(signed_in(request), uid)


def other_registrations(request: HttpRequest, apprentice: Apprentice) -> list[Apprentice]:
    """One's own further registrations, the newest first; nothing on the page of somebody else."""
    if apprentice.user_id != signed_in(request).pk:
        return []
    mine = Apprentice.objects.visible_to(request.user).filter(user=signed_in(request))
    others = mine.exclude(pk=apprentice.pk).select_related("program__sponsor")
    return list(others.order_by("-started_on", "-pk"))


def to_acknowledge(request: HttpRequest, apprentice: Apprentice) -> Amendment | None:
    """The change of schedule that one is asked to acknowledge; nothing on the page of somebody else."""
    visible = Amendment.objects.visible_to(request.user).open()
    return visible.filter(apprentice=apprentice, apprentice__user=signed_in(request)).first()


def no_work_of(request: HttpRequest, apprentice: Apprentice, first: date, last: date) -> list[NoWorkPeriod]:
    """What explains gaps from `first` to `last`, the earliest first."""
    visible = NoWorkPeriod.objects.visible_to(request.user).filter(apprentice=apprentice)
    return list(visible.standing().within(first, last).order_by("first_day"))


def record(request: HttpRequest, uid: UUID) -> Apprentice:
    """A registration whose whole record one may read; 403 for those who only teach it."""
    visible = Apprentice.objects.visible_to(request.user).select_related("user", "program", "schedule")
    return get_or_deny(visible, Apprentice.objects.record_visible_to(request.user), uid=uid)


def followed_program(request: HttpRequest, uid: UUID) -> Program:
    """A program whose people one follows; 403 for those who only learn, mentor or teach in it."""
    visible = Program.objects.visible_to(request.user).select_related("sponsor", "schedule")
    return get_or_deny(visible, Program.objects.followed_by(request.user), uid=uid)


@dataclass(frozen=True)
class Limit:
    """Whose people of a program a page shows to somebody who does not have the whole of it."""

    employers: list[Employer]
    mentors: bool
    """Those whom the reader mentors, who work elsewhere, are shown beside them."""

    def __str__(self) -> str:
        named = " and ".join(one.name for one in self.employers) or "no employer"
        return f"apprentices at {named}{' and those you mentor' if self.mentors else ''}"


def limit_of(request: HttpRequest, program: Program) -> Limit | None:
    """None for who has the whole program. Otherwise the employers with apprentices in it."""
    user = request.user
    if Program.objects.coordinated_by(user).filter(pk=program.pk).exists():
        return None
    seen = Employer.objects.visible_to(user).filter(sponsor=program.sponsor)
    mine = Apprentice.objects.record_visible_to(user).filter(program=program)
    elsewhere = mine.exclude(employer__in=seen.values("pk")).exists()
    return Limit(list(seen.filter(apprentice__program=program).distinct().order_by("name")), elsewhere)


def named(program: Program, limit: Limit | None) -> str:
    """The program as the files of its lists are called."""
    return f"{program}, {limit}" if limit else str(program)


def entries_of(request: HttpRequest, apprentice: Apprentice) -> HoursQuerySet:
    """Those of one registration that one may see, with what pages show of them."""
    found = HoursEntry.objects.visible_to(request.user).filter(apprentice=apprentice)
    return found.select_related(*HOURS_RELATED)


def own_entry(request: HttpRequest, uid: UUID) -> HoursEntry:
    """An entry of one's own; 403 for those who may only look at it."""
    return own.entry_of(signed_in(request), uid)


def back_to_week(apprentice: Apprentice, day: date) -> HttpResponse:
    return redirect(f"{reverse('week', args=[apprentice.uid])}?of={day.isoformat()}")
