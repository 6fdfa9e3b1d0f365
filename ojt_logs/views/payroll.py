"""What was paid against what was logged, period by period, with a place to explain each difference."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import get_or_deny, managed_sponsor, signed_in
from accounts.listing import Listing, Sort
from accounts.models import Sponsor
from accounts.numbers import count_of
from accounts.refusals import Refusal
from competencies.uploads.waiting import find, forget, keep
from ojt_logs.forms.filters import MOST_NAMES
from ojt_logs.forms.imports import ColumnsForm, ExplainForm, FileForm, PaidFilters
from ojt_logs.imports import bringing
from ojt_logs.imports.payroll import PaidReading, bring_paid, read_paid
from ojt_logs.models import PaidHours
from ojt_logs.tables import PAID
from ojt_logs.views.imports import BAD, FORM, SHOWN, Pending

SORTS = (
    Sort("newest", "Newest period first", ("-ends_on", "apprentice__user__name", "pk")),
    Sort("oldest", "Oldest period first", ("ends_on", "apprentice__user__name", "pk")),
    Sort("name", "Apprentice", ("apprentice__user__name", "-ends_on", "-pk")),
)
RELATED = ("apprentice__user", "apprentice__program", "file")


@require_http_methods(FORM)
def reconcile(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Every period that was paid, beside what was logged in it. A coordinator reads payrolls in."""
    sponsor = get_or_deny(Sponsor.objects.visible_to(request.user), _readers(request), uid=uid)
    manages = Sponsor.objects.managed_by(request.user).filter(pk=sponsor.pk).exists()
    form = None
    if request.method == "POST":
        managed_sponsor(request, uid)
        form = FileForm(request.POST, request.FILES, kind="payroll")
        if form.is_valid() and form.upload:
            pending = Pending(form.upload, bringing.plan_for(form.upload, sponsor=sponsor))
            return redirect("payroll-look", uid, keep(pending, user=signed_in(request)))
    listing = _listing(request, sponsor)
    context = {
        "sponsor": sponsor,
        "listing": listing,
        "manages": manages,
        "form": form or FileForm(kind="payroll"),
        "refused": form is not None,
    }
    answer = None if form else listing.answer()
    return answer or render(request, "ojt_logs/payroll.html", context, status=BAD if form else 200)


def _readers(request: HttpRequest) -> QuerySet[Sponsor]:
    """Where one may read a payroll: whoever coordinates or audits the whole sponsor."""
    return Sponsor.objects.administered_by(request.user)


def _listing(request: HttpRequest, sponsor: Sponsor) -> Listing:
    paid = PaidHours.objects.visible_to(request.user).filter(file__sponsor=sponsor).current()
    named = paid.order_by("apprentice__user__name").values_list("apprentice__uid", "apprentice__user__name")
    people = [(str(uid), name) for uid, name in named.distinct()[:MOST_NAMES]]
    return Listing(
        request,
        paid.against_logged(),
        filters=PaidFilters(request.GET, people=people),
        related=RELATED,
        sorts=SORTS,
        table=PAID,
        subject=str(sponsor),
    )


@require_http_methods(FORM)
def look(request: HttpRequest, uid: UUID, file: UUID) -> HttpResponse:
    """What was read from a payroll; its columns may be chosen anew, then it is kept."""
    sponsor, user = managed_sponsor(request, uid), signed_in(request)
    pending = find(file, user=user, kind=Pending)
    if pending is None or pending.upload.kind != "payroll":
        raise Http404
    if request.method == "POST" and "bring" in request.POST:
        return _bring(request, sponsor, pending, file)
    form = ColumnsForm(request.POST or None, upload=pending.upload, plan=pending.plan)
    if form.is_valid():
        keep(Pending(pending.upload, form.plan), user=user, uid=file)
        return redirect("payroll-look", uid, file)
    context = {"sponsor": sponsor, "upload": pending.upload, "form": form}
    try:
        reading = read_paid(pending.upload, pending.plan, sponsor=sponsor, by=user)
        context |= _shown(reading)
    except Refusal as refusal:
        context |= {"refusal": refusal}
    return render(request, "ojt_logs/payroll_look.html", context, status=BAD if form.errors else 200)


def _shown(reading: PaidReading) -> dict[str, object]:
    sums = sorted(reading.sums.items(), key=lambda pair: (pair[0][1], str(pair[0][0])))
    return {
        "reading": reading,
        "order": reading.order,
        "periods": len({(first, last) for (_, first, last), _ in sums}),
        "minutes": sum(minutes for _, minutes in sums),
        "paid": [(who, first, last, minutes) for (who, first, last), minutes in sums[:SHOWN]],
        "more_paid": max(0, len(sums) - SHOWN),
        "refused": reading.refused[:SHOWN],
        "more_refused": max(0, len(reading.refused) - SHOWN),
    }


def _bring(request: HttpRequest, sponsor: Sponsor, pending: Pending, file: UUID) -> HttpResponse:
    try:
        kept = bring_paid(
            pending.upload, pending.plan, sponsor=sponsor, by=signed_in(request), now=timezone.now()
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("payroll-look", sponsor.uid, file)
    forget(file, user=signed_in(request))
    periods = count_of(kept.paid.count(), "pay period")
    messages.success(request, f"{periods} of {kept} stand beside what was logged.")
    return redirect("payroll", sponsor.uid)


@require_http_methods(FORM)
def explain(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One pay period of one apprentice, and what was said of its difference."""
    visible = PaidHours.objects.visible_to(request.user).against_logged().select_related(*RELATED)
    managed = PaidHours.objects.managed_by(request.user)
    row = get_or_deny(visible, managed if request.method == "POST" else None, uid=uid)
    may = managed.filter(pk=row.pk).exists()
    form = ExplainForm(request.POST or None) if may else None
    if form and form.is_valid():
        row.explain(form.cleaned_data["text"], by=signed_in(request), now=timezone.now())
        messages.success(request, "The explanation stands beside the period.")
        return redirect("payroll", row.file.sponsor.uid)
    context = {"row": row, "form": form, "sponsor": row.file.sponsor}
    return render(request, "ojt_logs/paid_hours.html", context, status=BAD if form and form.errors else 200)
