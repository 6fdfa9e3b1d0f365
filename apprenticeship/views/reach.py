"""What a coordinator reaches by an address: 404 for what one may not see, 403 for what one may not change."""

from uuid import UUID

from django.http import HttpRequest

from accounts.access import get_or_deny
from apprenticeship.models import Apprentice, Mentorship, Program

RELATED = ("user", "program__sponsor", "schedule", "employer")
"""What the pages of a registration read beside it."""


def managed_program(request: HttpRequest, uid: UUID) -> Program:
    """A program that one may change."""
    visible = Program.objects.visible_to(request.user).select_related("sponsor", "schedule")
    return get_or_deny(visible, Program.objects.managed_by(request.user), uid=uid)


def managed_registration(request: HttpRequest, uid: UUID) -> Apprentice:
    """A registration that one may decide about, which is never one's own."""
    visible = Apprentice.objects.visible_to(request.user).select_related(*RELATED)
    return get_or_deny(visible, Apprentice.objects.decided_by(request.user), uid=uid)


def managed_assignment(request: HttpRequest, uid: UUID) -> Mentorship:
    """An assignment in a registration that one may decide about."""
    visible = Mentorship.objects.filter(apprentice__in=Apprentice.objects.visible_to(request.user))
    managed = Mentorship.objects.filter(apprentice__in=Apprentice.objects.decided_by(request.user))
    related = ("mentor", "apprentice__user", "apprentice__program__sponsor", "stands_in_for")
    return get_or_deny(visible.select_related(*related), managed, uid=uid)
