"""What one is told: the list, marking it read, choosing the mails, and stopping them without signing in."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.listing import Listing
from ojt_logs import mails
from ojt_logs.forms.notices import NoticeFilters, NoticeSettingsForm
from ojt_logs.listing import NOTICE_SORTS
from ojt_logs.models import Notice
from ojt_logs.models.notices import About
from ojt_logs.tables import NOTICES


@require_safe
def notices(request: HttpRequest) -> HttpResponseBase:
    """Everything one was told, the newest first."""
    mine = Notice.objects.visible_to(signed_in(request))
    listing = Listing(
        request, mine, filters=NoticeFilters(request.GET), sorts=NOTICE_SORTS, table=NOTICES, subject="yours"
    )
    shown = {"listing": listing, "unread": mine.unread().count(), "now": timezone.now().isoformat()}
    return listing.answer() or render(request, "ojt_logs/notices.html", shown)


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark as read what there was when the page was shown."""
    until = _moment(request.POST.get("until", ""))
    Notice.objects.visible_to(signed_in(request)).filter(at__lte=until).read(now=timezone.now())
    return redirect("notices")


@require_POST
def follow(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Mark one as read and go to what it is about."""
    mine = Notice.objects.visible_to(signed_in(request))
    found = get_or_deny(mine, uid=uid)
    mine.filter(pk=found.pk).read(now=timezone.now())
    return redirect(found.path)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Choose by which mail one is told of what, and when no mail comes."""
    form = NoticeSettingsForm(request.POST or None, instance=signed_in(request))
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
        messages.success(request, "Saved.")
        return redirect("notice-settings")
    return render(request, "ojt_logs/notice_settings.html", {"form": form})


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop mails by the link in one of them. A mail program posts here by itself, so no sign-in, no cookie;
    looking changes nothing, since programs that scan mails look too."""
    found = mails.who_stops(token)
    if found is None:
        raise Http404
    person, about = found
    kind = About(about).label if about else ""
    if request.method == "POST":
        mails.stop(person, about=about)
    return render(request, "ojt_logs/mails_stop.html", {"kind": kind, "done": request.method == "POST"})


def _moment(text: str) -> datetime:
    """The moment that a page was shown; now where the form does not say."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    return found if found and found.tzinfo else timezone.now()
