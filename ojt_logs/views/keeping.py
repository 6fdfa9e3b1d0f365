"""Keeping and disposing: how long a sponsor keeps records, what stands in the way, what is past it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import administered_sponsor, managed_sponsor, signed_in
from accounts.listing import Listing
from accounts.models import Sponsor
from accounts.models.people import authority_day
from accounts.refusals import Refusal
from apprenticeship import retention
from apprenticeship.forms.fields import refuse
from apprenticeship.models import Apprentice, LegalHold
from ojt_logs.forms.keeping import YearsForm
from ojt_logs.keeping import DUE, DUE_SORTS, DueFilters
from ojt_logs.models import Disposal, ErasureRequest

BAD = 400
NEWEST = 50


@require_safe
def keeping(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """How long records are kept here, legal holds, and what is past retention."""
    sponsor = administered_sponsor(request, uid)
    return _page(request, sponsor, YearsForm(sponsor=sponsor))


@require_POST
def years(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Keep records longer from now on."""
    sponsor = managed_sponsor(request, uid)
    form = YearsForm(request.POST, sponsor=sponsor)
    if form.is_valid():
        try:
            retention.lengthen(sponsor, form.cleaned_data["years"], by=signed_in(request), now=timezone.now())
            messages.success(request, f"Records are kept {sponsor.retention_years} years.")
            return redirect("keeping", uid)
        except Refusal as refusal:
            refuse(form, refusal)
    return _page(request, sponsor, form, status=BAD)


def _page(request: HttpRequest, sponsor: Sponsor, form: YearsForm, *, status: int = 200) -> HttpResponseBase:
    listing = _listing(request, sponsor)
    holds = LegalHold.objects.visible_to(request.user).standing().filter(sponsor=sponsor)
    context = {
        "sponsor": sponsor,
        "form": form,
        "listing": listing,
        "due": [(row, retention.due_since(row)) for row in listing.rows],
        "holds": holds.select_related("sponsor", "apprentice__user", "placed_by"),
        "requests": ErasureRequest.objects.visible_to(request.user)
        .filter(sponsor=sponsor, decision="")
        .select_related("person"),
        "disposals": Disposal.objects.visible_to(request.user)
        .filter(sponsor=sponsor, state__in=["open", "confirmed"])
        .select_related("proposed_by", "confirmed_by")[:NEWEST],
        "manages": Sponsor.objects.managed_by(request.user).filter(pk=sponsor.pk).exists(),
    }
    return listing.answer() or render(request, "ojt_logs/keeping.html", context, status=status)


def _listing(request: HttpRequest, sponsor: Sponsor) -> Listing:
    rows = Apprentice.objects.registration_visible_to(request.user).filter(program__sponsor=sponsor)
    return Listing(
        request,
        retention.due(rows, today=authority_day(timezone.now())),
        filters=DueFilters(request.GET),
        sorts=DUE_SORTS,
        related=("user", "program__sponsor", "employer"),
        table=DUE,
        subject=str(sponsor),
    )
