"""The pages of asking to be signed: choose, ask, read; take back or decline."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.models.people import authority_day
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from competencies.models import Competency
from ojt_logs import asking, signing
from ojt_logs.forms.asking import AskForm, DeclineForm
from ojt_logs.models import SignOffRequest
from ojt_logs.views.reach import own_registration

MOST = 10
"""Competencies that are asked for in one act."""

BAD = 400


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Which competencies (`?of=2g`, several times), then one's own ratings, what shows it, and a note."""
    apprentice = own_registration(request, uid)
    chosen = _chosen(request, apprentice)
    if not chosen:
        return _choose(request, apprentice)
    form = AskForm(request.POST or None, apprentice=apprentice, asked=asking.askings(apprentice, chosen))
    if request.method != "POST":
        return _page(request, apprentice, form)
    if not form.is_valid():
        return _page(request, apprentice, form, status=BAD)
    try:
        row = SignOffRequest.objects.ask(apprentice, by=signed_in(request), now=timezone.now(), **form.what)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, apprentice, form, status=refusal.status)
    who = " or ".join(map(str, apprentice.mentors(on=authority_day(timezone.now()))))
    messages.success(request, f"Asked for {row.codes}. It waits for {who}.")
    return redirect("sign-off-request", row.uid)


def _chosen(request: HttpRequest, apprentice: Apprentice) -> list[Competency]:
    codes = (request.GET.getlist("of") or request.POST.getlist("of"))[:MOST]
    found = Competency.objects.filter(job_function__schedule=apprentice.schedule_id, code__in=codes)
    return list(found.select_related("job_function").order_by("job_function__number", "position"))


def _choose(request: HttpRequest, apprentice: Apprentice) -> HttpResponse:
    person = signed_in(request)
    context = {
        "apprentice": apprentice,
        "choices": signing.choices(apprentice, person),
        "waiting": asking.open_lineages(apprentice, person),
        "most": MOST,
        "none_chosen": request.method == "POST" or "asked" in request.GET,
    }
    return render(request, "ojt_logs/ask_choose.html", context)


def _page(request: HttpRequest, apprentice: Apprentice, form: AskForm, *, status: int = 200) -> HttpResponse:
    mentors = apprentice.mentors(on=authority_day(timezone.now()))
    context = {"apprentice": apprentice, "form": form, "mentors": mentors, "scale": apprentice.scale}
    return render(request, "ojt_logs/ask.html", context, status=status)


@require_safe
def sign_off_request(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One request: what is asked for, how the apprentice rates it, what came of it."""
    return _request_page(request, _visible(request, uid), DeclineForm())


def _visible(request: HttpRequest, uid: UUID) -> SignOffRequest:
    rows = SignOffRequest.objects.visible_to(request.user)
    related = ("apprentice__user", "apprentice__program__rating_scale", "apprentice__schedule", "closed_by")
    return get_or_deny(rows.select_related(*related), uid=uid)


def _request_page(
    request: HttpRequest, row: SignOffRequest, form: DeclineForm, *, status: int = 200
) -> HttpResponse:
    person = signed_in(request)
    named = row.competencies.select_related("job_function").order_by("job_function__number", "position")
    rated = row.self_ratings.select_related("performance_standard", "competency", "rating")
    context = {
        "row": row,
        "apprentice": row.apprentice,
        "competencies": named,
        "unrated": row.unrated() if row.state == "open" else [],
        "own": rated.order_by("competency__code", "performance_standard__position"),
        "entries": asking.entries_shown(row, person),
        "mine": row.apprentice.user_id == person.pk,
        "to_me": SignOffRequest.objects.addressed_to(person).filter(pk=row.pk).exists(),
        "mentors": row.apprentice.mentors(on=authority_day(timezone.now())),
        "form": form,
    }
    return render(request, "ojt_logs/sign_off_request.html", context, status=status)


@require_POST
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take back what one asked for."""
    row = _visible(request, uid)
    get_or_deny(
        SignOffRequest.objects.visible_to(request.user),
        SignOffRequest.objects.asked_by(request.user),
        pk=row.pk,
    )
    row.withdraw(by=signed_in(request), now=timezone.now())
    messages.success(request, f"Taken back: you no longer ask for {row.codes}.")
    return redirect("progress", row.apprentice.uid)


@require_POST
def decline(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say no, with a reason that the apprentice reads."""
    row = _visible(request, uid)
    get_or_deny(
        SignOffRequest.objects.visible_to(request.user),
        SignOffRequest.objects.addressed_to(request.user),
        pk=row.pk,
    )
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _request_page(request, row, form, status=BAD)
    row.decline(by=signed_in(request), now=timezone.now(), reason=form.cleaned_data["reason"])
    messages.success(request, f"Declined. {row.apprentice} reads why.")
    return redirect("review")
