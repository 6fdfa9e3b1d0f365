"""A file for each apprentice of a program, in one ZIP with an index of whose each is."""

import zipfile
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import PurePath
from uuid import UUID
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string

from accounts.tables import Column, Table, csv_lines, number
from apprenticeship.models import Apprentice
from reports.documents import Document, Print, file_name
from reports.files import digest
from reports.models import ReportRun


@dataclass(frozen=True)
class Member:
    """One file of the ZIP: its name there, and whose record it tells."""

    name: str
    person: Apprentice
    size: int
    sha256: str


TABLE = Table(
    "index",
    (
        Column("File", lambda one: one.name),
        Column("Apprentice", lambda one: one.person.user.name),
        Column("Registration number", lambda one: one.person.registration_number),
        Column("Status", lambda one: one.person.get_status_display()),
        number("Bytes", lambda one: one.size),
        Column("SHA-256", lambda one: one.sha256),
    ),
)


class Bundle:
    """The ZIP while it grows, in memory: nothing is on the disk before all of it is."""

    def __init__(self, run: ReportRun, *, now: datetime) -> None:
        self.run = run
        self.printed = Print(now, run.requested_by.time_zone)
        self.members: list[Member] = []
        self._buffer = BytesIO()
        self._zip = zipfile.ZipFile(self._buffer, "w", zipfile.ZIP_DEFLATED)

    @property
    def file_name(self) -> str:
        kind = self.run.get_document_display()
        return file_name(
            f"{kind} for each", self.run.about, self.run.to_day or self.printed.day, ending="zip"
        )

    @property
    def told(self) -> dict[UUID, str]:
        return {one.person.uid: one.sha256 for one in self.members}

    def add(self, person: Apprentice, document: Document, data: bytes) -> None:
        """Put the finished PDF of one person in."""
        member = Member(self._free_name(document.file_name), person, len(data), digest(data))
        self._write(member.name, data)
        self.members.append(member)

    def close(self) -> bytes:
        """The whole ZIP, with its index as table and as page."""
        self._write("index.csv", b"".join(csv_lines(TABLE, self.members, zone=ZoneInfo(self.printed.zone))))
        self._write("index.html", self._page().encode())
        self._zip.close()
        return self._buffer.getvalue()

    def _write(self, name: str, data: bytes) -> None:
        moment = self.printed.local.timetuple()[:6]
        self._zip.writestr(zipfile.ZipInfo(name, moment), data, zipfile.ZIP_DEFLATED)

    def _free_name(self, wanted: str) -> str:
        """Two people may bear one name: the second file is called …-2.pdf."""
        taken = {one.name for one in self.members}
        path, number = PurePath(wanted), 1
        while wanted in taken:
            number += 1
            wanted = f"{path.stem}-{number}{path.suffix}"
        return wanted

    def _page(self) -> str:
        program = self.run.program
        assert program, "report_for_each_of_a_program"  # noqa: S101
        foot = self.printed.foot(who=self.run.about, sponsor=program.sponsor.name)
        context = {"run": self.run, "program": program, "members": self.members, "foot": foot}
        return render_to_string("reports/print/index.html", context)
