"""What is typed and not saved is kept on the server, for its owner alone, and two tabs overwrite nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from ojt_logs.models import HoursEntry, Typed
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

MONDAY = date(2026, 11, 16)
WORDS = {"lines": "1", "line-0-about": "2g", "line-0-minutes": "half", "line-0-note": "Ten charts"}


def day(cast: Cast) -> str:
    return reverse("day", args=[cast.ana.uid, TODAY])


def keep(client: Client, cast: Cast, version: int = 0, **words: str) -> Any:
    address = reverse("day-typed", args=[cast.ana.uid, TODAY])
    return client.post(address, WORDS | words | {"version": str(version)})


def test_what_is_typed_stands_there_again_and_is_not_called_wrong_yet(cast: Cast) -> None:
    ana = signed_in(cast.ana_user)
    assert keep(ana, cast).json() == {"version": 1}
    page = text_of(ana, day(cast))
    assert "What you typed on" in page and "It is not saved yet" in page
    assert 'value="half"' in page and "Ten charts" in page and "is not a time" not in page
    assert not HoursEntry.objects.filter(apprentice=cast.ana).exists()


def test_saving_and_throwing_away_forget_it(cast: Cast) -> None:
    ana = signed_in(cast.ana_user)
    keep(ana, cast)
    ana.post(day(cast), WORDS | {"line-0-minutes": "8"})
    assert not Typed.objects.exists() and HoursEntry.objects.get().minutes == 480
    keep(ana, cast)
    gone = ana.post(reverse("day-typed", args=[cast.ana.uid, TODAY]), {"discard": "1"}, follow=True)
    assert "What was typed and not saved is gone." in plain(gone.content)
    assert not Typed.objects.exists()


def test_a_refused_save_keeps_it(cast: Cast) -> None:
    ana = signed_in(cast.ana_user)
    keep(ana, cast)
    ana.post(day(cast), WORDS)
    assert Typed.objects.get().words["line-0-note"] == "Ten charts"


def test_a_second_tab_does_not_overwrite_what_the_first_keeps(cast: Cast) -> None:
    ana = signed_in(cast.ana_user)
    keep(ana, cast)
    assert keep(ana, cast, 1, **{"line-0-note": "Eleven"}).json() == {"version": 2}
    for version in (0, 1):
        refused = keep(ana, cast, version, **{"line-0-note": "From the other tab"})
        assert refused.status_code == 409 and "open elsewhere" in refused.json()["says"]
    assert Typed.objects.get().words["line-0-note"] == "Eleven"


def test_what_comes_back_does_not_overwrite_what_was_saved_since(cast: Cast) -> None:
    (entry,) = cast.log(cast.ana, cast.ojt("2g", minutes=420))
    ana = signed_in(cast.ana_user)
    seen = text_of(ana, day(cast)).split('name="seen" value="')[1].split('"')[0]
    typed = {"line-0-entry_uid": str(entry.uid), "line-0-minutes": "8:00", "seen": seen}
    keep(ana, cast, **typed)
    entry.change(by=cast.ana_user, now=NOW + timedelta(seconds=5), minutes=360)
    page = text_of(ana, day(cast))
    assert f'name="seen" value="{seen}"' in page and 'value="8:00"' in page
    refused = plain(ana.post(day(cast), WORDS | typed).content)
    assert "was changed elsewhere" in refused and 'value="8:00"' in refused
    entry.refresh_from_db()
    assert entry.minutes == 360


def test_it_is_nobody_elses_and_too_much_is_refused(cast: Cast) -> None:
    keep(signed_in(cast.ana_user), cast)
    assert keep(signed_in(cast.marcus), cast).status_code == 403
    assert keep(signed_in(cast.olga), cast).status_code == 404
    assert not Typed.objects.visible_to(cast.nora).exists()
    assert keep(signed_in(cast.ana_user), cast, 1, **{"line-0-note": "x" * 21_000}).status_code == 400


def test_after_two_weeks_it_is_forgotten(cast: Cast) -> None:
    ana = signed_in(cast.ana_user)
    keep(ana, cast)
    with time_machine.travel(NOW + timedelta(days=15), tick=False):
        assert "Ten charts" not in text_of(signed_in(cast.ana_user), day(cast))
    assert not Typed.objects.exists()


def test_the_week_keeps_what_is_typed_too(cast: Cast) -> None:
    ana = signed_in(cast.ana_user)
    words = {"rows": "1", "row-0-about": "2g", "row-0-0": "7:45", "version": "0"}
    ana.post(reverse("week-typed", args=[cast.ana.uid, MONDAY]), words)
    grid = reverse("week-grid", args=[cast.ana.uid, MONDAY])
    assert 'value="7:45"' in text_of(ana, grid)
    ana.post(grid, words)
    assert not Typed.objects.exists() and HoursEntry.objects.get().minutes == 465
