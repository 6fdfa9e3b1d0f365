"""Coming in, going out, and being kept out."""

import itertools
import re
from collections.abc import Iterator

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Consent, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker_at_hand")]

PASSWORD = "correct horse battery"
HOUSES = (f"10.{a}.{b}.{c}" for a, b, c in itertools.product(range(256), repeat=3))


@pytest.fixture
def ana() -> User:
    ana = User.objects.create_user("ana@example.org", PASSWORD, name="Ana Reyes")
    Consent.objects.give(ana, now=timezone.now())
    return ana


@pytest.fixture
def phone() -> Iterator[Client]:
    """A phone at an address of its own, because wrong passwords are counted by address too."""
    yield Client(REMOTE_ADDR=next(HOUSES))


def sign_in(phone: Client, *, email: str = "ana@example.org", password: str = PASSWORD) -> bool:
    phone.post("/accounts/login/", {"login": email, "password": password})
    return "_auth_user_id" in phone.session


@pytest.mark.real_passwords
def test_ana_signs_in_with_her_address_in_any_spelling_and_out(phone: Client, ana: User) -> None:
    assert ana.password.startswith("argon2")
    assert sign_in(phone, email="Ana@Example.ORG")
    phone.post("/accounts/logout/")
    assert "_auth_user_id" not in phone.session


def test_after_five_wrong_passwords_the_right_one_waits_too(phone: Client, ana: User) -> None:
    for _ in range(5):
        assert not sign_in(phone, password="a guess")
    assert not sign_in(phone)
    locked = phone.post("/accounts/login/", {"login": "ana@example.org", "password": PASSWORD})
    assert "Too many wrong passwords. Wait five minutes" in locked.text


def test_one_wrong_password_is_forgiven_and_tells_nothing(phone: Client, ana: User) -> None:
    wrong = phone.post("/accounts/login/", {"login": "ana@example.org", "password": "a guess"})
    stranger = phone.post("/accounts/login/", {"login": "nobody@example.org", "password": "a guess"})
    sentence = "This e-mail address and password do not belong together"
    assert sentence in wrong.text
    assert sentence in stranger.text
    assert sign_in(phone)


def test_somebody_who_left_cannot_come_in(phone: Client, ana: User) -> None:
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert not sign_in(phone)


def test_nobody_signs_up_by_themselves(phone: Client) -> None:
    for address in ("/signup/", "/accounts/signup/"):
        assert "By invitation only" in phone.get(address).text
    phone.post(
        "/accounts/signup/", {"email": "eve@example.org", "password1": PASSWORD, "password2": PASSWORD}
    )
    assert not User.objects.exists()


def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(phone: Client, ana: User) -> None:
    phone.post("/accounts/password/reset/", {"email": "ana@example.org"})
    (letter,) = mail.outbox
    assert letter.subject == "Journeybook: A new password"
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", letter.body)
    assert link
    form = phone.get(link[1], follow=True)
    address = form.redirect_chain[-1][0]
    phone.post(address, {"password1": "another long secret", "password2": "another long secret"})
    assert sign_in(phone, password="another long secret")
    assert "This link is used up" in Client().get(link[1], follow=True).text


@pytest.mark.parametrize("typed", ["ivy@offıce.example", "ıvy@office.example"])
def test_an_address_that_only_looks_alike_gets_no_link_to_a_new_password(
    phone: Client, db: None, typed: str
) -> None:
    ivy = User.objects.create_user("ivy@office.example", PASSWORD, name="Ivy Stone")
    phone.post("/accounts/password/reset/", {"email": typed})
    assert not mail.outbox
    assert not User.objects.by_email(typed).exists()
    phone.post("/accounts/password/reset/", {"email": "IVY@office.example"})
    assert [one.to for one in mail.outbox] == [[ivy.email]]


def test_the_link_to_a_new_password_goes_to_the_address_that_is_kept(phone: Client, db: None) -> None:
    """The sign of Kelvin is a “k” in small letters."""
    User.objects.create_user("mark@example.org", PASSWORD, name="Mark Hill")
    phone.post("/accounts/password/reset/", {"email": "mar\u212a@example.org"})
    assert [one.to for one in mail.outbox] == [["mark@example.org"]]


def test_asking_for_a_new_password_tells_nobody_who_has_an_account(phone: Client, ana: User) -> None:
    known = phone.post("/accounts/password/reset/", {"email": "ana@example.org"}, follow=True)
    stranger = phone.post("/accounts/password/reset/", {"email": "nobody@example.org"}, follow=True)
    assert known.text == stranger.text
    assert [letter.to for letter in mail.outbox] == [["ana@example.org"]]


def test_a_changed_password_ends_every_other_session(phone: Client, ana: User) -> None:
    lost = Client()
    lost.force_login(ana, backend="accounts.sign_in.OwnAddress")
    sign_in(phone)
    change = {"oldpassword": PASSWORD, "password1": "another long secret", "password2": "another long secret"}
    phone.post("/accounts/password/change/", change)
    assert lost.get("/me/").status_code == 302
    assert sign_in(phone, password="another long secret")


def test_a_new_address_counts_when_its_owner_confirms_it(phone: Client, ana: User) -> None:
    sign_in(phone)
    phone.post("/accounts/reauthenticate/", {"password": PASSWORD})
    phone.post("/accounts/email/", {"action_add": "", "email": "ana.reyes@example.org"})
    ana.refresh_from_db()
    assert ana.email == "ana@example.org"
    (letter,) = [letter for letter in mail.outbox if letter.to == ["ana.reyes@example.org"]]
    link = re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", letter.body)
    assert link
    assert "ana.reyes@example.org" in phone.get(link[1]).text
    phone.post(link[1])
    ana.refresh_from_db()
    assert ana.email == "ana.reyes@example.org"


def test_a_new_password_ends_the_wish_for_another_address(phone: Client, ana: User) -> None:
    """Somebody who knew the old password could otherwise confirm their own address afterwards."""
    sign_in(phone)
    phone.post("/accounts/reauthenticate/", {"password": PASSWORD})
    phone.post("/accounts/email/", {"action_add": "", "email": "eve@example.net"})
    (letter,) = [letter for letter in mail.outbox if letter.to == ["eve@example.net"]]
    confirm = re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", letter.body)
    Client().post("/accounts/password/reset/", {"email": "ana@example.org"})
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)
    assert confirm and link
    own = Client()
    address = own.get(link[1], follow=True).redirect_chain[-1][0]
    own.post(address, {"password1": "another long secret", "password2": "another long secret"})
    Client().post(confirm[1])
    ana.refresh_from_db()
    assert ana.check_password("another long secret") and ana.email == "ana@example.org"


def test_an_address_that_became_somebody_elses_meanwhile_is_not_confirmed(phone: Client, ana: User) -> None:
    sign_in(phone)
    phone.post("/accounts/reauthenticate/", {"password": PASSWORD})
    phone.post("/accounts/email/", {"action_add": "", "email": "ana.reyes@example.org"})
    (letter,) = [letter for letter in mail.outbox if letter.to == ["ana.reyes@example.org"]]
    link = re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", letter.body)
    assert link
    User.objects.create_user("Ana.Reyes@example.org", PASSWORD, name="Another Ana")
    answer = phone.post(link[1], follow=True)
    assert answer.status_code == 200
    assert "belongs to another account by now" in answer.text
    ana.refresh_from_db()
    assert ana.email == "ana@example.org"


@pytest.mark.parametrize("wish", [{"action_remove": ""}, {"action_add": ""}])
def test_nobody_loses_the_address_they_sign_in_with(phone: Client, ana: User, wish: dict[str, str]) -> None:
    sign_in(phone)
    phone.post("/accounts/reauthenticate/", {"password": PASSWORD})
    phone.post("/accounts/email/", {"email": "ana@example.org"} | wish)
    ana.refresh_from_db()
    assert ana.email == "ana@example.org"


def test_the_address_of_somebody_else_is_not_taken_over(phone: Client, ana: User) -> None:
    User.objects.create_user("ben@example.org", PASSWORD, name="Ben Ortiz")
    sign_in(phone)
    phone.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = phone.post("/accounts/email/", {"action_add": "", "email": "BEN@example.org"})
    assert "belongs to another account" in answer.text
    assert mail.outbox == []
    ana.refresh_from_db()
    assert ana.email == "ana@example.org"


def test_a_page_behind_the_door_leads_to_it_and_back(phone: Client, ana: User) -> None:
    asked = phone.get("/me/tokens/")
    assert asked.headers["Location"] == "/accounts/login/?next=/me/tokens/"
    came = phone.post(asked.headers["Location"], {"login": "ana@example.org", "password": PASSWORD})
    assert came.headers["Location"] == "/me/tokens/"


def test_the_door_leads_to_no_foreign_site(phone: Client, ana: User) -> None:
    came = phone.post(
        "/accounts/login/?next=https://evil.example/", {"login": "ana@example.org", "password": PASSWORD}
    )
    assert came.headers["Location"] == "/"


def test_the_admin_has_no_sign_in_of_its_own(db: None) -> None:
    answer = Client().post("/admin/login/", {"username": "nora@example.org", "password": "guess"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_an_address_that_was_never_confirmed_opens_nothing(phone: Client, ana: User) -> None:
    """Mistyped, it is a stranger's mailbox."""
    sign_in(phone)
    phone.post("/accounts/reauthenticate/", {"password": PASSWORD})
    phone.post("/accounts/email/", {"action_add": "", "email": "anna@example.org"})
    mail.outbox.clear()
    stranger = Client(REMOTE_ADDR=next(HOUSES))
    stranger.post("/accounts/password/reset/", {"email": "anna@example.org"})
    assert mail.outbox == []
    assert not sign_in(stranger, email="anna@example.org")


def test_the_address_that_the_operator_replaced_opens_nothing(phone: Client, ana: User) -> None:
    sign_in(phone)
    phone.post("/accounts/reauthenticate/", {"password": PASSWORD})
    phone.post("/accounts/email/", {"action_add": "", "email": "ana.reyes@example.org"})
    mail.outbox.clear()
    User.objects.filter(pk=ana.pk).update(email="ana@new.example.org")
    other = Client(REMOTE_ADDR=next(HOUSES))
    other.post("/accounts/password/reset/", {"email": "ana@example.org"})
    assert mail.outbox == [] and not sign_in(other)
    assert sign_in(other, email="ana@new.example.org")


@pytest.mark.parametrize("name", ["ﬃ ﬃ ﬃ", "ΐ ΐ ΐ"])
def test_letters_that_grow_in_capitals_still_make_initials(name: str) -> None:
    assert len(User.objects.create_user("eli@example.org", PASSWORD, name=name).initials) <= 6
