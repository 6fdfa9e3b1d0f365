"""Two sponsors and one address: nobody reads with it what was meant for somebody else.

Where no mail could be sent, Nora of Lakeside was shown the link to Eli's first password, and may have used
it. So Harbor Clinic gives Eli's account nothing until a password was set through his mailbox.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, Invitation, Membership, User
from accounts.refusals import Conflict
from apprenticeship.enrolment import Enrolled, LineRefused, Newcomer, enrol
from apprenticeship.models import Apprentice
from tests.accounts.test_second_step import app_of
from tests.at_once import at_once
from tests.cast import CANARY, NOW, PASSWORD, TODAY, Cast
from tests.ojt_logs.pages import noon, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker_at_hand")]
__all__ = ["noon"]

NORAS = {"name": "Eli Ruiz", "time_zone": "America/Chicago", "password": "what Nora chose"}
HIS_OWN = "what Eli chose himself"


@pytest.fixture(autouse=True)
def at_noon(noon: object) -> Iterator[None]:
    yield


def without_mail(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9


def with_mail(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def shown(cast: Cast, settings: Any) -> str:
    """The link to Eli's first password that Nora sees, since no mail could be sent."""
    without_mail(settings)
    (made,) = enrol(cast.program, [newcomer()], by=cast.nora, now=NOW)
    with_mail(settings)
    return made.link.removeprefix(settings.SITE_URL)


def newcomer(name: str = "Eli Ruiz") -> Newcomer:
    return Newcomer(name, "eli@example.org", TODAY)


def at_harbor(cast: Cast, name: str = "Eli Ruiz") -> Enrolled:
    (made,) = enrol(cast.other_program, [newcomer(name)], by=cast.olga, now=NOW)
    return made


def eli() -> User:
    return User.objects.get(email="eli@example.org")


def reads(client: Client, apprentice: Apprentice) -> bool:
    return client.get(reverse("registration", args=[apprentice.uid])).status_code == 200


def set_a_password_by_mail(*, proves: bool = True) -> None:
    """Eli does, from the page where people sign in."""
    phone = Client(REMOTE_ADDR="10.9.9.9")
    phone.post(reverse("account_reset_password"), {"email": "eli@example.org"})
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    assert link
    address = phone.get(link[1], follow=True).redirect_chain[-1][0]
    phone.post(address, {"password1": HIS_OWN, "password2": HIS_OWN})
    assert eli().check_password(HIS_OWN) and eli().address_proved_at == (NOW if proves else None)


def test_who_used_a_link_that_was_shown_gets_nothing_of_a_second_sponsor(cast: Cast, shown: str) -> None:
    nora = Client()
    assert nora.post(shown, NORAS).status_code == 302
    assert eli().address_proved_at is None
    with pytest.raises(LineRefused, match="set a new password by e-mail") as refused:
        at_harbor(cast)
    assert refused.value.code == "mailbox_unproved"
    assert not Apprentice.objects.filter(user=eli(), program=cast.other_program).exists()
    assert reads(nora, Apprentice.objects.get(user=eli())), "what is Lakeside's own stays as it was"


def test_a_password_set_by_mail_ends_sessions_and_tokens_before_the_second_sponsor_enrolls(
    cast: Cast, shown: str
) -> None:
    nora = Client()
    nora.post(shown, NORAS)
    _, secret = ApiToken.objects.issue(eli(), name="Nora's", scopes=["read"], days=9, now=NOW)
    assert ApiToken.objects.authenticate(secret, now=NOW)
    set_a_password_by_mail()
    made = at_harbor(cast)
    assert made.link == "" and made.mailed
    assert not reads(nora, made.apprentice)
    assert ApiToken.objects.authenticate(secret, now=NOW) is None
    assert "Sign in with the account that you have" in mail.outbox[-1].body
    login = {"login": "eli@example.org", "password": NORAS["password"]}
    assert "_auth_user_id" not in _signed_in(login) and "_auth_user_id" in _signed_in(
        login | {"password": HIS_OWN}
    )


def _signed_in(login: dict[str, str]) -> dict[str, object]:
    client = Client(REMOTE_ADDR="10.9.9.8")
    client.post(reverse("account_login"), login)
    return dict(client.session.items())


def test_a_second_step_that_nora_set_up_opens_nothing_of_a_second_sponsor(cast: Cast, shown: str) -> None:
    """A passkey opens the account without the password that Eli sets, and goes on doing so."""
    Client().post(shown, NORAS)
    app_of(eli())
    set_a_password_by_mail(proves=False)
    with pytest.raises(LineRefused, match="take it off before"):
        at_harbor(cast)
    himself = signed_in(eli())
    _, token = Invitation.objects.issue("eli@example.org", now=NOW, sponsor=cast.harbor, role="mentor")
    assert "may be somebody else’s" in himself.get(reverse("invitation", args=[token])).text
    Authenticator.objects.filter(user=eli()).delete()
    set_a_password_by_mail()
    assert reads(signed_in(eli()), at_harbor(cast).apprentice)


def test_a_link_that_was_shown_ends_when_a_second_sponsor_enrolls(cast: Cast, shown: str) -> None:
    made = at_harbor(cast)
    assert made.link == "" and "Set your password by e-mail" in mail.outbox[-1].body
    assert Client().post(shown, NORAS).status_code == 410 and not eli().has_usable_password()
    set_a_password_by_mail()
    assert reads(signed_in(eli()), made.apprentice)


def test_where_the_mail_fails_for_both_nobody_is_shown_a_link_that_works(
    cast: Cast, shown: str, settings: Any
) -> None:
    without_mail(settings)
    made = at_harbor(cast)
    assert (made.link, made.mailed) == ("", False)
    assert Client().get(shown).status_code == 410
    ours = Apprentice.objects.get(user=eli(), program=cast.program)
    for office, registration in ((cast.nora, ours), (cast.olga, made.apprentice)):
        page = signed_in(office).post(reverse("apprentice-invite", args=[registration.uid])).text
        assert "Tell them that they are enrolled" in page and "/invitations/" not in page


def test_a_link_that_came_by_mail_alone_proves_the_mailbox(cast: Cast) -> None:
    enrol(cast.program, [newcomer()], by=cast.nora, now=NOW)
    link = re.search(r"/invitations/[^/\s]+/", str(mail.outbox[-1].body))
    assert link
    phone = Client()
    assert phone.post(link[0], NORAS | {"password": HIS_OWN}).status_code == 302
    assert eli().address_proved_at == NOW
    assert reads(phone, at_harbor(cast).apprentice)


def test_a_link_shown_later_does_not_count_as_proof(cast: Cast, shown: str, settings: Any) -> None:
    """The operator took the password of somebody away whose mailbox was proved, and Nora is shown a link."""
    user = eli()
    user.address_proved_at = NOW
    user.save()
    Client().post(shown, NORAS)
    assert eli().address_proved_at is None


def test_a_role_is_not_accepted_with_a_mailbox_that_was_never_proved(cast: Cast, shown: str) -> None:
    phone = Client()
    phone.post(shown, NORAS)
    _, token = Invitation.objects.issue("eli@example.org", now=NOW, sponsor=cast.harbor, role="coordinator")
    page = reverse("invitation", args=[token])
    assert "set a new password by e-mail" in phone.get(page).text
    assert "set a new password by e-mail" in phone.post(page).text
    assert phone.get(reverse("account_reset_password")).status_code == 200
    with pytest.raises(Conflict, match="set a new password by e-mail"):
        Invitation.objects.join(token, now=NOW)
    assert Invitation.objects.get(pk=Invitation.objects.latest("pk").pk).accepted_at is None
    set_a_password_by_mail()
    himself = signed_in(eli())
    assert "Accept, and it is added" in himself.get(page).text
    assert himself.post(page).status_code == 302
    assert Membership.objects.filter(user=eli(), sponsor=cast.harbor).exists()


def test_the_same_sponsor_gives_more_without_a_proof(cast: Cast, shown: str) -> None:
    phone = Client()
    phone.post(shown, NORAS)
    _, token = Invitation.objects.issue("eli@example.org", now=NOW, sponsor=cast.lakeside, role="mentor")
    assert phone.post(reverse("invitation", args=[token])).status_code == 302
    assert Membership.objects.filter(user=eli(), sponsor=cast.lakeside).exists()


def test_the_operators_page_gives_no_role_to_an_unproved_mailbox_either(cast: Cast, shown: str) -> None:
    Client().post(shown, NORAS)
    root = User.objects.create_superuser("root@example.org", "a long password", name="Site Operator")
    role = {"user": eli().pk, "sponsor": cast.harbor.pk, "role": "mentor", "starts_on": "2026-11-20"}
    page = signed_in(root).post("/admin/accounts/membership/add/", role)
    assert "set a new password by e-mail" in page.text
    User.objects.filter(pk=eli().pk).update(address_proved_at=NOW)
    assert signed_in(root).post("/admin/accounts/membership/add/", role).status_code == 302


@pytest.mark.parametrize("where", ["in his own browser", "in one that is signed in to the account"])
def test_an_account_that_took_elis_address_is_given_nothing_until_a_password_came_by_mail(
    cast: Cast, where: str
) -> None:
    """Dara, of Harbor, asks for Eli's address, and he presses the button in the mail that he gets."""
    cast.dara.name = "Eli Ruiz"
    cast.dara.save()
    taker = Client()
    taker.post("/accounts/login/", {"login": cast.dara.email, "password": PASSWORD})
    taker.post("/accounts/reauthenticate/", {"password": PASSWORD})
    taker.post("/accounts/email/", {"action_add": "", "email": "eli@example.org"})
    link = re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", str(mail.outbox[0].body))
    assert link
    (taker if where.endswith("account") else Client()).post(link[1])
    assert eli() == cast.dara
    if where.endswith("account"):
        assert eli().address_proved_at
        return
    with pytest.raises(LineRefused, match="set a new password by e-mail"):
        enrol(cast.program, [newcomer()], by=cast.nora, now=NOW)
    set_a_password_by_mail()
    assert enrol(cast.program, [newcomer()], by=cast.nora, now=NOW)


@pytest.mark.parametrize("given", ["a role elsewhere", "the site"])
def test_what_the_operator_adds_makes_a_waiting_link_useless(cast: Cast, shown: str, given: str) -> None:
    if given == "the site":
        User.objects.filter(pk=eli().pk).update(is_staff=True)
    else:
        Membership.objects.create(user=eli(), sponsor=cast.harbor, role="mentor", starts_on=TODAY)
    answer = Client().post(shown, NORAS)
    assert answer.status_code == 410 and "Set a password by e-mail" in answer.text
    assert not eli().has_usable_password()


def test_an_address_changed_by_the_operator_is_to_be_proved_anew(cast: Cast, shown: str) -> None:
    User.objects.filter(pk=eli().pk).update(address_proved_at=NOW)
    client = signed_in(User.objects.create_superuser("root@example.org", "a long one", name="Operator"))
    page = f"/admin/accounts/user/{eli().pk}/change/"
    form = client.get(page).context["adminform"].form
    kept = {name: form.initial[name] for name in ("name", "initials", "time_zone", "is_active")}
    kept |= {"address_proved_at_0": "2026-11-20", "address_proved_at_1": "12:00:00"}
    kept |= {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    assert client.post(page, kept | {"email": "eli.ruiz@example.org"}).status_code == 302
    user = User.objects.get(email="eli.ruiz@example.org")
    assert user.address_proved_at is None
    assert Client().get(shown).status_code == 410, "it was made for the old address"


@pytest.mark.parametrize("name", ["Elias Ruiz", "Eli"])
def test_nobody_learns_the_name_of_an_account_by_enrolling_its_address(cast: Cast, name: str) -> None:
    typed = {"name": name, "email": "dara@example.org", "started_on": "2026-12-01"}
    client = signed_in(cast.nora)
    page = client.post(reverse("enrol", args=[cast.program.uid]), typed).text
    assert "bears another name" in page and CANARY not in page
    lines = {"people": f"{name} <dara@example.org>, 2026-12-01"}
    page = client.post(reverse("enrol-list", args=[cast.program.uid]), lines).text
    assert "Line 1: The account of dara@example.org bears another name" in page and CANARY not in page
    assert not Apprentice.objects.filter(user=cast.dara).exists() and not mail.outbox


def test_the_name_of_an_account_is_taken_in_any_spelling(cast: Cast) -> None:
    User.objects.create_user("jose@example.org", HIS_OWN, name="José Nuñez", address_proved_at=NOW)
    typed = [Newcomer("NUNEZ  Jose", "jose@example.org", TODAY)]
    (made,) = enrol(cast.other_program, typed, by=cast.olga, now=NOW)
    assert made.apprentice.user.name == "José Nuñez"


def test_whom_a_sponsor_knows_it_enrolls_under_any_name(cast: Cast) -> None:
    (made,) = enrol(cast.program, [Newcomer("Mark W.", "marcus@example.org", TODAY)], by=cast.nora, now=NOW)
    assert made.apprentice.user == cast.marcus


def test_the_link_and_the_second_sponsor_at_once_never_give_both(
    transactional_db: None, cast: Cast, shown: str
) -> None:
    token = shown.split("/")[2]
    words = {"password": NORAS["password"], "name": "Eli Ruiz"}
    at_once(lambda: at_harbor(cast), lambda: Invitation.objects.accept(token, now=NOW, **words))
    enrolled = Apprentice.objects.filter(user=eli(), program=cast.other_program).exists()
    assert enrolled != eli().has_usable_password(), "one of them was refused, whichever came second"
