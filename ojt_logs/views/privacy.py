"""Patient information on a record: reported, and decided by two people."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from ledger.tombstones import Tombstone
from ojt_logs.forms.privacy import ReportForm, ShowForm
from ojt_logs.models import PrivacyReport
from ojt_logs.models.reportable import REPORTABLE

RELATED = ("apprentice__user", "apprentice__program", "reported_by", "agreed_by", "decided_by")
NEWEST = 200


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """What was reported: first what is to be decided, then what was."""
    visible = PrivacyReport.objects.visible_to(request.user).select_related(*RELATED)
    shown = {"open": visible.filter(outcome="")[:NEWEST], "decided": visible.exclude(outcome="")[:NEWEST]}
    return render(request, "ojt_logs/privacy.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, about: str, uid: UUID) -> HttpResponse:
    """Hide a text or a file of the record that one sees, at once, with the reason; what is hidden leads to
    what happened."""
    one = REPORTABLE.get(about)
    if one is None:
        raise Http404
    user = signed_in(request)
    row = get_or_deny(one.visible_to(user), uid=uid)
    text = getattr(row, one.field) if one.field else ""
    if isinstance(text, Tombstone):
        of = PrivacyReport.objects.visible_to(user).filter(apprentice=one.apprentice_of(row))
        return redirect("privacy-one", get_or_deny(of.exclude(outcome="shown"), sha256=text.sha256).uid)
    form = ReportForm(request.POST or None)
    if form.is_valid():
        told = PrivacyReport.objects.report(about, row, by=user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, "Hidden. A coordinator and a second person decide whether it is taken out.")
        return redirect("privacy-one", told.uid)
    shown = {"form": form, "thing": one.thing if one.field else row.name, "of": one.apprentice_of(row)}
    return render(request, "ojt_logs/privacy_report.html", shown | {"text": text})


@require_safe
def one(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One report: who, when, why; and what the reader may do about it."""
    return _page(request, _visible(request, uid), ShowForm())


@require_POST
def agree(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Agree to take it out for good."""
    row = _visible(request, uid)
    row.agree(by=signed_in(request), now=timezone.now())
    messages.success(
        request, "Taken out for good." if row.outcome else "Your word is kept. A second person has to agree."
    )
    return redirect("privacy-one", uid)


@require_POST
def show_again(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Put it back, with the reason."""
    row, form = _visible(request, uid), ShowForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    row.show_again(by=signed_in(request), now=timezone.now(), **form.cleaned_data)
    messages.success(request, "It is shown again.")
    return redirect("privacy-one", uid)


def _visible(request: HttpRequest, uid: UUID) -> PrivacyReport:
    visible = PrivacyReport.objects.visible_to(request.user)
    return get_or_deny(visible.select_related(*RELATED), uid=uid)


def _page(request: HttpRequest, row: PrivacyReport, form: ShowForm) -> HttpResponse:
    every = PrivacyReport.objects.visible_to(request.user).filter(pk=row.pk)
    shown = {
        "report": row,
        "form": form,
        "decides": every.decidable_by(request.user).exists(),
        "agrees": every.agreeable_by(request.user, now=timezone.now()).exists(),
    }
    return render(request, "ojt_logs/privacy_one.html", shown)
