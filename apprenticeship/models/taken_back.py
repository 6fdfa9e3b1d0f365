"""Facts that are taken back: the row stays on the record with who, when and why, and counts no more."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Consent, User
from accounts.refusals import Conflict, NotAllowed, Refusal


def take_back(row: Any, *, by: User, now: datetime, reason: str, otherwise: NotAllowed) -> None:
    """Withdraw `row`, a fact about an apprentice with `withdrawn_by`, `withdrawn_at`, `withdrawn_why`,
    `stands` and `tell`, whose manager knows what is `withdrawable_by` whom.

    Raises Refusal without a reason, Conflict when it was taken back, `otherwise` for whoever may not,
    ConsentNeeded.
    """
    Consent.objects.demand(by)
    if not reason.strip():
        raise Refusal("Say why it is taken back.", code="reason_required", field="reason")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=row.apprentice.user_id)
        row.refresh_from_db(fields=["withdrawn_at"])
        if not row.stands:
            raise Conflict("This was taken back already.", code="already_withdrawn")
        if not type(row).objects.withdrawable_by(by).filter(pk=row.pk).exists():
            raise otherwise
        row.withdrawn_by, row.withdrawn_at, row.withdrawn_why = by, now, reason.strip()
        row.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_why"])
        row.refresh_from_db(fields=["withdrawn_at"])  # as it is stored, which the record is compared with
        row.tell(by=by, now=now)
