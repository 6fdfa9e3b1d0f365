"""The site as an app: what its worker keeps, what a device is given, and to whom."""

import json
import re
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import Client
from PIL import Image

from accounts.models import DeviceKey, User
from ojt_logs import offline
from tests.cast import CANARY, NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_friday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def asked(person: User | None, path: str) -> Any:
    client = Client()
    if person:
        client.force_login(person)
    return client.get(path)


def test_the_manifest_names_icons_of_the_sizes_it_says(client: Client) -> None:
    words = client.get("/manifest.webmanifest").json()
    assert (words["start_url"], words["display"]) == ("/", "standalone")
    assert {icon["purpose"] for icon in words["icons"]} == {"any", "maskable"}
    for icon in words["icons"]:
        found = finders.find(icon["src"].removeprefix("/static/"))
        assert isinstance(found, str)
        with Image.open(found) as picture:
            assert f"{picture.width}x{picture.height}" == icon["sizes"]
            if icon["purpose"] == "maskable":
                assert picture.convert("RGBA").getpixel((0, 0)) == (11, 95, 102, 255)


def test_the_worker_may_be_installed_for_the_whole_site_and_is_never_stale(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    policy = answer["Content-Security-Policy"]
    assert "worker-src 'self'" in policy and "manifest-src 'self'" in policy


def test_the_worker_keeps_static_files_and_one_page_alone(client: Client) -> None:
    script = client.get("/sw.js").content.decode()
    (kept,) = re.findall(r"const KEPT = (\[.*?\]);", script, flags=re.DOTALL)
    page, *files = json.loads(kept)
    assert page == "/offline/"
    assert all(path.startswith("/static/") for path in files)


def test_the_worker_is_another_one_when_a_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = offline._version()
    read = offline.content
    monkeypatch.setattr(
        offline, "content", lambda name: read(name) + (b" " if name == "journeybook.css" else b"")
    )
    assert offline._version() != before


def test_the_page_that_is_kept_asks_for_nothing_that_is_not(client: Client) -> None:
    page = client.get("/offline/").content.decode()
    asked = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))
    known = {f"/static/{name}" for name in offline.FILES} | {"/static/icons/apple-touch-icon.png"}
    assert asked <= known
    scripts = [name for name in offline.FILES if name.startswith("offline/") and name.endswith(".js")]
    for name in scripts:
        imports = re.findall(r'from "\./([a-z]+)\.js"', offline.content(name).decode())
        assert {f"offline/{one}.js" for one in imports} <= set(scripts)


def test_the_page_that_is_kept_is_the_same_for_everybody(cast: Cast) -> None:
    pages = {asked(person, "/offline/").content for person in (None, cast.ana_user, cast.marcus, cast.olga)}
    assert pages == {render_to_string("ojt_logs/offline.html").encode()}


def test_a_visitor_gets_no_key_and_no_logbook(client: Client) -> None:
    assert client.get("/offline/device/").json() == {"owner": None}
    assert client.get("/offline/logbook/").json() == {"name": None}
    assert client.cookies.get("device") is None
    assert not DeviceKey.objects.exists()


def test_each_person_has_one_key_for_all_their_devices(cast: Cast) -> None:
    first, second = (asked(cast.ana_user, "/offline/device/") for _ in range(2))
    assert (first.json()["key"], first.json()["owner"]) == (second.json()["key"], second.json()["owner"])
    assert first.json()["session"] != second.json()["session"]
    assert first["Cache-Control"] == second["Cache-Control"]
    assert "no-store" in first["Cache-Control"]
    assert asked(cast.ben_user, "/offline/device/").json()["key"] != first.json()["key"]


def test_the_name_of_an_owner_says_nothing_of_who_that_is(cast: Cast) -> None:
    owner = asked(cast.ana_user, "/offline/device/").json()["owner"]
    assert owner not in {str(cast.ana_user.uid), str(cast.ana.uid)}


def test_the_session_of_the_device_is_that_of_the_pages(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.ana_user)
    session = client.get("/offline/device/").json()["session"]
    assert f'data-session="{session}"' in client.get("/me/").content.decode()
    assert client.cookies["device"].value == session
    assert str(client.session.session_key) not in session


def test_a_device_knows_what_a_day_needs_and_nobodys_notes(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt(minutes=450, note="Ten charts of cardiology"))
    book = asked(cast.ana_user, "/offline/logbook/")
    (registration,) = book.json()["registrations"]
    assert registration["recent"] == ["2g"]
    (entry,) = registration["days"]["2026-11-20"]
    assert (entry["about"], entry["minutes"], entry["status"]) == ("2g", 450, "draft")
    assert {"2g", "2", "other", f"course-{cast.klass.course.uid}"} <= {
        one["token"] for one in registration["subjects"]
    }
    assert "cardiology" not in book.content.decode()
    assert book.json()["signing"] is None


def test_a_mentors_device_knows_whom_they_sign_for_alone(cast: Cast) -> None:
    book = asked(cast.marcus, "/offline/logbook/").json()
    assert book["registrations"] == []
    assert [one["name"] for one in book["signing"]["people"]] == ["Ana Reyes", "Ben Ortiz"]
    assert CANARY not in json.dumps(book)
    assert asked(cast.nora, "/offline/logbook/").json()["signing"] is None


def test_the_icons_are_drawn_from_our_mark() -> None:
    found = finders.find("icons/journeybook-192.png")
    assert isinstance(found, str)
    with open(found, "rb") as file, Image.open(BytesIO(file.read())) as picture:
        assert picture.convert("RGBA").getpixel((0, 0))[3] == 0
