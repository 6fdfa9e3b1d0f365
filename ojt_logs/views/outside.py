"""Journeyworkers without an account: ask one, the page that the link opens, and what a mentor makes of it."""

from io import BytesIO
from uuid import UUID

import segno
from allauth.core.internal import ratelimit as limits
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.forms import PasswordForm
from accounts.models.people import authority_day
from accounts.numbers import count_of
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from competencies.models import Competency
from ojt_logs import attesting
from ojt_logs.forms.asking import DeclineForm
from ojt_logs.forms.mentor import cleared, filled, typed
from ojt_logs.forms.outside import AttestForm, LinkForm
from ojt_logs.models import AttestationLink, OutsideAttestation
from ojt_logs.models.outside import Way, askable_by
from ojt_logs.views.fresh import authentication, is_stale
from ojt_logs.views.reach import record

BAD, GONE, UNKNOWN, TOO_MANY = 400, 410, 404, 429


def _askable(request: HttpRequest, uid: UUID) -> Apprentice:
    """Whose journeyworkers one may ask; 403 for those who only read the record."""
    visible = Apprentice.objects.visible_to(request.user)
    related = ("user", "program__rating_scale", "program__sponsor", "schedule__rating_scale")
    askable = askable_by(signed_in(request), on=authority_day(timezone.now()))
    return get_or_deny(visible.select_related(*related), askable, uid=uid)


@require_safe
def links(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Whom somebody asked about one apprentice, and what came of it."""
    apprentice, now = record(request, uid), timezone.now()
    rows = AttestationLink.objects.visible_to(request.user).filter(apprentice=apprentice)
    named = rows.select_related("asked_by", "attestation").prefetch_related("competencies")
    askable = askable_by(signed_in(request), on=authority_day(now))
    context = {
        "apprentice": apprentice,
        "rows": [(row, row.state(now=now)) for row in named],
        "may_ask": askable.filter(pk=apprentice.pk).exists(),
    }
    return render(request, "ojt_logs/attestation_links.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_link(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Ask a journeyworker: by e-mail, or with a code on paper, which this answer alone shows."""
    apprentice = _askable(request, uid)
    of_schedule = Competency.objects.filter(job_function__schedule=apprentice.schedule_id)
    named = list(of_schedule.select_related("job_function").order_by("job_function__number", "position"))
    data = request.POST if request.method == "POST" else None
    form = LinkForm(data, competencies=named, initial={"of": request.GET.getlist("of")})
    context = {"apprentice": apprentice, "form": form}
    if not form.is_valid():
        status = BAD if form.is_bound else 200
        return render(request, "ojt_logs/attestation_new.html", context, status=status)
    try:
        return _made(request, apprentice, **form.what)
    except Refusal as refusal:
        form.refuse(refusal)
    return render(request, "ojt_logs/attestation_new.html", context, status=BAD)


def _made(
    request: HttpRequest, apprentice: Apprentice, *, competencies: list[Competency], way: str, email: str
) -> HttpResponse:
    """Issue the link and send it."""
    made = attesting.ask(
        apprentice,
        by=signed_in(request),
        now=timezone.now(),
        competencies=competencies,
        way=way,
        email=email,
    )
    context = {
        "apprentice": apprentice,
        "link": made.link,
        "unsent": email if way == Way.MAIL and not made.mailed else "",
        "address": made.address,
        "drawing": code_of(made.address) if made.address else "",
    }
    return render(request, "ojt_logs/attestation_made.html", context)


def code_of(address: str) -> SafeString:
    """The address as a QR code, an SVG of black squares on white, for paper and for a screen."""
    out = BytesIO()
    segno.make(address, error="m", micro=False).save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        light="#fff",
        svgclass="qr",
        lineclass=None,
    )
    return mark_safe(out.getvalue().decode())  # noqa: S308


@require_POST
def revoke(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a link back that nobody has used."""
    visible = AttestationLink.objects.visible_to(request.user).select_related("apprentice__user")
    askable = askable_by(signed_in(request), on=authority_day(timezone.now()))
    mine = AttestationLink.objects.visible_to(request.user).filter(apprentice__in=askable.values("pk"))
    link = get_or_deny(visible, mine, uid=uid)
    link.revoke(by=signed_in(request), now=timezone.now())
    messages.success(request, "Taken back: the link opens nothing any more.")
    return redirect("attestation-links", link.apprentice.uid)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def attest(request: HttpRequest, token: str) -> HttpResponse:
    """What the link opens, for whoever holds it: rate, read the text, attest to it. Nobody signs in."""
    if not limits.consume(request, app="allauth.account", action="attest", limit_get=True):
        return _closed(request, "Too many tries from here. Wait a minute and open the link again.", TOO_MANY)
    now = timezone.now()
    try:
        link = AttestationLink.objects.opened(token, now=now)
        return _attest(request, link, token)
    except Refusal as refusal:
        return _closed(request, refusal.message, UNKNOWN if refusal.code == "link_unknown" else GONE)


def _closed(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    return render(request, "ojt_logs/attest_closed.html", {"sentence": sentence}, status=status)


def _attest(request: HttpRequest, link: AttestationLink, token: str) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        today = link.apprentice.user.today(now)
        first = {"method": "observed", "observed_from": today, "observed_to": today}
        return _rate(request, AttestForm(link=link, now=now, initial=first))
    step, _, value = request.POST.get("step", "review").partition(":")
    if step == "fill":
        statements = AttestForm(link=link, now=now).statements
        return _rate(request, AttestForm(link=link, now=now, initial=filled(request.POST, statements, value)))
    if step == "clear":
        return _rate(request, AttestForm(link=link, now=now, initial=cleared(request.POST, value)))
    if step == "edit":
        return _rate(request, AttestForm(link=link, now=now, initial=typed(request.POST)))
    form = AttestForm(request.POST, link=link, now=now)
    if not form.is_valid():
        return _rate(request, form, status=BAD)
    if step != "attest" or "agree" not in request.POST:
        unagreed = step == "attest"
        context = {"form": form, "link": link, "unagreed": unagreed}
        return render(request, "ojt_logs/attest_confirm.html", context, status=BAD if unagreed else 200)
    row = OutsideAttestation.objects.attest(
        token, person=form.person, seen=form.seen, time_zone=link.apprentice.program.time_zone, now=now
    )
    return render(request, "ojt_logs/attest_done.html", {"row": row})


def _rate(request: HttpRequest, form: AttestForm, *, status: int = 200) -> HttpResponse:
    rows = {row.statement.target.pk: row for row in form.rows}
    parts = [(one, [rows[each.target.pk] for each in statements]) for one, statements in form.parts]
    context = {"form": form, "link": form.link, "parts": parts}
    return render(request, "ojt_logs/attest.html", context, status=status)


def _attestation(request: HttpRequest, uid: UUID) -> OutsideAttestation:
    rows = OutsideAttestation.objects.visible_to(request.user)
    related = ("apprentice__user", "apprentice__program__sponsor", "link__asked_by", "answer__by")
    return get_or_deny(rows.select_related(*related), uid=uid)


def _answerable(request: HttpRequest, uid: UUID) -> OutsideAttestation:
    row = _attestation(request, uid)
    visible = OutsideAttestation.objects.visible_to(request.user)
    return get_or_deny(visible, OutsideAttestation.objects.answerable_by(request.user), pk=row.pk)


@require_safe
def attestation(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What a journeyworker attested to, word for word, and what a mentor made of it."""
    return _attestation_page(request, _attestation(request, uid))


def _attestation_page(
    request: HttpRequest,
    row: OutsideAttestation,
    *,
    password: PasswordForm | None = None,
    decline: DeclineForm | None = None,
    status: int = 200,
) -> HttpResponse:
    mine = OutsideAttestation.objects.answerable_by(request.user)
    context = {
        "row": row,
        "apprentice": row.apprentice,
        "answer": getattr(row, "answer", None),
        "signed": row.sign_offs.filter(withdraws=None).select_related("competency"),
        "to_me": mine.filter(pk=row.pk).exists(),
        "password": password or PasswordForm(),
        "needs_password": is_stale(request),
        "decline": decline or DeclineForm(),
    }
    return render(request, "ojt_logs/attestation.html", context, status=status)


@sensitive_post_parameters("password")
@require_POST
def accept(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Sign what was attested to, with a fresh password; from then on it counts."""
    row = _answerable(request, uid)
    try:
        signed = attesting.accept(
            row, by=signed_in(request), now=timezone.now(), authentication=authentication(request)
        )
    except Refusal as refusal:
        if refusal.status == BAD or refusal.field:
            password = PasswordForm(request.POST)
            password.add_error("password" if refusal.field == "password" else None, refusal.message)
            return _attestation_page(request, row, password=password, status=refusal.status)
        raise
    messages.success(request, f"You signed {count_of(len(signed), 'rating')}, referring to {row.name}.")
    return redirect("attestation", row.uid)


@require_POST
def decline(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say why it does not count."""
    row = _answerable(request, uid)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _attestation_page(request, row, decline=form, status=BAD)
    attesting.decline(row, by=signed_in(request), now=timezone.now(), reason=form.cleaned_data["reason"])
    messages.success(request, "Declined. It stays on the record and counts nowhere.")
    return redirect("attestation", row.uid)
