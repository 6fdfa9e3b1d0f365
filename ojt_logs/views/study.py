"""What an apprentice can study for a competency, and time spent on it sent to the instructor."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.durations import format_hours
from accounts.models.people import authority_day
from apprenticeship.models import Apprentice
from competencies.models import Competency, Done, LearningResource
from competencies.study import done_by, for_competency
from ojt_logs.forms.study import TimeForm
from ojt_logs.models import HoursEntry
from ojt_logs.reviewers import reviewers_of
from ojt_logs.views.reach import own_registration, record


@require_safe
def study(request: HttpRequest, uid: UUID, code: str) -> HttpResponse:
    """The resources of the statements that the crosswalk links to a competency, the confirmed first."""
    apprentice = record(request, uid)
    competency = _competency(apprentice, code)
    shelves = for_competency(apprentice.schedule, competency, user=request.user)
    mine = apprentice.user_id == signed_in(request).pk
    context = {
        "apprentice": apprentice,
        "competency": competency,
        "shelves": shelves,
        "mine": mine,
        "done": done_by(signed_in(request), shelves) if mine else set(),
        "taught": _taught(apprentice, now=timezone.now()) if mine else set(),
    }
    return render(request, "ojt_logs/study.html", context)


@require_POST
def done(request: HttpRequest, uid: UUID, code: str, resource: UUID) -> HttpResponse:
    """Mark a resource as done for oneself, or take the mark away. It counts nowhere."""
    apprentice = own_registration(request, uid)
    found = get_or_deny(LearningResource.objects.visible_to(request.user), uid=resource)
    Done.objects.toggle(found, by=signed_in(request), now=timezone.now())
    return redirect("study", apprentice.uid, _competency(apprentice, code).code)


@require_POST
def send(request: HttpRequest, uid: UUID, code: str, resource: UUID) -> HttpResponse:
    """Submit time on a resource of a registered course as related instruction; the instructor approves it."""
    apprentice = own_registration(request, uid)
    back = redirect("study", apprentice.uid, _competency(apprentice, code).code)
    found = get_or_deny(LearningResource.objects.visible_to(request.user), uid=resource)
    by, now = signed_in(request), timezone.now()
    taught = _taught(apprentice, now=now)
    form = TimeForm(request.POST, apprentice=apprentice, resource=found, taught=taught)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return back
    try:
        with transaction.atomic():
            drafts = HoursEntry.objects.log(apprentice, by=by, now=now, lines=[form.line(now=now)])
            mine = HoursEntry.objects.visible_to(by).filter(pk__in=[draft.pk for draft in drafts])
            mine.move("submit", by=by, now=now)
    except ValidationError as problem:
        messages.error(request, " ".join(["Nothing was sent.", *problem.messages]))
        return back
    sent = format_hours(form.cleaned_data["minutes"])
    messages.success(request, f"Sent {sent} on “{found}” to the instructor as related instruction.")
    return back


def _taught(apprentice: Apprentice, *, now: datetime) -> set[UUID]:
    """The lineages of the registered courses that an instructor teaches the apprentice now."""
    reviewers = reviewers_of([apprentice.pk], on=authority_day(now))
    return {lineage for _, lineage in reviewers if lineage}


def _competency(apprentice: Apprentice, code: str) -> Competency:
    rows = Competency.objects.filter(job_function__schedule=apprentice.schedule, code=code)
    found = rows.select_related("job_function").first() if "\0" not in code else None
    if found is None:
        raise Http404
    return found
