"""What apprentices confide: self-identification under 29 CFR part 30, and the Social Security number.

It lives apart from the record, encrypted, and is on no list, paper or export but the officer's own. The chain
of the registration tells that somebody read it, never what.
"""

import json
import re
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction

from accounts import sealed
from accounts.models import Consent, Sponsor, User
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.models.apprentices import Apprentice
from ledger import chain

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

DECLINED = "declined"
_NOT = (DECLINED, "I do not wish to answer")
QUESTIONS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "sex": ("Sex", [("male", "Male"), ("female", "Female"), _NOT]),
    "ethnicity": (
        "Ethnicity",
        [("hispanic", "Hispanic or Latino"), ("not_hispanic", "Not Hispanic or Latino"), _NOT],
    ),
    "race": (
        "Race",
        [
            ("native", "American Indian or Alaska Native"),
            ("asian", "Asian"),
            ("black", "Black or African American"),
            ("islander", "Native Hawaiian or other Pacific Islander"),
            ("white", "White"),
            _NOT,
        ],
    ),
    "veteran": (
        "Veteran",
        [
            ("no", "Non-veteran"),
            ("yes", "Veteran"),
            ("other_eligible", "Non-veteran, other eligible"),
            ("eligible", "Veteran, eligible"),
            _NOT,
        ],
    ),
    "disability": (
        "Disability",
        [
            ("yes", "Yes, I have a disability, or have had one in the past"),
            ("no", "No, I do not have a disability and have not had one in the past"),
            _NOT,
        ],
    ),
}
"""As form ETA-671 asks, part A and page 7; one may name several races."""
AGAIN = timedelta(days=365)
"""29 CFR 30.11: apprentices are reminded once a year."""


def nine_digits(typed: str) -> str:
    """A Social Security number as digits. Raises Refusal for what is none."""
    digits = re.sub(r"[\s-]", "", typed)
    if not re.fullmatch(r"(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}", digits):
        raise Refusal("Write the nine digits, or leave it empty.", code="ssn", field="ssn")
    return digits


class ConfidedQuerySet(models.QuerySet["Confided"]):
    def everyone(self) -> "ConfidedQuerySet":
        """All rows, for commands and disposals that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "ConfidedQuerySet":
        """One's own; to equal opportunity officers those of their sponsors."""
        confided = Sponsor.objects.confided_by(user).values("pk")
        return self.filter(
            models.Q(apprentice__user=user.pk) | models.Q(apprentice__program__sponsor__in=confided)
        )

    def answer(self, apprentice: Apprentice, answers: Mapping[str, Any], *, by: User, now: datetime) -> None:
        """Keep what the apprentice says of themselves; declining is an answer as well. The last one holds.

        Raises NotAllowed for anybody else, ConsentNeeded.
        """
        self._keep(apprentice, by=by, answers=json.dumps(dict(answers)), answered_at=now)

    def number(self, apprentice: Apprentice, typed: str, *, by: User) -> None:
        """Keep the Social Security number, or forget it where nothing is typed. As `answer`."""
        self._keep(apprentice, by=by, ssn=nine_digits(typed) if typed.strip() else "")

    def _keep(
        self, apprentice: Apprentice, *, by: User, answered_at: datetime | None = None, **said: str
    ) -> None:
        if apprentice.user_id != by.pk:
            raise NotAllowed("Only the apprentice answers this.", code="not_yours")
        Consent.objects.demand(by)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=by.pk)
            row = self.filter(apprentice=apprentice).first() or self.model(apprentice=apprentice)
            for name, text in said.items():
                setattr(row, name, sealed.seal(text, about=row.place(name)) if text else "")
            row.answered_at = answered_at or row.answered_at
            row.save()


class Confided(models.Model):
    """What one apprentice said of themselves for one registration; both texts sealed by accounts.sealed."""

    apprentice = models.OneToOneField(Apprentice, on_delete=models.PROTECT, related_name="+")
    answers = models.TextField(blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True)
    ssn = models.TextField(blank=True, editable=False)

    objects = ConfidedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Confided for registration {self.apprentice_id}"

    def place(self, name: str) -> str:
        """What a sealed text is bound to."""
        return f"{name} of {self.apprentice.uid}"

    def open_answers(self) -> dict[str, Any]:
        """The answers by question; empty before the first. Raises CannotOpen."""
        if not self.answers:
            return {}
        said: dict[str, Any] = json.loads(sealed.unseal(self.answers, about=self.place("answers")))
        return said

    def open_number(self) -> str:
        """“123-45-6789”, “” where none is kept. Who shows it whole has told the record before."""
        digits = sealed.unseal(self.ssn, about=self.place("ssn")) if self.ssn else ""
        return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}" if digits else ""

    def masked_number(self) -> str:
        """“•••-••-6789”."""
        whole = self.open_number()
        return f"•••-••-{whole[-4:]}" if whole else ""

    def reseal(self) -> bool:
        """Seal with the key in force what an older one sealed; whether anything was."""
        old = [
            name
            for name in ("answers", "ssn")
            if (text := getattr(self, name)) and not sealed.is_current(text)
        ]
        for name in old:
            text = sealed.unseal(getattr(self, name), about=self.place(name))
            setattr(self, name, sealed.seal(text, about=self.place(name)))
        if old:
            self.save(update_fields=old)
        return bool(old)


def words_of(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each question with what was answered, in words; “not answered” before the first answer."""
    said = []
    for name, (title, choices) in QUESTIONS.items():
        given = answers.get(name, [])
        chosen = given if isinstance(given, list) else [given]
        said.append((title, ", ".join(dict(choices)[one] for one in chosen) or "not answered"))
    return said


def tell_read(apprentices: "list[Apprentice]", *, what: str, by: User, now: datetime) -> None:
    """Write into the record of each, before it is shown, that `by` reads it. Call in a transaction."""
    reading = str(uuid.uuid4())
    chains = chain.lock([one.uid for one in apprentices])
    for subject in sorted(chains):
        said = {"what": what, "reading": reading}
        chain.append(chains[subject], act="private.read", actor=by.uid, object=None, at=now, payload=said)
