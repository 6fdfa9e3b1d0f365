"""What belongs to another sponsor can be named in nothing that is sent: it is as if it did not exist.

Which fields name something is read from the pages and from the serializers, so that a new one is tried from
its first day.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.apps import apps
from django.db import models, transaction
from django.test import Client
from django.urls import get_resolver
from rest_framework import serializers

from accounts.api import ByUid
from accounts.models import User
from tests import test_access as access
from tests.access import in_anas_place
from tests.browser.test_every_page import fill
from tests.canaries import plant, rows_of
from tests.cast import CANARY, NOW, TODAY, Cast
from tests.fuzz.forms import WRITTEN, Field, Form, Forms, Posted, post
from tests.fuzz.pages import crawl
from tests.ojt_logs.pages import signed_in

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.timeout(600)]

WHO = ("ana_user", "marcus", "priya", "nora", "ruth")
FILLED = {"text": "A reason", "textarea": "A reason", "date": TODAY.isoformat(), "number": "1"}
PUBLIC = {"Framework", "FrameworkStatement", "WorkProcessSchedule"}
"""Everybody may name those that are published."""
UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OWN_MARKS = re.compile(UID.pattern + r'|csrfmiddlewaretoken" value="\w+|nonce[-="]+[\w+/=-]+|\d+')
NUMBERS, NOBODYS_NUMBER = range(1, 25), 987654321
"""Those of rows that there are in a small site, and one of none."""


@pytest.fixture(autouse=True)
def _noon(settings: Any) -> Iterator[datetime]:
    settings.ACCOUNT_RATE_LIMITS = False
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """Both sponsors have something of every kind."""
    theirs = in_anas_place(cast)
    access.fill(theirs)
    access.arguments(theirs)
    fill(cast)
    return cast


@dataclass(frozen=True)
class Met:
    """A page that somebody gets to by links."""

    person: User
    client: Client
    page: Forms


def everywhere(cast: Cast) -> Iterator[Met]:
    for person in (getattr(cast, who) for who in WHO):
        client = signed_in(person)
        for path, html in list(crawl(client, each=1)):
            yield Met(person, client, Forms(html, page=path))


def fields_of(forms: list[Form]) -> Iterator[tuple[Form, Field]]:
    return ((form, one) for form in forms for one in form.to_fill_in)


def named() -> dict[UUID, type[models.Model]]:
    """What each id that there is names."""
    found: dict[UUID, type[models.Model]] = {}
    for model in apps.get_models():
        if any(field.name == "uid" for field in model._meta.fields):
            found |= dict.fromkeys(model._base_manager.values_list("uid", flat=True), model)
    return found


def foreign(model: type[models.Model], person: User) -> UUID | None:
    """The id of something of this kind that this person may not see."""
    seen = getattr(model._default_manager, "visible_to", None)
    if seen is None:
        return None
    hidden = model._base_manager.exclude(pk__in=seen(person).values("pk"))
    uid: UUID | None = hidden.order_by("pk").values_list("uid", flat=True).first()
    return uid


def test_no_form_takes_the_id_of_something_that_one_may_not_see(filled: Cast) -> None:
    kinds, tried, wrong = named(), set[str](), []
    for met in everywhere(filled):
        for form, one in fields_of(met.page.forms):
            key = f"{form.key} {one.name}"
            hidden = set() if key in tried else set(not_offered(form, one, kinds, met.person))
            if not hidden:
                continue
            tried.add(key)
            nobodys = answer(met.client, form, one, _like(one, uuid4(), NOBODYS_NUMBER))
            wrong += [
                f"{met.person}: {form.action} from {met.page.page}: {one.name}={value}"
                for value in hidden
                if answer(met.client, form, one, value) != nobodys
            ]
    assert not wrong, "\n".join(wrong)
    assert len(tried) > 20, sorted(tried)


def not_offered(form: Form, one: Field, kinds: dict[UUID, type[models.Model]], person: User) -> Iterator[str]:
    """Values for this field that name something, but nothing that this person may choose there."""
    alike = [field for field in form.fields if field.name == one.name]
    offered = {value for field in alike for value in [field.value, *field.choices] if value}
    if one.kind in ("select", "checkbox") and offered and all(map(str.isdecimal, offered)):
        yield from ({str(number) for number in NUMBERS} - offered)
    for value in offered:
        model = (said := UID.search(value)) and kinds.get(UUID(said[0]))
        other = model and foreign(model, person)
        if other:
            yield _like(one, other, 0)


def _like(one: Field, uid: UUID, number: int) -> str:
    """`uid` or `number`, whichever stands in this field, with the words around it."""
    for value in [one.value, *one.choices]:
        if UID.search(value):
            return UID.sub(str(uid), value)
    return str(number)


def answer(client: Client, form: Form, one: Field, value: str) -> tuple[int, str, str]:
    """Status, address and page, without what differs each time; what it did is undone."""
    body = {name: list(values) for name, values in form.said().items()}
    for field in form.to_fill_in:
        if not any(body.get(field.name, [])):
            body[field.name] = [FILLED.get(field.kind, field.choices[-1] if field.choices else "")]
    body[one.name] = [value]
    with transaction.atomic():
        said = post(client, Posted(form, "", body, {}))
        page = "" if said.streaming else said.content.decode()
        transaction.set_rollback(True)
    return said.status_code, OWN_MARKS.sub("", said.get("Location", "")), OWN_MARKS.sub("", page)


def test_no_search_finds_or_counts_what_one_may_not_see(filled: Cast) -> None:
    """A word that stands in every text of another sponsor is found as seldom as one that stands nowhere."""
    kinds, tried, wrong = named(), set[str](), []
    plant(rows_of((filled.harbor, filled.olga, filled.dara, filled.chen_user)))
    for met in everywhere(filled):
        for form, one in fields_of(met.page.searches):
            key = f"{met.person.pk} {form.key} {one.name}"
            if key in tried:
                continue
            tried.add(key)
            values = {CANARY} if one.kind in WRITTEN else set()
            values |= set(not_offered(form, one, kinds, met.person))
            for value in values:
                nobodys = "Xylotomous" if value == CANARY else _like(one, uuid4(), NOBODYS_NUMBER)
                if narrowed(met.client, form, one, value) != narrowed(met.client, form, one, nobodys):
                    wrong.append(f"{met.person}: {met.page.page}: {one.name}={value}")
    assert not wrong, "\n".join(wrong)
    assert len(tried) > 20, sorted(tried)


def narrowed(client: Client, form: Form, one: Field, value: str) -> tuple[int, str]:
    """Status and page, without the words that were searched for."""
    said = client.get(form.action, {**form.said(), one.name: [value]})
    page = "" if said.streaming else said.content.decode()
    return said.status_code, OWN_MARKS.sub("", page if value.isdecimal() else page.replace(value, ""))


def fields(kind: type[serializers.BaseSerializer[Any]]) -> Iterator[ByUid]:
    for one in getattr(kind, "_declared_fields", {}).values():
        inner = getattr(one, "child", one)
        if isinstance(inner, ByUid):
            yield inner


def serializer_classes(kind: type[Any] = serializers.BaseSerializer) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from serializer_classes(one)


def test_no_serializer_looks_among_what_one_may_not_see(filled: Cast) -> None:
    """Ivy's sponsor has nothing: whatever there is belongs to somebody else, or is published."""
    assert get_resolver().url_patterns
    own, tried = {filled.ivy.uid, *filled.ivy.memberships.values_list("sponsor__uid", flat=True)}, 0
    for kind in set(serializer_classes()):
        for one in fields(kind):
            rows = one.visible(filled.ivy)
            if rows.model.__name__ not in PUBLIC:
                others = [row for row in rows if getattr(row, "uid", None) not in own]
                assert others == [], f"{kind.__name__}: {one.noun}"
            tried += rows.model._base_manager.exists()
    assert tried > 8
