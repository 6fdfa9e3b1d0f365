"""Which texts of a record can be reported as patient information: one line each, and nowhere else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from apprenticeship.models import Apprentice, Credit, LegalHold, ProbationDecision, StatusChange
from ojt_logs.models.comments import Comment
from ojt_logs.models.course_results import CourseResult
from ojt_logs.models.evidence import Evidence
from ojt_logs.models.hours import HoursEntry
from ojt_logs.models.no_work import NoWorkPeriod
from ojt_logs.models.outside import AttestationAnswer, OutsideAttestation
from ojt_logs.models.payroll import PaidHours, PayrollExplanation
from ojt_logs.models.requests import SignOffRequest
from ojt_logs.models.reviews import PARTS, PeriodicReview, ReviewAnswer
from ojt_logs.models.scans import Scan
from ojt_logs.models.sign_off_comments import SignOffComment
from ojt_logs.models.sign_offs import SignOff
from ojt_logs.models.wage_decisions import WageDecision

if TYPE_CHECKING:
    from accounts.models import User


def _with_attestation(user: "User") -> Q:
    return Q(attestation__in=OutsideAttestation.objects.visible_to(user).values("pk"))


def _with_review(user: "User") -> Q:
    return Q(review__in=PeriodicReview.objects.visible_to(user).values("pk"))


def _with_registration(user: "User") -> Q:
    return Q(apprentice__in=Apprentice.objects.registration_visible_to(user).values("pk"))


def _with_payroll(user: "User") -> Q:
    return Q(apprentice__in=PaidHours.objects.visible_to(user).values("apprentice"))


def _on_a_registration(user: "User") -> Q:
    held = LegalHold.objects.visible_to(user).exclude(apprentice=None)
    return Q(pk__in=held.values("pk"))


@dataclass(frozen=True)
class Reportable:
    """A field of a model, what it is called, and the way from its row to the apprentice; a file has no field.

    `seen_with` says who reads rows of a model that has no `visible_to` of its own.
    """

    model: type[models.Model]
    field: str
    thing: str
    way: str = "apprentice"
    seen_with: Callable[["User"], Q] | None = None

    def visible_to(self, user: "User") -> models.QuerySet[Any]:
        """The rows that `user` reads."""
        manager: Any = self.model._default_manager
        seen: models.QuerySet[Any] = (
            manager.filter(self.seen_with(user)) if self.seen_with else manager.visible_to(user)
        )
        return seen

    @property
    def longest(self) -> int | None:
        """Characters that the field takes; None for any number."""
        found: int | None = getattr(self.model._meta.get_field(self.field), "max_length", None)
        return found

    def rows(self, apprentice: Apprentice) -> models.QuerySet[Any]:
        ways = (Q(**{way: apprentice}) for way in self.way.split(" or "))
        return self.model._default_manager.filter(reduce(or_, ways))

    def apprentice_of(self, row: models.Model) -> Apprentice:
        found: Any = getattr(row, "apprentice", None) or reduce(getattr, self.way.split("__"), row)
        apprentice: Apprentice = found
        return apprentice


REPORTABLE: dict[str, Reportable] = {
    "entry": Reportable(HoursEntry, "note", "note of hours"),
    "entry_return": Reportable(HoursEntry, "return_reason", "reason of a return"),
    "entry_dispute": Reportable(HoursEntry, "dispute_reason", "reason of a dispute"),
    "entry_correction": Reportable(HoursEntry, "correction_reason", "reason of a correction"),
    "comment": Reportable(Comment, "note", "comment on hours", "entry__apprentice"),
    "evidence": Reportable(Evidence, "", "file", "entry__apprentice or sign_off__apprentice"),
    "scan": Reportable(Scan, "", "scan of a paper page"),
    "sign_off": Reportable(SignOff, "note", "note of a sign-off"),
    "sign_off_reason": Reportable(SignOff, "reason", "reason of a sign-off"),
    "sign_off_comment": Reportable(SignOffComment, "text", "comment on a sign-off", "sign_off__apprentice"),
    "course_result": Reportable(CourseResult, "note", "note of a result"),
    "course_result_reason": Reportable(CourseResult, "reason", "reason of a withdrawn result"),
    "request": Reportable(SignOffRequest, "note", "note of a request"),
    "request_reason": Reportable(SignOffRequest, "reason", "reason of a declined request"),
    "attestation": Reportable(OutsideAttestation, "text", "text of an attestation"),
    "attestation_answer": Reportable(
        AttestationAnswer, "reason", "answer to an attestation", "attestation__apprentice", _with_attestation
    ),
    **{
        f"review_{name}": Reportable(PeriodicReview, name, f"part “{title}” of a periodic review")
        for name, title in PARTS.items()
    },
    "review_answer": Reportable(
        ReviewAnswer, "words", "answer to a periodic review", "review__apprentice", _with_review
    ),
    "no_work": Reportable(NoWorkPeriod, "note", "note of days without work"),
    "no_work_back": Reportable(NoWorkPeriod, "withdrawn_why", "reason of days taken back"),
    "credit": Reportable(Credit, "evidence", "evidence of credit"),
    "credit_back": Reportable(Credit, "withdrawn_why", "reason of credit taken back"),
    "status": Reportable(StatusChange, "reason", "reason of a status", seen_with=_with_registration),
    "probation": Reportable(
        ProbationDecision, "reason", "reason of a decision about probation", seen_with=_with_registration
    ),
    "wage_step": Reportable(WageDecision, "reason", "reason of a decision about a wage step"),
    "payroll": Reportable(PayrollExplanation, "text", "explanation of paid hours", seen_with=_with_payroll),
    "hold": Reportable(LegalHold, "reason", "reason of a legal hold", seen_with=_on_a_registration),
    "hold_lifted": Reportable(
        LegalHold, "lifted_why", "reason why a hold was lifted", seen_with=_on_a_registration
    ),
}
"""By the word that addresses and the ledger call it by."""


def texts() -> Iterator[Reportable]:
    """All but the files."""
    return (one for one in REPORTABLE.values() if one.field)


def files() -> Iterator[Reportable]:
    """All but the texts."""
    return (one for one in REPORTABLE.values() if not one.field)


def files_of(apprentice: Apprentice) -> list[Any]:
    """The files of a record, a set a kind, in the order in which they came: also those that were taken off
    or hidden. Each set has `there` and `visible_to`."""
    return [one.rows(apprentice).order_by("pk") for one in files()]
