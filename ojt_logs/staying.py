"""What stays of a record once its words are gone: hours, ratings, dates, statuses, as one digest.

The entries that told of these rows are empty then, and nothing else would say what the rows said. The entry
of the disposal holds this digest. What is still taken out later, printed names of signers, is not in it.
"""

import hashlib
from typing import Any

from django.db.models import QuerySet

from apprenticeship.models import Apprentice, Credit, Mentorship, ProbationDecision, StatusChange
from ledger.canonical import canonical
from ojt_logs.models import CourseResult, HoursEntry, PeriodicReview, SignOff, WageDecision

FORM = "1"
"""What is told, and how. It stands before each digest, as that is kept for ever: columns below are added to
or changed in a further form alone, and those of earlier digests stay as they are."""
HOURS = (
    *("uid", "kind", "date", "minutes", "status", "source", "job_function__lineage", "competency__lineage"),
    *("course__lineage", "corrects__uid", "reviewed_by__uid", "reviewed_at"),
)
SIGNED = (
    *("uid", "competency__lineage", "performance_standard__lineage", "rating__label", "passed", "method"),
    *("observed_from", "observed_to", "signer__uid", "signer_role", "signed_at", "withdraws__uid"),
)
RESULTS = ("uid", "course__lineage", "passed", "completed_on", "grade", "signer__uid", "withdraws__uid")
CREDITS = (
    *("uid", "minutes", "job_function__lineage", "course__lineage", "competency__lineage", "decided_on"),
    *("wage_step", "withdrawn_at"),
)
REVIEWS = ("uid", "held_on", "signer__uid", "step")
RAISES = ("uid", "step", "verdict", "earned_on", "effective_on")
REGISTRATION = (
    *("uid", "user__uid", "program__uid", "schedule__uid", "status", "started_on", "ended_on"),
    *("expected_end_on", "probation_ends_on"),
)


def is_as_told(person: Apprentice, told: str) -> bool:
    """Whether these rows say what they said at the disposal. Before forms had numbers there was the first."""
    return digest_of(person) == (told if ":" in told else f"1:{told}")


def digest_of(person: Apprentice) -> str:
    """Form and SHA-256 over what these rows say now."""
    told: dict[str, Any] = {}
    for name, rows, columns in _stays(person):
        told[name] = list(rows.order_by("pk").values_list(*columns))
    return f"{FORM}:{hashlib.sha256(canonical(told).encode()).hexdigest()}"


def _stays(person: Apprentice) -> "list[tuple[str, QuerySet[Any], tuple[str, ...]]]":
    of = {"apprentice": person}
    return [
        ("registration", Apprentice.objects.everyone().filter(pk=person.pk), REGISTRATION),
        ("hours", HoursEntry.objects.everyone().filter(**of), HOURS),
        ("sign_offs", SignOff.objects.everyone().filter(**of), SIGNED),
        ("results", CourseResult.objects.everyone().filter(**of), RESULTS),
        ("reviews", PeriodicReview.objects.everyone().filter(**of), REVIEWS),
        ("credits", Credit.objects.everyone().filter(**of), CREDITS),
        ("statuses", StatusChange.objects.filter(**of), ("uid", "status", "effective_on", "by__uid")),
        ("probation", ProbationDecision.objects.filter(**of), ("uid", "outcome", "ends_on")),
        ("raises", WageDecision.objects.filter(**of), RAISES),
        ("mentors", Mentorship.objects.filter(**of), ("uid", "mentor__uid", "starts_on", "ends_on")),
    ]
