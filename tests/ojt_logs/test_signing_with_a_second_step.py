"""Signing with a code instead of the password, and a phone handed to somebody who has a second step."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from accounts.factors import demand
from accounts.models.people import authority_day
from ojt_logs.models import SignOff
from tests.accounts.test_second_step import app_of, code, recovery_codes
from tests.cast import NOW, PASSWORD, Cast
from tests.ojt_logs.pages import noon, plain, signed_in, text_of
from tests.ojt_logs.test_handing_over import DIFFERENT, of_marcus, phone
from tests.ojt_logs.test_handing_over import typed as handed
from tests.ojt_logs.test_signing import post, with_password

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


def checked(cast: Cast) -> set[str]:
    return set(SignOff.objects.visible_to(cast.marcus).values_list("authentication", flat=True))


def sign_later(client: Any, cast: Cast, typed: str) -> Any:
    """Six minutes on, when the page asks again."""
    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        return post(client, cast, 3, step="sign", password=typed)


def test_a_code_of_the_app_signs_in_the_place_of_the_password_once(cast: Cast) -> None:
    client, secret = with_password(cast.marcus), app_of(cast.marcus)
    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        assert "A code from your app works here too" in plain(post(client, cast, 3).content)
    assert sign_later(client, cast, code(secret, steps=12)).status_code == 302
    assert checked(cast) == {"totp"}
    page = text_of(client, reverse("sign-off", args=[SignOff.objects.all()[0].uid]))
    assert "By a code from their app" in page
    another = with_password(cast.marcus)
    another.post("/accounts/2fa/authenticate/", {"code": recovery_codes(cast.marcus)[0]})
    with time_machine.travel(NOW + timedelta(minutes=6, seconds=5), tick=False):
        again = post(another, cast, 2, step="sign", password=code(secret))
    assert again.status_code == 400 and "used already" in plain(again.content)


def test_the_record_says_how_it_was_shown_that_it_is_marcus(cast: Cast) -> None:
    app_of(cast.marcus)
    client = with_password(cast.marcus)
    client.post("/accounts/2fa/authenticate/", {"code": recovery_codes(cast.marcus)[0]})
    assert post(client, cast, 3, step="sign").status_code == 302
    assert checked(cast) == {"recovery"}


def test_with_an_app_the_password_still_signs_and_is_what_the_record_says(cast: Cast) -> None:
    client = with_password(cast.marcus)
    app_of(cast.marcus)
    assert sign_later(client, cast, PASSWORD).status_code == 302
    assert checked(cast) == {"password"}


def test_digits_of_somebody_without_an_app_are_a_wrong_password(cast: Cast) -> None:
    answer = sign_later(with_password(cast.marcus), cast, "123456")
    assert answer.status_code == 400 and "This is not your password" in plain(answer.content)


def test_after_five_wrong_codes_of_the_page_the_right_one_waits_and_the_password_does_not(cast: Cast) -> None:
    client, secret = with_password(cast.marcus), app_of(cast.marcus)
    for _ in range(5):
        assert sign_later(client, cast, "000000").status_code == 400
    assert sign_later(client, cast, code(secret, steps=12)).status_code == 429
    assert sign_later(client, cast, PASSWORD).status_code == 302


def test_on_the_apprentices_phone_the_password_of_who_has_a_second_step_is_not_enough(cast: Cast) -> None:
    of_marcus(cast)
    secret = app_of(cast.marcus)
    ana = signed_in(cast.ana_user)
    assert "Code of Marcus Webb" in plain(ana.post(phone(cast), handed(cast, "review")).content)
    for wrong in ("", "000000"):
        answer = ana.post(phone(cast), handed(cast, password=DIFFERENT, code=wrong))
        assert answer.status_code == 400 and "no code of Marcus Webb" in plain(answer.content)
    assert not SignOff.objects.exists()
    assert ana.post(phone(cast), handed(cast, password=DIFFERENT, code=code(secret))).status_code == 302
    assert checked(cast) == {"handed_code"}
    page = text_of(ana, reverse("sign-off", args=[SignOff.objects.all()[0].uid]))
    assert "password and code, typed on the apprentice’s device" in page


def test_a_wrong_password_uses_no_code_up(cast: Cast) -> None:
    of_marcus(cast)
    secret = app_of(cast.marcus)
    ana = signed_in(cast.ana_user)
    assert ana.post(phone(cast), handed(cast, password="a guess", code=code(secret))).status_code == 400
    assert ana.post(phone(cast), handed(cast, password=DIFFERENT, code=code(secret))).status_code == 302


def test_who_needs_a_second_step_and_has_none_signs_on_no_phone_of_others(cast: Cast) -> None:
    of_marcus(cast)
    demand.demand(cast.lakeside, authority_day(NOW), by=cast.nora, now=NOW)
    answer = signed_in(cast.ana_user).post(phone(cast), handed(cast, password=DIFFERENT))
    assert answer.status_code == 400
    assert "demands a second step of Marcus Webb" in plain(answer.content)
    assert not SignOff.objects.exists()
