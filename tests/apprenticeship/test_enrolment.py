"""People become apprentices of a program."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, Membership, User
from apprenticeship.enrolment import Enrolled, LineRefused, Newcomer, enrol
from apprenticeship.models import Apprentice
from ledger import chain
from ojt_logs import record
from tests.at_once import at_once
from tests.cast import NOW, PASSWORD, STARTED, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, signed_in, text_of

pytestmark = pytest.mark.django_db
__all__ = ["noon"]
FIRST_PASSWORD = {"name": "Eli Ruiz", "time_zone": "America/Denver", "password": "a long first password"}


@pytest.fixture(autouse=True)
def at_noon(noon: object) -> Iterator[None]:
    yield


def eli(**more: object) -> dict[str, object]:
    return {"name": "Eli Ruiz", "email": "Eli@example.org", "started_on": "2026-12-01"} | more


def post(cast: Cast, typed: dict[str, object], name: str = "enrol") -> str:
    answer = signed_in(cast.nora).post(reverse(name, args=[cast.program.uid]), typed)
    assert answer.status_code == 200
    return plain(answer.content)


@pytest.fixture
def no_mail(settings: Any) -> None:
    """No mail server answers, so that links are shown to whoever invites."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9


def link_in(text: str) -> str:
    found = re.search(r"/invitations/[^/\s<]+/", text)
    assert found, text
    return found[0]


def mailed_link() -> str:
    """The link of the newest letter."""
    return link_in(str(mail.outbox[-1].body))


def at_harbor(cast: Cast, *, name: str = "Eli Ruiz") -> Enrolled:
    """The other sponsor enrolls the same address."""
    (made,) = enrol(cast.other_program, [Newcomer(name, "eli@example.org", TODAY)], by=cast.olga, now=NOW)
    return made


def by(cast: Cast, *people: Newcomer, user: User | None = None) -> list[Enrolled]:
    return enrol(cast.program, people, by=user or cast.nora, now=NOW)


def test_somebody_new_is_registered_at_once_and_chooses_a_password_by_the_link(cast: Cast) -> None:
    text = post(cast, eli(mentor=cast.marcus.pk, registration_number="TX 7"))
    made = Apprentice.objects.get(user__email="eli@example.org")
    assert (made.started_on, made.registration_number) == (date(2026, 12, 1), "TX 7")
    assert made.mentorships.get().mentor == cast.marcus
    acts = [entry.act for entry in chain.entries_of(made.uid)]
    assert acts == ["apprentice.register", "apprentice.facts", "apprentice.mentor"]
    assert list(record.compare()) == []
    link = mailed_link()
    (letter,) = mail.outbox
    assert letter.to == ["eli@example.org"] and "Lakeside Health" in letter.subject
    assert "An e-mail with the link was sent" in text and "/invitations/" not in text
    visitor = Client()
    assert "as <b>apprentice</b>" in visitor.get(link).text
    assert visitor.post(link, FIRST_PASSWORD).status_code == 302
    made.user.refresh_from_db()
    assert made.user.check_password("a long first password") and made.user.address_proved_at == NOW
    assert visitor.get(reverse("registration", args=[made.uid])).status_code == 200
    assert Client().post(link, FIRST_PASSWORD).status_code == 410


def test_a_mentor_who_is_only_invited_is_named_and_cannot_be_chosen_yet(cast: Cast) -> None:
    page = reverse("enrol", args=[cast.program.uid])
    assert "invited" not in text_of(signed_in(cast.nora), page).split("First mentor")[1].split("<select")[0]
    for name in ("Gus <b>Hill</b>", "Fay Long"):
        Invitation.objects.issue(
            f"{name[:3].lower()}@example.org", now=NOW, sponsor=cast.lakeside, role="mentor", name=name
        )
    html = signed_in(cast.nora).get(page).text
    assert (
        "Fay Long and Gus &lt;b&gt;Hill&lt;/b&gt; are invited and can be chosen once they have accepted"
        in html
    )
    User.objects.filter(pk__in=(cast.marcus.pk, cast.lena.pk)).update(is_active=False)
    alone = text_of(signed_in(cast.nora), reverse("mentor-assign", args=[cast.ana.uid]))
    assert "Lakeside Health has no mentors yet" in alone and "Fay Long and Gus" in alone
    assert reverse("people", args=[cast.lakeside.uid]) in alone


def test_nobody_signs_in_before_the_link_was_used(cast: Cast) -> None:
    post(cast, eli())
    for password in ("", "!", PASSWORD):
        answer = Client().post(reverse("account_login"), {"login": "eli@example.org", "password": password})
        assert answer.status_code == 200


def test_who_has_an_account_keeps_name_and_password_and_gets_no_link(cast: Cast) -> None:
    text = post(cast, eli(email="DARA@example.org", name=cast.dara.name.upper()))
    made = Apprentice.objects.get(program=cast.program, user=cast.dara)
    assert made.user.name == cast.dara.name and made.user.check_password(PASSWORD)
    assert "has an account already" in text and not Invitation.objects.exists()
    assert "Sign in with the account that you have" in mail.outbox[0].body


def test_a_link_never_sets_the_password_of_who_has_one(cast: Cast) -> None:
    post(cast, eli())
    link = mailed_link()
    user = User.objects.get(email="eli@example.org")
    user.set_password("chosen by e-mail meanwhile")
    user.save()
    assert Client().post(link, FIRST_PASSWORD).status_code == 410
    user.refresh_from_db()
    assert user.check_password("chosen by e-mail meanwhile")


def test_another_sponsor_gets_no_link_to_an_account_that_is_not_its_own(cast: Cast) -> None:
    """Olga could otherwise sign in as Eli and read what Lakeside keeps; and Nora what Harbor keeps."""
    post(cast, eli())
    first = mailed_link()
    made = at_harbor(cast)
    assert made.link == ""
    assert "Set your password by e-mail" in mail.outbox[-1].body
    assert Client().get(first).status_code == 410
    client = signed_in(cast.olga)
    assert "/invitations/" not in client.post(reverse("apprentice-invite", args=[made.apprentice.uid])).text


@pytest.mark.parametrize("right", ["is_staff", "is_superuser"])
def test_nobody_gets_a_link_to_the_account_of_who_runs_the_site(cast: Cast, right: str) -> None:
    User.objects.create_user("root@example.org", None, name="Site Operator", **{right: True})
    (made,) = by(cast, Newcomer("Site Operator", "root@example.org", TODAY))
    assert made.link == "" and not Invitation.objects.exists()
    client = signed_in(cast.nora)
    assert "/invitations/" not in client.post(reverse("apprentice-invite", args=[made.apprentice.uid])).text


def test_a_role_at_another_sponsor_ends_the_link_too(cast: Cast) -> None:
    post(cast, eli())
    first = mailed_link()
    _, token = Invitation.objects.issue("eli@example.org", now=NOW, sponsor=cast.harbor, role="mentor")
    Invitation.objects.join(token, now=NOW)
    assert Membership.objects.filter(user__email="eli@example.org").exists()
    assert Client().get(first).status_code == 410


def test_a_new_link_replaces_the_one_before(cast: Cast) -> None:
    post(cast, eli())
    first = mailed_link()
    made = Apprentice.objects.get(user__email="eli@example.org")
    client = signed_in(cast.nora)
    assert "has not chosen a password yet" in text_of(client, reverse("registration", args=[made.uid]))
    assert "/invitations/" not in client.post(reverse("apprentice-invite", args=[made.uid])).text
    second = mailed_link()
    assert Client().get(first).status_code == 410 and Client().get(second).status_code == 200


def test_a_mail_that_cannot_be_sent_is_said_and_the_link_shown(cast: Cast, no_mail: None) -> None:
    text = post(cast, eli())
    assert "The e-mail could not be sent" in text
    assert Client().get(link_in(text)).status_code == 200


@pytest.mark.parametrize("kind", ["console", "dummy", "filebased"])
def test_a_mail_that_stays_on_the_machine_counts_as_not_sent(
    cast: Cast, settings: Any, tmp_path: Path, kind: str
) -> None:
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{kind}.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    text = post(cast, eli())
    assert link_in(text) and "This site sends no e-mail" in text and "could not be sent" not in text
    assert not Invitation.objects.get().by_mail_alone


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ({"email": "nobody"}, "valid email address"),
        ({"name": ""}, "required"),
        ({"started_on": "2062-12-01"}, "Look at the year"),
        ({"expected_end_on": "2026-12-01"}, "Choose a day after the start date"),
        (
            {"email": "ana@example.org"},
            "Ana Reyes &lt;ana@example.org&gt; is registered in Medical coders already",
        ),
    ],
)
def test_a_mistake_stands_beside_its_field_and_nothing_is_lost(
    cast: Cast, typed: dict[str, object], remedy: str
) -> None:
    before = Apprentice.objects.count()
    text = post(cast, eli(registration_number="TX 7") | typed)
    assert remedy in text and 'value="TX 7"' in text
    assert Apprentice.objects.count() == before and not mail.outbox


def test_a_pasted_list_is_understood_in_the_ways_people_write_it(cast: Cast) -> None:
    lines = [
        "Eli Ruiz <eli@example.org>, 2026-12-01",
        "",
        "Fay Long <fay@example.org>",
        "Gus Hill\tgus@example.org\t12/15/2026",
        '"Hal Moss", hal@example.org, Dec 7, 2026',
        f"{cast.dara.name} <dara@example.org>, Dec 7, 2026",
    ]
    typed = {"people": "\n".join(lines), "started_on": "2026-11-23", "mentor": cast.lena.pk}
    text = post(cast, typed, "enrol-list")
    made = Apprentice.objects.filter(program=cast.program, started_on__gte=TODAY)
    starts = dict(made.values_list("user__name", "started_on"))
    assert starts == {
        "Eli Ruiz": date(2026, 12, 1),
        "Fay Long": date(2026, 11, 23),
        "Gus Hill": date(2026, 12, 15),
        "Hal Moss": date(2026, 12, 7),
        cast.dara.name: date(2026, 12, 7),
    }
    assert text.count("with the link was sent") == 4 and len(mail.outbox) == 5
    assert all(one.mentorships.get().mentor == cast.lena for one in made)


def test_the_mistakes_of_a_list_are_told_by_line_and_nobody_is_enrolled(cast: Cast) -> None:
    lines = [
        "Eli Ruiz <eli@example.org>, 2026-12-01",
        "Fay Long fay@example.org",
        "Gus Hill <gus@example>, 2026-12-01",
        "Hal Moss <hal@example.org>, soon",
        "Ivo Dent <ivo@example.org>",
        "Ana <ana@example.org>, 2026-12-01",
        "Eli <ELI@example.org>, 2026-12-01",
    ]
    text = post(cast, {"people": "\n".join(lines)}, "enrol-list")
    assert "Line 2: Write it like: Ana Reyes &lt;ana@example.org&gt;, 2026-12-01" in text
    assert "Line 3: Enter a valid email address." in text
    assert "Line 4: “soon” is no date." in text
    assert "Line 5: The start date is missing." in text
    assert "Line 6: ana@example.org is registered already." in text
    assert "Line 1: eli@example.org stands here more than once" in text
    assert "Hal Moss &lt;hal@example.org&gt;, soon" in text, "what was typed is still there"
    assert not User.objects.filter(email="eli@example.org").exists() and not mail.outbox


def test_twice_at_once_registers_once(transactional_db: None, cast: Cast) -> None:
    one = Newcomer("Eli Ruiz", "eli@example.org", TODAY)
    outcomes = at_once(*[lambda: by(cast, one)] * 2)
    assert sorted(type(each).__name__ for each in outcomes) == ["LineRefused", "list"]
    assert User.objects.filter(email="eli@example.org").count() == 1
    assert Apprentice.objects.filter(user__email="eli@example.org").count() == 1


def test_one_refusal_takes_everybody_back(cast: Cast) -> None:
    people = [
        Newcomer("Eli Ruiz", "eli@example.org", TODAY),
        Newcomer("Fay Long", "fay@example.org", STARTED, mentor=cast.priya),
    ]
    with pytest.raises(LineRefused, match="Priya Nair is no mentor") as refused:
        by(cast, *people)
    assert refused.value.place == 1
    assert not User.objects.filter(email__in=["eli@example.org", "fay@example.org"]).exists()
