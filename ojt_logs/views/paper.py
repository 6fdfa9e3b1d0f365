"""Bringing the history: our workbook, what would come in, and a coordinator's attestation of all of it."""

from functools import partial
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, managed_sponsor, signed_in
from accounts.models import Sponsor
from accounts.numbers import count_of
from accounts.refusals import Refusal
from accounts.tables import FORMATS
from apprenticeship.enrolment import Pasted
from apprenticeship.forms.fields import refuse
from apprenticeship.models import Program
from competencies.uploads.waiting import find, forget, keep
from ojt_logs.forms.imports import AttestForm, HistoryForm, ScansForm
from ojt_logs.imports.history import History, HistoryFile, bring_history, read_history
from ojt_logs.imports.newcomers import newcomers
from ojt_logs.imports.template import template
from ojt_logs.models import HoursBatch, Scan
from ojt_logs.models.batches import ATTESTED, FileKind
from ojt_logs.views.files import attach_all
from ojt_logs.views.fresh import authentication, is_stale
from ojt_logs.views.imports import BAD, FORM, NEWEST, SHOWN


@require_http_methods(FORM)
def start(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The workbook to fill in, and where to bring it."""
    sponsor = managed_sponsor(request, uid)
    form = HistoryForm(request.POST, request.FILES) if request.method == "POST" else None
    if form and form.is_valid() and form.history:
        return redirect("history-look", uid, keep(form.history, user=signed_in(request)))
    batches = HoursBatch.objects.visible_to(request.user).filter(sponsor=sponsor, kind=FileKind.PAPER)
    context = {
        "sponsor": sponsor,
        "form": form or HistoryForm(),
        "batches": batches.select_related("by")[:NEWEST],
    }
    return render(request, "ojt_logs/history.html", context, status=BAD if form else 200)


@require_safe
def workbook(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The empty workbook, with the apprentices in its roster."""
    sponsor = managed_sponsor(request, uid)
    answer = HttpResponse(template(sponsor, by=signed_in(request)), content_type=FORMATS["xlsx"])
    name = slugify(sponsor.name)[:80] or "sponsor"
    answer["Content-Disposition"] = f'attachment; filename="history-{name}.xlsx"'
    return answer


@sensitive_post_parameters("password")
@require_http_methods(FORM)
def look(request: HttpRequest, uid: UUID, file: UUID) -> HttpResponse:
    """What would become of every row; below, the attestation with a fresh password."""
    sponsor, user = managed_sponsor(request, uid), signed_in(request)
    found = find(file, user=user, kind=HistoryFile)
    if found is None:
        raise Http404
    form = AttestForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := _attest(request, sponsor, found, form)):
        forget(file, user=user)
        return answer
    context = {"sponsor": sponsor, "file": found, "form": form, "needs_password": is_stale(request)}
    try:
        history = read_history(found, sponsor=sponsor, by=user, now=timezone.now())
    except Refusal as refusal:
        context |= {"refusal": refusal}
    else:
        refused = history.refused
        context |= {
            "history": history,
            "statement": ATTESTED,
            "refused": refused[:SHOWN],
            "more_refused": max(0, len(refused) - SHOWN),
            "signed": history.signatures[:SHOWN],
            "more_signed": max(0, len(history.signatures) - SHOWN),
            "new": history.new[:SHOWN],
            "more_new": max(0, len(history.new) - SHOWN),
            "newcomers": _newcomers(request, sponsor, file, history),
            "minutes": sorted(history.minutes.items(), key=lambda pair: str(pair[0])),
        }
    return render(request, "ojt_logs/history_look.html", context, status=BAD if form.is_bound else 200)


def _newcomers(request: HttpRequest, sponsor: Sponsor, file: UUID, history: History) -> list[tuple[Any, str]]:
    """Whom to enroll first, by program, each with the address where their list stands already."""
    user = signed_in(request)
    programs = Program.objects.managed_by(user).filter(sponsor=sponsor).order_by("name", "pk")
    back, found = reverse("history-look", args=[sponsor.uid, file]), []
    for one in newcomers(history, programs) if any(row.unknown for row in history.refused) else ():
        kept = keep(Pasted(one.text, back), user=user, uid=uuid5(file, str(one.program.uid)))
        found.append((one, f"{reverse('enrol-list', args=[one.program.uid])}?list={kept}"))
    return found


def _attest(
    request: HttpRequest, sponsor: Sponsor, file: HistoryFile, form: AttestForm
) -> HttpResponse | None:
    """The page of what came in; None, with the sentence in the form, where nothing did."""
    try:
        batch = bring_history(
            file,
            sponsor=sponsor,
            by=signed_in(request),
            now=timezone.now(),
            authentication=authentication(request),
            papers_at=form.cleaned_data["papers_at"],
        )
    except Refusal as refusal:
        refuse(form, refusal)
        return None
    except ValidationError as error:
        form.add_error(None, error)
        return None
    if batch is None:
        messages.info(request, "Every row of this workbook is on the record already: nothing changed.")
        return redirect("history-start", sponsor.uid)
    entries = count_of(batch.rows, "entry", "entries")
    signatures = count_of(batch.signatures, "signature")
    entries = f"{entries} and {signatures}" if batch.signatures else entries
    messages.success(request, f"{entries} from paper are on the record, attested by {batch.by}.")
    return redirect("hours-batch", batch.uid)


@require_POST
def attach(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Attach scans of one apprentice's pages to a batch; a refused one is told by name, the others stay."""
    visible = HoursBatch.objects.visible_to(request.user)
    batch = get_or_deny(visible, HoursBatch.objects.managed_by(request.user), uid=uid)
    form = ScansForm(request.POST, request.FILES, batch=batch)
    if not form.is_valid():
        for field in form.errors.as_data():
            messages.error(request, str(form.errors[field][0]))
        return redirect("hours-batch", uid)
    attach_all(request, partial(Scan.objects.attach, batch, form.cleaned_data["apprentice"]))
    return redirect("hours-batch", uid)
