"""The employers that take part at a sponsor."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import get_or_deny
from accounts.listing import Listing
from accounts.models import Sponsor
from apprenticeship.forms.lists import EMPLOYER_SORTS, EmployerFilters
from apprenticeship.forms.people import EmployerForm
from apprenticeship.models import Apprentice, Employer
from apprenticeship.tables import EMPLOYERS


@require_http_methods(["GET", "HEAD", "POST"])
def employers(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """The list with who works where, and a line to add one."""
    managed = Sponsor.objects.managed_by(request.user)
    may = managed if request.method == "POST" else Sponsor.objects.administered_by(request.user)
    sponsor = get_or_deny(Sponsor.objects.visible_to(request.user), may, uid=uid)
    form = EmployerForm(request.POST or None, instance=Employer(sponsor=sponsor))
    if form.is_valid():
        messages.success(request, f"{form.save()} is added.")
        return redirect("employers", uid=sponsor.uid)
    seen = Q(apprentice__in=Apprentice.objects.record_visible_to(request.user).values("pk"))
    rows = Employer.objects.visible_to(request.user).filter(sponsor=sponsor)
    listing = Listing(
        request,
        rows.annotate(employed=Count("apprentice", filter=seen, distinct=True)),
        filters=EmployerFilters(request.GET),
        sorts=EMPLOYER_SORTS,
        table=EMPLOYERS,
        subject=str(sponsor),
    )
    manages = managed.filter(pk=sponsor.pk).exists()
    context = {"sponsor": sponsor, "listing": listing, "form": form, "manages": manages}
    answer = listing.answer() if request.method != "POST" else None
    return answer or render(request, "apprenticeship/employers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def employer(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Rename an employer; papers print the new name from now on."""
    visible = Employer.objects.visible_to(request.user).select_related("sponsor")
    row = get_or_deny(visible, Employer.objects.managed_by(request.user), uid=uid)
    form = EmployerForm(request.POST if request.method == "POST" else None, instance=row)
    if form.is_valid():
        messages.success(request, f"Saved as {form.save()}.")
        return redirect("employers", uid=row.sponsor.uid)
    return render(request, "apprenticeship/employer.html", {"form": form, "employer": row})
