"""Patient information on a record: hidden at once, then taken out by two people, or shown again.

45 CFR 164 protects it, and a record that refuses deletion must still be able to lose it. What stays is a
tombstone: who, when, why, and the hash that the ledger holds of the words or the file.
"""

import json
import uuid
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q

from accounts.models import Consent, IdempotencyKey, User
from accounts.models.people import authority_day
from accounts.models.words import Words
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice, Program
from ledger import chain
from ledger.models import Payload
from ledger.tombstones import Tombstone, digest
from ojt_logs.models.comments import Comment
from ojt_logs.models.evidence import Evidence
from ojt_logs.models.hours import HoursEntry
from ojt_logs.models.moves import State
from ojt_logs.models.outside import OutsideRating
from ojt_logs.models.reportable import REPORTABLE, texts
from ojt_logs.models.scans import Scan

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

TOLD_IN_FULL = ("reason", "text")
"""Where older entries of the ledger have words and not their hash. Elsewhere the same letters are no words of
somebody's, and stay: “submitted” is a state."""
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

    def report(self, about: str, row: Any, *, by: User, now: datetime, why: str) -> "PrivacyReport":
        """Hide the text or the file at once, with an entry on the record; `about` is a word of REPORTABLE.
        The same words are hidden wherever else they stand on the record; written again while the first report
        of them is open, they are a matter of that one.

        Raises Refusal without a reason, Conflict for a draft (its apprentice changes it) and where nothing
        is there to hide. Who may see the row may report it: ask before.
        """
        if not why.strip():
            raise Refusal("Say what is in it, without repeating it.", code="reason_required", field="why")
        apprentice = REPORTABLE[about].apprentice_of(row)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=apprentice.user_id)
            text = _text(about, row) if REPORTABLE[about].field else _hide_file(row)
            same = self.filter(apprentice=apprentice, sha256=digest(text), outcome="").first()
            report = same or self.model(
                apprentice=apprentice,
                about=about,
                row=row.uid,
                text=text,
                sha256=digest(text) or row.sha256,
                reported_by=by,
                reported_at=now,
                why=why.strip(),
            )
            report.save(force_insert=same is None)
            if text:
                _put(apprentice, report.stone, instead_of=text)
            report.touch(now=now)
            report.tell("privacy.report", by=by, now=now)
        return report


def _hide_file(row: Evidence | Scan) -> str:
    rows: Any = type(row).objects
    if not rows.there().filter(pk=row.pk).update(withheld=True):
        raise Conflict(NOT_THERE, code="nothing_to_hide")
    return ""


def _text(about: str, row: models.Model) -> str:
    """The words as they stand there now."""
    one = REPORTABLE[about]
    if isinstance(row, HoursEntry) and row.status == State.DRAFT:
        raise Conflict("This is a draft: change its note and save it.", code="still_a_draft")
    text: str | None = one.model._default_manager.filter(pk=row.pk).values_list(one.field, flat=True).first()
    if not text or isinstance(text, Tombstone):
        raise Conflict(NOT_THERE, code="nothing_to_hide")
    return text


def _put(apprentice: Apprentice, words: str, *, instead_of: str) -> None:
    """Put a tombstone for words, or words for a tombstone, in all of a record; drafts are no part of it."""
    for one in texts():
        rows = one.rows(apprentice).filter(**{one.field: instead_of})
        if one.model is HoursEntry:
            rows = rows.exclude(status=State.DRAFT)
        if len(words) <= (one.longest or len(words)):
            rows.update(**{one.field: words})
    sponsor = apprentice.program.sponsor_id
    people = Q(user=apprentice.user_id) | Q(user__memberships__sponsor=sponsor)
    fields = {one.field for one in texts()} | {"words"}
    IdempotencyKey.objects.put(words, instead_of=instead_of, fields=fields, people=people)


class PrivacyReport(models.Model):
    """That a text or a file holds patient information, and what two people decided about it."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="privacy_reports")
    about = models.CharField(max_length=24, help_text="A word of REPORTABLE.")
    row = models.UUIDField(help_text="The `uid` of what was reported.")
    text = models.TextField(blank=True, help_text="What is hidden, until it is decided.")
    sha256 = models.CharField(max_length=64)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    why = Words(max_length=500)
    agreed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_as_coordinator = models.BooleanField(default=False)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="")
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    words = Words(max_length=500, blank=True, help_text="Why it was shown again.")

    objects = PrivacyReportQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_at", "-pk"]
        constraints = [
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
    def thing(self) -> str:
        """“note of hours”, in plain words."""
        return REPORTABLE[self.about].thing

    @property
    def _file(self) -> "models.QuerySet[Any] | None":
        """The row of the file that was reported; None of a text."""
        one = REPORTABLE[self.about]
        return None if one.field else one.rows(self.apprentice).filter(uid=self.row)

    @property
    def stone(self) -> Tombstone:
        """What stands where the words stood."""
        return Tombstone.over(self.sha256)

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
            self.touch(now=now)
            self._erase(by=by, now=now)
            self._decide(Outcome.REDACTED, by=by, now=now)
            self.tell("privacy.redact", by=by, now=now)

    def show_again(self, *, by: User, now: datetime, words: str) -> None:
        """It is no patient information: put it back and say why. Raises NotAllowed, Refusal, Conflict."""
        Consent.objects.demand(by)
        if not words.strip():
            raise Refusal("Say why it may be shown.", code="reason_required", field="words")
        with transaction.atomic():
            self._take()
            if not PrivacyReport.objects.decidable_by(by).filter(pk=self.pk).exists():
                raise NotAllowed("A coordinator decides that.", code="coordinator_only")
            self.touch(now=now)
            if (files := self._file) is not None:
                files.update(withheld=False)
            else:
                self._check_not_taken_out()
                _put(self.apprentice, self.text, instead_of=self.stone)
            self.words = words.strip()
            self._decide(Outcome.SHOWN, by=by, now=now)
            self.tell("privacy.show", by=by, now=now)

    def _check_not_taken_out(self) -> None:
        """Raise Conflict where two people took the same words out before: one does not bring them back."""
        same = PrivacyReport.objects.filter(apprentice=self.apprentice, sha256=self.sha256)
        if same.filter(outcome=Outcome.REDACTED).exists():
            raise Conflict(
                "Two people took these words out of this record before. They stay hidden; take them out here "
                "too.",
                code="taken_out",
            )

    def touch(self, *, now: datetime) -> None:
        """Hours of which something is hidden changed now: whoever asks what changed since finds them. Call
        it while it is hidden."""
        notes = reduce(or_, (Q(**{one.field: self.stone}) for one in texts() if one.model is HoursEntry))
        said = Comment.objects.filter(entry__apprentice=self.apprentice, note=self.stone)
        files = Evidence.objects.filter(uid=self.row)
        beside = Q(pk__in=said.values("entry")) | Q(pk__in=files.values("entry"))
        HoursEntry.objects.filter(notes | beside, apprentice=self.apprentice).update(changed_at=now)

    def _take(self) -> None:
        """Lock the person, read the row anew. Raises Conflict once it is decided."""
        User.objects.select_for_update().get(pk=self.apprentice.user_id)
        self.refresh_from_db()
        if self.outcome:
            raise Conflict("This was decided a moment ago. Reload the page.", code="decided")

    def _erase(self, *, by: User, now: datetime) -> None:
        """Delete the file, or the words also where else they are kept: in what older entries of the ledger
        say, and in what a journeyworker's reasons were when their text goes."""
        if (files := self._file) is not None:
            files.get().forget_file()
            return
        said = json.dumps(self.text, ensure_ascii=False)
        told = Payload.objects.filter(entry__chain__subject=self.apprentice.uid, body__contains=said)
        for payload in told.select_related("entry__chain").order_by("pk"):
            if self.text not in [(payload.content or {}).get(name) for name in TOLD_IN_FULL]:
                continue
            chain.erase(payload.entry, by=by.uid, at=now, reason="patient information")
        if self.about == "attestation":
            for rating in OutsideRating.objects.filter(attestation__uid=self.row).exclude(reason=""):
                stone = Tombstone.over(digest(rating.reason) or "")
                OutsideRating.objects.filter(pk=rating.pk).update(reason=stone)

    def _decide(self, outcome: str, *, by: User, now: datetime) -> None:
        self.outcome, self.decided_by, self.decided_at, self.text = outcome, by, now, ""
        self.save(update_fields=["outcome", "decided_by", "decided_at", "text", "words"])

    def tell(self, act: str, *, by: User, now: datetime) -> None:
        """Write an act about this report into the apprentice's chain. Call in its transaction."""
        chain.tell(self.apprentice.uid, act=act, actor=by.uid, object=self.uid, at=now, payload=self.facts())

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of it: hashes and people, never what was hidden."""
        return {
            "about": self.about,
            "row": str(self.row),
            "sha256": self.sha256,
            "reported_by": str(self.reported_by.uid),
            "why_sha256": digest(self.why),
            "agreed_by": str(self.agreed_by.uid) if self.agreed_by else None,
            "outcome": str(self.outcome),
            "decided_by": str(self.decided_by.uid) if self.decided_by else None,
            "words_sha256": digest(self.words),
        }
