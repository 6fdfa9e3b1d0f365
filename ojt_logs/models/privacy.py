"""Patient information on a record: hidden at once, then taken out by two people, or shown again.

45 CFR 164 protects it, and a record that refuses deletion must still be able to lose it. What stays is a
tombstone: who, when, why, and the hash that the ledger holds of the words or the file.
"""

import uuid
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q

from accounts.models import Consent, User
from accounts.models.people import authority_day
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice, Program
from ledger import chain
from ojt_logs.models.comments import Comment
from ojt_logs.models.course_results import CourseResult
from ojt_logs.models.evidence import Evidence
from ojt_logs.models.hours import HoursEntry
from ojt_logs.models.moves import State, digest
from ojt_logs.models.sign_offs import SignOff

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

Subject = HoursEntry | SignOff | CourseResult | Comment | Evidence
"""What may hold it: the note of one of the first three, a comment, or a file."""
SUBJECTS = {
    "entry": HoursEntry,
    "sign_off": SignOff,
    "course_result": CourseResult,
    "comment": Comment,
    "evidence": Evidence,
}
"""By the column of a report that points at it."""
NOT_THERE = "This was hidden or taken off already. Reload the page."


class Outcome(models.TextChoices):
    OPEN = "", "Hidden, to be decided"
    REDACTED = "redacted", "Taken out for good"
    SHOWN = "shown", "Shown again"


class PrivacyReportQuerySet(models.QuerySet["PrivacyReport"]):
    def visible_to(self, user: "User | AnonymousUser") -> "PrivacyReportQuerySet":
        """Those on records that `user` reads, and what one reported; the words are the coordinator's."""
        if not isinstance(user, User):
            return self.none()
        records = Apprentice.objects.record_visible_to(user).values("pk")
        return self.filter(Q(apprentice__in=records) | Q(reported_by=user))

    def decidable_by(self, user: "User | AnonymousUser") -> "PrivacyReportQuerySet":
        """Open ones that `user` decides as coordinator; not where one is the apprentice."""
        if not isinstance(user, User):
            return self.none()
        managed = Program.objects.managed_by(user).values("pk")
        return self.filter(outcome="", apprentice__program__in=managed).exclude(apprentice__user=user)

    def agreeable_by(self, user: "User | AnonymousUser", *, now: datetime) -> "PrivacyReportQuerySet":
        """Open ones that `user` may agree to take out: coordinators, mentors of today, the apprentice; and
        nobody twice. Of the two who agree one is a coordinator."""
        if not isinstance(user, User):
            return self.none()
        mentored = Apprentice.objects.mentored_by(user, on=authority_day(now)).values("pk")
        beside = Q(apprentice__in=mentored) | Q(apprentice__user=user)
        coordinates = Q(pk__in=self.decidable_by(user).values("pk"))
        second = Q(agreed_by=None) | Q(agreed_as_coordinator=True)
        return self.filter(coordinates | beside & second, outcome="").exclude(agreed_by=user)

    def report(self, subject: Subject, *, by: User, now: datetime, why: str) -> "PrivacyReport":
        """Hide the note or the file at once, with an entry on the record.

        Raises Refusal without a reason, Conflict for a draft (its apprentice changes it) and where nothing
        is there to hide. Who may see the subject may report it: ask before.
        """
        if not why.strip():
            raise Refusal("Say what is in it, without repeating it.", code="reason_required", field="why")
        apprentice = _apprentice_of(subject)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=apprentice.user_id)
            text, sha256 = _hide(subject)
            row = PrivacyReport(
                apprentice=apprentice,
                text=text,
                sha256=sha256,
                reported_by=by,
                reported_at=now,
                why=why.strip(),
                **{_column(subject): subject},
            )
            row.save(force_insert=True)
            row.tell("privacy.report", by=by, now=now)
        return row


def _column(subject: Subject) -> str:
    return next(name for name, model in SUBJECTS.items() if isinstance(subject, model))


def _apprentice_of(subject: Subject) -> Apprentice:
    return subject.apprentice


def _hide(subject: Subject) -> tuple[str, str]:
    """Take the words out of the row, or the file out of sight; returns the words and the hash."""
    if isinstance(subject, Evidence):
        if not Evidence.objects.there().filter(pk=subject.pk).update(withheld=True):
            raise Conflict(NOT_THERE, code="nothing_to_hide")
        return "", subject.sha256
    if isinstance(subject, Comment) and subject.returned:
        raise Conflict("The reason of a return cannot be hidden here.", code="reason_of_return")
    rows = type(subject)._default_manager.filter(pk=subject.pk, withheld="").exclude(note="")
    text = rows.values_list("note", flat=True).first()
    if not text:
        raise Conflict(NOT_THERE, code="nothing_to_hide")
    if isinstance(subject, HoursEntry) and subject.status == State.DRAFT:
        raise Conflict("This is a draft: change its note and save it.", code="still_a_draft")
    sha256 = digest(text) or ""
    rows.update(note="", withheld=sha256)
    return text, sha256


def _only(name: str) -> Q:
    """Rows that point at a subject of this kind and at no other."""
    return Q(**{f"{one}__isnull": one != name for one in SUBJECTS})


class PrivacyReport(models.Model):
    """That a note or a file holds patient information, and what two people decided about it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="privacy_reports")
    entry = models.ForeignKey(
        HoursEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="privacy_reports"
    )
    sign_off = models.ForeignKey(
        SignOff, null=True, blank=True, on_delete=models.PROTECT, related_name="privacy_reports"
    )
    course_result = models.ForeignKey(
        CourseResult, null=True, blank=True, on_delete=models.PROTECT, related_name="privacy_reports"
    )
    comment = models.ForeignKey(
        Comment, null=True, blank=True, on_delete=models.PROTECT, related_name="privacy_reports"
    )
    evidence = models.ForeignKey(
        Evidence, null=True, blank=True, on_delete=models.PROTECT, related_name="privacy_reports"
    )
    text = models.TextField(blank=True, help_text="What is hidden, until it is decided.")
    sha256 = models.CharField(max_length=64)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    why = models.CharField(max_length=500)
    agreed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_as_coordinator = models.BooleanField(default=False)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="")
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=500, blank=True, help_text="Why it was shown again.")

    objects = PrivacyReportQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=reduce(or_, (_only(name) for name in SUBJECTS)),
                name="privacy_report_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_by=None, decided_at=None)
                | ~Q(outcome="") & Q(decided_by__isnull=False, decided_at__isnull=False, text=""),
                name="privacy_report_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="redacted")
                | Q(agreed_by__isnull=False) & ~Q(agreed_by=models.F("decided_by")),
                name="privacy_redacted_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.thing}, reported {self.reported_at:%Y-%m-%d}"

    @property
    def subject(self) -> Subject:
        found = self.entry or self.sign_off or self.course_result or self.comment or self.evidence
        assert found is not None  # noqa: S101 - the database holds that there is one
        return found

    @property
    def thing(self) -> str:
        """“note of the hours of Nov 18”, in plain words."""
        if self.evidence:
            return f"file {self.evidence}"
        kinds = {
            "entry": "note of hours",
            "sign_off": "note of a sign-off",
            "course_result": "note of a result",
            "comment": "comment on hours",
        }
        return kinds[_column(self.subject)]

    def agree(self, *, by: User, now: datetime) -> None:
        """Agree to take it out for good; the second person's word does it. Raises NotAllowed, Conflict."""
        Consent.objects.demand(by)
        with transaction.atomic():
            self._take()
            if not PrivacyReport.objects.agreeable_by(by, now=now).filter(pk=self.pk).exists():
                raise NotAllowed(
                    "Two people take something out of a record, one of them a coordinator. "
                    "Ask a second person.",
                    code="second_person",
                )
            if self.agreed_by_id is None:
                self.agreed_by, self.agreed_at = by, now
                self.agreed_as_coordinator = (
                    PrivacyReport.objects.decidable_by(by).filter(pk=self.pk).exists()
                )
                self.save(update_fields=["agreed_by", "agreed_at", "agreed_as_coordinator"])
                self.tell("privacy.agree", by=by, now=now)
                return
            self._decide(Outcome.REDACTED, by=by, now=now)
            self.tell("privacy.redact", by=by, now=now)
            if self.evidence:
                self.evidence.forget_file()

    def show_again(self, *, by: User, now: datetime, words: str) -> None:
        """It is no patient information: put it back and say why. Raises NotAllowed, Refusal, Conflict."""
        Consent.objects.demand(by)
        if not words.strip():
            raise Refusal("Say why it may be shown.", code="reason_required", field="words")
        with transaction.atomic():
            self._take()
            if not PrivacyReport.objects.decidable_by(by).filter(pk=self.pk).exists():
                raise NotAllowed("A coordinator decides that.", code="coordinator_only")
            subject, text = self.subject, self.text
            rows = type(subject)._default_manager.filter(pk=subject.pk)
            rows.update(**({"withheld": False} if self.evidence else {"note": text, "withheld": ""}))
            self.words = words.strip()
            self._decide(Outcome.SHOWN, by=by, now=now)
            self.tell("privacy.show", by=by, now=now)

    def _take(self) -> None:
        """Lock the person, read the row anew. Raises Conflict once it is decided."""
        User.objects.select_for_update().get(pk=self.apprentice.user_id)
        self.refresh_from_db()
        if self.outcome:
            raise Conflict("This was decided a moment ago. Reload the page.", code="decided")

    def _decide(self, outcome: str, *, by: User, now: datetime) -> None:
        self.outcome, self.decided_by, self.decided_at, self.text = outcome, by, now, ""
        self.save(update_fields=["outcome", "decided_by", "decided_at", "text", "words"])

    def tell(self, act: str, *, by: User, now: datetime) -> None:
        """Write an act about this report into the apprentice's chain. Call in its transaction."""
        chain.tell(self.apprentice.uid, act=act, actor=by.uid, object=self.uid, at=now, payload=self.facts())

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of it: hashes and people, never what was hidden."""
        return {
            "about": _column(self.subject),
            "row": str(self.subject.uid),
            "sha256": self.sha256,
            "reported_by": str(self.reported_by.uid),
            "why_sha256": digest(self.why),
            "agreed_by": str(self.agreed_by.uid) if self.agreed_by else None,
            "outcome": str(self.outcome),
            "decided_by": str(self.decided_by.uid) if self.decided_by else None,
            "words_sha256": digest(self.words),
        }
