"""The list of what one was told: one's own alone, with a count in the header."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import User
from ojt_logs.models import Notice
from ojt_logs.models.notices import About
from tests.cast import NOW, Cast
from tests.ojt_logs.pages import noon, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


def tell(person: User, number: int, *, path: str = "/glossary/") -> None:
    for one in range(number):
        at = NOW - timedelta(minutes=one + 1)
        Notice.objects.tell(About.ENDING, [person], words=f"Thing {one}.", path=path, key=f"{one}", now=at)


def test_the_header_counts_what_is_new_until_it_is_read(cast: Cast) -> None:
    tell(cast.marcus, 3)
    marcus = signed_in(cast.marcus)
    assert "3 new notices" in text_of(marcus, "/review/")
    assert "3 new" in text_of(marcus, "/me/notices/")
    marcus.post("/me/notices/read/", {"until": NOW.isoformat()})
    assert "new notice" not in text_of(marcus, "/review/")


def test_marking_all_leaves_what_came_after_the_page_was_shown(cast: Cast) -> None:
    tell(cast.marcus, 2)
    signed_in(cast.marcus).post("/me/notices/read/", {"until": (NOW - timedelta(seconds=90)).isoformat()})
    assert Notice.objects.visible_to(cast.marcus).unread().get().words == "Thing 0."


def test_following_one_marks_it_read_and_leads_there(cast: Cast) -> None:
    tell(cast.marcus, 2)
    one = Notice.objects.get(key="1")
    answer = signed_in(cast.marcus).post(reverse("notice-follow", args=[one.uid]))
    assert answer["Location"] == "/glossary/"
    assert Notice.objects.unread().get().key == "0"


def test_nobody_reads_or_follows_what_others_were_told(cast: Cast) -> None:
    tell(cast.marcus, 1)
    one = Notice.objects.get()
    for person in (cast.lena, cast.nora, cast.ana_user, cast.olga):
        client = signed_in(person)
        assert "Thing 0" not in text_of(client, "/me/notices/")
        assert client.post(reverse("notice-follow", args=[one.uid])).status_code == 404
        client.post("/me/notices/read/")
    assert Notice.objects.unread().count() == 1


def test_the_list_filters_and_is_downloaded(cast: Cast) -> None:
    tell(cast.marcus, 2)
    Notice.objects.filter(key="1").read(now=NOW)
    marcus = signed_in(cast.marcus)
    page = text_of(marcus, "/me/notices/?read=no")
    assert "Thing 0." in page and "Thing 1." not in page
    assert b"Thing 1." in b"".join(marcus.get("/me/notices/?format=csv"))


def test_an_empty_list_says_what_will_stand_there(cast: Cast) -> None:
    assert "Nothing yet." in text_of(signed_in(cast.ana_user), "/me/notices/")


def test_a_long_list_asks_as_often_as_a_short_one(cast: Cast) -> None:
    marcus = signed_in(cast.marcus)
    tell(cast.marcus, 1)
    few = queries(marcus, "/me/notices/")
    Notice.objects.all().delete()
    tell(cast.marcus, 39)
    assert queries(marcus, "/me/notices/") == few
