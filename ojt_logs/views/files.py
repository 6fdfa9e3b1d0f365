"""Files attached to hours entries, to copied sheets and to history from paper: added, shown and taken off."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.refusals import Refusal
from ojt_logs import own
from ojt_logs.models import Evidence, Scan, SignOff
from ojt_logs.models.kept_files import KeptFile
from ojt_logs.serving import served
from ojt_logs.views.reach import own_entry


@require_POST
def attach(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Attach the photos and PDFs that were chosen; a refused one is told by name, the others stay."""
    entry = own_entry(request, uid)
    attach_all(request, partial(Evidence.objects.attach, entry))
    return redirect("hours-entry", entry.uid)


@require_POST
def attach_sheet(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Attach photos or PDFs of the sheet that one copied, to what one signed by it."""
    person = signed_in(request)
    visible = SignOff.objects.visible_to(person).select_related("apprentice__program")
    row = get_or_deny(visible, visible.filter(signer=person), uid=uid)
    attach_all(request, partial(Evidence.objects.attach_sheet, row))
    return redirect("sign-off", row.uid)


def attach_all(request: HttpRequest, attach: Callable[..., KeptFile]) -> None:
    """Every file that was chosen; what is refused is said by name."""
    files = request.FILES.getlist("file")
    if not files:
        messages.error(request, "Choose a photo or a PDF first.")
    for file in files:
        name = file.name or "file"
        try:
            attach(by=signed_in(request), now=timezone.now(), file=file, size=file.size or 0, name=name)
            messages.success(request, f"Attached {name}.")
        except Refusal as problem:
            messages.error(request, f"{name}: {problem.message}")


@require_safe
def show(request: HttpRequest, uid: UUID) -> FileResponse:
    """The file itself, for who sees the entry or the sign-off: a photo shown, a PDF as a download."""
    return served(get_or_deny(Evidence.objects.visible_to(request.user), uid=uid))


@require_safe
def scan(request: HttpRequest, uid: UUID) -> FileResponse:
    """A scanned page of paper, for who reads the record of the apprentice whose page it is."""
    return served(get_or_deny(Scan.objects.visible_to(request.user), uid=uid))


@require_POST
def remove(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a file off one's own entry that is not approved yet."""
    row = own.file_of(signed_in(request), uid)
    row.take_off(by=signed_in(request), now=timezone.now())
    messages.success(request, f"Took {row.name} off.")
    return redirect("hours-entry", row.entry.uid if row.entry else row.uid)
