"""A file as it was uploaded: its name, its fingerprint, its rows, and what its columns mean."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from competencies.imports import tables
from competencies.imports.outline import Malformed
from ojt_logs.imports.columns import HOURS, PAID, Columns, Field, Header, guess, header_of

MOST_ROWS = 5_000
"""Of one file, without its headings."""
LONGEST_NAME = 120

FIELDS: Mapping[str, Sequence[Field]] = {"hours": HOURS, "payroll": PAID}
"""What the columns may mean, by the kind of the file."""


@dataclass(frozen=True)
class Upload:
    """One table. `rows` are numbered as a spreadsheet shows them; the headings are among them."""

    name: str
    sha256: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    kind: str

    @cached_property
    def header(self) -> Header:
        return header_of(self.rows, self.fields)

    @property
    def fields(self) -> Sequence[Field]:
        return FIELDS[self.kind]

    @property
    def guessed(self) -> dict[str, int]:
        return guess(self.header.cells, self.fields)

    def cells(self, columns: Columns) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows below the headings, each with its number and its cells by field."""
        for number, row in self.rows:
            if number > self.header.number:
                yield number, {name: row[at] if at < len(row) else "" for name, at in columns.items()}


def read(data: bytes, *, name: str, kind: str) -> Upload:
    """The table in the file: of a workbook, the sheet with most known headings.

    Raises Malformed, with the reason, for what is no table or a larger one than is read at once.
    """
    short = " ".join(name.split())[-LONGEST_NAME:] or "the file"
    sheets = [tuple((row.number, row.cells) for row in sheet.rows) for sheet in tables.read(data, name=short)]
    rows = max(sheets, key=lambda rows: len(guess(header_of(rows, FIELDS[kind]).cells, FIELDS[kind])))
    upload = Upload(short, hashlib.sha256(data).hexdigest(), rows, kind)
    many = sum(1 for number, _ in rows if number > upload.header.number)
    if many > MOST_ROWS:
        raise Malformed(short, f"has {many:,} rows. At most {MOST_ROWS:,} come in at once: divide it")
    if not many:
        raise Malformed(short, "has headings, and no row below them")
    return upload
