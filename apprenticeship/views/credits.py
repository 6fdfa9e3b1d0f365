"""Credit for what came before the agreement: granted by a coordinator, read by apprentice and office."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.numbers import count_of
from apprenticeship.forms.credits import CreditForm, WhyForm
from apprenticeship.models import Apprentice, Credit
from apprenticeship.views.reach import RELATED, managed_registration


@require_safe
def credit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What is credited to one registration, on which evidence, by whom."""
    visible = Apprentice.objects.visible_to(request.user).select_related(*RELATED)
    found = get_or_deny(visible, Apprentice.objects.registration_visible_to(request.user), uid=uid)
    may_decide = Apprentice.objects.decided_by(request.user).filter(pk=found.pk).exists()
    rows = Credit.objects.visible_to(request.user).filter(apprentice=found)
    related = ("job_function", "course", "competency", "granted_by", "withdrawn_by")
    context = {
        "apprentice": found,
        "may_decide": may_decide and not found.ended_on,
        "mine": found.user_id == signed_in(request).pk,
        "rows": [
            (row, WhyForm(auto_id=f"{row.pk}-%s") if may_decide and row.stands else None)
            for row in rows.select_related(*related)
        ],
    }
    return render(request, "apprenticeship/credit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def grant(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Grant credit: hours, courses and competencies on one piece of evidence, together."""
    found = managed_registration(request, uid)
    form = CreditForm(request.POST if request.method == "POST" else None, apprentice=found)
    if form.is_bound and (made := form.save(by=signed_in(request), now=timezone.now())):
        messages.success(request, f"{count_of(len(made), 'credit')} granted to {found.user.name}.")
        return redirect("credit", uid)
    return render(request, "apprenticeship/credit_grant.html", {"apprentice": found, "form": form})


@require_POST
def take_back(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a credit back, with a reason."""
    visible = Credit.objects.visible_to(request.user).select_related("apprentice")
    row = get_or_deny(visible, Credit.objects.withdrawable_by(request.user), uid=uid)
    form = WhyForm(request.POST)
    if form.is_valid():
        row.withdraw(by=signed_in(request), now=timezone.now(), reason=form.cleaned_data["reason"])
        messages.success(request, f"Taken back: {row}.")
    else:
        messages.error(request, "Nothing was taken back. Say why, in a few words.")
    return redirect("credit", row.apprentice.uid)
