"""The coordinator's page: the board of a program. Auditors read it too."""

import uuid

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.listing import Files, answer_of
from apprenticeship.models import Program
from apprenticeship.views.reach import managed_program
from ojt_logs.board import board_of
from ojt_logs.findings import findings_of
from ojt_logs.forms.board import BoardView
from ojt_logs.models import PrivacyReport
from ojt_logs.tables import BOARD, FINDINGS
from ojt_logs.views.reach import followed_program, limit_of, named


@require_safe
def worth_a_look(request: HttpRequest, uid: uuid.UUID) -> HttpResponseBase:
    """Patterns in reviews and signatures, for the coordinators alone; nothing is blocked by them."""
    found = managed_program(request, uid)
    rows = findings_of(found, viewer=signed_in(request), now=timezone.now())
    answer = answer_of(request, asked={}, table=FINDINGS, rows=lambda: rows, subject=str(found))
    context = {"program": found, "findings": rows, "files": Files({})}
    return answer or render(request, "ojt_logs/worth_a_look.html", context)


@require_safe
def program(request: HttpRequest, uid: uuid.UUID) -> HttpResponseBase:
    """Everybody's progress, what waits how long, who is behind, and the papers of the program."""
    found = followed_program(request, uid)
    board = board_of(found, viewer=signed_in(request), now=timezone.now())
    limit = limit_of(request, found)
    view = BoardView(board, request.GET)
    context = {
        "program": found,
        "board": board,
        "view": view,
        "manages": Program.objects.managed_by(request.user).filter(pk=found.pk).exists(),
        "whole": limit is None,
        "limit": limit,
        "hidden": PrivacyReport.objects.decidable_by(request.user).filter(apprentice__program=found).exists(),
    }
    answer = answer_of(
        request, asked=view.asked, table=BOARD, rows=lambda: view.rows, subject=named(found, limit)
    )
    return answer or render(request, "ojt_logs/program.html", context)
