"""A phone handed over, and sheets of paper: a mentor signs one act where the apprentice is signed in."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Consent, User
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.models import Mentorship
from ledger import chain
from ojt_logs.models import Authentication, Origin, Rating, SignOff
from ojt_logs.progress import progress_of
from ojt_logs.record import compare
from tests.cast import NOW, PASSWORD, STARTED, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

KEY = "11111111-1111-4111-8111-111111111111"
DIFFERENT = "quite another secret"


def phone(cast: Cast, code: str = "2g") -> str:
    return reverse("hand-phone", args=[cast.ana.uid, code])


def typed(cast: Cast, step: str = "sign", value: int = 3, **fields: str) -> dict[str, str]:
    ratings = {f"rating-{one.uid}": str(value) for one in cast.competency("2g").standards.all()}
    page = {"key": KEY, "method": "observed", "observed_from": "2026-11-20", "observed_to": "2026-11-20"}
    return page | ratings | {"note": "", "step": step} | fields


def of_marcus(cast: Cast) -> None:
    """Marcus has a password that nobody else has."""
    cast.marcus.set_password(DIFFERENT)
    cast.marcus.save()


# The phone


def test_a_mentor_signs_on_the_apprentices_phone_and_nobody_else_is_signed_in(cast: Cast) -> None:
    of_marcus(cast)
    ana = signed_in(cast.ana_user)
    before = dict(ana.session.items())
    assert "This is the phone of Ana Reyes." in text_of(ana, phone(cast))
    read = plain(ana.post(phone(cast), typed(cast, "review")).content)
    assert "Password of Marcus Webb" in read and 'autocomplete="off"' in read
    done = ana.post(phone(cast), typed(cast, password=DIFFERENT))
    assert done["Location"] == reverse("competency", args=[cast.ana.uid, "2g"])
    row = SignOff.objects.all()[0]
    assert (row.signer, row.authentication, SignOff.objects.count()) == (cast.marcus, "handed", 5)
    assert ana.session[SESSION_KEY] == str(cast.ana_user.pk)
    after = {name: value for name, value in ana.session.items() if name != "_messages"}
    assert after == {name: value for name, value in before.items() if name != "_messages"}
    page = text_of(ana, done["Location"])
    assert "Marcus Webb signed 5 ratings of 2g. The phone is yours again." in page
    assert ana.get(reverse("sign", args=[cast.ana.uid])).status_code == 403
    assert "typed on the apprentice’s device" in text_of(ana, reverse("sign-off", args=[row.uid]))
    assert [*compare(), *chain.verify()] == []


@pytest.mark.parametrize("password", ["", PASSWORD, "a guess"])
def test_the_apprentices_own_or_no_password_signs_nothing(cast: Cast, password: str) -> None:
    of_marcus(cast)
    answer = signed_in(cast.ana_user).post(phone(cast), typed(cast, password=password))
    assert answer.status_code == 400 and "not the password of Marcus Webb" in plain(answer.content)
    assert not SignOff.objects.exists()


def test_guessing_is_slowed_down_and_locks_the_mentor_out_of_nothing(cast: Cast) -> None:
    of_marcus(cast)
    ana = signed_in(cast.ana_user)
    codes = [ana.post(phone(cast), typed(cast, password=f"guess {n}")).status_code for n in range(6)]
    assert codes == [400] * 5 + [429]
    assert ana.post(phone(cast), typed(cast, password=DIFFERENT)).status_code == 429
    own = reverse("sign-competency", args=[cast.ana.uid, "2g"])
    assert signed_in(cast.marcus).post(own, typed(cast, password=DIFFERENT)).status_code == 302


def test_pressed_twice_it_is_signed_once(cast: Cast) -> None:
    ana = signed_in(cast.ana_user)
    for _ in range(2):
        assert ana.post(phone(cast), typed(cast, password=PASSWORD)).status_code == 302
    assert SignOff.objects.count() == 5


def test_of_several_mentors_one_is_chosen_and_a_stranger_is_none(cast: Cast) -> None:
    Mentorship.objects.create(apprentice=cast.ana, mentor=cast.lena, starts_on=STARTED)
    ana = signed_in(cast.ana_user)
    page = text_of(ana, phone(cast))
    assert "Who takes the phone?" in page and f"?to={cast.lena.uid}" in page
    stranger = ana.post(f"{phone(cast)}?to={cast.priya.uid}", typed(cast, password=PASSWORD))
    assert "Who takes the phone?" in plain(stranger.content)
    ana.post(f"{phone(cast)}?to={cast.lena.uid}", typed(cast, password=PASSWORD))
    assert {row.signer for row in SignOff.objects.all()} == {cast.lena}


def test_a_mentor_who_has_not_agreed_to_electronic_records_signs_nothing(cast: Cast) -> None:
    Consent.objects.withdraw(cast.marcus, now=NOW)
    answer = signed_in(cast.ana_user).post(phone(cast), typed(cast, password=PASSWORD))
    assert answer.status_code == 400 and "has not agreed" in plain(answer.content)
    assert not SignOff.objects.exists()


def test_days_without_assignment_are_refused_on_the_phone_too(cast: Cast) -> None:
    Mentorship.objects.create(apprentice=cast.ana, mentor=cast.lena, starts_on=TODAY)
    early = typed(cast, password=PASSWORD, observed_from="2026-11-19")
    answer = signed_in(cast.ana_user).post(f"{phone(cast)}?to={cast.lena.uid}", early)
    assert answer.status_code == 400 and "not assigned to Ana Reyes" in plain(answer.content)
    assert not SignOff.objects.exists()


def test_nobody_hands_over_somebody_elses_phone(cast: Cast) -> None:
    for person, status in ((cast.marcus, 403), (cast.nora, 403), (cast.lena, 404), (cast.olga, 404)):
        assert signed_in(person).post(phone(cast), typed(cast, password=PASSWORD)).status_code == status
    assert Client().get(phone(cast)).status_code == 302


# Paper


def paper(cast: Cast) -> str:
    return reverse("paper", args=[cast.ana.uid, "2g"])


def sheet(cast: Cast, **fields: str) -> dict[str, str]:
    said = {"method": "paper", "original_at": "Blue folder, room 12", "password": PASSWORD}
    return typed(cast) | said | fields


def test_a_mentor_copies_their_own_sheet_which_is_never_called_observed(cast: Cast) -> None:
    answer = signed_in(cast.marcus).post(paper(cast), sheet(cast))
    assert answer.status_code == 302
    row = SignOff.objects.all()[0]
    facts = row.facts()
    assert (row.method, row.original_at, row.ink) == ("paper", "Blue folder, room 12", "")
    assert (facts["original_at"], facts["signer_role"]) == ("Blue folder, room 12", "mentor")
    assert "observed" not in row.attestation.text
    page = text_of(signed_in(cast.ana_user), reverse("sign-off", args=[row.uid]))
    assert "From a signed sheet" in page and "Original at Blue folder, room 12" in page
    assert progress_of(cast.ana).standards_met == 5
    assert [*compare(), *chain.verify()] == []


def test_a_coordinator_copies_the_sheet_of_a_mentor_by_name(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    missing = nora.post(paper(cast), sheet(cast))
    assert missing.status_code == 400 and "Write the name that stands on the sheet." in plain(missing.content)
    assert nora.post(paper(cast), sheet(cast, ink="Lena Fox")).status_code == 302
    row = SignOff.objects.all()[0]
    assert (row.signer, row.signer_role, row.ink) == (cast.nora, "coordinator", "Lena Fox")
    assert "signed in ink by Lena Fox" in text_of(nora, reverse("sign-off", args=[row.uid]))
    withdrawn = SignOff.objects.withdraw(
        row, by=cast.nora, now=NOW, authentication=Authentication("password", NOW), reason="Wrong sheet."
    )
    assert (withdrawn.signer_role, withdrawn.original_at) == ("coordinator", "Blue folder, room 12")
    assert [*compare(), *chain.verify()] == []


@pytest.mark.parametrize(
    ("who", "status"), [("ana_user", 403), ("ruth", 403), ("lena", 404), ("priya", 403), ("olga", 404)]
)
def test_nobody_else_copies_a_sheet(cast: Cast, who: str, status: int) -> None:
    answer = signed_in(getattr(cast, who)).post(paper(cast), sheet(cast, ink="Lena Fox"))
    assert answer.status_code == status and not SignOff.objects.exists()


def record(cast: Cast, by: User, method: str, origin: Origin) -> Any:
    rating = Rating(cast.competency("2g").standards.all()[0], cast.level(3))
    return SignOff.objects.record(
        cast.ana,
        by=by,
        now=NOW,
        authentication=Authentication("password", NOW - timedelta(minutes=1)),
        method=method,
        observed_from=TODAY,
        observed_to=TODAY,
        ratings=[rating],
        origin=origin,
    )


@pytest.mark.parametrize(
    ("method", "origin"),
    [
        ("paper", Origin()),
        ("observed", Origin(original_at="A folder")),
        ("accepted", Origin()),
        ("paper", Origin(original_at="  ")),
    ],
)
def test_method_and_origin_say_the_same(cast: Cast, method: str, origin: Origin) -> None:
    with pytest.raises(Refusal):
        record(cast, cast.marcus, method, origin)


def test_a_coordinator_signs_nothing_but_the_sheets_of_others_and_never_their_own_record(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        record(cast, cast.nora, "observed", Origin())
    with pytest.raises(NotAllowed):
        record(cast, cast.marcus, "paper", Origin(original_at="A folder", ink="Lena Fox"))
    with pytest.raises(NotAllowed):
        record(cast, cast.ana_user, "paper", Origin(original_at="A folder", ink="Lena Fox"))


def test_the_database_refuses_paper_without_an_original(cast: Cast) -> None:
    (row, *_) = cast.sign(cast.ana, "2g")
    row.pk, row.uid, row.method = None, KEY, "paper"  # type: ignore[assignment]
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_the_sheet_prints_what_is_asked_for_or_all_that_is_open(cast: Cast) -> None:
    cast.sign(cast.ana, "1a")
    ana = signed_in(cast.ana_user)
    address = reverse("sheet", args=[cast.ana.uid])
    everything = text_of(ana, address)
    assert 'id="s2g"' in everything and 'id="s1a"' not in everything and 'id="s5a"' not in everything
    one = text_of(ana, address + "?of=1a")
    assert 'id="s1a"' in one and 'id="s2g"' not in one and "I reviewed this work" in one
