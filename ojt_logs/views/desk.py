"""Where somebody signs: rate the statements of one competency, read what is signed, prove who one is.

The same pages serve a mentor at their own device, whoever copies a sheet of paper, and a mentor to whom the
apprentice hands a phone; a Desk says what differs.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.access import get_or_deny, signed_in
from accounts.dates import short_day
from accounts.forms import PasswordForm
from accounts.models import User
from accounts.models.people import Role
from accounts.numbers import count_of
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from competencies.models import Competency
from ojt_logs import asking, signing
from ojt_logs.forms.mentor import (
    HandedForm,
    PaperForm,
    SignForm,
    cleared,
    filled,
    first_values,
    typed,
    usual_method,
)
from ojt_logs.models import Authentication, SignOff
from ojt_logs.models.signers import signer_facts
from ojt_logs.practice import in_class
from ojt_logs.views.fresh import authentication, is_stale

BAD = 400
RELATED = ("user", "program__rating_scale", "program__sponsor", "schedule__rating_scale")
"""What the pages read of an apprentice."""


@dataclass(frozen=True)
class Desk:
    """Who signs, on which form, how they prove who they are, and where it goes on to.

    `reader` is whose eyes the page is for: what stands beside is what they may read. `handed`: the signer
    types a password on somebody else's device.
    """

    signer: User
    reader: User
    form: type[SignForm]
    prove: Callable[[HttpRequest], Authentication]
    done: Callable[[HttpRequest, Competency, Sequence[SignOff]], HttpResponse]
    back: str
    handed: bool = False


def own_desk(request: HttpRequest, apprentice: Apprentice) -> Desk:
    """Of whoever is signed in."""
    person = signed_in(request)
    mentored = Apprentice.objects.signable_by(person).filter(pk=apprentice.pk).exists()
    onward = reverse("sign" if mentored else "progress", args=[apprentice.uid])
    return Desk(person, person, SignForm, authentication, partial(_signed, onward), onward)


def competency_of(apprentice: Apprentice, code: str) -> Competency:
    """One of the apprentice's own schedule. Raises Http404."""
    return get_or_deny(Competency.objects.filter(job_function__schedule=apprentice.schedule_id), code=code)


def at_desk(request: HttpRequest, apprentice: Apprentice, competency: Competency, desk: Desk) -> HttpResponse:
    """The page as it is asked for: untouched, with something filled or cleared, for reading, or signed."""
    statements = signing.statements(apprentice, competency, desk.reader)
    now = timezone.now()
    form = partial(desk.form, apprentice=apprentice, signer=desk.signer, now=now, statements=statements)
    if request.method != "POST":
        return _rate(request, competency, form(initial=_untouched(desk)), desk)
    step, _, value = request.POST.get("step", "review").partition(":")
    if step in ("review", "sign"):
        return _judge(request, competency, form(request.POST), step, desk)
    kept = {"fill": partial(filled, statements=statements, value=value), "clear": partial(cleared, uid=value)}
    return _rate(request, competency, form(initial=kept.get(step, typed)(request.POST)), desk)


def _untouched(desk: Desk) -> dict[str, Any]:
    today = desk.signer.today(timezone.now())
    method = "paper" if issubclass(desk.form, PaperForm) else usual_method(desk.signer)
    return first_values(key=uuid.uuid4(), today=today, method=method)


def _context(competency: Competency, form: SignForm, desk: Desk) -> dict[str, Any]:
    minutes = signing.minutes_naming(form.apprentice, desk.reader)
    role = Role.COORDINATOR if "ink" in form.fields else Role.MENTOR
    now = timezone.now()
    signer = signer_facts(
        desk.signer, form.apprentice, role=role, now=now, authentication=Authentication("password", now)
    )
    return {
        "apprentice": form.apprentice,
        "competency": competency,
        "form": form,
        "desk": desk,
        "signer": signer,
        "minutes": minutes.get(competency.lineage, 0),
        "met": signing.standards_met(form.apprentice, competency),
        "in_class": in_class(form.apprentice, competency),
        "asked": asking.open_request(form.apprentice, competency, desk.reader),
    }


def _rate(
    request: HttpRequest, competency: Competency, form: SignForm, desk: Desk, *, status: int = 200
) -> HttpResponse:
    context = _context(competency, form, desk)
    return render(request, "ojt_logs/sign_competency.html", context, status=status)


def _judge(
    request: HttpRequest, competency: Competency, form: SignForm, step: str, desk: Desk
) -> HttpResponse:
    """A page with faults goes back with its sentences; a good one is shown for reading, or signed."""
    if not form.is_valid():
        return _rate(request, competency, form, desk, status=BAD)
    if step == "review":
        return _confirm(request, competency, form, desk)
    try:
        signed = signing.sign_once(
            form.cleaned_data["key"],
            form.apprentice,
            by=form.signer,
            now=form.now,
            authentication=desk.prove(request),
            **form.what,
        )
    except Refusal as refusal:
        return _refused(request, competency, form, refusal, desk)
    return desk.done(request, competency, signed)


def _confirm(
    request: HttpRequest,
    competency: Competency,
    form: SignForm,
    desk: Desk,
    *,
    password: PasswordForm | None = None,
    status: int = 200,
) -> HttpResponse:
    password = password or _password(desk)
    context = _context(competency, form, desk) | {
        "password": password,
        "needs_password": desk.handed or is_stale(request),
    }
    return render(request, "ojt_logs/sign_competency_confirm.html", context, status=status)


def _password(desk: Desk, said: Any = None) -> PasswordForm:
    return HandedForm(said, signer=desk.signer) if desk.handed else PasswordForm(said)


def _refused(
    request: HttpRequest, competency: Competency, form: SignForm, refusal: Refusal, desk: Desk
) -> HttpResponse:
    """What was typed stays, and the sentence stands beside what it concerns."""
    if refusal.field in ("password", "code"):
        password = _password(desk, request.POST)
        password.add_error("code" if refusal.field == "code" else "password", refusal.message)
        return _confirm(request, competency, form, desk, password=password, status=refusal.status)
    form.refuse(refusal)
    return _rate(request, competency, form, desk, status=refusal.status)


def _signed(
    onward: str, request: HttpRequest, competency: Competency, signed: Sequence[SignOff]
) -> HttpResponse:
    values = ", ".join(row.rating.mark for row in signed if row.rating)
    apprentice = signed[0].apprentice
    said = format_html(
        'You signed {} of {} for {}: {}. <a href="{}">{}</a>',
        count_of(len(signed), "rating"),
        competency.code,
        apprentice,
        values,
        *_onward(signed[0], competency),
    )
    messages.success(request, said)
    for row, earlier in signing.doubted(signed, signed_in(request)):
        messages.warning(request, _doubt(request, row, earlier))
    return redirect(onward)


def _onward(row: SignOff, competency: Competency) -> tuple[str, str]:
    """Where to go from what was signed, and what the link says: a sheet may get a photo."""
    if row.may_have_sheet:
        return reverse("sign-off", args=[row.uid]) + "#paper", "Attach a photo of the sheet"
    return reverse("competency", args=[row.apprentice.uid, competency.code]), "Read the record"


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
