"""Lists of hours and sign-offs: what is remembered of them, and what a person takes away as a file."""

import csv
import io
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from ojt_logs.models import Authentication, Line, SignOff
from tests.cast import CANARY, NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


def csv_at(client: Client, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(text, newline="")))


def sheet_at(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200 and answer["Content-Type"].endswith("spreadsheetml.sheet")
    return load_workbook(io.BytesIO(b"".join(answer))).active  # type: ignore[arg-type]


def asked(location: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(location).query)


# ---- The last filter


def test_a_plain_link_leads_to_the_filter_that_was_used_last(cast: Cast) -> None:
    client, address = signed_in(cast.nora), reverse("hours", args=[cast.ana.uid])
    cast.submitted(cast.ana, cast.ojt(minutes=60))
    assert client.get(address).status_code == 200
    client.get(f"{address}?state=approved&sort=oldest&from=nonsense")
    back = client.get(address)
    assert back.status_code == 302
    assert asked(back["Location"]) == {"state": ["approved"], "sort": ["oldest"]}
    page = text_of(client, back["Location"])
    assert "Filter in force" in page and "Nothing fits this filter" in page and "?clear=1" in page
    assert client.get(reverse("hours", args=[cast.ben.uid])).status_code == 200


def test_a_filter_is_cleared_for_good(cast: Cast) -> None:
    client, address = signed_in(cast.nora), reverse("hours", args=[cast.ana.uid])
    client.get(f"{address}?state=approved")
    assert client.get(f"{address}?clear=1")["Location"] == address
    assert client.get(address).status_code == 200
    client.get(f"{address}?state=approved")
    client.get(f"{address}?state=&kind=")
    assert client.get(address).status_code == 200


def test_a_file_changes_nothing_about_the_filter(cast: Cast) -> None:
    client, address = signed_in(cast.nora), reverse("hours", args=[cast.ana.uid])
    client.get(f"{address}?state=approved")
    client.get(f"{address}?format=csv")
    assert asked(client.get(address)["Location"]) == {"state": ["approved"]}


def test_a_session_remembers_a_bounded_number_of_lists(cast: Cast) -> None:
    client = signed_in(cast.nora)
    session = client.session
    session["lists"] = {f"/old/{place}/": "state=approved" for place in range(30)}
    session.save()
    address = reverse("hours", args=[cast.ana.uid])
    client.get(f"{address}?state=approved")
    kept = client.session["lists"]
    assert len(kept) == 30 and "/old/0/" not in kept and kept[address] == "state=approved"


# ---- Hours of an apprentice as a file


def test_the_file_holds_what_the_filter_lets_through_in_its_order(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt("2g", minutes=450, note="=1+1"), cast.ri(minutes=90))
    cast.submitted(cast.ana, cast.ojt("1a", minutes=30))
    client, address = signed_in(cast.ana_user), reverse("hours", args=[cast.ana.uid])
    rows = csv_at(client, f"{address}?format=csv&state=approved&sort=longest")
    assert [(row["Kind"], row["Time (minutes)"], row["Time (hours)"]) for row in rows] == [
        ("On-the-job training", "450", "7.50"),
        ("Related instruction", "90", "1.50"),
    ]
    assert rows[0]["Note"] == "'=1+1" and rows[0]["Competency"] == "2g"
    assert rows[0]["Day"] == TODAY.isoformat() and rows[0]["Reviewed by"] == "Marcus Webb"
    sheet = sheet_at(client, f"{address}?format=xlsx&kind=ojt")
    assert [(row[5], row[8]) for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        (30, None),
        (450, "=1+1"),
    ]
    assert {cell.data_type for cell in sheet["I"]} == {"s", "n"}


def test_a_file_is_of_whom_the_reader_may_see(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt(minutes=60))
    cast.submitted(cast.chen, Line("ojt", TODAY, 60, note=CANARY))
    address = reverse("hours", args=[cast.ana.uid]) + "?format=csv"
    assert len(csv_at(signed_in(cast.ana_user), address)) == 1
    assert csv_at(signed_in(cast.nora), address) == []

    def status(user: User) -> int:
        return signed_in(user).get(address).status_code

    assert [status(user) for user in (cast.priya, cast.ben_user, cast.olga)] == [403, 404, 404]


def test_a_file_takes_as_many_queries_for_many_rows_as_for_one(cast: Cast) -> None:
    client, address = signed_in(cast.ana_user), reverse("hours", args=[cast.ana.uid])
    cast.submitted(cast.ana, cast.ojt(minutes=1), cast.ri(minutes=1))
    before = queries(client, f"{address}?format=xlsx")
    cast.submitted(cast.ana, *(cast.ojt("3a", minutes=1) for _ in range(30)))
    assert queries(client, f"{address}?format=xlsx") == before


# ---- Sign-offs


def withdrawn(cast: Cast) -> SignOff:
    """The first of Ana's signatures on 1a, taken back."""
    first, *_ = cast.sign(cast.ana, "1a")
    return SignOff.objects.withdraw(
        first, by=cast.marcus, now=NOW, authentication=Authentication("password", NOW), reason="Wrong chart."
    )


def test_every_act_of_signing_stands_in_the_list(cast: Cast) -> None:
    act = withdrawn(cast)
    address = reverse("sign-offs", args=[cast.ana.uid])
    for user in (cast.ana_user, cast.marcus, cast.nora, cast.ruth):
        page = text_of(signed_in(user), address)
        assert page.count('class="entry-what"') == len(cast.competency("1a").standards.all()) + 1
        assert "Withdrawal" in page and "Withdrawn" in page and reverse("sign-off", args=[act.uid]) in page


def test_sign_offs_are_filtered_by_function_signer_method_result_act_and_days(cast: Cast) -> None:
    withdrawn(cast)
    cast.sign(cast.ana, "2g", value=2)
    standards = {code: len(cast.competency(code).standards.all()) for code in ("1a", "2g")}
    client, address = signed_in(cast.nora), reverse("sign-offs", args=[cast.ana.uid])

    def number(words: str) -> int:
        return len(client.get(f"{address}?{words}").context["listing"].rows)

    assert number("function=2") == standards["2g"]
    assert number(f"signer={cast.marcus.uid}") == sum(standards.values()) + 1
    assert number("method=reviewed&passed=yes") == standards["1a"]
    assert number("method=test") == 0
    assert number("passed=no") == standards["2g"]
    assert (number("passed=gone"), number("act=withdrawn")) == (1, 1)
    assert number("from=2026-11-20&to=2026-11-20&act=signed") == sum(standards.values())
    assert number("to=2026-11-19") == number("from=2026-11-21") == 0
    assert (
        number(f"function=77&signer={cast.dara.uid}&method=magic&passed=%00") == sum(standards.values()) + 1
    )


def test_the_file_of_sign_offs_says_what_stands(cast: Cast) -> None:
    withdrawn(cast)
    client, address = signed_in(cast.nora), reverse("sign-offs", args=[cast.ana.uid])
    rows = csv_at(client, f"{address}?format=csv&sort=oldest")
    assert [row["Act"] for row in rows][-1] == "Withdrawal" and rows[-1]["Reason"] == "Wrong chart."
    assert rows[0]["Standing"] == "no" and rows[1]["Standing"] == "yes"
    assert rows[-1]["Withdraws"] == rows[0]["Record"] and rows[0]["Rating"] == "4"
    assert rows[0]["Signed (America/Chicago)"] == "2026-11-20 12:00"
    sheet = sheet_at(client, f"{address}?format=xlsx")
    assert sheet.max_row == len(rows) + 1 and sheet["F2"].data_type in ("n", "s")


def test_pages_of_sign_offs_lead_through_all_of_them_in_every_order(cast: Cast) -> None:
    for code in ("1a", "1b", "2a", "2b", "2c", "2d", "2e", "2f", "2g"):
        cast.sign(cast.ana, code)
        cast.sign(cast.ana, code, day=TODAY - timedelta(days=1))
    client, address = signed_in(cast.nora), reverse("program-sign-offs", args=[cast.program.uid])
    everything = sorted(cast.ana.sign_offs.values_list("pk", flat=True))
    for sort in ("newest", "oldest", "seen", "competency", "name"):
        found, place = [], f"?sort={sort}"
        while place:
            listing = client.get(address + place).context["listing"]
            found += [row.pk for row in listing.rows]
            place = listing.next_url
        assert len(found) > 40 and sorted(found) == everything


# ---- A program's lists


def test_a_coordinator_filters_the_hours_of_everybody(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt("2g", minutes=450))
    cast.submitted(cast.ben, cast.ojt("1a", minutes=30))
    cast.log(cast.ben, cast.ojt("1a", minutes=77))
    address = reverse("program-hours", args=[cast.program.uid])
    for user in (cast.nora, cast.ruth):
        client = signed_in(user)
        page = text_of(client, address)
        assert "Ana Reyes" in page and "Ben Ortiz" in page and "1:17" not in page and "Draft" not in page
        rows = csv_at(client, f"{address}?format=csv&apprentice={cast.ben.uid}")
        assert [(row["Apprentice"], row["Time (minutes)"], row["State"]) for row in rows] == [
            ("Ben Ortiz", "30", "Waiting")
        ]
        assert len(csv_at(client, f"{address}?format=csv&state=approved&sort=name")) == 1


@pytest.mark.parametrize("name", ["program-hours", "program-sign-offs"])
def test_nothing_of_the_other_sponsor_is_in_a_programs_lists_or_files(cast: Cast, name: str) -> None:
    cast.submitted(cast.chen, Line("ojt", TODAY, 60, note=CANARY))
    cast.submitted(cast.ana, cast.ojt())
    cast.sign(cast.ana, "1a")
    client, address = signed_in(cast.nora), reverse(name, args=[cast.program.uid])
    assert CANARY not in text_of(client, address)
    assert CANARY not in str(csv_at(client, f"{address}?format=csv"))
    theirs = signed_in(cast.olga).get(reverse(name, args=[cast.other_program.uid]))
    assert theirs.status_code == 200 and "Ana Reyes" not in theirs.content.decode()


@pytest.mark.parametrize("name", ["program-hours", "program-sign-offs", "sign-offs"])
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(cast: Cast, name: str) -> None:
    uid = cast.ana.uid if name == "sign-offs" else cast.program.uid
    client, address = signed_in(cast.nora), reverse(name, args=[uid])
    cast.approved(cast.ana, cast.ojt(minutes=1))
    cast.sign(cast.ana, "1a")
    client.get(address)
    before = queries(client, address), queries(client, f"{address}?format=csv")
    for back in range(1, 9):
        cast.approved(cast.ana, cast.ojt("3a", minutes=1, day=TODAY - timedelta(days=back)))
        cast.approved(cast.ben, cast.ri(minutes=1, day=TODAY - timedelta(days=back)))
    cast.sign(cast.ana, "2g")
    cast.sign(cast.ben, "2g")
    assert (queries(client, address), queries(client, f"{address}?format=csv")) == before


# ---- The board


def test_the_board_is_a_file_with_whom_it_shows_and_their_figures(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=450))
    cast.submitted(cast.ben, cast.ojt("1a", minutes=30))
    client, address = signed_in(cast.ruth), reverse("program", args=[cast.program.uid])
    everybody = csv_at(client, f"{address}?format=csv")
    assert [row["Apprentice"] for row in everybody] == ["Ana Reyes", "Ben Ortiz"]
    assert everybody[0]["OJT approved (hours)"] == "7.50" and everybody[0]["Standards that count"] == "64"
    (ben,) = csv_at(client, f"{address}?format=csv&show=waiting")
    assert (ben["Apprentice"], ben["Waits for"]) == ("Ben Ortiz", "Lena or Marcus")
    assert sheet_at(client, f"{address}?format=xlsx&show=suspended").max_row == 1


def test_the_board_opens_as_it_was_left_and_says_how_to_see_everybody(cast: Cast) -> None:
    client, address = signed_in(cast.nora), reverse("program", args=[cast.program.uid])
    client.get(f"{address}?show=behind&sort=pace")
    assert asked(client.get(address)["Location"]) == {"show": ["behind"], "sort": ["pace"]}
    client.get(f"{address}?show=behind")
    shown = client.get(f"{address}?show=behind").context["view"].shows
    everybody = next(choice.query for choice in shown if choice.label == "Current")
    client.get(address + everybody)
    assert client.get(address).status_code == 200


# ---- The queue


def test_what_waits_is_a_file_with_every_entry(cast: Cast) -> None:
    cast.submitted(cast.ana, cast.ojt(minutes=30, note="@x"), cast.ri(minutes=90))
    cast.submitted(cast.chen, Line("ojt", TODAY, 60, note=CANARY))
    address = reverse("review")
    assert "Download as" in text_of(signed_in(cast.marcus), address)
    rows = csv_at(signed_in(cast.marcus), f"{address}?format=csv")
    assert [(row["Apprentice"], row["Time (minutes)"], row["Note"]) for row in rows] == [
        ("Ana Reyes", "30", "'@x")
    ]
    assert [row["Kind"] for row in csv_at(signed_in(cast.priya), f"{address}?format=csv")] == [
        "Related instruction"
    ]
    assert csv_at(signed_in(cast.lena), f"{address}?format=csv") == []
