"""A person loses their name, and their account: a pseudonym stands where the name stood.

Only `ojt_logs.disposing` calls this, in its transaction and under its locks, after two people decided.
"""

from collections.abc import Iterator
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
from django.db import models
from django.db.models import Q

from accounts.linked import forget_links
from accounts.models import DeviceKey, IdempotencyKey, Invitation, Membership, User
from apprenticeship.models import Apprentice, Class
from ledger import chain
from ledger.tombstones import ERASED
from ojt_logs.erasing import PRINTED, REASON, SIGNED, erase
from ojt_logs.models import (
    ErasureRequest,
    Notice,
)
from ojt_logs.models.signers import STAND_IN

NOWHERE = "@erased.invalid"
"""No mail reaches this domain (RFC 2606)."""


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
            erase(rows, field)
    for model in SIGNED:
        stood_in = model._default_manager.filter(
            signer_qualification__endswith=f"{STAND_IN} {person.name}", apprentice__disposed_at__isnull=False
        )
        erase(stood_in, "signer_qualification")
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
