"""What happens to the rows when a record loses its words, and a person their name.

Only `ojt_logs.disposing` calls this, in its transaction and under its locks, after two people decided. Hours,
ratings, dates and totals stay; the words of the ledger go by an act of erasure, so that chains verify; what
triggers protect changes to ERASED and to nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q, Sum

from accounts.linked import forget_links
from accounts.models import DeviceKey, IdempotencyKey, Invitation, Membership, User
from accounts.refusals import Conflict
from apprenticeship.models import Apprentice, Class, Confided
from ledger import chain
from ledger.models import Chain
from ledger.tombstones import ERASED
from ojt_logs import staying
from ojt_logs.models import (
    Certificate,
    CourseResult,
    ErasureRequest,
    HoursBatch,
    HoursEntry,
    Notice,
    OutsideRating,
    PeriodicReview,
    PrivacyReport,
    SignOff,
)
from ojt_logs.models.reportable import files_of, texts
from ojt_logs.models.signers import STAND_IN

NOWHERE = "@erased.invalid"
"""No mail reaches this domain (RFC 2606)."""
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
    count = sum(_erase(rows, field) for rows, field in _texts(apprentice))
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


def _erase(rows: "models.QuerySet[Any]", field: str) -> int:
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


def certify(disposal: Any, apprentice: Apprentice, *, by: UUID, now: datetime) -> Certificate:
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


# ---- The person


def pseudonym(person: User) -> str:
    """“Person 7f3a”: what is left of a name."""
    return f"Person {person.uid.hex[:4]}"


def named_on(person: User) -> "models.QuerySet[Apprentice]":
    """Registrations with words on which a row names this person: as apprentice, mentor, instructor, signer,
    decider, author of a comment."""
    named = [Q(user=person), Q(pk__in=Class.objects.filter(instructor=person).values("roster"))]
    for model, way in _rows_of(Apprentice):
        for field in model._meta.get_fields():
            if field.many_to_one and field.related_model is User:
                rows = model._default_manager.filter(**{field.name: person}).order_by()
                named.append(Q(pk__in=rows.values(way)))
    return Apprentice.objects.everyone().filter(reduce(or_, named), disposed_at=None)


def _rows_of(model: Any, *, of: str = "") -> "Iterator[tuple[Any, str]]":
    """The kinds of rows that belong to a registration, or to one that does, each with its way there."""
    for relation in model._meta.related_objects:
        if not (relation.one_to_many or relation.one_to_one):
            continue
        way = f"{relation.field.name}__{of}".removesuffix("__")
        yield relation.related_model, way
        if not of:
            yield from _rows_of(relation.related_model, of=way)


def forget_person(person: User, *, by: UUID, now: datetime) -> None:
    """Put a pseudonym in the place of name and address, and close the account for good.

    What is about the person is found by who it is about, never by the name: namesakes, and whoever was called
    what others write often, take nothing from records that are kept.
    """
    for rows in (model._default_manager.filter(signer=person) for model in SIGNED):
        for field in PRINTED:
            _erase(rows, field)
    for model in SIGNED:
        stood_in = model._default_manager.filter(
            signer_qualification__endswith=f"{STAND_IN} {person.name}", apprentice__disposed_at__isnull=False
        )
        _erase(stood_in, "signer_qualification")
    ErasureRequest.objects.filter(person=person).exclude(words="").update(words=ERASED)
    ErasureRequest.objects.filter(person=person).exclude(why="").update(why=ERASED)
    _forget_account(person)
    chain.erase_all(person.uid, by=by, at=now, reason=REASON)
    chain.tell(person.uid, act="erasure.done", actor=by, object=person.uid, at=now, payload={"by": str(by)})


def _forget_account(person: User) -> None:
    email = person.email
    for session in UserSession.objects.filter(user=person):
        session.end()
    Authenticator.objects.filter(user=person).delete()
    person.sign_ins.all().delete()
    EmailAddress.objects.filter(Q(user=person) | Q(email__iexact=email)).delete()
    forget_links(person)
    person.tokens.all().delete()
    DeviceKey.objects.filter(user=person).delete()
    Notice.objects.filter(Q(person=person) | Q(by=person)).delete()
    _forget_answers(person)
    Invitation.objects.filter(Q(user=person) | Q(email__iexact=email)).update(
        email=_address(person), name=pseudonym(person)
    )
    person.memberships.update(title="", credential="", credential_number="", credential_expires=None)
    _forget_in_admin(person)
    person.name, person.initials, person.email = pseudonym(person), "P", _address(person)
    person.is_active = person.is_staff = person.is_superuser = person.mails = False
    person.address_proved_at = person.last_login = None
    person.set_unusable_password()
    person.save()


def _forget_answers(person: User) -> None:
    """Of the answers to once-only requests: the person's own, and their name where one is about them."""
    IdempotencyKey.objects.filter(user=person).delete()
    uids = [person.uid, *person.apprenticeships.values_list("uid", flat=True)]
    IdempotencyKey.objects.forget(
        [person.name, person.email], about=[person.email, *map(str, uids)], instead=pseudonym(person)
    )


def _forget_in_admin(person: User) -> None:
    """Of the operator's log: the lines about the account, its roles and its registrations."""
    theirs: list[tuple[type[models.Model], Any]] = [
        (User, [person.pk]),
        (Membership, person.memberships.values_list("pk", flat=True)),
        (Apprentice, person.apprenticeships.values_list("pk", flat=True)),
    ]
    about = [
        Q(content_type=ContentType.objects.get_for_model(model), object_id__in=[str(pk) for pk in keys])
        for model, keys in theirs
    ]
    LogEntry.objects.filter(reduce(or_, about)).update(object_repr=pseudonym(person), change_message="")


def _address(person: User) -> str:
    return f"person-{person.uid.hex}{NOWHERE}"
