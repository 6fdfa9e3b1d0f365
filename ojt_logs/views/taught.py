"""A class with its roster, and what its apprentices have achieved in the course."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_or_deny, signed_in
from accounts.models.people import authority_day
from accounts.numbers import count_of
from accounts.refusals import Refusal
from apprenticeship.forms.classes import ClassForm
from apprenticeship.models import Apprentice, Class
from apprenticeship.models.classes import ClassQuerySet
from ledger import chain
from ojt_logs.forms.attendance import AttendanceForm
from ojt_logs.forms.mentor import WithdrawForm
from ojt_logs.forms.results import ResultsForm
from ojt_logs.models import CourseResult
from ojt_logs.practice import practice_of
from ojt_logs.views.fresh import authentication, is_stale

BAD = 400


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A class; coordinators change days and roster, its instructor records results."""
    managed = Class.objects.managed_by(request.user)
    found = _class(request, uid, managed if request.method == "POST" else None)
    may_manage = managed.filter(pk=found.pk).exists()
    form = ClassForm(request.POST or None, taught=found, by=signed_in(request)) if may_manage else None
    if form and form.is_valid():
        form.save(by=signed_in(request))
        messages.success(request, "Saved.")
        return redirect("classes", found.program.uid)
    teaches, now = _teaches(request, found), timezone.now()
    return _page(
        request,
        found,
        form=form,
        results=_first_results(request, found) if teaches else None,
        attendance=_attendance(request, found, None).start_on(now=now) if teaches else None,
    )


@require_POST
def attend(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Record who attended on a day; that approves their hours."""
    found = _class(request, uid, Class.objects.taught_by(request.user))
    form = _attendance(request, found, request.POST)
    if not form.is_valid() or not (entries := form.save(now=timezone.now())):
        return _page(request, found, attendance=form, results=_first_results(request, found), status=BAD)
    count = count_of(len(entries), "apprentice")
    messages.success(request, f"Attendance of {count} is recorded and their hours are approved.")
    return redirect("class", uid)


@sensitive_post_parameters("password")
@require_POST
def record(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Record who passed, with a fresh password."""
    found = _class(request, uid, Class.objects.taught_by(request.user))
    form = _results(request, found, request.POST)
    if not form.is_valid():
        return _page(request, found, results=form, status=BAD)
    try:
        proof = authentication(request)
    except Refusal as refusal:
        form.add_error("password", refusal.message)
        return _page(request, found, results=form, status=refusal.status)
    if not (signed := form.save(authentication=proof, now=timezone.now())):
        return _page(request, found, results=form, status=BAD)
    messages.success(request, f"{count_of(len(signed), 'result')} of {found.course} on the record.")
    return redirect("class", uid)


def _class(request: HttpRequest, uid: UUID, may: ClassQuerySet | None) -> Class:
    related = ("program__sponsor", "program__schedule", "course", "instructor")
    return get_or_deny(Class.objects.visible_to(request.user).select_related(*related), may, uid=uid)


def _teaches(request: HttpRequest, found: Class) -> bool:
    return Class.objects.taught_by(request.user).filter(pk=found.pk).exists()


def _first_results(request: HttpRequest, found: Class) -> ResultsForm:
    """The form of results as it is before something is typed."""
    return _results(request, found, None).start_on(now=timezone.now())


def _attendance(request: HttpRequest, found: Class, data: QueryDict | None) -> AttendanceForm:
    """The form about everybody on the roster, never about oneself."""
    person = signed_in(request)
    people = [one for one in _attending(request, found) if one.user_id != person.pk]
    return AttendanceForm(data, taught=found, people=people, by=person)


def _results(request: HttpRequest, found: Class, data: QueryDict | None) -> ResultsForm:
    """The form about everybody on the roster who has not passed yet, never about oneself."""
    people = _attending(request, found)
    results = CourseResult.objects.visible_to(request.user).of(people)
    passed = {pk for (pk, lineage), row in results.items() if row.passed and lineage == found.course.lineage}
    person = signed_in(request)
    open_ones = [one for one in people if one.pk not in passed and one.user_id != person.pk]
    return ResultsForm(data, taught=found, people=open_ones, by=person)


def _attending(request: HttpRequest, found: Class) -> list[Apprentice]:
    """Who is on the roster, as far as one may know; its instructor knows all, also when the class is over."""
    people = Apprentice.objects.attending(found, seen_by=signed_in(request))
    return list(people.select_related("user").order_by("user__name", "pk"))


def _page(
    request: HttpRequest,
    found: Class,
    *,
    form: ClassForm | None = None,
    results: ResultsForm | None = None,
    attendance: AttendanceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    people = _attending(request, found)
    known = CourseResult.objects.visible_to(request.user).of(people)
    context = {
        "taught": found,
        "form": form,
        "results": results,
        "attendance": attendance,
        "people": [(one, known.get((one.pk, found.course.lineage))) for one in people],
        "practice": practice_of(found, people, on=authority_day(timezone.now())),
        "needs_password": is_stale(request),
    }
    return render(request, "ojt_logs/class.html", context, status=status)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def result(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One result with everything that is kept of it; who gave it takes it back, with a reason."""
    person = signed_in(request)
    related = ("apprentice__user", "apprentice__program__sponsor", "course", "withdraws__course")
    visible = CourseResult.objects.visible_to(person).select_related(*related)
    given = CourseResult.objects.given_by(person) if request.method == "POST" else None
    row = get_or_deny(visible, given, uid=uid)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    form.fields["password"].required = False
    if form.is_valid():
        try:
            proof = authentication(request)
        except Refusal as refusal:
            form.add_error("password", refusal.message)
            return _result_page(request, row, form, status=refusal.status)
        CourseResult.objects.withdraw(
            row, by=person, now=timezone.now(), authentication=proof, reason=form.cleaned_data["reason"]
        )
        messages.success(request, "Withdrawn. Result and withdrawal both stay on the record.")
        return redirect("course-result", uid)
    return _result_page(request, row, form, status=BAD if form.is_bound else 200)


def _result_page(request: HttpRequest, row: CourseResult, form: WithdrawForm, *, status: int) -> HttpResponse:
    person = signed_in(request)
    context = {
        "row": row,
        "form": form,
        "entry": chain.entries_of(row.apprentice.uid).filter(object=row.uid).first(),
        "withdrawal": row.withdrawals.first(),
        "may_withdraw": CourseResult.objects.withdrawable_by(person).filter(pk=row.pk).exists(),
        "needs_password": is_stale(request),
        "reads_record": Apprentice.objects.record_visible_to(person).filter(pk=row.apprentice_id).exists(),
    }
    return render(request, "ojt_logs/course_result.html", context, status=status)
