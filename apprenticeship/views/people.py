"""Who works at a sponsor: the list, inviting, changing and ending."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import inviting, staff
from accounts.access import get_or_deny, signed_in
from accounts.models import Invitation, Membership, Sponsor
from accounts.models.people import Role, authority_day
from accounts.refusals import Refusal
from apprenticeship.forms.fields import refuse
from apprenticeship.forms.people import InviteForm, MembershipForm


@require_safe
def people(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Everybody who holds a role, who is invited, and whose role has ended."""
    visible, mine = Sponsor.objects.visible_to(request.user), Sponsor.objects.administered_by(request.user)
    sponsor = get_or_deny(visible, mine, uid=uid)
    rows = Membership.objects.visible_to(request.user).filter(sponsor=sponsor)
    rows = rows.select_related("user", "employer", "ended_by").order_by("user__name", "-starts_on", "-pk")
    waiting = Invitation.objects.visible_to(request.user).filter(sponsor=sponsor).to_roles().waiting()
    now = timezone.now()
    today = authority_day(now)
    context = {
        "sponsor": sponsor,
        "held": sorted((row for row in rows if not row.over(on=today)), key=_by_role),
        "past": [row for row in rows if row.over(on=today)],
        "invitations": waiting.select_related("employer", "invited_by").order_by("-created_at"),
        "manages": Sponsor.objects.managed_by(request.user).filter(pk=sponsor.pk).exists(),
        "today": today,
        "now": now,
    }
    return render(request, "apprenticeship/people.html", context)


def _by_role(row: Membership) -> int:
    return Role.values.index(row.role)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Invite one person or a pasted list; links are mailed, or shown once where no mail can be sent."""
    visible, mine = Sponsor.objects.visible_to(request.user), Sponsor.objects.managed_by(request.user)
    sponsor, now = get_or_deny(visible, mine, uid=uid), timezone.now()
    data, role = request.POST if request.method == "POST" else None, request.GET.get("role", "")
    form = InviteForm(sponsor, authority_day(now), data, role=role)
    if form.is_valid():
        try:
            done = inviting.invite(sponsor=sponsor, by=signed_in(request), now=now, **form.cleaned_data)
            return render(request, "apprenticeship/people_invited.html", {"done": done, "sponsor": sponsor})
        except Refusal as refusal:
            refuse(form, refusal)
    return render(request, "apprenticeship/people_invite.html", {"form": form, "sponsor": sponsor})


@require_http_methods(["GET", "HEAD", "POST"])
def membership(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What somebody is: the qualification that papers print, the employer, the first and last day."""
    acting = request.method == "POST"
    row = _membership(request, uid) if acting else get_or_deny(_visible(request), uid=uid)
    manages = Membership.objects.managed_by(request.user).filter(pk=row.pk).exists()
    over = row.over(on=authority_day(timezone.now()))
    editable, own = manages and not over, row.user == request.user
    form = MembershipForm(request.POST if acting else None, instance=row, editable=editable, own=own)
    if form.is_valid() and _change(request, _membership(request, uid), form):
        messages.success(request, "Saved.")
        return redirect("people", uid=row.sponsor.uid)
    context = {"row": row, "form": form, "manages": manages, "over": over}
    return render(request, "apprenticeship/membership.html", context)


def _visible(request: HttpRequest) -> "Membership.objects":  # type: ignore[valid-type]
    return Membership.objects.visible_to(request.user).select_related("user", "sponsor", "employer")


def _membership(request: HttpRequest, uid: UUID) -> Membership:
    """A membership of a sponsor that one runs."""
    return get_or_deny(_visible(request), Membership.objects.managed_by(request.user), uid=uid)


def _change(request: HttpRequest, row: Membership, form: MembershipForm) -> bool:
    said = {"employer": row.employer, "starts_on": row.starts_on, **form.cleaned_data}
    try:
        staff.change(row, by=signed_in(request), now=timezone.now(), **said)
    except Refusal as refusal:
        refuse(form, refusal)
        return False
    return True


@require_POST
def membership_end(request: HttpRequest, uid: UUID) -> HttpResponse:
    """End it this moment."""
    row = _membership(request, uid)
    staff.end_at_once(row, by=signed_in(request), now=timezone.now())
    messages.success(request, f"{row.user} is no longer {row.get_role_display().lower()} from now on.")
    return redirect("people", uid=row.sponsor.uid)


def _invitation(request: HttpRequest, uid: UUID) -> Invitation:
    """An invitation to a role; those of apprentices are kept on their own pages."""
    visible = Invitation.objects.visible_to(request.user).to_roles().select_related("sponsor", "employer")
    return get_or_deny(visible, Invitation.objects.managed_by(request.user), uid=uid)


@never_cache
@require_POST
def invitation_again(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Send a new link; the one before no longer works."""
    row = _invitation(request, uid)
    done = [inviting.again(row, by=signed_in(request), now=timezone.now())]
    return render(request, "apprenticeship/people_invited.html", {"done": done, "sponsor": row.sponsor})


@require_POST
def invitation_withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Make a link useless."""
    row = _invitation(request, uid)
    if (
        Invitation.objects.visible_to(request.user)
        .filter(pk=row.pk)
        .withdraw(by=signed_in(request), now=timezone.now())
    ):
        messages.success(request, f"The invitation of {row.email} is withdrawn.")
    return redirect("people", uid=row.sponsor.uid) if row.sponsor else redirect("programs")
