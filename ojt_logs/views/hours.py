"""The pages of hours entries: the list, one entry with its history, changing and correcting it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.dates import short_day
from accounts.listing import Listing
from accounts.models import ConsentNeeded
from apprenticeship.models import Apprentice
from ojt_logs.dates import monday_of
from ojt_logs.forms.apprentice import CorrectionForm, EntryForm, initial_of
from ojt_logs.forms.comments import CommentForm
from ojt_logs.forms.filters import OwnHoursFilters
from ojt_logs.forms.privacy import NO_PATIENTS
from ojt_logs.forms.subjects import Subjects
from ojt_logs.history import history_of
from ojt_logs.listing import HOURS_SORTS, totals_of
from ojt_logs.models import Comment, Evidence, HoursEntry, Scan
from ojt_logs.models.comments import may_comment
from ojt_logs.models.evidence import OPEN
from ojt_logs.tables import HOURS, HOURS_RELATED
from ojt_logs.views.reach import back_to_week, entries_of, own_entry, record

RELATED = ("apprentice__user", "apprentice__program", "job_function", "competency", "course")
BAD = 400
SAID = {False: "Saved. It is not submitted yet.", True: "Saved and submitted."}


@require_safe
def hours(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """All entries, newest first; the filters and the place in the list are in the address."""
    apprentice = record(request, uid)
    listing = Listing(
        request,
        entries_of(request, apprentice),
        filters=OwnHoursFilters(request.GET, subjects=Subjects(apprentice)),
        related=HOURS_RELATED,
        sorts=HOURS_SORTS,
        table=HOURS,
        subject=str(apprentice),
    )
    shown = {
        "apprentice": apprentice,
        "listing": listing,
        "totals": totals_of(apprentice),
        "mine": apprentice.user_id == signed_in(request).pk,
        "today": apprentice.user.today(timezone.now()),
    }
    return listing.answer() or render(request, "ojt_logs/hours.html", shown)


@require_safe
def entry(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One entry with its history, what was said about it, and what may be done with it."""
    return _entry_page(request, uid)


@require_POST
def comment(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say something about an entry; it stays there."""
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _entry_page(request, uid, form=form, status=BAD)
    found = get_or_deny(HoursEntry.objects.visible_to(request.user).select_related(*RELATED), uid=uid)
    try:
        Comment.objects.add(found, by=signed_in(request), now=timezone.now(), **form.said)
    except ConsentNeeded as refusal:
        form.add_error(None, refusal.message)
        return _entry_page(request, uid, form=form, status=refusal.status)
    return redirect(f"{reverse('hours-entry', args=[uid])}#conversation")


def _entry_page(
    request: HttpRequest, uid: UUID, *, form: CommentForm | None = None, status: int = 200
) -> HttpResponse:
    visible = HoursEntry.objects.visible_to(request.user)
    found = get_or_deny(visible.select_related(*RELATED, "corrects", "created_by", "reviewed_by"), uid=uid)
    person = signed_in(request)
    shown = {
        "entry": found,
        "apprentice": found.apprentice,
        "history": history_of(found),
        "files": Evidence.objects.visible_to(request.user).filter(entry=found),
        "scans": Scan.objects.visible_to(person).filter(
            batch__isnull=False, batch=found.batch_id, apprentice=found.apprentice
        ),
        "no_patients": NO_PATIENTS,
        "may_attach": found.status in OPEN and found.apprentice.program.takes_files,
        "comments": found.comments.visible_to(person).select_related("by"),
        "comment_form": form or CommentForm.fresh() if may_comment(found, person) else None,
        "corrections": visible.filter(corrects=found).order_by("pk"),
        "mine": found.apprentice.user_id == person.pk,
        "lists": Apprentice.objects.record_visible_to(person).filter(pk=found.apprentice_id).exists(),
        "reviewable": HoursEntry.objects.reviewable_by(person).filter(pk=found.pk).exists(),
        "monday": monday_of(found.date),
    }
    return render(request, "ojt_logs/entry.html", shown, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change a draft or a returned entry, and send it again where that is asked."""
    found = own_entry(request, uid)
    found.check_changeable()
    return _form_page(request, found, EntryForm)


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say what an approved entry should have been: an entry of its own, which replaces it once approved."""
    found = own_entry(request, uid)
    pending = found.corrections.order_by("pk").first()
    if pending:
        return redirect("hours-entry", pending.uid)
    found.check_correctable()
    return _form_page(request, found, CorrectionForm)


def _form_page(request: HttpRequest, found: HoursEntry, form_class: type[EntryForm]) -> HttpResponse:
    subjects = Subjects(found.apprentice)
    initial = initial_of(found, subjects) | {"date": found.date}
    form = form_class(request.POST or None, subjects=subjects, entry=found, initial=initial)
    then = ["submit"] if "submit" in request.POST else []
    if request.method == "POST" and form.save(by=signed_in(request), now=timezone.now(), then=then):
        messages.success(request, SAID[bool(then)])
        return back_to_week(found.apprentice, form.cleaned_data["date"])
    correcting = form_class is CorrectionForm
    shown = {"entry": found, "apprentice": found.apprentice, "form": form, "correcting": correcting}
    shown["comments"] = found.comments.select_related("by")
    return render(request, "ojt_logs/edit.html", shown)


@require_POST
def delete(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Delete a draft that nobody has reviewed."""
    found = own_entry(request, uid)
    found.remove(by=signed_in(request))
    messages.success(request, f"Deleted the draft of {short_day(found.date)}.")
    return back_to_week(found.apprentice, found.date)


@require_POST
def recall(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a submitted entry back, until somebody has reviewed it."""
    found = own_entry(request, uid)
    found.move("recall", by=signed_in(request), now=timezone.now())
    messages.success(request, f"Took the entry of {short_day(found.date)} back. It is a draft again.")
    return back_to_week(found.apprentice, found.date)
