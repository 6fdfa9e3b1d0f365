"""Files attached to hours entries: added, shown and taken off."""

from io import BytesIO
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.refusals import Refusal
from ojt_logs import own
from ojt_logs.files import LARGEST
from ojt_logs.models import Evidence
from ojt_logs.serving import served
from ojt_logs.views.reach import own_entry


@require_POST
def attach(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Attach the photos and PDFs that were chosen; a refused one is told by name, the others stay."""
    entry = own_entry(request, uid)
    files = request.FILES.getlist("file")
    if not files:
        messages.error(request, "Choose a photo or a PDF first.")
    for file in files:
        name = file.name or "file"
        try:
            Evidence.objects.attach(
                entry,
                by=signed_in(request),
                now=timezone.now(),
                file=BytesIO(file.read(LARGEST + 1)),
                size=file.size or 0,
                name=name,
            )
            messages.success(request, f"Attached {name}.")
        except Refusal as problem:
            messages.error(request, f"{name}: {problem.message}")
    return redirect("hours-entry", entry.uid)


@require_safe
def show(request: HttpRequest, uid: UUID) -> FileResponse:
    """The file itself, for who sees the entry: a photo in the browser, a PDF as a download."""
    return served(get_or_deny(Evidence.objects.visible_to(request.user), uid=uid))


@require_POST
def remove(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a file off one's own entry that is not approved yet."""
    row = own.file_of(signed_in(request), uid)
    row.take_off(by=signed_in(request), now=timezone.now())
    messages.success(request, f"Took {row.name} off.")
    return redirect("hours-entry", row.entry.uid)
