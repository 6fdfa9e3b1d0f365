"""Bytes -> the sheets of a table that somebody exported, by what the bytes are: .xlsx, .ods or .csv.

Unlike `recognise` this asks nothing of what stands in the sheets. What is no table is refused in a moment.
"""

from datetime import time, timedelta

from competencies.imports import outline as o
from competencies.imports import sheets
from competencies.imports.legacy import OLE
from competencies.imports.package import MOST_BYTES, Package
from competencies.imports.recognise import ODS, OTHERS
from competencies.imports.sheets import Sheet

KNOWN = "A table is read from a workbook (.xlsx, .ods) or from text with columns (.csv)."


def said(value: object) -> str:
    """A cell in words; a time of day and a length of time are hours and minutes: 7:05, 26:30."""
    if isinstance(value, time):
        return f"{value.hour}:{value.minute:02d}"
    if isinstance(value, timedelta):
        return "{}:{:02d}".format(*divmod(round(value.total_seconds() / 60), 60))
    return sheets.said(value)


def read(data: bytes, *, name: str) -> list[Sheet]:
    """The sheets of the file that say something. Raises Malformed, with the reason, for what is no table."""
    name = name or "the file"
    if not data.strip():
        raise o.Malformed(name, "is empty")
    if len(data) > MOST_BYTES:
        raise o.Malformed(name, f"is larger than {MOST_BYTES // 1_000_000} MB")
    for begins, reason in OTHERS:
        if data.startswith(begins):
            raise o.Malformed(name, reason)
    if data.startswith(OLE):
        raise o.Malformed(name, "is an old or protected Office file. Save it as .xlsx, without a password")
    try:
        found = _zipped(data, name) if data.startswith(b"PK") else [_text(data, name)]
    except RecursionError as error:
        raise o.Malformed(name, "is nested too deeply to be a table") from error
    return [sheet for sheet in found if sheet.rows] or _nothing(name)


def _zipped(data: bytes, name: str) -> list[Sheet]:
    package = Package(data, name)
    if package.has_macros:
        raise o.Malformed(name, "has macros in it. Save it as .xlsx, without them")
    if "xl/workbook.xml" in package:
        return sheets.from_xlsx(data, name=name, say=said)
    if "xl/workbook.bin" in package:
        raise o.Malformed(name, "is a binary workbook. Save it as .xlsx")
    if "mimetype" in package and package.read("mimetype").strip().startswith(ODS):
        return sheets.from_ods(data, name=name)
    raise o.Malformed(name, f"is a zip, but no workbook. {KNOWN}")


def _text(data: bytes, name: str) -> Sheet:
    """Text in columns; pages of the web and other formats are none, though they could be read."""
    text = sheets.decoded(data, name=name)
    if text.lstrip()[:1] in ("<", "{", "[") or any(ord(one) < 9 for one in text[:4_000]):
        raise o.Malformed(name, f"is no table. {KNOWN}")
    return sheets.from_csv(text, sheet="", name=name)


def _nothing(name: str) -> list[Sheet]:
    raise o.Malformed(name, "has no row with anything in it")
