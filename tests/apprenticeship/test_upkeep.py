"""The admin: for the operator's upkeep, and never a way around the record."""

from datetime import date

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Consent, User
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from ledger import chain
from ojt_logs import record
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db
RECORD = ["ojt_logs.hoursentry", "ojt_logs.signoff", "ojt_logs.attestation", "ojt_logs.hourstotal"]
RECORD += [
    "apprenticeship.statuschange",
    "ledger.entry",
    "ledger.chain",
    "accounts.apitoken",
    "accounts.consent",
]
RECORD += ["competencies.workprocessschedule", "competencies.framework", "competencies.occupation"]


@pytest.fixture
def operator(client: Client) -> Client:
    person = User.objects.create_superuser("operator@example.org", "a-long-password", name="Operator")
    Consent.objects.give(person, now=NOW)
    client.force_login(person)
    return client


def address(label: str, page: str = "changelist") -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{page}")


def test_every_list_of_the_operator_opens(cast: Cast, operator: Client) -> None:
    cast.approved(cast.ana)
    cast.sign(cast.ana, "2g")
    for model in admin.site._registry:
        answer = operator.get(address(model._meta.label_lower))
        assert answer.status_code == 200, model


@pytest.mark.parametrize("label", RECORD)
def test_operator_cannot_add_to_the_record_by_hand(cast: Cast, operator: Client, label: str) -> None:
    assert operator.get(address(label, "add")).status_code == 403


def test_operator_cannot_change_what_was_logged_or_signed(cast: Cast, operator: Client) -> None:
    (entry,) = cast.submitted(cast.ana)
    sign_off = cast.sign(cast.ana, "2g")[0]
    for label, row in (("ojt_logs.hoursentry", entry), ("ojt_logs.signoff", sign_off)):
        for page in ("change", "delete"):
            where = reverse(f"admin:{label.replace('.', '_')}_{page}", args=[row.pk])
            assert operator.post(where, {"minutes": 1, "post": "yes"}).status_code == 403
    entry.refresh_from_db()
    assert entry.minutes == 480


def change_person(operator: Client, person: User, **said: str) -> HttpResponse:
    """Fills in the operator's page of a person, with what it shows but for `said`."""
    page = operator.get(reverse("admin:accounts_user_change", args=[person.pk]))
    shown = page.context["adminform"].form.initial
    words = {name: value for name, value in shown.items() if value not in (None, False)}
    words |= {f"memberships-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return operator.post(page.request["PATH_INFO"], words | said)


def test_operator_gives_ana_another_address_and_she_confirms_the_next_one(
    cast: Cast, operator: Client
) -> None:
    """What the sign-in library kept of her old address stands in nobody's way."""
    EmailAddress.objects.create(user=cast.ana_user, email=cast.ana_user.email, verified=True, primary=True)
    EmailAddress.objects.create(user=cast.ana_user, email="waits@example.org")
    assert change_person(operator, cast.ana_user, email="ana@new.example.org").status_code == 302
    cast.ana_user.refresh_from_db()
    assert cast.ana_user.email == "ana@new.example.org"
    assert not EmailAddress.objects.filter(user=cast.ana_user).exists()


def test_operator_cannot_give_a_name_that_reads_as_another(cast: Cast, operator: Client) -> None:
    answer = change_person(operator, cast.ana_user, name="Ana\u202eseyeR")
    assert "This holds an invisible character." in answer.text
    cast.ana_user.refresh_from_db()
    assert cast.ana_user.name == "Ana Reyes"


def test_operator_registers_an_apprentice_with_an_entry_in_the_record(cast: Cast, operator: Client) -> None:
    empty = {f"mentorships-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    answer = operator.post(
        address("apprenticeship.apprentice", "add"),
        {"program": cast.program.pk, "user": cast.dara.pk, "started_on": "2026-11-02", **empty},
    )
    assert answer.status_code == 302
    registered = Apprentice.objects.get(user=cast.dara, program=cast.program)
    assert registered.schedule == cast.program.schedule
    acts = [entry.act for entry in chain.entries_of(registered.uid)]
    assert acts == ["apprentice.register", "apprentice.facts"]


def test_operator_changes_an_apprentices_details_but_neither_status_nor_start(
    cast: Cast, operator: Client
) -> None:
    where = reverse("admin:apprenticeship_apprentice_change", args=[cast.ana.pk])
    rows = {"mentorships-TOTAL_FORMS": 0, "mentorships-INITIAL_FORMS": 0}
    operator.post(
        where, {"registration_number": "A-7", "status": "completed", "started_on": "2020-01-01", **rows}
    )
    before = cast.ana.started_on
    cast.ana.refresh_from_db()
    assert (cast.ana.registration_number, cast.ana.status) == ("A-7", "active")
    assert cast.ana.started_on == before
    newest = chain.entries_of(cast.ana.uid).last()
    assert newest and newest.act == "apprentice.facts" and "A-7" in newest.payload.body


def test_operator_changes_a_program_on_the_record(cast: Cast, operator: Client) -> None:
    where = reverse("admin:apprenticeship_program_change", args=[cast.program.pk])
    shown = operator.get(where).context["adminform"].form.initial
    words = {name: value for name, value in shown.items() if value not in (None, False, [])}
    words |= {f"wage_steps-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    assert operator.post(where, words | {"name": "Coders"}).status_code == 302
    newest = chain.entries_of(cast.program.uid).last()
    assert newest and newest.act == "program.settings" and '"name":"Coders"' in newest.payload.body
    assert list(record.compare()) == []


def test_operator_changes_neither_whose_role_it_is_nor_its_first_day(cast: Cast, operator: Client) -> None:
    """They decide for which days somebody signs."""
    held = cast.ruth.memberships.get()
    was = held.starts_on
    said = {"user": cast.lena.pk, "sponsor": cast.harbor.pk, "role": "mentor", "starts_on": "2020-01-01"}
    page = reverse("admin:accounts_membership_change", args=[held.pk])
    assert operator.post(page, said | {"ends_on": "2027-03-01"}).status_code == 302
    rows = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": str(held.pk),
    }
    rows |= {f"memberships-0-{name}": str(value) for name, value in said.items()}
    rows |= {"memberships-0-user": str(cast.ruth.pk), "memberships-0-ends_on": "2027-03-02"}
    assert change_person(operator, cast.ruth, **rows).status_code == 302
    held.refresh_from_db()
    assert (held.user, held.sponsor, held.role) == (cast.ruth, cast.lakeside, "auditor")
    assert (held.starts_on, held.ends_on) == (was, date(2027, 3, 2))


def test_a_first_day_that_the_operator_gives_is_on_the_record(cast: Cast, operator: Client) -> None:
    said = {"sponsor": str(cast.lakeside.pk), "role": "mentor", "starts_on": "2020-01-01"}
    answer = operator.post(address("accounts.membership", "add"), said | {"user": str(cast.priya.pk)})
    assert answer.status_code == 302
    rows = {"memberships-TOTAL_FORMS": "1", "memberships-0-user": str(cast.ruth.pk)}
    rows |= {f"memberships-0-{name}": value for name, value in said.items()}
    assert change_person(operator, cast.ruth, **rows).status_code == 302
    boss = User.objects.get(is_superuser=True)
    for person in (cast.priya, cast.ruth):
        added = person.memberships.get(role="mentor")
        (entry,) = chain.entries_of(person.uid).filter(act="membership.since")
        assert (entry.actor, entry.object) == (boss.uid, added.uid)
        assert '"starts_on":"2020-01-01"' in entry.payload.body


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2206-11-02"])
def test_operator_is_told_of_a_mistyped_start_beside_its_field(
    cast: Cast, operator: Client, day: str
) -> None:
    empty = {f"mentorships-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    answer = operator.post(
        address("apprenticeship.apprentice", "add"),
        {"program": cast.program.pk, "user": cast.dara.pk, "started_on": day, **empty},
    )
    assert "Look at the year." in answer.text
    with pytest.raises(Refusal, match="Look at the year"):
        Apprentice.objects.register(
            cast.program, cast.dara, started_on=date.fromisoformat(day), by=cast.nora, now=NOW
        )
    assert not Apprentice.objects.filter(user=cast.dara).exists()


@pytest.mark.parametrize("label", ["accounts.user", "apprenticeship.program"])
def test_operator_cannot_choose_a_time_zone_that_is_none(cast: Cast, operator: Client, label: str) -> None:
    row = {"user": cast.ana_user, "program": cast.program}[label.split(".")[1]]
    where = reverse(f"admin:{label.replace('.', '_')}_change", args=[row.pk])
    said = operator.post(where, {"time_zone": "America/Springfield"}).content.decode()
    assert "“America/Springfield” is not a time zone" in said


@pytest.mark.parametrize("who", ["nora", "ruth", "marcus", "ana_user"])
def test_nobody_else_comes_in(cast: Cast, client: Client, who: str) -> None:
    client.force_login(getattr(cast, who))
    assert client.get(reverse("admin:index")).status_code == 302
