"""How long a record is kept: the one home of the rule.

29 CFR 29.5(b)(23) and 30.12(d): five years from the making of the record or from the personnel action,
whichever is later. So the record of a registration is kept through the fifth anniversary of its end
(completed, cancelled, transferred), or of its last entry where that is later; a sponsor may make it longer.
A registration that has not ended is kept. Nothing deletes a row before or after: the database refuses
(record_rules, PROTECT). What is past retention may lose its words by the act of two people.
"""

from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery

from accounts.dates import add_months, day_words
from accounts.models import Consent, Sponsor, User
from accounts.models.people import authority_day
from accounts.refusals import Conflict, Refusal
from apprenticeship.models import Apprentice, LegalHold
from apprenticeship.models.apprentices import ApprenticeQuerySet
from ledger import chain
from ledger.models import Entry
from ledger.verification import ERASE

LONGEST = 75
"""Years: what is longer is a slip of the pen."""
UPKEEP = ("report.", "hold.", "disposal.", "erasure.", "private.", ERASE)
"""How the acts begin that read or keep a record: they make none, and no new five years begin with them."""
_OF_UPKEEP = reduce(or_, (Q(act__startswith=word) for word in UPKEEP))


def kept_through(apprentice: Apprentice) -> date | None:
    """The last day on which this record must be kept; None while the registration goes on."""
    if apprentice.ended_on is None:
        return None
    made = Entry.objects.filter(chain__subject=apprentice.uid).exclude(_OF_UPKEEP)
    last = made.order_by("-at").values_list("at", flat=True).first()
    return _through(apprentice, last)


def _through(apprentice: Apprentice, last: datetime | None) -> date:
    end = apprentice.ended_on or date.max
    if last:
        end = max(end, authority_day(last))
    return through(end, apprentice.program.sponsor)


def through(ended: date, sponsor: Sponsor) -> date:
    """The last day on which `sponsor` keeps what ended on this day."""
    return add_months(ended, 12 * sponsor.retention_years)


def due(rows: ApprenticeQuerySet, *, today: date) -> ApprenticeQuerySet:
    """As `past_retention`, for a list: with `last_made`, the moment of the last entry that counts, and
    `held`, whether a legal hold stands."""
    made = Entry.objects.filter(chain__subject=OuterRef("uid")).exclude(_OF_UPKEEP).order_by("-at")
    on = Q(apprentice=OuterRef("pk")) | Q(apprentice=None, sponsor=OuterRef("program__sponsor"))
    return past_retention(rows, today=today).annotate(
        last_made=Subquery(made.values("at")[:1]), held=Exists(LegalHold.objects.standing().filter(on))
    )


def due_since(row: Any) -> date:
    """Since which day a row of `due` need not be kept any more."""
    return _through(row, row.last_made) + timedelta(days=1)


def past_retention(rows: ApprenticeQuerySet, *, today: date) -> ApprenticeQuerySet:
    """Those of `rows` that need not be kept on `today` any more, and are not disposed of yet. A hold is
    another question."""
    years = Sponsor.objects.order_by().values_list("retention_years", flat=True).distinct()
    return rows.filter(reduce(or_, (_past(some, today) for some in years), Q(pk=None)), disposed_at=None)


def _past(years: int, today: date) -> Q:
    last = last_end(today, years)
    next_day = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(settings.AUTHORITY_TIME_ZONE))
    later = Entry.objects.filter(chain__subject=OuterRef("uid"), at__gte=next_day).exclude(_OF_UPKEEP)
    return Q(~Exists(later), program__sponsor__retention_years=years, ended_on__lte=last)


def last_end(today: date, years: int) -> date:
    """The latest day on which something may have ended that need not be kept on `today`."""
    day = add_months(today, -12 * years)
    return day if add_months(day, 12 * years) < today else day - timedelta(days=1)


def check(apprentice: Apprentice, *, today: date) -> None:
    """Raise Conflict where this record may lose nothing on `today`: it is to be kept, or a hold stands."""
    last = kept_through(apprentice)
    if last is None:
        raise Conflict(
            "This registration goes on. Its record is kept until five years after its end.", code="retention"
        )
    if today <= last:
        raise Conflict(
            f"This record is kept through {day_words(last)} (29 CFR 29.5, 30.12). Come back after that day.",
            code="retention",
        )
    if LegalHold.objects.standing().over(apprentice).exists():
        raise Conflict("A legal hold stands on this record. Lift it first.", code="legal_hold")


def lengthen(sponsor: Sponsor, years: int, *, by: User, now: datetime) -> None:
    """Keep every record of `sponsor` for so many years from now on, with an entry in the sponsor's chain.

    Raises Refusal for fewer years than now: what people were promised to be kept is kept. ConsentNeeded.
    """
    Consent.objects.demand(by)
    with transaction.atomic():
        Sponsor.objects.select_for_update().get(pk=sponsor.pk)
        sponsor.refresh_from_db(fields=["retention_years"])
        if not sponsor.retention_years <= years <= LONGEST:
            raise Refusal(
                f"Records are kept {sponsor.retention_years} years now. Longer is possible, up to {LONGEST}; "
                "shorter is not.",
                code="retention_years",
                field="years",
            )
        if years == sponsor.retention_years:
            return
        sponsor.retention_years = years
        sponsor.save(update_fields=["retention_years"])
        said = {"years": years}
        chain.tell(sponsor.uid, act="retention.years", actor=by.uid, object=sponsor.uid, at=now, payload=said)
