"""Bytes -> readings, by what the bytes are and never by what the file is called."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from competencies.imports import case, legacy, outline_json, rapids, sheets, word, workbook
from competencies.imports import outline as o
from competencies.imports.checks import checked
from competencies.imports.package import MOST_BYTES, Package

KNOWN = (
    "A schedule is read from a workbook (.xlsx, .xlsm, .ods, .csv), a Word document (.docx), RAPIDS or CASE "
    "JSON, or an outline in our own JSON."
)
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "is a PDF. Bring the Word document or the workbook that it was made from"),
    (b"{\\rtf", "is rich text. Open it in Word and save it as .docx"),
    (b"MZ", "is a program, not a document"),
    (b"\x7fELF", "is a program, not a document"),
    (b"\x89PNG", "is a picture. Bring the document that it shows"),
    (b"\xff\xd8\xff", "is a picture. Bring the document that it shows"),
    (b"GIF8", "is a picture. Bring the document that it shows"),
    (b"\x1f\x8b", "is packed. Unpack it and bring the document in it"),
    (b"Rar!", "is packed. Unpack it and bring the document in it"),
    (b"7z\xbc\xaf", "is packed. Unpack it and bring the document in it"),
)


def read(data: bytes, *, name: str) -> list[o.Reading]:
    """What the file says: one reading, or one for each schedule in a file that holds several.

    Raises Malformed, with the reason, for what is no schedule. Nothing is stored here.
    """
    name = name or "the file"
    if not data.strip():
        raise o.Malformed(name, "is empty")
    if len(data) > MOST_BYTES:
        raise o.Malformed(name, f"is larger than {MOST_BYTES // 1_000_000} MB, far more than any schedule")
    try:
        return [checked(one) for one in _reader(data, name)(data, name)]
    except RecursionError as error:
        raise o.Malformed(name, "is nested too deeply to be a schedule") from error


def _reader(data: bytes, name: str) -> Callable[[bytes, str], list[o.Reading]]:
    for begins, reason in OTHERS:
        if data.startswith(begins):
            raise o.Malformed(name, reason)
    if data.startswith(b"PK"):
        return _zipped
    if data.startswith(legacy.OLE):
        return lambda found, called: _one(word.read(legacy.as_docx(found, name=called), name=called))
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _json
    return _text


def _one(reading: o.Reading) -> list[o.Reading]:
    return [reading]


def _zipped(data: bytes, name: str) -> list[o.Reading]:
    package = Package(data, name)
    if "word/document.xml" in package:
        if package.has_macros:
            raise o.Malformed(name, "is a Word document with macros. Save it as .docx, without them")
        return _one(word.read(data, name=name))
    if "xl/workbook.xml" in package:
        return _workbook(sheets.from_xlsx(data, name=name), name, macros=package.has_macros)
    if "xl/workbook.bin" in package:
        raise o.Malformed(name, "is a binary workbook. Save it as .xlsx")
    if "mimetype" in package and package.read("mimetype").strip().startswith(ODS):
        return _workbook(sheets.from_ods(data, name=name), name)
    found = sheets.from_csvs(data, name=name)
    if not found:
        raise o.Malformed(name, f"is a zip without a schedule in it. {KNOWN}")
    return _workbook(found, name)


def _workbook(found: list[sheets.Sheet], name: str, *, macros: bool = False) -> list[o.Reading]:
    if not workbook.is_workbook(found):
        raise o.Malformed(name, f"has none of the columns of a standards workbook. {KNOWN}")
    reading = workbook.read(found, name=name)
    if macros:
        note = o.Finding(
            severity=o.Severity.NOTE,
            place="the file",
            message="There are macros in it",
            done="They were neither run nor kept.",
        )
        reading = replace(reading, findings=(note, *reading.findings))
    return [reading]


def _json(data: bytes, name: str) -> list[o.Reading]:
    try:
        value: Any = json.loads(data.decode("utf-8-sig", errors="ignore"))
    except ValueError as error:
        raise o.Malformed(name, f"begins like JSON, but is not: {error}") from error
    except RecursionError as error:
        raise o.Malformed(name, "is nested too deeply to be a schedule") from error
    if case.is_case(value):
        return case.read(value, name=name)
    if rapids.is_rapids(value):
        return rapids.read(value, name=name)
    if isinstance(value, dict) and str(value.get("format", "")).startswith("journeybook-standard"):
        return [o.Reading(format="outline", outline=_own(data, name))]
    raise o.Malformed(name, f"is JSON, but no schedule that is known here. {KNOWN}")


def _own(data: bytes, name: str) -> o.ScheduleOutline:
    found = outline_json.read(data, name=name)
    if not isinstance(found, o.ScheduleOutline):
        raise o.Malformed(name, "holds no work process schedule. The operator loads frameworks and scales")
    return found


def _text(data: bytes, name: str) -> list[o.Reading]:
    text = sheets.decoded(data, name=name)
    found = [sheets.from_csv(text, sheet="", name=name)]
    if not workbook.is_workbook(found):
        raise o.Malformed(name, f"is no schedule. {KNOWN}")
    return _workbook(found, name)
