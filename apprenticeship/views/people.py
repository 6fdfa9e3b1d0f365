"""Who works at a sponsor: the list, inviting, changing and ending."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import inviting, staff
from accounts.access import administered_sponsor, get_or_deny, managed_sponsor, signed_in
from accounts.factors.codes import has_second_step
from accounts.listing import Listing
from accounts.models import Invitation, Membership, Sponsor
from accounts.models.invitations import InvitationQuerySet
from accounts.models.people import Role, authority_day
from accounts.qualifications import earlier_of
from accounts.refusals import Refusal
from apprenticeship.forms.fields import refuse
from apprenticeship.forms.lists import INVITATION_SORTS, STAFF_SORTS, InvitationFilters, StaffFilters
from apprenticeship.forms.people import InviteForm, MembershipForm
from apprenticeship.models import Employer, Mentorship
from apprenticeship.models.programs import covers
from apprenticeship.models.status import FINAL
from apprenticeship.tables import INVITATIONS, STAFF

FEW = 5
"""Invitations that the page of people shows; all of them have a page of their own."""


def _invited(request: HttpRequest, sponsor: Sponsor) -> InvitationQuerySet:
    return Invitation.objects.visible_to(request.user).filter(sponsor=sponsor).to_roles()


@require_safe
def people(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Everybody who holds a role or held one, and who was invited last and is not here yet."""
    sponsor, now = administered_sponsor(request, uid), timezone.now()
    today, employers = authority_day(now), Employer.objects.visible_to(request.user).filter(sponsor=sponsor)
    manages = Sponsor.objects.managed_by(request.user).filter(pk=sponsor.pk).exists()
    staff_rows = Membership.objects.visible_to(request.user).filter(sponsor=sponsor).with_state(on=today)
    listing = Listing(
        request,
        staff_rows.with_second_step() if manages else staff_rows,
        filters=StaffFilters(request.GET, employers=employers.order_by("name"), today=today),
        sorts=STAFF_SORTS,
        related=("user", "employer", "ended_by"),
        table=STAFF,
        subject=str(sponsor),
    )
    waiting = _invited(request, sponsor).waiting().with_state(now=now)
    context = {
        "sponsor": sponsor,
        "listing": listing,
        "by_role": listing.sort is STAFF_SORTS[0],
        "invitations": waiting.select_related("employer", "invited_by").order_by("-created_at", "-pk")[:FEW],
        "manages": manages,
        "today": today,
    }
    return listing.answer() or render(request, "apprenticeship/people.html", context)


@require_safe
def invitations(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Every invitation to a role, also those that were accepted or withdrawn."""
    sponsor = administered_sponsor(request, uid)
    employers = Employer.objects.visible_to(request.user).filter(sponsor=sponsor)
    listing = Listing(
        request,
        _invited(request, sponsor).with_state(now=timezone.now()),
        filters=InvitationFilters(request.GET, employers=employers.order_by("name")),
        sorts=INVITATION_SORTS,
        related=("employer", "invited_by"),
        table=INVITATIONS,
        subject=str(sponsor),
    )
    context = {
        "sponsor": sponsor,
        "listing": listing,
        "manages": Sponsor.objects.managed_by(request.user).filter(pk=sponsor.pk).exists(),
    }
    return listing.answer() or render(request, "apprenticeship/invitations.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Invite one person or a pasted list; links are mailed, or shown once where no mail can be sent."""
    sponsor, now = managed_sponsor(request, uid), timezone.now()
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
    earlier = earlier_of([row]).get(row.uid, [])
    mentored = _mentored(row) if manages and row.role == Role.MENTOR else 0
    context = {
        "row": row,
        "form": form,
        "manages": manages,
        "over": over,
        "earlier": earlier,
        "mentored": mentored,
        "second_step": manages and not own and has_second_step(row.user),
        "beyond": manages and row.user.reaches_beyond(row.sponsor),
    }
    return render(request, "apprenticeship/membership.html", context)


def _mentored(row: Membership) -> int:
    """How many apprentices of the sponsor this mentor is assigned to today."""
    today = authority_day(timezone.now())
    current = Mentorship.objects.filter(
        covers(today), mentor=row.user, apprentice__program__sponsor=row.sponsor
    )
    return current.exclude(apprentice__status__in=FINAL).values("apprentice").distinct().count()


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
