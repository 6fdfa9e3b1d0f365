"""Each document: its title, its file name, its sections and whose records it tells."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.text import slugify

from accounts.dates import day_words
from accounts.models import User
from accounts.templatetags.journeybook import when
from apprenticeship import appendix
from apprenticeship.models import Apprentice, Program
from competencies.models import WorkProcessSchedule
from reports import appendix_a, hours_log, progress_report, schedule, summary, transcript
from reports.models import DocumentKind, ReportRun
from reports.prints import Proof, proof_of

MOST_FILES, MOST_SCHEDULES = 100, 400
"""Of one ZIP: a file takes up to five seconds of a core, and a report may take nine and a half minutes. A
schedule takes one at most, and hardly any where another of its version was laid out before."""
PAPER, PAGE = "reports/print/base.html", "reports/preview.html"
BLANK = "\u00a0"
"""What stands on paper where nothing is signed yet, so that all sheets of a version have the same parts."""


@dataclass(frozen=True)
class Section:
    """A part of a document that starts on a new page: what is printed, and the template that prints it.

    The template extends `layout`: the sheet of paper, or the page that previews it.
    """

    template: str
    printed: Callable[[], dict[str, Any]]

    def __call__(self) -> str:
        """The HTML of the paper."""
        return render_to_string(self.template, self.context(PAPER))

    def context(self, layout: str) -> dict[str, Any]:
        blank = BLANK if layout == PAPER else ""
        return {"labels": settings.PAPER_LABELS, "layout": layout, "blank": blank} | self.printed()


class CannotBuild(Exception):
    """A reason for people why a document is not built; trying again as it is does not help."""


@dataclass(frozen=True)
class Document:
    """What a worker builds: sections are HTML made one after another, each starting on a new page."""

    title: str
    file_name: str
    sections: list[Section]
    about: list[Apprentice] = field(default_factory=list)
    alike: bool = False
    """Of one section, which differs from the like of it in words alone: see reports.cohort."""


@dataclass(frozen=True)
class Print:
    """When and for whom something is printed: moments appear in that person's zone."""

    now: datetime
    zone: str

    @property
    def local(self) -> datetime:
        return self.now.astimezone(ZoneInfo(self.zone))

    @property
    def day(self) -> date:
        return self.local.date()

    def foot(self, *, who: str, sponsor: str, proof: Proof | None = None) -> str:
        """“Ana Reyes · Lakeside Health · printed Nov 20, 2026, 4:10 pm CST · record head 7f3a 91c2 ·
        checkpoint Nov 20, 2026”."""
        printed = f"printed {strip_tags(when(self.now, self.zone))}"
        words = [who, sponsor, printed, *(self._proof(proof) if proof else [])]
        return " · ".join(word for word in words if word)

    def _proof(self, proof: Proof) -> list[str]:
        certified = proof.certified_at and proof.certified_at.astimezone(ZoneInfo(self.zone))
        last = f"checkpoint {day_words(certified.date())}" if certified else ""
        return [f"record head {proof.short_head}", last]


def of(run: ReportRun, *, now: datetime) -> Document:
    """The document that a report asks for, if the person who asked may have it now. Raises CannotBuild."""
    check_permission(run)
    return written(run, now=now)


def written(run: ReportRun, *, now: datetime) -> Document:
    """As `of`, for a report that is not saved and whose permission was just checked: a preview."""
    return WRITERS[run.document](run, Print(now, run.requested_by.time_zone))


def people_of(run: ReportRun, *, now: datetime) -> list[Apprentice]:
    """Of whom a report for each has a file: everybody registered by its last day, by name."""
    check_permission(run)
    last = run.to_day or Print(now, run.requested_by.time_zone).day
    registered = run.people.filter(started_on__lte=last)
    related = ("user", "employer", "schedule__rating_scale", "program__sponsor", "program__rating_scale")
    most = MOST_SCHEDULES if run.document == DocumentKind.SCHEDULE else MOST_FILES
    people = list(registered.select_related(*related).order_by("user__name", "pk")[: most + 1])
    if len(people) > most:
        raise CannotBuild(
            f"This program has more than {most} apprentices, and one ZIP holds as many. "
            "Ask for the document of each apprentice instead."
        )
    return people


def of_one(run: ReportRun, person: Apprentice, *, now: datetime) -> Document:
    """The document of one of the people of a report for each."""
    single = ReportRun(
        document=run.document,
        apprentice=person,
        from_day=run.from_day,
        to_day=run.to_day,
        requested_by=run.requested_by,
        created_at=run.created_at,
    )
    return written(single, now=now)


def check_permission(run: ReportRun) -> None:
    """Memberships end, and so may the right to read a record between asking and building."""
    person = run.requested_by
    allowed = ReportRun.objects.visible_to(person).filter(pk=run.pk).exists()
    if not (person.is_active and allowed):
        raise CannotBuild("Who asked may no longer read this record. Ask for it as somebody who may.")


def blank_schedule(
    row: WorkProcessSchedule, *, program: Program | None, by: User | None, now: datetime
) -> Document:
    """The schedule with nothing signed, for registration or to be filled in by hand: of a program that states
    everything an Appendix A needs that, else a work process schedule."""
    zone = by.time_zone if by else program.time_zone if program else settings.TIME_ZONE
    printed = Print(now, zone)
    paper = schedule.blank(row, program=program)
    if program and not appendix.missing(program):
        return _appendix_a(appendix_a.AppendixA(paper, program), printed)
    sponsor = program.sponsor if program else row.sponsor
    foot = printed.foot(who="", sponsor=sponsor.name if sponsor else "")
    name = file_name("work process schedule", program.name if program else row.title, printed.day)
    return Document(_titled(paper), name, [_schedule_section(paper, foot)])


def _appendix_a(found: appendix_a.AppendixA, printed: Print) -> Document:
    """The schedule with everything that registration needs beside it."""
    title = f"{appendix_a.TITLE}: {found.paper.schedule.title}"
    foot = printed.foot(who=found.program.name, sponsor=found.program.sponsor.name)
    section = Section(
        "reports/print/appendix_a.html",
        lambda: {"appendix": found, "paper": found.paper, "title": title, "foot": foot},
    )
    return Document(title, file_name("appendix a", found.program.name, printed.day), [section])


def _schedule(run: ReportRun, printed: Print) -> Document:
    if run.schedule:
        return blank_schedule(run.schedule, program=None, by=run.requested_by, now=printed.now)
    if run.program:
        return blank_schedule(run.program.schedule, program=run.program, by=run.requested_by, now=printed.now)
    person = run.apprentice
    assert person  # noqa: S101  (the check report_about_one)
    paper = schedule.signed(person, as_of=run.to_day, today=printed.day)
    name = file_name("work process schedule", person.user.name, run.to_day or printed.day)
    section = _about(person, "schedule", _titled(paper), printed, paper=paper)
    return Document(_titled(paper), name, [section], [person], alike=True)


def _titled(paper: schedule.Paper) -> str:
    whose = f", {paper.apprentice.user.name}" if paper.apprentice else ""
    return f"{schedule.TITLE}: {paper.schedule.title}{whose}"


def _schedule_section(paper: schedule.Paper, foot: str) -> Section:
    return Section(
        "reports/print/schedule.html", lambda: {"paper": paper, "title": _titled(paper), "foot": foot}
    )


def _hours(run: ReportRun, printed: Print) -> Document:
    person = _apprentice(run)
    period = progress_report.Period(run.from_day, run.to_day)
    log = hours_log.hours_log(person, period, today=printed.day, zone=printed.zone)
    if len(log.entries) > hours_log.MOST_ENTRIES:
        raise CannotBuild(
            f"This log has more than {hours_log.MOST_ENTRIES:,} entries. Ask for a shorter period."
        )
    name = file_name("hours log", person.user.name, log.as_of)
    section = _about(person, "hours_log", f"{hours_log.TITLE}: {person}", printed, log=log)
    return Document(f"{hours_log.TITLE}: {person}", name, [section], [person])


def _transcript(run: ReportRun, printed: Print) -> Document:
    person = _apprentice(run)
    found = transcript.transcript(person, as_of=run.to_day)
    name = file_name("transcript", person.user.name, found.progress.as_of)
    title = f"{transcript.TITLE}: {person}"
    section = _about(person, "transcript", title, printed, transcript=found, progress=found.progress)
    return Document(title, name, [section], [person])


def _summary(run: ReportRun, printed: Print) -> Document:
    program = run.program
    assert program  # noqa: S101  (the summary is of a program)
    period = progress_report.Period(run.from_day, run.to_day)
    found = summary.summary(run, period, now=printed.now, today=printed.day)
    if len(found.rows) > summary.MOST_APPRENTICES:
        raise CannotBuild(
            f"One summary holds {summary.MOST_APPRENTICES} apprentices. Download the list instead."
        )
    foot = printed.foot(who=run.about, sponsor=program.sponsor.name)
    title = f"{summary.TITLE}: {run.about}"
    section = Section("reports/print/summary.html", lambda: {"summary": found, "title": title, "foot": foot})
    about = [row.apprentice for row in found.rows]
    return Document(title, file_name("program summary", run.about, found.as_of), [section], about)


def _apprentice(run: ReportRun) -> Apprentice:
    assert run.apprentice  # noqa: S101  (ReportRun.objects.wanted has seen to it)
    return run.apprentice


def _about(person: Apprentice, template: str, title: str, printed: Print, **what: Any) -> Section:
    """A section about one person; the record head in its foot is the one of the moment it is laid out."""
    return Section(
        f"reports/print/{template}.html",
        lambda: {"title": title} | _proven(person, printed) | what,
    )


def _progress(run: ReportRun, printed: Print) -> Document:
    period = progress_report.Period(run.from_day, run.to_day)
    if run.apprentice:
        report = progress_report.of_apprentice(run.apprentice, period)
        name = file_name("progress report", run.apprentice.user.name, report.progress.as_of)
        section = _person_section(report, printed)
        return Document(f"{progress_report.TITLE}: {run.apprentice}", name, [section], [run.apprentice])
    whole = progress_report.of_program(run, period, today=printed.day)
    _check_size(whole)
    sections = [_program_section(whole, printed)]
    sections += [_person_section(one, printed) for one in whole.people]
    name = file_name("progress report", run.about, whole.as_of or printed.day)
    about = [one.apprentice for one in whole.people]
    return Document(f"{progress_report.TITLE}: {run.about}", name, sections, about)


def _check_size(report: progress_report.ProgramReport) -> None:
    most = progress_report.MOST_APPRENTICES
    if len(report.people) > most:
        raise CannotBuild(
            f"This program has {len(report.people)} apprentices, and one paper holds {most}. "
            "Ask for the report of each apprentice instead."
        )


def _person_section(report: progress_report.PersonReport, printed: Print) -> Section:
    person = report.apprentice
    title = f"{progress_report.TITLE}: {person}"
    return _about(person, "progress", title, printed, report=report, progress=report.progress)


def _program_section(report: progress_report.ProgramReport, printed: Print) -> Section:
    foot = printed.foot(who=report.about, sponsor=report.program.sponsor.name)
    title = f"{progress_report.TITLE}: {report.about}"
    return Section("reports/print/program.html", lambda: {"report": report, "title": title, "foot": foot})


def _proven(person: Apprentice, printed: Print) -> dict[str, Any]:
    """What the foot says of the record, and the code that opens its check."""
    proof, sponsor = proof_of(person.uid), person.program.sponsor.name
    return {"foot": printed.foot(who=person.user.name, sponsor=sponsor, proof=proof), "proof": proof}


def _record(run: ReportRun, printed: Print) -> Document:
    """All papers about one person, one after another."""
    person = _apprentice(run)
    papers = [write(run, printed) for write in (_schedule, _progress, _transcript, _hours)]
    sections = [section for paper in papers for section in paper.sections]
    title = f"Record: {person}"
    name = file_name("record", person.user.name, printed.day, ending="zip")
    return Document(title, name, sections, [person])


def file_name(document: str, subject: str, day: date, *, ending: str = "pdf") -> str:
    """Plain letters, so that every system keeps it: progress-report-ana-reyes-2026-11-20.pdf."""
    return f"{slugify(document)}-{slugify(subject)[:80] or 'journeybook'}-{day.isoformat()}.{ending}"


WRITERS: dict[str, Callable[[ReportRun, Print], Document]] = {
    DocumentKind.SCHEDULE: _schedule,
    DocumentKind.HOURS: _hours,
    DocumentKind.PROGRESS: _progress,
    DocumentKind.TRANSCRIPT: _transcript,
    DocumentKind.SUMMARY: _summary,
    DocumentKind.RECORD: _record,
}
