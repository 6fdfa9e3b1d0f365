"""The receipts of hours that were handed in: the list, and one to keep, print or send."""

from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import strip_tags
from django.views.decorators.http import require_safe

from accounts.access import get_or_deny, signed_in
from accounts.durations import format_hours
from accounts.numbers import count_of
from accounts.templatetags.journeybook import when
from ojt_logs.models import Receipt
from ojt_logs.views.reach import record

SHOWN = 60


@require_safe
def receipts(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The newest receipts of one record."""
    apprentice = record(request, uid)
    found = Receipt.objects.visible_to(request.user).filter(apprentice=apprentice)
    mine = apprentice.user_id == signed_in(request).pk
    shown = {"apprentice": apprentice, "receipts": found[:SHOWN], "mine": mine}
    return render(request, "ojt_logs/receipts.html", shown)


@require_safe
def receipt(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One receipt, as it was given."""
    visible = Receipt.objects.visible_to(request.user)
    found = get_or_deny(visible.select_related("apprentice__user", "apprentice__program__sponsor"), uid=uid)
    link = request.build_absolute_uri(reverse("receipt", args=[found.uid]))
    shown = {"receipt": found, "apprentice": found.apprentice, "mail": _mail(found, link)}
    return render(request, "ojt_logs/receipt.html", shown)


def _mail(receipt: Receipt, link: str) -> str:
    """A mail that says what the receipt says, for whomever the reader chooses."""
    told = f"{count_of(receipt.entries, 'entry', 'entries')}, {format_hours(receipt.minutes)}"
    moment = strip_tags(when(receipt.submitted_at, receipt.time_zone))
    subject = f"Receipt {receipt.number}: hours of {receipt.apprentice}"
    body = f"{receipt.apprentice} submitted {told}, on {moment}.\nReceipt {receipt.number}: {link}\n"
    return f"mailto:?subject={quote(subject)}&body={quote(body)}"
