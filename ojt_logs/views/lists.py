"""Lists of what is on the record: an apprentice's sign-offs, and the hours and sign-offs of a program."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.listing import Listing
from accounts.models import User
from apprenticeship.models import Apprentice, Program
from ojt_logs.forms.filters import (
    MOST_NAMES,
    HoursOfProgramFilters,
    SignOffFilters,
    SignOffsOfProgramFilters,
)
from ojt_logs.listing import HOURS_OF_PROGRAM_SORTS, SIGN_OFF_SORTS, SIGN_OFFS_OF_PROGRAM_SORTS
from ojt_logs.models import HoursEntry, SignOff
from ojt_logs.tables import (
    HOURS_OF_PROGRAM,
    HOURS_RELATED,
    SIGN_OFF_RELATED,
    SIGN_OFFS,
    SIGN_OFFS_OF_PROGRAM,
)
from ojt_logs.views.reach import followed_program, limit_of, named, record


@require_safe
def sign_offs(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Every act of signing on one record: ratings, and what was taken back."""
    apprentice = record(request, uid)
    signers = User.objects.filter(mentorships__apprentice=apprentice)
    functions = apprentice.schedule.job_functions.order_by("number")
    listing = Listing(
        request,
        SignOff.objects.visible_to(request.user).filter(apprentice=apprentice).with_fate(),
        filters=SignOffFilters(request.GET, functions=functions, signers=signers),
        related=SIGN_OFF_RELATED,
        sorts=SIGN_OFF_SORTS,
        table=SIGN_OFFS,
        subject=str(apprentice),
    )
    mine = apprentice.user_id == signed_in(request).pk
    shown = {"apprentice": apprentice, "listing": listing, "mine": mine}
    return listing.answer() or render(request, "ojt_logs/sign_offs.html", shown)


@require_safe
def program_hours(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """The hours of everybody in a program whose record one reads; no drafts."""
    found = followed_program(request, uid)
    limit = limit_of(request, found)
    listing = Listing(
        request,
        HoursEntry.objects.on_record_for(signed_in(request)).filter(apprentice__program=found),
        filters=HoursOfProgramFilters(request.GET, people=_people(request, found)),
        related=HOURS_RELATED,
        sorts=HOURS_OF_PROGRAM_SORTS,
        table=HOURS_OF_PROGRAM,
        subject=named(found, limit),
    )
    shown = {"program": found, "listing": listing, "limit": limit}
    return listing.answer() or render(request, "ojt_logs/program_hours.html", shown)


@require_safe
def program_sign_offs(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Every act of signing for everybody in a program whose record one reads."""
    found = followed_program(request, uid)
    limit = limit_of(request, found)
    readable = Apprentice.objects.record_visible_to(request.user).filter(program=found)
    signers = User.objects.filter(mentorships__apprentice__in=readable)
    functions = found.schedule.job_functions.order_by("number")
    filters = SignOffsOfProgramFilters(
        request.GET, functions=functions, signers=signers, people=_people(request, found)
    )
    listing = Listing(
        request,
        SignOff.objects.visible_to(request.user).filter(apprentice__in=readable).with_fate(),
        filters=filters,
        related=SIGN_OFF_RELATED,
        sorts=SIGN_OFFS_OF_PROGRAM_SORTS,
        table=SIGN_OFFS_OF_PROGRAM,
        subject=named(found, limit),
    )
    shown = {"program": found, "listing": listing, "limit": limit}
    return listing.answer() or render(request, "ojt_logs/program_sign_offs.html", shown)


def _people(request: HttpRequest, program: Program) -> list[tuple[str, str]]:
    readable = Apprentice.objects.record_visible_to(request.user).filter(program=program)
    named = readable.order_by("user__name", "pk").values_list("uid", "user__name")[:MOST_NAMES]
    return [(str(uid), name) for uid, name in named]
