"""The pages of reports: ask, follow, fetch, try again."""

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from apprenticeship.models import Program
from apprenticeship.storages import kept
from competencies.models import RatingScale, WorkProcessSchedule
from reports import documents
from reports.files import digest
from reports.models import ReportRun
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.test_progress import hybrid, sign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(cast: Cast, by: User | None = None, **what: Any) -> ReportRun:
    wanted = {"document": "progress"} | (what or {"apprentice": cast.ana})
    return ReportRun.objects.start(by=by or cast.nora, now=NOW, **wanted)


def finished(run: ReportRun) -> ReportRun:
    claimed = ReportRun.objects.claim(run.pk, now=NOW)
    assert claimed
    data = b"%PDF-1.7 a report"
    kept().put(claimed.kept_as, data)
    claimed.finish(file_name="progress-report-ana.pdf", sha256=digest(data), size=17, told={}, now=NOW)
    claimed.refresh_from_db()
    return claimed


def start(client: Client, **data: Any) -> Any:
    return client.post(reverse("report-start"), {"document": "progress"} | data)


def without_token(answer: Any) -> str:
    """The page without the token of its forms, which differs every time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


def test_apprentice_asks_for_own_report_and_is_led_to_it(cast: Cast) -> None:
    answer = start(browser(cast.ana_user), apprentice=cast.ana.uid)
    run = ReportRun.objects.get()
    assert answer["Location"] == reverse("report", args=[run.uid])
    assert (run.apprentice, run.requested_by, run.document) == (cast.ana, cast.ana_user, "progress")


def test_asked_for_report_is_put_into_the_queue_after_the_commit(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        start(browser(cast.nora), program=cast.program.uid, document="schedule")
    assert ReportRun.objects.get().enqueued_at is not None


def test_period_of_the_form_reaches_the_report(cast: Cast) -> None:
    start(
        browser(cast.nora), about=f"apprentice:{cast.ana.uid}", **{"from": "2026-03-01", "to": "2026-11-01"}
    )
    run = ReportRun.objects.get()
    assert (run.apprentice, str(run.from_day), str(run.to_day)) == (cast.ana, "2026-03-01", "2026-11-01")


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"document": "poem"}, "Select a valid choice"),
        ({}, "Name one apprentice or one program."),
        ({"apprentice": "ana"}, "Choose somebody of the list."),
        ({"about": "program:x"}, "Choose somebody of the list."),
        ({"apprentice": "ANA", "from": "2026-11-02", "to": "2026-11-01"}, "The first day is after the last."),
        ({"apprentice": "ANA", "to": "2999-01-01"}, "The last day is in the future."),
        ({"apprentice": "ANA", "program": "PROGRAM"}, "Name one apprentice or one program."),
    ],
)
def test_senseless_request_is_shown_again_with_its_mistake(
    cast: Cast, sent: dict[str, str], told: str
) -> None:
    named = {"ANA": str(cast.ana.uid), "PROGRAM": str(cast.program.uid)}
    answer = start(browser(cast.nora), **{name: named.get(word, word) for name, word in sent.items()})
    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert not ReportRun.objects.exists()


def test_foreign_subject_gets_the_answer_of_one_that_does_not_exist(cast: Cast) -> None:
    client = browser(cast.olga)
    foreign = start(client, apprentice=cast.ana.uid)
    missing = start(client, apprentice=uuid.uuid4())
    assert foreign.status_code == missing.status_code == 404
    assert start(client, program=cast.program.uid).status_code == 404
    assert without_token(foreign) == without_token(missing)


def test_the_paper_of_a_schedule_is_asked_for_on_its_page(cast: Cast) -> None:
    national = WorkProcessSchedule.objects.get(sponsor=None)
    page = f"/standards/schedules/{national.uid}/"
    client = browser(cast.olga)
    assert f'name="schedule" value="{national.uid}"' in client.get(page).content.decode()
    assert "Schedule PDF" not in Client().get(page).content.decode()
    answer = start(client, schedule=national.uid, document="schedule")
    run = ReportRun.objects.get()
    assert (run.subject, answer["Location"]) == (national, reverse("report", args=[run.uid]))
    assert "Medical Coder" in client.get(answer["Location"]).content.decode()
    seen = client.get(reverse("report-preview"), {"document": "schedule", "schedule": national.uid})
    assert "Work process schedule" in seen.content.decode()


def test_nobody_gets_the_paper_of_a_schedule_that_they_do_not_see(cast: Cast) -> None:
    for uid in (cast.program.schedule.uid, uuid.uuid4()):
        assert start(browser(cast.olga), schedule=uid, document="schedule").status_code == 404
    answer = start(browser(cast.ana_user), schedule=cast.program.schedule.uid, document="progress")
    assert answer.status_code == 400 and "A schedule has one paper" in answer.content.decode()


def test_the_paper_of_a_version_follows_who_sees_it(cast: Cast) -> None:
    run = ReportRun.objects.start(
        by=cast.ana_user, now=NOW, document="schedule", schedule=cast.program.schedule
    )
    assert run in ReportRun.objects.visible_to(cast.ana_user)
    assert run not in ReportRun.objects.visible_to(cast.nora)
    written = documents.of(run, now=NOW)
    assert written.about == []
    assert "Work process schedule" in written.sections[0]()


def test_instructor_sees_her_student_and_gets_no_report(cast: Cast) -> None:
    assert start(browser(cast.priya), apprentice=cast.ana.uid).status_code == 403
    assert start(browser(cast.marcus), program=cast.program.uid).status_code == 403


def test_list_shows_the_newest_first_in_pages_that_keep_their_place(cast: Cast) -> None:
    runs = [finished(ask(cast)) for _ in range(27)]
    client = browser(cast.nora)
    first = client.get(reverse("reports")).content.decode()
    assert str(runs[-1].uid) in first and str(runs[1].uid) not in first
    newer = finished(ask(cast))
    place = client.get(reverse("reports")).context["listing"].next_url
    second = client.get(reverse("reports") + place).content.decode()
    assert [str(run.uid) in second for run in (runs[0], runs[1], runs[2], newer)] == [
        True,
        True,
        True,
        False,
    ]


def test_reports_are_filtered_and_taken_away_as_a_file(cast: Cast) -> None:
    done, waiting = finished(ask(cast)), ask(cast, document="schedule", apprentice=cast.ana)
    client = browser(cast.nora)
    listing = client.get(reverse("reports"), {"state": "done"}).context["listing"]
    assert listing.rows == [done] and "state=done" in listing.csv_url
    answer = client.get(f"{reverse('reports')}?format=csv&document=schedule")
    text = b"".join(answer).decode()  # type: ignore[arg-type]
    assert "Queued" in text and done.sha256 not in text and waiting.requested_by.name in text


def test_list_makes_no_more_queries_for_more_reports(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for person in (cast.ana, cast.ben):
        finished(ask(cast, apprentice=person))
        finished(ask(cast, program=cast.program))
    client = browser(cast.nora)
    with django_assert_max_num_queries(10):
        client.get(reverse("reports"))


def test_form_offers_only_whom_one_may_report_on(cast: Cast) -> None:
    page = browser(cast.marcus).get(reverse("reports")).content.decode()
    assert f"apprentice:{cast.ana.uid}" in page and f"apprentice:{cast.ben.uid}" in page
    assert 'value="program:' not in page and 'value="each:' not in page
    page = browser(cast.lena).get(reverse("reports")).content.decode()
    assert f"apprentice:{cast.ana.uid}" not in page
    apprentices, offices = (browser(one).get(reverse("reports")).text for one in (cast.ana_user, cast.nora))
    for of_a_program in ("Program summary", "Everything, as a workbook"):
        assert of_a_program in offices and of_a_program not in apprentices
    assert "Transcript" in apprentices
    assert "New report" not in browser(cast.priya).get(reverse("reports")).content.decode()


def test_page_of_an_unfinished_report_asks_again_and_that_of_a_finished_one_does_not(cast: Cast) -> None:
    run, client = ask(cast), browser(cast.nora)
    page = client.get(reverse("report", args=[run.uid])).content.decode()
    assert 'hx-trigger="every 1s"' in page and "Refresh" in page
    part = client.get(reverse("report", args=[run.uid]), headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith("<section") and "<html" not in part
    finished(run)
    page = client.get(reverse("report", args=[run.uid])).content.decode()
    assert "hx-trigger" not in page and reverse("report-file", args=[run.uid]) in page


def test_page_says_that_the_workers_cannot_be_reached(cast: Cast) -> None:
    run, client = ask(cast), browser(cast.nora)
    address = reverse("report", args=[run.uid])
    assert "cannot be reached just now" in client.get(address).content.decode()
    ReportRun.objects.update(enqueued_at=NOW)
    assert "cannot be reached" not in client.get(address).content.decode()


def test_running_report_shows_its_per_cent(cast: Cast) -> None:
    run = ReportRun.objects.claim(ask(cast).pk, now=NOW)
    assert run
    run.advance(43, now=NOW)
    assert "43 %" in browser(cast.nora).get(reverse("report", args=[run.uid])).content.decode()


def test_failed_report_shows_why_and_is_tried_again(cast: Cast) -> None:
    run = ReportRun.objects.claim(ask(cast).pk, now=NOW)
    assert run
    run.fail("There was no ink.", now=NOW)
    client = browser(cast.nora)
    assert "There was no ink." in client.get(reverse("report", args=[run.uid])).content.decode()
    again = client.post(reverse("report-retry", args=[run.uid]))
    assert again["Location"] == reverse("report", args=[run.uid])
    run.refresh_from_db()
    assert run.state == "queued"
    assert client.post(reverse("report-retry", args=[run.uid])).status_code == 409


def test_file_comes_as_an_attachment_under_its_name(cast: Cast) -> None:
    run = finished(ask(cast))
    answer: Any = browser(cast.nora).get(reverse("report-file", args=[run.uid]))
    assert b"".join(answer) == b"%PDF-1.7 a report"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="progress-report-ana.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_nobody_else_gets_page_file_or_retry(cast: Cast) -> None:
    run = finished(ask(cast))
    for person in (cast.ana_user, cast.ben_user, cast.marcus, cast.ruth, cast.olga, cast.ivy):
        client = browser(person)
        assert client.get(reverse("report", args=[run.uid])).status_code == 404
        assert client.get(reverse("report-file", args=[run.uid])).status_code == 404
        assert client.post(reverse("report-retry", args=[run.uid])).status_code == 404


def test_mentor_whose_assignment_ended_no_longer_gets_the_file(cast: Cast) -> None:
    run = finished(ask(cast, cast.marcus))
    client = browser(cast.marcus)
    assert client.get(reverse("report-file", args=[run.uid])).status_code == 200
    cast.ana.mentorships.update(ends_on=TODAY.replace(month=3))
    assert client.get(reverse("report-file", args=[run.uid])).status_code == 404


def test_file_that_is_not_there_yet_or_was_lost_gets_a_sentence(cast: Cast) -> None:
    run, client = ask(cast), browser(cast.nora)
    answer = client.get(reverse("report-file", args=[run.uid]))
    assert (answer.status_code, "not finished yet" in answer.content.decode()) == (409, True)
    kept().delete(finished(run).kept_as)
    answer = client.get(reverse("report-file", args=[run.uid]))
    assert (answer.status_code, "Ask for the report again" in answer.content.decode()) == (409, True)


def previewed(client: Client, **asked: object) -> Any:
    return client.get(reverse("report-preview"), asked)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("schedule", "signatures up to"),
        ("hours", "By job function"),
        ("progress", "What is missing"),
        ("transcript", "not a certificate"),
    ],
)
def test_preview_is_the_paper_as_a_page_and_leaves_no_trace(cast: Cast, document: str, told: str) -> None:
    cast.approved(cast.ana, cast.ojt())
    client = browser(cast.ana_user)
    page = previewed(client, document=document, apprentice=cast.ana.uid).content.decode()
    assert told in page and "record head" in page and "Build the PDF" in page
    assert not ReportRun.objects.exists()
    for person, status in ((cast.marcus, 200), (cast.priya, 403), (cast.ben_user, 404), (cast.olga, 404)):
        answer = previewed(browser(person), document=document, apprentice=cast.ana.uid)
        assert answer.status_code == status


def test_preview_of_a_program_is_for_its_office_and_leads_to_each_section(cast: Cast) -> None:
    page = previewed(browser(cast.nora), document="progress", program=cast.program.uid).content.decode()
    assert f"document=progress&amp;apprentice={cast.ana.uid}" in page and "Everybody" in page
    assert (
        "Waiting for review"
        in previewed(browser(cast.ruth), document="summary", program=cast.program.uid).content.decode()
    )
    assert previewed(browser(cast.marcus), document="summary", program=cast.program.uid).status_code == 403


def test_preview_of_a_schedule_says_what_an_appendix_a_needs_to_who_can_state_it(cast: Cast) -> None:
    asked = {"document": "schedule", "program": cast.program.uid}
    page = previewed(browser(cast.nora), **asked).content.decode()
    assert "Not an Appendix A yet" in page and reverse("for-registration", args=[cast.program.uid]) in page
    page = previewed(browser(cast.ruth), **asked).content.decode()
    assert "Not an Appendix A yet" in page and "for-registration" not in page


def test_what_cannot_be_previewed_is_told_on_the_form(cast: Cast) -> None:
    client = browser(cast.nora)
    answer = previewed(client, document="hours", about=f"each:{cast.program.uid}")
    assert (answer.status_code, "A preview shows one paper" in answer.content.decode()) == (400, True)
    answer = previewed(client, document="summary", apprentice=cast.ana.uid)
    assert (answer.status_code, "about a whole program" in answer.content.decode()) == (400, True)


def test_the_button_preview_leads_there_without_the_token(cast: Cast) -> None:
    about = f"apprentice:{cast.ana.uid}"
    answer = start(browser(cast.nora), about=about, preview="1", csrfmiddlewaretoken="x")
    assert answer["Location"] == reverse("report-preview", query={"document": "progress", "about": about})


def test_preview_makes_no_more_queries_for_more_hours(cast: Cast, django_assert_num_queries: Any) -> None:
    client = browser(cast.nora)
    cast.approved(cast.ana, cast.ojt(minutes=60))
    with CaptureQueriesContext(connection) as few:
        previewed(client, document="hours", apprentice=cast.ana.uid)
    for day in range(2, 12):
        cast.approved(cast.ana, cast.ojt(minutes=60, day=TODAY.replace(day=day)))
    with django_assert_num_queries(len(few)):
        previewed(client, document="hours", apprentice=cast.ana.uid)


def test_a_file_for_each_is_asked_for_followed_and_fetched_as_zip(cast: Cast) -> None:
    client = browser(cast.nora)
    answer = client.post(reverse("report-start"), {"document": "hours", "about": f"each:{cast.program.uid}"})
    run = ReportRun.objects.get()
    assert (run.for_each, run.program, answer["Location"]) == (
        True,
        cast.program,
        reverse("report", args=[run.uid]),
    )
    finished(run)
    page = client.get(answer["Location"]).content.decode()
    assert "Hours log for each apprentice" in page and "Download ZIP" in page
    file = client.get(reverse("report-file", args=[run.uid]))
    assert file["Content-Type"] == "application/zip"
    b"".join(file)  # type: ignore[arg-type]


def test_each_document_is_explained_in_a_line(cast: Cast) -> None:
    page = browser(cast.nora).get(reverse("reports")).content.decode()
    assert page.count('type="radio" name="document"') == 7
    assert "who approved it and when" in page and "who is where, what was done, what waits" in page


@pytest.mark.parametrize("document", ["transcript", "progress"])
def test_a_scale_of_date_and_initials_has_no_column_of_ratings(cast: Cast, document: str) -> None:
    carpenter, nora = hybrid(cast), browser(cast.nora)
    sign(carpenter, "1a", by=cast.marcus)
    asked = {"document": document, "apprentice": carpenter.uid}
    assert ">Rating</th>" in previewed(nora, **asked).content.decode()
    dated = RatingScale.objects.get(name="Date and initials")
    Program.objects.filter(pk=carpenter.program_id).update(rating_scale=dated)
    page = previewed(nora, **asked).content.decode()
    assert ">Rating</th>" not in page and ">MW" in page
