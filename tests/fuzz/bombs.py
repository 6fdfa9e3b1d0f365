"""Files that nobody sends for good: small ones that become large, last for ever, or are not what they say."""

import io
import json
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image
from pypdf import PdfWriter

XML = b'<?xml version="1.0" encoding="UTF-8"?>'
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
TYPES = XML + (
    b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="xml" ContentType="application/xml"/>'
    b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    b'<Override PartName="/xl/workbook.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    b'<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
RELATED = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ROOT = (
    XML
    + RELATED
    + b'<Relationship Id="r1" Type="'
    + OFFICE
    + b'/officeDocument" Target="%s"/></Relationships>'
)
BOOK = XML + (
    b"<workbook " + MAIN + b' xmlns:r="' + OFFICE + b'"><sheets><sheet name="Hours" sheetId="1" r:id="r1"/>'
    b"</sheets></workbook>"
)
SHEETS = (
    XML + RELATED + b'<Relationship Id="r1" Type="' + OFFICE + b'/worksheet" Target="worksheets/sheet1.xml"/>'
    b"</Relationships>"
)
LAUGHS = b"<!DOCTYPE x [<!ENTITY a 'ha'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (ord("b") + n, b"&%c;" % (ord("a") + n) * 10) for n in range(9)
)
OUTSIDE = b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>"


def zipped(parts: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", packing) as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return data.getvalue()


def xlsx(sheet: bytes, **more: bytes) -> bytes:
    fixed = {"[Content_Types].xml": TYPES, "_rels/.rels": ROOT % b"xl/workbook.xml", "xl/workbook.xml": BOOK}
    named = {name.replace("__", "/").replace("_x", ".x"): part for name, part in more.items()}
    return zipped(fixed | {"xl/_rels/workbook.xml.rels": SHEETS, "xl/worksheets/sheet1.xml": sheet} | named)


def rows(count: int, cell: bytes = b'<c t="inlineStr"><is><t>x</t></is></c>') -> bytes:
    inner = b"<row>" + cell + b"</row>"
    return XML + b"<worksheet " + MAIN + b"><sheetData>" + inner * count + b"</sheetData></worksheet>"


def linked() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        link = zipfile.ZipInfo("hours.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    return data.getvalue()


def lying() -> bytes:
    """A part that is told to have ten bytes and has thirty million."""
    data = zipped({"hours.csv": b"E-mail,Date,Hours\n" + b" " * 30_000_000})
    size = struct.pack("<I", 30_000_018)
    return data.replace(size, struct.pack("<I", 10))


def matryoshka() -> bytes:
    data = zipped({"hours.csv": b"0" * 10_000_000})
    for _ in range(10):
        data = zipped({f"{n}.zip": data for n in range(10)})
    return data


def png(width: int, height: int, *, mode: str = "1") -> bytes:
    """A picture of one colour, without ever holding it."""
    bits, colour, wide = {"1": (1, 0, (width + 7) // 8), "RGB": (8, 2, width * 3), "RGBA": (8, 6, width * 4)}[
        mode
    ]
    packed = zlib.compressobj(9)
    line = b"\0" + b"\0" * wide
    body = b"".join(packed.compress(line) for _ in range(height)) + packed.flush()
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(one)) + name + one + struct.pack(">I", zlib.crc32(name + one))
        for name, one in chunks
    )


def jpeg() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(data, "JPEG")
    return data.getvalue()


def pdf(pages: int = 1) -> bytes:
    writer, data = PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    writer.write(data)
    return data.getvalue()


def circling_pdf() -> bytes:
    root = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    pages = b"2 0 obj<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>"
    return root + pages + b"endobj\ntrailer<</Root 1 0 R/Size 3>>\nstartxref\n0\n%%EOF"


def packed_pdf() -> bytes:
    """Objects in a stream that unpacks to three hundred million bytes."""
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(b" " * 1_000_000) for _ in range(300)) + packer.flush()
    head = b"%%PDF-1.5\n1 0 obj<</Type/ObjStm/N 9/First 99/Filter/FlateDecode/Length %d>>stream\n" % len(body)
    end = b"\nendstream endobj\ntrailer<</Root 5 0 R/Size 9/Prev 0>>\nstartxref\n0\n%%EOF"
    return head + body + end


BOMBS: dict[str, Callable[[], bytes]] = {
    "bomb.xlsx": lambda: xlsx(XML + b"<worksheet " + MAIN + b">" + b" " * 300_000_000 + b"</worksheet>"),
    "blank.xlsx": lambda: xlsx(XML + b"<worksheet " + MAIN + b">" + b" " * 38_000_000 + b"</worksheet>"),
    "million-rows.xlsx": lambda: xlsx(rows(1_000_000, b"")),
    "many-cells.xlsx": lambda: xlsx(rows(300_000, b"<c/>")),
    "laughs.xlsx": lambda: xlsx(LAUGHS + b"]><worksheet " + MAIN + b">&j;</worksheet>"),
    "outside.xlsx": lambda: xlsx(OUTSIDE + b"]><worksheet " + MAIN + b">&a;</worksheet>"),
    "long-text.xlsx": lambda: xlsx(
        rows(1, b'<c t="inlineStr"><is><t>' + b"x" * 30_000_000 + b"</t></is></c>")
    ),
    "nested.xlsx": lambda: xlsx(XML + b"<x>" * 200_000 + b"</x>" * 200_000),
    "macro.xlsm": lambda: xlsx(rows(1), **{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"\0" * 999}),
    "outside.ods": lambda: zipped({"content.xml": OUTSIDE + b"]><x>&a;</x>", "mimetype": b"x"}),
    "laughs.docx": lambda: zipped(
        {"word/document.xml": LAUGHS + b"]><x>&j;</x>", "[Content_Types].xml": TYPES}
    ),
    "bomb.docx": lambda: zipped({"word/document.xml": XML + b"<x>" + b" " * 300_000_000 + b"</x>"}),
    "many-parts.zip": lambda: zipped({f"{n}.csv": b"a,b\n" for n in range(5_000)}),
    "bomb.zip": lambda: zipped({"hours.csv": b"0" * 300_000_000}),
    "lying.zip": lying,
    "nested.zip": matryoshka,
    "bzip.zip": lambda: zipped({"hours.csv": b"0" * 100_000_000}, zipfile.ZIP_BZIP2),
    "paths.zip": lambda: zipped(
        {"../../../etc/cron.d/x.csv": b"a,b\n1,2\n", "/etc/passwd": b"x", "C:\\x.csv": b"y"}
    ),
    "link.zip": linked,
    "deep.json": lambda: b"[" * 2_000_000,
    "deep-too.json": lambda: b'{"a":' * 500_000 + b"1" + b"}" * 500_000,
    "digits.json": lambda: b'{"totalCount": ' + b"9" * 5_000_000 + b"}",
    "case-laughs.json": lambda: json.dumps({"CFDocument": {"identifier": "x" * 2_000_000}}).encode(),
    "one-line.csv": lambda: b"x" * 19_000_000,
    "commas.csv": lambda: b"," * 19_000_000,
    "quotes.csv": lambda: b'"' * 19_000_000,
    "million.csv": lambda: b"E-mail,Date,Hours\n" + b"a,b,c\n" * 2_000_000,
    "nul.csv": lambda: b"\0" * 5_000_000,
    "utf-16.csv": lambda: b"\xff\xfe" + b"\xd8" * 5_000_000,
    "huge.png": lambda: png(30_000, 30_000),
    "wide.png": lambda: png(59_999_999, 1),
    "just-allowed.png": lambda: png(7_700, 7_700, mode="RGBA"),
    "zero.png": lambda: png(0, 0),
    "page.jpg": lambda: b"<!doctype html><script>alert(1)</script>",
    "drawing.jpg": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "program.jpg": lambda: b"MZ\x90\0" + b"\0" * 500,
    "picture.xlsx": jpeg,
    "paper.docx": pdf,
    "both.jpg": lambda: jpeg() + zipped({"x.html": b"<script>alert(1)</script>"}),
    "both.pdf": lambda: pdf() + zipped({"x.html": b"<script>alert(1)</script>"}),
    "gif.jpg": lambda: b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)",
    "circling.pdf": circling_pdf,
    "packed.pdf": packed_pdf,
    "many-pages.pdf": lambda: pdf(2_000),
    "endless.pdf": lambda: b"%PDF-1.7\n" + b"1 0 obj<<" * 300_000,
    "no.pdf": lambda: b"%PDF-1.7 <script>alert(1)</script>",
}
"""By a name that lies as often as not."""
