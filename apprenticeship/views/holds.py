"""Legal holds: placed on one registration or on everything of a sponsor, and lifted."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import get_or_deny, managed_sponsor, signed_in
from accounts.models import Sponsor
from apprenticeship.forms.holds import HoldReasonForm
from apprenticeship.models import Apprentice, LegalHold
from apprenticeship.views.reach import managed_registration

STANDS = "While it stands, nothing of this is disposed of or erased, however old it is."


@require_http_methods(["GET", "HEAD", "POST"])
def on_registration(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Keep the record of one registration until the hold is lifted."""
    found = managed_registration(request, uid)
    form, back = (
        HoldReasonForm(request.POST if request.method == "POST" else None),
        reverse("registration", args=[uid]),
    )
    if form.is_valid():
        _place(request, found.program.sponsor, form, apprentice=found)
        return redirect(back)
    about = f"{found.user.name} · {found.program.name}"
    return _page(request, form, about=about, title="Place a legal hold", what=STANDS, back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def on_sponsor(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Keep every record of a sponsor until the hold is lifted."""
    sponsor = managed_sponsor(request, uid)
    form, back = (
        HoldReasonForm(request.POST if request.method == "POST" else None),
        reverse("keeping", args=[uid]),
    )
    if form.is_valid():
        _place(request, sponsor, form)
        return redirect(back)
    title = "Place a legal hold on everything"
    return _page(request, form, about=sponsor.name, title=title, what=STANDS, back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def lift(request: HttpRequest, uid: UUID) -> HttpResponse:
    """End a hold, with the reason."""
    related = ("sponsor", "apprentice__user", "apprentice__program", "placed_by")
    visible = LegalHold.objects.visible_to(request.user).select_related(*related)
    hold = get_or_deny(visible, LegalHold.objects.managed_by(request.user), uid=uid)
    form, back = HoldReasonForm(request.POST if request.method == "POST" else None), _back_of(hold)
    if form.is_valid():
        hold.lift(by=signed_in(request), now=timezone.now(), why=form.cleaned_data["reason"])
        messages.success(request, "The hold is lifted.")
        return redirect(back)
    what = f"{hold.placed_by.name} placed it: “{hold.reason}”"
    about = str(hold.apprentice or hold.sponsor)
    return _page(
        request, form, about=about, title="Lift a legal hold", what=what, back=back, button="Lift it"
    )


def _place(request: HttpRequest, sponsor: Sponsor, form: HoldReasonForm, **on: Apprentice) -> None:
    LegalHold.objects.place(
        sponsor, by=signed_in(request), now=timezone.now(), reason=form.cleaned_data["reason"], **on
    )
    messages.success(request, "The hold stands.")


def _back_of(hold: LegalHold) -> str:
    if hold.apprentice:
        return reverse("registration", args=[hold.apprentice.uid])
    return reverse("keeping", args=[hold.sponsor.uid])


def _page(request: HttpRequest, form: HoldReasonForm, **said: str) -> HttpResponse:
    shown = {"form": form, "button": "Place the hold", **said}
    return render(request, "apprenticeship/hold.html", shown)
