"""What happens to the rows when a record loses its words; ojt_logs.forgetting has what a person loses.

Only `ojt_logs.disposing` calls this, in its transaction and under its locks, after two people decided. Hours,
ratings, dates and totals stay; the words of the ledger go by an act of erasure, so that chains verify; what
triggers protect changes to ERASED and to nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q, Sum

from accounts.refusals import Conflict
from apprenticeship.models import Apprentice, Confided
from ledger import chain
from ledger.models import Chain
from ledger.tombstones import ERASED
from ojt_logs import staying
from ojt_logs.models import (
    Certificate,
    CourseResult,
    Disposal,
    HoursBatch,
    HoursEntry,
    Notice,
    OutsideRating,
    PeriodicReview,
    PrivacyReport,
    SignOff,
)
from ojt_logs.models.reportable import files_of, texts

REASON = "past retention"
SIGNED = (SignOff, CourseResult, PeriodicReview)
PRINTED = ("signer_name", "signer_initials", "signer_qualification")


@dataclass(frozen=True)
class Taken:
    """How much was taken out of one record."""

    emptied: int
    texts: int
    files: int


def erase_record(apprentice: Apprentice, *, by: UUID, now: datetime) -> Taken:
    """Take the words out of one registration: texts, files, printed papers, entries. Raises Conflict while a
    paper about it is being built.

    What signers printed of themselves stays while they have their names; others who are named on this record
    (journeyworkers without an account, whose ink a sheet bears) go with it.
    """
    _forget_papers(apprentice)
    count = sum(erase(rows, field) for rows, field in _texts(apprentice))
    files = _forget_files(apprentice)
    HoursEntry.objects.everyone().filter(apprentice=apprentice).update(changed_at=now)
    apprentice.typed.all().delete()
    Confided.objects.everyone().filter(apprentice=apprentice).delete()
    Notice.objects.filter(apprentice=apprentice).delete()
    apprentice.registration_number, apprentice.disposed_at = "", now
    apprentice.save(update_fields=["registration_number", "disposed_at"])
    emptied = chain.erase_all(apprentice.uid, by=by, at=now, reason=REASON)
    return Taken(len(emptied), count, files)


def _texts(apprentice: Apprentice) -> Iterator[tuple["models.QuerySet[Any]", str]]:
    """Every text of the record: those that can be reported, and what else names somebody."""
    yield from ((one.rows(apprentice), one.field) for one in texts())
    hours = HoursEntry.objects.everyone().filter(apprentice=apprentice)
    yield from ((hours, name) for name in ("external_id", "taken_from"))
    signed = SignOff.objects.everyone().filter(apprentice=apprentice)
    yield from ((signed, name) for name in ("original_at", "ink"))
    attested = apprentice.outside_attestations.all()
    yield from ((attested, name) for name in ("name", "title", "employer", "email"))
    yield apprentice.attestation_links.all(), "email"
    yield OutsideRating.objects.filter(attestation__apprentice=apprentice), "reason"
    reports = PrivacyReport.objects.filter(apprentice=apprentice)
    yield from ((reports, name) for name in ("why", "words", "text"))
    yield from ((rows, "name") for rows in files_of(apprentice))
    batches = HoursBatch.objects.filter(Q(entries__apprentice=apprentice) | Q(scans__apprentice=apprentice))
    several = HoursBatch.objects.filter(pk__in=batches.values("pk"))
    yield from ((several, name) for name in ("file_name", "papers_at"))


def erase(rows: "models.QuerySet[Any]", field: str) -> int:
    return int(rows.exclude(**{f"{field}__in": ["", ERASED]}).update(**{field: ERASED}))


def _forget_files(apprentice: Apprentice) -> int:
    """Delete photos and scans once this is through; their rows and hashes stay and nobody is led to them."""
    number = 0
    for rows in files_of(apprentice):
        for row in rows:
            row.forget_file()
            number += 1
        rows.update(withheld=True)
    return number


def _forget_papers(apprentice: Apprentice) -> None:
    """Delete finished papers that name the person: theirs, and those of their program. Asked for again, they
    are built without the name."""
    # A lookup by name: reports are known to a package above this one.
    runs: list[Any] = [*apprentice.reports.all(), *apprentice.program.reports.all()]
    if any(run.unfinished for run in runs):
        raise Conflict(
            "A report about this person is being built. Come back in a moment.", code="report_runs"
        )
    apprentice.reports.exclude(file_name="").update(file_name=f"{ERASED}.pdf")
    for run in runs:
        transaction.on_commit(run.forget_files)


def totals(apprentice: Apprentice) -> dict[str, int]:
    """Approved minutes by kind, which stay."""
    rows = apprentice.totals.values("kind").annotate(minutes=Sum("approved")).values_list("kind", "minutes")
    found = dict(rows)
    return {f"{kind}_minutes": found.get(kind, 0) for kind in ("ojt", "ri")}


def certify(disposal: Disposal, apprentice: Apprentice, *, by: UUID, now: datetime) -> Certificate:
    """Take the words out of one record and write its line of the certificate, also into its chain."""
    before = Chain.objects.get(subject=apprentice.uid)
    stays = totals(apprentice)
    taken = erase_record(apprentice, by=by, now=now)
    line = Certificate.objects.create(
        disposal=disposal,
        apprentice=apprentice,
        entries=before.length,
        head=before.head,
        **vars(taken),
        **stays,
    )
    said = line.facts() | {"stays": staying.digest_of(apprentice)}
    chain.tell(apprentice.uid, act="disposal.confirm", actor=by, object=line.uid, at=now, payload=said)
    return line
