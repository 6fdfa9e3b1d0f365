"""The pages of who reviews hours: what waits, a week of it, approving, returning, undoing."""

import uuid
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.durations import format_hours
from accounts.listing import Listing
from accounts.models import ConsentNeeded
from accounts.models.people import authority_day
from accounts.numbers import count_of
from accounts.refusals import Conflict
from apprenticeship.models import Apprentice
from ojt_logs import asking, periodic_reviews, queue
from ojt_logs import two_minutes as two
from ojt_logs.dates import monday_of
from ojt_logs.forms.filters import MOST_NAMES, QueueFilters
from ojt_logs.forms.mentor import ReturnForm, ReviewForm, UndoForm
from ojt_logs.listing import QUEUE_SORTS
from ojt_logs.models import State
from ojt_logs.tables import WAITING

BAD, TAKEN = 400, 409
THEN = {"two-minutes": "review-two-minutes"}
"""Where a press leads, by the word that its form carries; otherwise to the queue."""


@require_safe
def review(request: HttpRequest) -> HttpResponseBase:
    """The queue by person and week, the longest waiting first; as a file all its entries."""
    return _queue(request).answer() or _queue_page(request)


def _queue(request: HttpRequest) -> Listing:
    person = signed_in(request)
    people = queue.reviewed_by(person).order_by("user__name", "pk").values_list("uid", "user__name")
    named = [(str(uid), name) for uid, name in people[:MOST_NAMES]]
    return Listing(
        request,
        queue.weeks_of(person),
        filters=QueueFilters(request.GET, people=named, today=person.today(timezone.now())),
        sorts=QUEUE_SORTS,
        table=WAITING,
        size=queue.SHOWN,
        opened=lambda weeks: queue.entries_of(person, weeks),
        at=reverse("review"),
    )


def _queue_page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    person, now, listing = signed_in(request), timezone.now(), _queue(request)
    mentored = queue.to_sign_for(person, on=authority_day(now))
    weeks = queue.weeks_of(person).count()
    fitting = listing.narrowed.count() if listing.is_filtered else weeks
    batches = queue.batches_of(person, listing.rows, now=now)
    context = {
        "listing": listing,
        "batches": batches,
        "labelled": len({batch.kind for batch in batches}) > 1,
        "weeks": weeks,
        "fitting": fitting,
        "hidden": weeks - fitting,
        "just_approved": queue.just_approved(person, now=now),
        "asked": list(asking.waiting_for(person)),
        "attested": list(asking.attested_for(person)),
        "reviews_due": periodic_reviews.listed(
            [one.apprentice for one in mentored], today=authority_day(now)
        ),
        "mentored": mentored,
        "signs": any(one.signs for one in mentored),
        "reviews": bool(weeks) or queue.reviewed_by(person).exists(),
        "classes": queue.classes_of(person, on=authority_day(now)),
        "problem": problem,
    }
    return render(request, "ojt_logs/review.html", context, status=status)


PLAN = "two_minutes"
"""In the session: the weeks of the two minutes that somebody has begun, and how many they were."""


@require_http_methods(["GET", "HEAD", "POST"])
def two_minutes(request: HttpRequest) -> HttpResponse:
    """One week after the other of those that fit into two minutes; POST begins, or leaves one for later."""
    person, now = signed_in(request), timezone.now()
    if request.method == "POST":
        if later := request.POST.get("later"):
            kept = [key for key in two.read_plan(request.session.get(PLAN)) if "|".join(key) != later]
        else:
            kept = two.plan(person, now=now)
        request.session[PLAN] = kept
        return redirect("review-two-minutes")
    waiting = two.still_waiting(person, two.read_plan(request.session.get(PLAN)), now=now)
    context = {
        "batch": waiting[0] if waiting else None,
        "later": "|".join(two.key_of(waiting[0])) if waiting else "",
        "left": len(waiting),
        "weeks": queue.weeks_of(person).count(),
        "just_approved": queue.just_approved(person, now=now),
    }
    return render(request, "ojt_logs/two_minutes.html", context)


@require_safe
def review_week(request: HttpRequest, uid: uuid.UUID, monday: date) -> HttpResponse:
    """One person's week, entry by entry: return some with a reason, approve the rest."""
    return _week_page(request, uid, monday)


def _week_page(
    request: HttpRequest,
    uid: uuid.UUID,
    monday: date,
    *,
    form: ReviewForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    person, monday, now = signed_in(request), monday_of(monday), timezone.now()
    entries = queue.week_of(person, uid, monday)
    visible = Apprentice.objects.visible_to(person).select_related("user")
    apprentice = (
        entries[0].apprentice if entries else get_or_deny(visible, queue.reviewed_by(person), uid=uid)
    )
    waiting = [entry for entry in entries if entry.status == State.SUBMITTED]
    approved = [entry for entry in entries if entry.status == State.APPROVED]
    batches = queue.batched(waiting, done=approved, today=person.today(now))
    context = {
        "apprentice": apprentice,
        "monday": monday,
        "week": queue.week_words(monday),
        "batches": queue.looked_at(person, batches),
        "seen": queue.seen_of(waiting) if waiting else "",
        "waiting": waiting,
        "done": [entry for entry in entries if entry.status != State.SUBMITTED],
        "form": form or ReviewForm(),
        "then": then if (then := (request.POST or request.GET).get("then", "")) in THEN else "",
        "problem": problem,
    }
    return render(request, "ojt_logs/review_week.html", context, status=status)


@require_POST
def approve_week(request: HttpRequest, uid: uuid.UUID, monday: date) -> HttpResponse:
    """Approve exactly the entries that the page showed; those marked on it go back instead."""
    return _decide(request, uid, monday, ReviewForm(request.POST))


@require_POST
def return_entries(request: HttpRequest, uid: uuid.UUID, monday: date) -> HttpResponse:
    """Return the marked entries with a reason; the others go on waiting."""
    return _decide(request, uid, monday, ReturnForm(request.POST))


def _decide(request: HttpRequest, uid: uuid.UUID, monday: date, form: ReviewForm) -> HttpResponse:
    if not form.is_valid():
        return _week_page(request, uid, monday, form=form, status=BAD)
    person, back = signed_in(request), form.cleaned_data["entry"]
    try:
        done = queue.decide(
            person,
            uid=uid,
            monday=monday_of(monday),
            now=timezone.now(),
            approve=form.rest,
            send_back=back,
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
        )
    except ConsentNeeded as refusal:
        return _week_page(request, uid, monday, form=form, problem=refusal.message, status=refusal.status)
    except Conflict:
        problem = queue.overtaken(person, uid=uid, wanted=[*form.rest, *back])
        if back:
            return _week_page(request, uid, monday, form=form, problem=problem, status=TAKEN)
        return _queue_page(request, problem=problem, status=TAKEN)
    _say(request, done)
    if isinstance(form, ReturnForm):
        return redirect("review-week", uid, monday)
    return redirect(THEN.get(request.POST.get("then", ""), "review"))


def _say(request: HttpRequest, done: queue.Decision) -> None:
    """What was done, in words; an approval is told by the queue itself, with its undo."""
    if done.returned:
        apprentice = done.returned[0].apprentice
        entries = count_of(len(done.returned), "entry", "entries")
        messages.success(request, f"{entries} went back to {apprentice}, with your reason.")


@require_POST
def undo_week(request: HttpRequest, uid: uuid.UUID, monday: date) -> HttpResponse:
    """Put what was approved within the last minute back into the queue."""
    form = UndoForm(request.POST)
    if not form.is_valid():
        return _queue_page(request, problem="Nothing was chosen to undo.", status=BAD)
    shown = form.cleaned_data["shown"]
    try:
        rows = queue.undo(
            signed_in(request), uid=uid, monday=monday_of(monday), now=timezone.now(), entries=shown
        )
    except Conflict as refusal:
        return _queue_page(request, problem=refusal.message, status=TAKEN)
    minutes = format_hours(sum(row.minutes for row in rows))
    messages.success(request, f"Undone: {minutes} of {rows[0].apprentice} wait for you again.")
    return redirect(THEN.get(request.POST.get("then", ""), "review"))
