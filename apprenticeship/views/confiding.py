"""What apprentices confide: their own page, the officer's form and list, counts for the office."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import fresh_check, sealed, tables
from accounts.access import get_or_deny, signed_in
from accounts.forms import PasswordForm
from accounts.models import Sponsor
from accounts.models.people import Role, authority_day
from accounts.refusals import Refusal
from apprenticeship.equal_opportunity import FEW, counts_of
from apprenticeship.forms.confiding import AboutYouForm, NumberForm
from apprenticeship.models import Apprentice, Confided
from apprenticeship.models.private import AGAIN, tell_read, words_of
from apprenticeship.tables import CONFIDED

FORM = ["GET", "HEAD", "POST"]


@never_cache
@sensitive_post_parameters()
@require_http_methods(FORM)
def about_you(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The apprentice's own: answer, decline, change; the Social Security number, masked."""
    user = signed_in(request)
    visible = Apprentice.objects.visible_to(user).select_related("user", "program__sponsor")
    own = get_or_deny(visible, visible.filter(user=user), uid=uid)
    row = Confided.objects.visible_to(user).filter(apprentice=own).select_related("apprentice").first()
    numbering, data = "what" in request.POST, request.POST if request.method == "POST" else None
    answers = row.open_answers() if row else {}
    form = AboutYouForm(None if numbering else data, answers=answers)
    number = NumberForm(data if numbering else None)
    if number.is_valid():
        Confided.objects.number(own, number.cleaned_data["ssn"], by=user)
    elif form.is_valid():
        Confided.objects.answer(own, form.cleaned_data, by=user, now=timezone.now())
    else:
        return _own_page(request, own, row, {"form": form, "number": number})
    messages.success(request, "Saved.")
    return redirect("about-you", uid)


def _own_page(
    request: HttpRequest, own: Apprentice, row: Confided | None, forms: dict[str, Any]
) -> HttpResponse:
    said_at = row.answered_at if row else None
    shown = {
        "apprentice": own,
        "row": row,
        "again": said_at is not None and timezone.now() - said_at > AGAIN,
        "officers": _officers(own.program.sponsor),
        "available": sealed.available(),
        "masked": row.masked_number() if row else "",
    }
    return render(request, "apprenticeship/about_you.html", shown | forms)


def _officers(sponsor: Sponsor) -> list[str]:
    """Who may read it, by name."""
    held = sponsor.memberships.active(on=authority_day(timezone.now())).whole().filter(role=Role.OFFICER)
    return sorted(set(held.values_list("user__name", flat=True)))


@never_cache
@sensitive_variables()
@sensitive_post_parameters()
@require_http_methods(FORM)
def agency_form(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Part A of form ETA-671 for the agency: whole for the officer, who enters the password and whose reading
    is told to the record; masked for the apprentice."""
    user = signed_in(request)
    confided = Sponsor.objects.confided_by(user).values("pk")
    readable = Apprentice.objects.everyone().filter(Q(user=user) | Q(program__sponsor__in=confided))
    seen = Q(pk__in=Apprentice.objects.visible_to(user).values("pk")) | Q(pk__in=readable.values("pk"))
    visible = (
        Apprentice.objects.everyone().filter(seen).select_related("user", "program__sponsor", "employer")
    )
    found = get_or_deny(visible, readable, uid=uid)
    row = Confided.objects.visible_to(user).filter(apprentice=found).select_related("apprentice").first()
    mine, form = found.user_id == user.pk, _checked(request) if request.method == "POST" else PasswordForm()
    shown: dict[str, Any] = {"apprentice": found, "row": row, "mine": mine, "form": form}
    if mine:
        return _form(request, shown, row, Confided.masked_number)
    if not form.is_valid():
        return render(request, "apprenticeship/agency_form.html", shown)
    with transaction.atomic():
        tell_read([found], what="agency form", by=user, now=timezone.now())
    return _form(request, shown, row, Confided.open_number)


def _form(
    request: HttpRequest, shown: dict[str, Any], row: Confided | None, number: Callable[[Confided], str]
) -> HttpResponse:
    shown |= {"words": words_of(row.open_answers() if row else {}), "ssn": number(row) if row else ""}
    return render(request, "apprenticeship/agency_form.html", shown)


def _checked(request: HttpRequest) -> PasswordForm:
    """The form with the password that came along; valid when it is the reader's."""
    form = PasswordForm(request.POST)
    if form.is_valid():
        try:
            fresh_check.check(request, form.cleaned_data["password"])
        except Refusal as refusal:
            form.add_error("password", refusal.message)
    return form


@require_safe
def counts(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Counts without names for the office; to the officer also who answered, with the form of each."""
    visible, mine = Sponsor.objects.visible_to(request.user), Sponsor.objects.counted_by(request.user)
    return _counts(request, get_or_deny(visible, mine, uid=uid), PasswordForm())


def _counts(request: HttpRequest, sponsor: Sponsor, form: PasswordForm, *, status: int = 200) -> HttpResponse:
    everybody = _answered(sponsor)
    officer = Sponsor.objects.confided_by(request.user).filter(pk=sponsor.pk).exists()
    people = Apprentice.objects.everyone().filter(program__sponsor=sponsor, disposed_at=None)
    shown = {
        "sponsor": sponsor,
        "counted": counts_of(everybody),
        "answered": len(everybody),
        "few": FEW,
        "enough": len(everybody) >= FEW,
        "officer": officer,
        "form": form,
        "people": people.select_related("user", "program").order_by("user__search_text", "pk")
        if officer
        else (),
        "answering": {row.apprentice_id for row in everybody},
        "officers": _officers(sponsor),
        "available": sealed.available(),
    }
    return render(request, "apprenticeship/equal_opportunity.html", shown, status=status)


def _answered(sponsor: Sponsor) -> list[Confided]:
    rows = Confided.objects.everyone().filter(apprentice__program__sponsor=sponsor).exclude(answers="")
    return list(rows.select_related("apprentice__user", "apprentice__program"))


@never_cache
@sensitive_post_parameters()
@require_POST
def export(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """The answers beside names, for the officer, as CSV; each record tells of it. Never with numbers."""
    user, now = signed_in(request), timezone.now()
    sponsor = get_or_deny(Sponsor.objects.visible_to(user), Sponsor.objects.confided_by(user), uid=uid)
    form = _checked(request)
    if not form.is_valid():
        return _counts(request, sponsor, form, status=400)
    rows = _answered(sponsor)
    with transaction.atomic():
        tell_read([row.apprentice for row in rows], what="answers", by=user, now=now)
    on = authority_day(now)
    return tables.download(CONFIDED, rows, ending="csv", subject=str(sponsor), on=on, zone=user.zone)
