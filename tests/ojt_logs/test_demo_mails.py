"""The demo shows what it would have mailed; no other site does."""

from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection
from django.test import Client

from accounts.models import User
from ojt_logs.demo.stage import people_of, read_plan
from ojt_logs.mails import mail_of
from ojt_logs.models import Notice
from ojt_logs.models.notices import About
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db

PAGE = "/demo/mails/"


@pytest.fixture
def kept(settings: Any, tmp_path: Any, cast: Cast) -> None:
    """A site with DEBUG and somebody of the demo, whose mails go into files."""
    settings.DEBUG = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mails")
    _, email, _ = next(iter(people_of(read_plan())))
    User.objects.filter(pk=cast.ana_user.pk).update(email=email)


def test_mails_are_shown_with_their_way_to_stop_them(kept: None, cast: Cast, client: Client) -> None:
    assert "Nothing was mailed yet" in client.get(PAGE).content.decode()
    words = "Marcus Webb returned 1 entry of your hours (1 h) with a reason."
    Notice.objects.tell(About.RETURNED, [cast.ana_user], words=words, path="/glossary/", now=NOW)
    with get_connection() as server:
        server.send_messages([mail_of(list(Notice.objects.select_related("person")))])
        server.send_messages([EmailMessage("Second", "<script>alert(1)</script>", to=["b@example.org"])])
    page = client.get(PAGE).content.decode()
    assert words in page and "Second" in page and "ana@" in page
    assert "<script>alert" not in page
    assert "/mails/stop/" in page and "Unsubscribe" in page


def test_without_debug_or_with_a_mail_server_there_is_no_such_page(
    kept: None, client: Client, settings: Any
) -> None:
    assert client.get(PAGE).status_code == 200
    settings.DEBUG = False
    assert client.get(PAGE).status_code == 404
    settings.DEBUG = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert client.get(PAGE).status_code == 404
