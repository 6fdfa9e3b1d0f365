"""Pages of a sponsor's own versions: begin a draft, write it, compare it, make it final."""

from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.dates import day_words
from accounts.models import Sponsor
from accounts.models.people import authority_day
from accounts.refusals import NotAllowed, Refusal
from competencies import checks, contents, versions
from competencies.differences import compare
from competencies.drafts import acts
from competencies.drafts.forms import (
    FORMS,
    AboutForm,
    ApprovalForm,
    DraftForm,
    FinishForm,
    ReasonForm,
    TopicsForm,
)
from competencies.imports.outline import content_hash
from competencies.imports.rows import schedule_outline
from competencies.models import Competency, JobFunction, PerformanceStandard, VersionStep, WorkProcessSchedule
from competencies.models.schedule import ScheduleQuerySet

FORM = ["GET", "HEAD", "POST"]
INSIDE = {"competency": ("job_function", JobFunction), "performance-standard": ("competency", Competency)}
"""What a row is added to, by the word in the address; the others belong to the document itself."""


def _visible(request: HttpRequest) -> ScheduleQuerySet:
    return WorkProcessSchedule.objects.visible_to(request.user).select_related(
        "occupation", "sponsor", "rating_scale"
    )


def _draft(request: HttpRequest, uid: UUID) -> WorkProcessSchedule:
    """A draft that one may change."""
    found = get_or_deny(_visible(request), WorkProcessSchedule.objects.managed_by(request.user), uid=uid)
    acts.demand_draft(found)
    return found


@require_http_methods(FORM)
def adapt(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Begin a draft of one's own from a published schedule, or go on with the one that is begun."""
    user = signed_in(request)
    schedule = get_or_deny(_visible(request), WorkProcessSchedule.objects.open_to(user), uid=uid)
    sponsors = Sponsor.objects.managed_by(user).order_by("name")
    if schedule.sponsor_id:
        sponsors = sponsors.filter(pk=schedule.sponsor_id)
    if not sponsors.exists():
        raise NotAllowed("Versions are written by a coordinator of the whole sponsor.", code="not_allowed")
    if request.method == "POST":
        sponsor = get_or_deny(sponsors, uid=request.POST.get("sponsor", ""))
        return redirect("draft", uid=versions.begin_draft(schedule, sponsor=sponsor).uid)
    own = versions.others_of(schedule, user).filter(sponsor__in=sponsors, frozen=True)
    context = {
        "schedule": schedule,
        "sponsors": sponsors,
        "own": None if schedule.sponsor_id else own.select_related("sponsor").order_by("-version").first(),
    }
    return render(request, "competencies/adapt.html", context)


@require_safe
def draft(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The whole draft with a way to change, add, move and remove each thing."""
    row = _draft(request, uid)
    before = versions.beside(row, request.user)
    context = {
        "schedule": row,
        "contents": contents.schedule_contents(row),
        "before": before,
        "opened": {int(pk) for pk in request.GET.getlist("open") if pk.isdecimal()},
    }
    return render(request, "competencies/draft.html", context)


@require_http_methods(FORM)
def about(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What the document says of itself: title, codes, approach, hours, registration."""
    row = _draft(request, uid)
    form = AboutForm(request.POST if request.method == "POST" else None, instance=row)
    return _saved(request, row, form) or _form(request, row, form, "The document")


@require_http_methods(FORM)
def add(request: HttpRequest, uid: UUID, kind: str) -> HttpResponse:
    """A new row at the end of what it belongs to (`?in=`, the number of the row around it)."""
    schedule = _draft(request, uid)
    form_class = _form_class(kind)
    column, around = _around(request, schedule, kind)
    instance = form_class.Meta.model(**{column: around})  # type: ignore[attr-defined]
    form = form_class(request.POST if request.method == "POST" else None, instance=instance)
    return _saved(request, schedule, form) or _form(
        request, schedule, form, f"A new {kind.replace('-', ' ')}", around=around
    )


def _around(request: HttpRequest, schedule: WorkProcessSchedule, kind: str) -> tuple[str, Any]:
    if kind not in INSIDE:
        return "schedule", schedule
    column, model = INSIDE[kind]
    try:
        return column, get_or_deny(_rows(model, schedule), pk=int(request.GET.get("in", "")))
    except (ValueError, OverflowError):
        raise Http404 from None


def _rows(model: Any, schedule: WorkProcessSchedule) -> Any:
    """The rows of a kind in one schedule."""
    paths = {Competency: "job_function__schedule", PerformanceStandard: "competency__job_function__schedule"}
    return model._default_manager.filter(**{paths.get(model, "schedule"): schedule})


def _form_class(kind: str) -> type[DraftForm]:
    if kind not in FORMS:
        raise Http404
    return FORMS[kind]


def _row(schedule: WorkProcessSchedule, kind: str, pk: int) -> Any:
    return get_or_deny(_rows(_form_class(kind).Meta.model, schedule), pk=pk)  # type: ignore[attr-defined]


@require_http_methods(FORM)
def change(request: HttpRequest, uid: UUID, kind: str, pk: int) -> HttpResponse:
    """One row."""
    schedule = _draft(request, uid)
    row = _row(schedule, kind, pk)
    form = _form_class(kind)(request.POST if request.method == "POST" else None, instance=row)
    return _saved(request, schedule, form) or _form(
        request, schedule, form, f"Change {row}", remove=(kind, pk)
    )


@require_http_methods(FORM)
def topics(request: HttpRequest, uid: UUID, pk: int) -> HttpResponse:
    """What the related instruction of a job function covers."""
    schedule = _draft(request, uid)
    function = get_or_deny(_rows(JobFunction, schedule), pk=pk)
    form = TopicsForm(function, request.POST if request.method == "POST" else None)
    if form.is_valid() and form.save():
        messages.success(request, "Saved.")
        return _back(schedule, function)
    return _form(request, schedule, form, f"Related instruction of {function}")


@require_POST
def move(request: HttpRequest, uid: UUID, kind: str, pk: int) -> HttpResponse:
    """Up or down by one place (`way`)."""
    schedule = _draft(request, uid)
    row = _row(schedule, kind, pk)
    acts.move(schedule, row, by=-1 if request.POST.get("way") == "up" else 1)
    return _back(schedule, row)


@require_http_methods(FORM)
def remove(request: HttpRequest, uid: UUID, kind: str, pk: int) -> HttpResponse:
    """Take a row out; the page says first what goes with it."""
    schedule = _draft(request, uid)
    row = _row(schedule, kind, pk)
    if request.method == "POST":
        words, beside = str(row)[:80], getattr(row, "competency", None) or getattr(row, "job_function", None)
        acts.remove(schedule, row, seen=request.POST.get("seen", ""))
        messages.success(request, f"“{words}” is taken out.")
        return _back(schedule, beside)
    context = {"schedule": schedule, "row": row, "inside": _inside(row), "seen": acts.look_inside(row)}
    return render(request, "competencies/draft_remove.html", context)


def _inside(row: Any) -> list[list[Any]]:
    """The competencies and the performance standards that go with a row."""
    if isinstance(row, JobFunction):
        standards = PerformanceStandard.objects.filter(competency__job_function=row)
        return [list(row.competencies.all()), list(standards)]
    return [[], list(row.standards.all())] if isinstance(row, Competency) else [[], []]


@require_POST
def discard(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Throw the whole draft away."""
    row = _draft(request, uid)
    versions.discard(row)
    messages.success(request, f"The draft of {row.title} is thrown away.")
    return redirect("standards")


def _saved(request: HttpRequest, schedule: WorkProcessSchedule, form: DraftForm) -> HttpResponse | None:
    if form.is_valid() and form.save_in(schedule):
        messages.success(request, "Saved.")
        return _back(schedule, form.instance)
    return None


def _back(schedule: WorkProcessSchedule, row: Any = None) -> HttpResponse:
    """To the draft, with the job function open in which `row` stands."""
    answer = redirect("draft", uid=schedule.uid)
    function = _function(row)
    answer["Location"] += f"?open={function.pk}#{_anchor(row)}" if function else f"#{_anchor(row)}"
    return answer


def _function(row: Any) -> JobFunction | None:
    if isinstance(row, PerformanceStandard):
        row = row.competency
    if isinstance(row, Competency):
        row = row.job_function
    return row if isinstance(row, JobFunction) else None


def _anchor(row: Any) -> str:
    """Where the page of the draft shows a row."""
    if row is None or isinstance(row, WorkProcessSchedule):
        return "about"
    if isinstance(row, JobFunction):
        return f"f{row.pk}"
    if isinstance(row, PerformanceStandard):
        return f"c{row.competency_id}"
    return f"c{row.pk}" if isinstance(row, Competency) else "beside"


def _form(
    request: HttpRequest, schedule: WorkProcessSchedule, form: Any, title: str, **more: Any
) -> HttpResponse:
    context = {"schedule": schedule, "form": form, "title": title, **more}
    return render(request, "competencies/draft_form.html", context, status=409 if _collided(form) else 200)


def _collided(form: Any) -> bool:
    return bool(getattr(form, "collision", None))


@login_not_required
@require_safe
def differences(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What a version keeps, changes, adds and leaves out of another (`?from=`), job function by function."""
    schedule = get_or_deny(_visible(request), uid=uid)
    others = versions.others_of(schedule, request.user).select_related("sponsor")
    chosen = get_or_deny(others, uid=request.GET["from"]) if request.GET.get("from") else None
    before = chosen or versions.beside(schedule, request.user)
    found = compare(schedule_outline(before), schedule_outline(schedule)) if before else None
    mine = WorkProcessSchedule.objects.drafts_of(request.user).filter(pk=schedule.pk).exists()
    context = {
        "schedule": schedule,
        "before": before,
        "others": others.order_by("sponsor_id", "-version"),
        "found": found,
        "suggestions": versions.suggestions(schedule, by=signed_in(request)) if mine and not chosen else [],
        "every": request.GET.get("show") == "all",
    }
    return render(request, "competencies/differences.html", context)


@require_POST
def same(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Confirm or refuse that a changed row asks what it asked before."""
    row = _draft(request, uid)
    try:
        before, after = UUID(request.POST.get("before", "")), UUID(request.POST.get("after", ""))
    except ValueError:
        raise Refusal("Choose one of the suggestions.", code="suggestion") from None
    if request.POST.get("answer") == "same":
        what, user = request.POST.get("what", ""), signed_in(request)
        acts.confirm_same(row, what, before=before, after=after, by=user, now=timezone.now())
        messages.success(request, "Noted: it asks the same. What is signed for it goes on to count.")
    else:
        acts.refuse_same(row, before=before, after=after)
        messages.success(request, "Noted: it asks something else.")
    answer = redirect("schedule-differences", uid=row.uid)
    answer["Location"] += "#suggestions"
    return answer


@require_http_methods(FORM)
def finish(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Make a draft final: submit it to the agency, or publish it without one.

    What its approach needs must be there; what contradicts is accepted with a reason, on the record.
    """
    row = _draft(request, uid)
    outline = schedule_outline(row)
    errors, warnings = checks.errors(outline), checks.warnings(outline)
    form = FinishForm(request.POST if request.method == "POST" else None, warned=bool(warnings))
    form.fields["seen"].initial = content_hash(outline)
    questions = versions.suggestions(row, by=signed_in(request))
    if not errors and not questions and form.is_valid():
        done = _finish(request, row, **form.cleaned_data)
        messages.success(request, done)
        return redirect("schedule", uid=row.uid)
    before = versions.basis(row, request.user)
    found = compare(schedule_outline(before), outline) if before else None
    context = {
        "schedule": row,
        "before": before,
        "found": found,
        "form": form,
        "errors": errors,
        "questions": questions,
        "warnings": warnings,
    }
    return render(request, "competencies/draft_finish.html", context)


def _finish(request: HttpRequest, row: WorkProcessSchedule, *, way: str, **said: str) -> str:
    user, now = signed_in(request), timezone.now()
    if way == "submit":
        versions.submit(row, on=authority_day(now), by=user, now=now, **said)
        return f"{row} is final, and noted as submitted to the agency."
    versions.issue(row, by=user, now=now, **said)
    return f"{row} is published. Programs can start from it."


@require_http_methods(FORM)
def approve(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Note the agency's approval, with the day and the letter."""
    row = get_or_deny(_visible(request), WorkProcessSchedule.objects.managed_by(request.user), uid=uid)
    form = ApprovalForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            step = versions.approve(
                row, on=said["on"], letter=said["letter"], by=signed_in(request), now=timezone.now()
            )
        except Refusal as refusal:
            if refusal.field is None:
                raise
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, f"{row} is approved since {day_words(step.on)}.")
            return redirect("schedule", uid=row.uid)
    return render(
        request, "competencies/version_step.html", {"schedule": row, "form": form, "act": "approve"}
    )


@require_http_methods(FORM)
def retire(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Retire a version: nobody joins it any more, who is registered on it stays."""
    row = get_or_deny(_visible(request), WorkProcessSchedule.objects.managed_by(request.user), uid=uid)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        versions.retire(row, reason=form.cleaned_data["reason"], by=signed_in(request), now=timezone.now())
        messages.success(request, f"{row} is retired.")
        return redirect("schedule", uid=row.uid)
    return render(request, "competencies/version_step.html", {"schedule": row, "form": form, "act": "retire"})


@require_safe
def letter(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """The agency's letter of a step as it was attached, as a download, for those who see the version."""
    steps = VersionStep.objects.filter(schedule__in=_visible(request)).exclude(letter="")
    step = get_or_deny(steps.select_related("schedule"), uid=uid)
    title = " ".join(step.schedule.title.split())
    return FileResponse(
        BytesIO(step.read_letter()),
        as_attachment=True,
        filename=f"approval of {title} {step.on}.pdf",
        content_type="application/pdf",
    )
