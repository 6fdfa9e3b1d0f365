"""The address of the site itself: what it is for visitors, the first screen for everybody else."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.context import current_apprenticeship
from accounts.models import User
from accounts.models.people import Role, authority_day
from apprenticeship.models import Program
from competencies.models import Framework, WorkProcessSchedule
from ojt_logs.first_steps import open_first_steps
from ojt_logs.models import HoursEntry


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the product is and which standards may be read; who is signed in goes to work at once."""
    if isinstance(request.user, User):
        return redirect(first_screen(request.user))
    context = {
        "schedules": WorkProcessSchedule.objects.visible_to(request.user).newest().filter(frozen=True)[:4],
        "frameworks": Framework.objects.visible_to(request.user).newest()[:4],
    }
    return render(request, "reports/home.html", context)


def first_screen(user: User) -> str:
    """Address of the page that answers this person's first question.

    An apprentice's week; for others what waits for their review, then the first steps of a sponsor that is
    new, then the programs they answer for; whoever only runs the site sees how it is. Who reviews and
    coordinates as well goes to the queue while something waits in it.
    """
    if apprentice := current_apprenticeship(user):
        return resolve_url("week", uid=apprentice)
    held = user.memberships.active(on=authority_day(timezone.now())).values_list("role", flat=True)
    offices = {Role.COORDINATOR, Role.AUDITOR} & set(held)
    reviews = {Role.MENTOR, Role.INSTRUCTOR} & set(held)
    if reviews and not (offices and not HoursEntry.objects.reviewable_by(user).exists()):
        return resolve_url("review")
    if open_first_steps(user):
        return resolve_url("first-steps")
    if offices:
        return _programs(user)
    if Role.OFFICER in held:
        return resolve_url("programs")
    return resolve_url("operations" if user.is_superuser else "standards")


def _programs(user: User) -> str:
    """The board of the one program, or the list of several."""
    uids = list(Program.objects.followed_by(user).values_list("uid", flat=True)[:2])
    return resolve_url("program", uid=uids[0]) if len(uids) == 1 else resolve_url("programs")
