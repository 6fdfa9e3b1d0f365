"""Being forgotten, and disposing of records past retention: asking, deciding, proposing, confirming."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, managed_sponsor, signed_in
from accounts.numbers import count_of
from accounts.refusals import Refusal
from apprenticeship.forms.fields import refuse
from apprenticeship.models import Apprentice
from apprenticeship.views.reach import managed_registration
from ojt_logs import disposing
from ojt_logs.forms.disposing import AskForm, ConfirmForm, DecideForm, LetterForm, ProposeForm
from ojt_logs.models import Disposal, ErasureRequest
from ojt_logs.views.fresh import authentication, is_stale

FORM = ["GET", "HEAD", "POST"]
WAITS = "Asked. A coordinator decides, and a second person confirms."


@require_http_methods(FORM)
def ask(request: HttpRequest) -> HttpResponse:
    """Ask one's own sponsor to forget one; below, what became of it."""
    person = signed_in(request)
    form = AskForm(request.POST if request.method == "POST" else None, person=person)
    if form.is_valid():
        try:
            disposing.ask(person, by=person, now=timezone.now(), **form.cleaned_data)
            messages.success(request, WAITS)
            return redirect("erasure")
        except Refusal as refusal:
            refuse(form, refusal)
    mine = ErasureRequest.objects.visible_to(person).filter(person=person)
    shown = {"form": form, "mine": mine.select_related("sponsor", "decided_by")}
    return render(request, "ojt_logs/erasure.html", shown)


@require_http_methods(FORM)
def ask_for(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Ask for an apprentice whose letter one has."""
    found = managed_registration(request, uid)
    form = LetterForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        sponsor, by = found.program.sponsor, signed_in(request)
        made = disposing.ask(found.user, sponsor, by=by, now=timezone.now(), **form.cleaned_data)
        return redirect("erasure-request", made.uid)
    return render(request, "ojt_logs/erasure_for.html", {"form": form, "apprentice": found})


@require_http_methods(FORM)
def request(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One request: who asked, what stands in the way; and the coordinator's decision."""
    related = ("person", "sponsor", "asked_by", "decided_by")
    visible = ErasureRequest.objects.visible_to(request.user).select_related(*related)
    acting = ErasureRequest.objects.decidable_by(request.user) if request.method == "POST" else None
    one = get_or_deny(visible, acting, uid=uid)
    form = DecideForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        grant = request.POST.get("decision") == "grant"
        made = disposing.decide(
            one, grant=grant, by=signed_in(request), now=timezone.now(), **form.cleaned_data
        )
        return redirect("disposal", made.uid) if made else redirect("erasure-request", uid)
    shown = {
        "one": one,
        "form": form,
        "grantable_on": disposing.grantable_on(one),
        "records": len(disposing.registrations(one)),
        "decides": ErasureRequest.objects.decidable_by(request.user).filter(pk=one.pk).exists(),
    }
    return render(request, "ojt_logs/erasure_request.html", shown)


@require_POST
def propose(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Propose to dispose of the records that are ticked."""
    sponsor, form = managed_sponsor(request, uid), ProposeForm(request.POST)
    form.is_valid()
    rows = Apprentice.objects.decided_by(request.user).filter(
        program__sponsor=sponsor, uid__in=form.cleaned_data["people"]
    )
    chosen = list(rows.select_related("user", "program__sponsor"))
    made = disposing.propose(sponsor, chosen, by=signed_in(request), now=timezone.now())
    messages.success(
        request, f"Proposed for {count_of(len(chosen), 'record')}. A second coordinator confirms it."
    )
    return redirect("disposal", made.uid)


@require_safe
def disposal(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What was proposed, or the certificate of what was done."""
    return _page(request, _disposal(request, uid), ConfirmForm())


@sensitive_post_parameters("password")
@require_POST
def confirm(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Confirm as the second person, with a fresh password."""
    row, form = _disposal(request, uid), ConfirmForm(request.POST)
    get_or_deny(
        Disposal.objects.visible_to(request.user), Disposal.objects.confirmable_by(request.user), uid=uid
    )
    try:
        proof = authentication(request)
    except Refusal as refusal:
        form.add_error("password", refusal.message)
        return _page(request, row, form, status=refusal.status)
    disposing.confirm(row, by=signed_in(request), now=timezone.now(), authentication=proof)
    messages.success(request, "Disposed of. This page is the certificate.")
    return redirect("disposal", uid)


@require_POST
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a proposal back."""
    row = _disposal(request, uid)
    disposing.withdraw(row, by=signed_in(request), now=timezone.now())
    messages.success(request, "Taken back. Nothing was disposed of.")
    return redirect("keeping", row.sponsor.uid)


def _disposal(request: HttpRequest, uid: UUID) -> Disposal:
    related = ("sponsor", "proposed_by", "confirmed_by", "withdrawn_by", "request__person")
    return get_or_deny(Disposal.objects.visible_to(request.user).select_related(*related), uid=uid)


def _page(request: HttpRequest, row: Disposal, form: ConfirmForm, *, status: int = 200) -> HttpResponse:
    shown = {
        "row": row,
        "form": form,
        "people": row.people.select_related("user", "program").order_by("ended_on", "pk"),
        "lines": row.certificates.select_related("apprentice__user", "apprentice__program"),
        "confirms": Disposal.objects.confirmable_by(request.user).filter(pk=row.pk).exists(),
        "manages": Disposal.objects.managed_by(request.user).filter(pk=row.pk).exists(),
        "needs_password": is_stale(request),
    }
    return render(request, "ojt_logs/disposal.html", shown, status=status)
