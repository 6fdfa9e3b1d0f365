"""Periodic reviews: which are due, holding one, reading and answering it."""

import json
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.forms import PasswordForm
from accounts.models import IdempotencyKey
from accounts.models.keys import KeyReused
from accounts.models.people import Role, authority_day
from accounts.refusals import Conflict, Refusal
from apprenticeship.models import Apprentice
from apprenticeship.models.status import FINAL
from ledger import chain
from ojt_logs import periodic_reviews
from ojt_logs.forms.reviews import ReviewAnswerForm, ReviewForm, untouched
from ojt_logs.models import Authentication, PeriodicReview
from ojt_logs.models.signers import signer_facts
from ojt_logs.views.fresh import authentication, is_stale
from ojt_logs.views.reach import followed_program, limit_of, record

BAD = 400


@require_safe
def reviews(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The reviews of one apprentice, and when the next is due."""
    apprentice, today = record(request, uid), authority_day(timezone.now())
    rows = PeriodicReview.objects.visible_to(request.user).filter(apprentice=apprentice)
    (due,) = periodic_reviews.due_of([apprentice], today=today)
    mentored = Apprentice.objects.mentored_by(request.user, on=today)
    context = {
        "apprentice": apprentice,
        "rows": rows.select_related("answer"),
        "due": due,
        "state": due.state(today),
        "may_hold": mentored.filter(pk=apprentice.pk).exists(),
        "mine": apprentice.user_id == signed_in(request).pk,
    }
    return render(request, "ojt_logs/periodic_reviews.html", context)


@require_safe
def of_program(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Whose review in a program is due, the longest overdue first, and everybody's last."""
    program, today = followed_program(request, uid), authority_day(timezone.now())
    people = Apprentice.objects.record_visible_to(request.user).filter(program=program)
    named = people.exclude(status__in=FINAL).select_related("user", "program").order_by("user__name", "pk")
    found = [(due, due.state(today)) for due in periodic_reviews.due_of(named, today=today)]
    order = {"overdue": 0, "due": 1, "later": 2, "": 3}
    context = {
        "program": program,
        "limit": limit_of(request, program),
        "rows": sorted(found, key=lambda pair: order[pair[1]]),
    }
    return render(request, "ojt_logs/program_reviews.html", context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Write a review, read what is signed, sign it with a fresh password."""
    apprentice, person = _mentored(request, uid), signed_in(request)
    today = person.today(timezone.now())
    if request.method != "POST":
        return _write(request, apprentice, ReviewForm(initial=untouched(today=today), today=today))
    form = ReviewForm(request.POST, today=today)
    if not form.is_valid():
        return _write(request, apprentice, form, status=BAD)
    step = request.POST.get("step_of_page", "read")
    if step == "edit":
        return _write(request, apprentice, ReviewForm(initial=form.cleaned_data, today=today))
    if step != "sign":
        return _read(request, apprentice, form)
    return _sign(request, apprentice, form)


def _mentored(request: HttpRequest, uid: UUID) -> Apprentice:
    visible = Apprentice.objects.visible_to(request.user).select_related(
        "user", "program__rating_scale", "program__sponsor", "schedule__rating_scale"
    )
    today = authority_day(timezone.now())
    return get_or_deny(visible, Apprentice.objects.mentored_by(request.user, on=today), uid=uid)


def _shown(request: HttpRequest, apprentice: Apprentice, form: ReviewForm, held_on: date) -> dict[str, Any]:
    now = timezone.now()
    signer = signer_facts(
        signed_in(request),
        apprentice,
        role=Role.MENTOR,
        now=now,
        authentication=Authentication("password", now),
    )
    figures = periodic_reviews.figures_of(apprentice, as_of=held_on)
    last = PeriodicReview.objects.visible_to(request.user).filter(apprentice=apprentice).first()
    return {"apprentice": apprentice, "form": form, "signer": signer, "figures": figures, "last": last}


def _write(
    request: HttpRequest, apprentice: Apprentice, form: ReviewForm, *, status: int = 200
) -> HttpResponse:
    today = signed_in(request).today(timezone.now())
    context = _shown(request, apprentice, form, today)
    return render(request, "ojt_logs/periodic_review_new.html", context, status=status)


def _read(
    request: HttpRequest,
    apprentice: Apprentice,
    form: ReviewForm,
    *,
    password: PasswordForm | None = None,
    status: int = 200,
) -> HttpResponse:
    today = signed_in(request).today(timezone.now())
    context = _shown(request, apprentice, form, min(form.cleaned_data["held_on"], today)) | {
        "password": password or PasswordForm(),
        "needs_password": is_stale(request),
    }
    return render(request, "ojt_logs/periodic_review_confirm.html", context, status=status)


def _sign(request: HttpRequest, apprentice: Apprentice, form: ReviewForm) -> HttpResponse:
    try:
        row = _once(request, apprentice, form)
    except Refusal as refusal:
        if refusal.field == "password":
            password = PasswordForm(request.POST)
            password.add_error("password", refusal.message)
            return _read(request, apprentice, form, password=password, status=refusal.status)
        form.refuse(refusal)
        return _write(request, apprentice, form, status=refusal.status)
    messages.success(request, f"Signed. {apprentice} reads it now and answers.")
    return redirect("periodic-review", row)


def _once(request: HttpRequest, apprentice: Apprentice, form: ReviewForm) -> UUID:
    """The id of the review that this page signs, however often it is sent."""
    person, now, what = signed_in(request), timezone.now(), form.what
    said = [apprentice.uid, what["held_on"], what["step"], *vars(what["said"]).values()]
    try:
        with IdempotencyKey.objects.once(
            person,
            key=f"review:{form.cleaned_data['key']}",
            method="POST",
            path="periodic-review",
            words=said,
            now=now,
        ) as first:
            if first.answered:
                return UUID(json.loads(first.body))
            today = min(what["held_on"], person.today(now))
            row = PeriodicReview.objects.sign(
                apprentice,
                by=person,
                now=now,
                authentication=authentication(request),
                figures=periodic_reviews.figures_of(apprentice, as_of=today),
                **what,
            )
            first.answer(status=303, body=json.dumps(str(row.uid)))
            return row.uid
    except KeyReused as reused:
        raise Conflict(
            "From this page you have signed already, with other words.", code="signed_already"
        ) from reused


def _visible(request: HttpRequest, uid: UUID) -> PeriodicReview:
    rows = PeriodicReview.objects.visible_to(request.user)
    related = ("apprentice__user", "apprentice__program__sponsor", "answer__by", "signer")
    return get_or_deny(rows.select_related(*related), uid=uid)


@require_safe
def review(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One review as it was signed, with the answer; made to be printed."""
    return _page(request, _visible(request, uid), ReviewAnswerForm())


def _page(
    request: HttpRequest, row: PeriodicReview, form: ReviewAnswerForm, *, status: int = 200
) -> HttpResponse:
    answer = getattr(row, "answer", None)
    context = {
        "row": row,
        "apprentice": row.apprentice,
        "answer": answer,
        "entry": chain.entries_of(row.apprentice.uid).filter(object=row.uid).first(),
        "to_me": answer is None and row.apprentice.user_id == signed_in(request).pk,
        "form": form,
    }
    return render(request, "ojt_logs/periodic_review.html", context, status=status)


@require_POST
def respond(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The apprentice acknowledges a review, or disagrees in writing."""
    row = _visible(request, uid)
    own = PeriodicReview.objects.visible_to(request.user).filter(apprentice__user=signed_in(request))
    get_or_deny(PeriodicReview.objects.visible_to(request.user), own, pk=row.pk)
    form = ReviewAnswerForm(request.POST)
    agrees = request.POST.get("answer") != "disagree"
    if not form.is_valid():
        return _page(request, row, form, status=BAD)
    try:
        row.respond(
            by=signed_in(request), now=timezone.now(), agrees=agrees, words=form.cleaned_data["words"]
        )
    except Refusal as refusal:
        if refusal.field != "words":
            raise
        form.add_error("words", refusal.message)
        return _page(request, row, form, status=refusal.status)
    messages.success(request, "Your answer stands on the record beside the review.")
    return redirect("periodic-review", row.uid)
