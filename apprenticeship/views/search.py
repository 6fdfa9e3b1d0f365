"""The search over everything that one may see."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from apprenticeship import search as finding
from apprenticeship.forms.search import SearchForm


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What bears the words or the code, by kind; with `kind` in the address, all of that kind."""
    form = SearchForm(request.GET)
    text, kind = form.value("q"), form.value("kind")
    found: list[finding.Found] = []
    if text and kind and isinstance(request.user, User):
        found = [finding.search_kind(request.user, text, kind=kind, place=form.value("page"))]
    elif text:
        found = finding.search(request.user, text)
    context = {"form": form, "text": text, "found": [one for one in found if one.rows], "one_kind": kind}
    return render(request, "apprenticeship/search.html", context)
