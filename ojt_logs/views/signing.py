"""The pages of signing: choose a competency, rate, read and confirm; a signature and its withdrawal."""

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.dates import short_day
from accounts.models.people import Role
from accounts.numbers import count_of
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from competencies.models import Competency
from ledger import chain
from ojt_logs import signing
from ojt_logs.forms.mentor import (
    PasswordForm,
    SignForm,
    WithdrawForm,
    cleared,
    filled,
    first_values,
    typed,
    usual_method,
)
from ojt_logs.models import Authentication, SignOff
from ojt_logs.models.sign_offs import signer_facts
from ojt_logs.practice import in_class
from ojt_logs.views.fresh import authentication, is_stale

BAD = 400


def _signable(request: HttpRequest, uid: uuid.UUID) -> Apprentice:
    """The apprentice, for whoever may sign some day's work; 403 for others who may know of them."""
    person = signed_in(request)
    visible = Apprentice.objects.visible_to(person).select_related(
        "user", "program__rating_scale", "program__sponsor", "schedule__rating_scale"
    )
    return get_or_deny(visible, Apprentice.objects.signable_by(person), uid=uid)


@require_safe
def sign(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Which competency to sign: what counts and is open first."""
    apprentice = _signable(request, uid)
    context = {"apprentice": apprentice, "choices": signing.choices(apprentice, signed_in(request))}
    return render(request, "ojt_logs/sign.html", context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_competency(request: HttpRequest, uid: uuid.UUID, code: str) -> HttpResponse:
    """Rate the statements of one competency, read what is signed, sign it with a fresh password."""
    apprentice = _signable(request, uid)
    of_schedule = Competency.objects.filter(job_function__schedule=apprentice.schedule_id)
    competency = get_or_deny(of_schedule, code=code)
    statements = signing.statements(apprentice, competency, signed_in(request))
    form = partial(
        SignForm, apprentice=apprentice, signer=signed_in(request), now=timezone.now(), statements=statements
    )
    if request.method != "POST":
        return _rate(request, competency, form(initial=_untouched(request)))
    step, _, value = request.POST.get("step", "review").partition(":")
    if step in ("review", "sign"):
        return _judge(request, competency, form(request.POST), step)
    kept = {"fill": partial(filled, statements=statements, value=value), "clear": partial(cleared, uid=value)}
    return _rate(request, competency, form(initial=kept.get(step, typed)(request.POST)))


def _untouched(request: HttpRequest) -> dict[str, Any]:
    person = signed_in(request)
    today = person.today(timezone.now())
    return first_values(key=uuid.uuid4(), today=today, method=usual_method(person))


def _context(request: HttpRequest, competency: Competency, form: SignForm) -> dict[str, Any]:
    minutes = signing.minutes_naming(form.apprentice, signed_in(request))
    signer = signer_facts(
        signed_in(request),
        form.apprentice,
        role=Role.MENTOR,
        now=timezone.now(),
        authentication=Authentication("password", timezone.now()),
    )
    return {
        "apprentice": form.apprentice,
        "competency": competency,
        "form": form,
        "signer": signer,
        "minutes": minutes.get(competency.lineage, 0),
        "met": signing.standards_met(form.apprentice, competency),
        "in_class": in_class(form.apprentice, competency),
    }


def _rate(request: HttpRequest, competency: Competency, form: SignForm, *, status: int = 200) -> HttpResponse:
    context = _context(request, competency, form)
    return render(request, "ojt_logs/sign_competency.html", context, status=status)


def _judge(request: HttpRequest, competency: Competency, form: SignForm, step: str) -> HttpResponse:
    """A page with faults goes back with its sentences; a good one is shown for reading, or signed."""
    if not form.is_valid():
        return _rate(request, competency, form, status=BAD)
    if step == "review":
        return _confirm(request, competency, form)
    try:
        signed = signing.sign_once(
            form.cleaned_data["key"],
            form.apprentice,
            by=form.signer,
            now=form.now,
            authentication=authentication(request),
            **form.what,
        )
    except Refusal as refusal:
        return _refused(request, competency, form, refusal)
    _say(request, form.apprentice, competency, signed)
    return redirect("sign", form.apprentice.uid)


def _confirm(
    request: HttpRequest,
    competency: Competency,
    form: SignForm,
    *,
    password: PasswordForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = _context(request, competency, form) | {
        "password": password or PasswordForm(),
        "needs_password": is_stale(request),
    }
    return render(request, "ojt_logs/sign_competency_confirm.html", context, status=status)


def _refused(request: HttpRequest, competency: Competency, form: SignForm, refusal: Refusal) -> HttpResponse:
    """What was typed stays, and the sentence stands beside what it concerns."""
    if refusal.field == "password":
        password = PasswordForm(request.POST)
        password.add_error("password", refusal.message)
        return _confirm(request, competency, form, password=password, status=refusal.status)
    form.refuse(refusal)
    return _rate(request, competency, form, status=refusal.status)


def _say(
    request: HttpRequest, apprentice: Apprentice, competency: Competency, signed: Sequence[SignOff]
) -> None:
    values = ", ".join(str(row.rating.value) for row in signed if row.rating)
    record = reverse("competency", args=[apprentice.uid, competency.code])
    said = format_html(
        'You signed {} of {} for {}: {}. <a href="{}">Read the record</a>',
        count_of(len(signed), "rating"),
        competency.code,
        apprentice,
        values,
        record,
    )
    messages.success(request, said)
    for row, earlier in signing.doubted(signed, signed_in(request)):
        messages.warning(request, _doubt(request, row, earlier))


def _doubt(request: HttpRequest, row: SignOff, earlier: SignOff) -> str:
    """The question whether an earlier pass should be withdrawn, for who gave it or may ask who did."""
    given = short_day(earlier.signed_at)
    mine = earlier.signer_id == signed_in(request).pk
    who = "you" if mine else earlier.signer_name
    ask = "Withdraw it?" if mine else "Look at it"
    return format_html(
        "“{}”: {} now, where {} gave {} on {}. The earlier pass counts until it is withdrawn. "
        '<a href="{}">{}</a>',
        row.statement,
        row.rating,
        who,
        earlier.rating,
        given,
        reverse("sign-off", args=[earlier.uid]),
        ask,
    )


@require_safe
def sign_off(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One signed act with everything that a printed form needs."""
    return _sign_off_page(request, _visible(request, uid), _withdrawal(request))


def _withdrawal(request: HttpRequest) -> WithdrawForm:
    form = WithdrawForm(request.POST or None)
    form.fields["password"].required = is_stale(request)
    return form


def _visible(request: HttpRequest, uid: uuid.UUID) -> SignOff:
    rows = SignOff.objects.visible_to(signed_in(request)).select_related(
        "apprentice__user",
        "apprentice__program__sponsor",
        "competency",
        "performance_standard",
        "rating__scale",
        "attestation",
        "withdraws",
    )
    return get_or_deny(rows, uid=uid)


def _sign_off_page(
    request: HttpRequest, row: SignOff, form: WithdrawForm, *, status: int = 200
) -> HttpResponse:
    person = signed_in(request)
    others = signing.beside(row, person)
    context = {
        "row": row,
        "entry": chain.entries_of(row.apprentice.uid).filter(object=row.uid).first(),
        "withdrawal": row.withdrawals.first(),
        "others": others,
        "lower": [other for other in others if other.contradicts(row)],
        "doubts": [other for other in others if row.contradicts(other)],
        "may_withdraw": SignOff.objects.withdrawable_by(person).filter(pk=row.pk).exists(),
        "needs_password": is_stale(request),
        "reads_record": Apprentice.objects.record_visible_to(person).filter(pk=row.apprentice_id).exists(),
        "form": form,
    }
    return render(request, "ojt_logs/sign_off.html", context, status=status)


@sensitive_post_parameters("password")
@require_POST
def withdraw(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Take one's own signature back, with a reason and a fresh password."""
    row, person = _visible(request, uid), signed_in(request)
    get_or_deny(SignOff.objects.visible_to(person), SignOff.objects.given_by(person), pk=row.pk)
    form = _withdrawal(request)
    if not form.is_valid():
        return _sign_off_page(request, row, form, status=BAD)
    try:
        proof = authentication(request)
    except Refusal as refusal:
        form.add_error("password", refusal.message)
        return _sign_off_page(request, row, form, status=refusal.status)
    SignOff.objects.withdraw(
        row, by=person, now=timezone.now(), authentication=proof, reason=form.cleaned_data["reason"]
    )
    messages.success(request, "Withdrawn. Rating and withdrawal both stay on the record.")
    return redirect("sign-off", row.uid)
