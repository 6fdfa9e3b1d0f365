"""What is no schedule is refused in a moment with the reason; what it is called does not matter."""

import json
import zipfile
from io import BytesIO

import pytest

from competencies.imports.outline import Malformed
from competencies.imports.recognise import read
from tests.competencies import papers
from tests.competencies.conftest import SOURCES
from tests.competencies.test_workbook import made, xlsx

BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'


def packed(parts: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w", method) as made:
        for name, body in parts.items():
            made.writestr(name, body)
    return data.getvalue()


def with_part(data: bytes, name: str, body: bytes) -> bytes:
    """The package with one part exchanged or added."""
    with zipfile.ZipFile(BytesIO(data)) as old:
        parts = {one: old.read(one) for one in old.namelist()}
    return packed(parts | {name: body})


def million_rows() -> bytes:
    row = b"<row><c><v>1</v></c></row>" * 1_000_000
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return with_part(xlsx(made()), "xl/worksheets/sheet2.xml", sheet + row + b"</sheetData></worksheet>")


def repeated_rows() -> bytes:
    table = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        '<table:table table:name="Details"><table:table-row table:number-rows-repeated="1048576">'
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="string">'
        "<text:p>x</text:p>"
        "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    mime = b"application/vnd.oasis.opendocument.spreadsheet"
    return packed({"mimetype": mime, "content.xml": table.encode()})


def deep(depth: int) -> bytes:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    nested = "<w:ins>" * depth + "</w:ins>" * depth
    body = f"<w:document {space}><w:body><w:p>{nested}</w:p></w:body></w:document>"
    return packed({"word/document.xml": body.encode()})


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"  \n", "is empty"),
    "a zip bomb": (packed({"word/document.xml": b"0" * 60_000_000}), "far larger than what is read here"),
    "many parts": (
        packed({f"x{one}": b"" for one in range(2_001)}, method=0),
        "far larger than what is read here",
    ),
    "an entity bomb": (packed({"word/document.xml": BOMB}), "declares its own XML entities"),
    "an entity bomb in a workbook": (with_part(xlsx(made()), "xl/workbook.xml", BOMB), "declares its own"),
    "a reference outside": (packed({"word/document.xml": OUTSIDE}), "declares its own XML entities"),
    "macros": (with_part(papers.hybrid(), "word/vbaProject.bin", b"x"), "Word document with macros"),
    "a million rows": (million_rows(), "more rows than are read here"),
    "rows repeated a million times": (repeated_rows(), "more rows than are read here"),
    "a program": (b"MZ\x90\x00" + b"\x00" * 500, "is a program"),
    "a PDF": (b"%PDF-1.7 ...", "is a PDF. Bring the Word document"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, "is a picture"),
    "a cut zip": (
        (SOURCES / "occupation-standards-template.xlsx").read_bytes()[:5_000],
        "cannot be unpacked",
    ),
    "a zip of something": (packed({"notes.txt": b"hello"}), "zip without a schedule"),
    "another workbook": (xlsx({"Sheet1": [["Name", "Age"], ["Ana", 20]]}), "none of the columns"),
    "headings alone": (xlsx({"WorkProcesses": [["Work Process Title"]]}), "no work process and no course"),
    "text": (b"Dear Nora,\nplease find our schedule.", "is no schedule"),
    "a web page": (b"<html><body>schedule</body></html>", "is no schedule"),
    "bytes": (bytes(range(256)) * 4, "is no text"),
    "other JSON": (b'{"a": 1}', "no schedule that is known"),
    "broken JSON": (b'{"wps": [', "begins like JSON"),
    "deep JSON": (b"[" * 100_000, "nested too deeply"),
    "JSON without work": (json.dumps({"totalCount": 0, "wps": []}).encode(), "no schedule that is known"),
    "deep XML": (deep(50_000), "nested too deeply"),
    "an old workbook": (OLE, "no Word document. Save a workbook as .xlsx"),
    "a password": (OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    "too much": (b"PK\x03\x04" + b"\x00" * 20_000_001, "larger than 20 MB"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_schedule_is_refused_with_the_reason(case: str) -> None:
    data, reason = REFUSED[case]
    with pytest.raises(Malformed, match=reason):
        read(data, name="schedule.docx")


def test_an_old_word_document_is_refused_with_the_remedy_where_nothing_can_turn_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Malformed, match=r"LibreOffice.*is not installed here\. Open it in Word"):
        read(OLE + "WordDocument".encode("utf-16-le"), name="schedule.doc")


@pytest.mark.parametrize("name", ["renamed.txt", "renamed.docx", "renamed"])
def test_the_format_is_told_from_the_content(name: str) -> None:
    data = (SOURCES / "apprenticeship-standards-nurse-standard-template.xlsx").read_bytes()
    assert [one.format for one in read(data, name=name)] == ["workbook"]
    assert [one.format for one in read(papers.hybrid(), name=name)] == ["word"]
