"""What stands around requests to be signed: what may be asked for, what shows it, and who waits for whom."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import User
from apprenticeship.models import Apprentice
from competencies.models import Competency
from ojt_logs.models import HoursEntry, OutsideAttestation, SignOffRequest
from ojt_logs.models.hour_sets import HoursQuerySet
from ojt_logs.models.requests import SHOWS_WORK
from ojt_logs.models.requests import SignOffRequestQuerySet as Requests
from ojt_logs.signing import Statement, statements

MOST_ENTRIES = 5
"""So many entries of a competency, the newest, are offered as what shows it."""


@dataclass(frozen=True)
class Asking:
    """A competency that is asked for, with what is rated in it and the entries that name it."""

    competency: Competency
    statements: tuple[Statement, ...]
    entries: tuple[HoursEntry, ...]


def askings(apprentice: Apprentice, competencies: Iterable[Competency]) -> list[Asking]:
    """What the page of asking shows of each of these. Two queries a competency: one asks for few."""
    person = apprentice.user
    return [
        Asking(one, tuple(statements(apprentice, one, person)), tuple(showing(apprentice, one, person)))
        for one in competencies
    ]


def showing(apprentice: Apprentice, competency: Competency, reader: User) -> HoursQuerySet:
    """The newest submitted or approved entries that name the competency."""
    own = HoursEntry.objects.visible_to(reader).filter(apprentice=apprentice, status__in=SHOWS_WORK)
    naming = own.filter(competency__lineage=competency.lineage).select_related("competency")
    return naming.order_by("-date", "-pk")[:MOST_ENTRIES]


def open_lineages(apprentice: Apprentice, reader: User) -> set[uuid.UUID]:
    """The competencies that an open request names, by lineage."""
    waiting = SignOffRequest.objects.visible_to(reader).open().filter(apprentice=apprentice)
    return set(waiting.values_list("competencies__lineage", flat=True))


def open_request(apprentice: Apprentice, competency: Competency, reader: User) -> SignOffRequest | None:
    """The open request that names this competency."""
    waiting = SignOffRequest.objects.visible_to(reader).open().filter(apprentice=apprentice)
    return waiting.filter(competencies__lineage=competency.lineage).first()


def open_of(apprentice: Apprentice, reader: User) -> Requests:
    """What waits of one apprentice, the oldest first."""
    waiting = SignOffRequest.objects.visible_to(reader).open().filter(apprentice=apprentice)
    return waiting.prefetch_related("competencies")


def entries_shown(request: SignOffRequest, reader: User) -> HoursQuerySet:
    """The entries that a request names, as far as they are there still."""
    own = HoursEntry.objects.visible_to(reader).filter(apprentice=request.apprentice_id)
    return own.filter(uid__in=request.evidence).select_related("competency").order_by("date", "pk")


def waiting_for(user: User) -> Requests:
    """Open requests that `user` may answer, the oldest first, ready to be shown."""
    waiting = SignOffRequest.objects.addressed_to(user).open()
    named = waiting.select_related("apprentice__user", "apprentice__program")
    return named.prefetch_related("competencies")


def attested_for(user: User) -> QuerySet[OutsideAttestation]:
    """What journeyworkers attested to and `user` may accept, the oldest first."""
    return OutsideAttestation.objects.answerable_by(user).waiting().select_related("apprentice__user")
