"""Opening a zipped document (Word, workbook) that somebody sent: its parts, or a refusal in a moment."""

import re
import zipfile
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from competencies.imports.outline import Malformed

MOST_BYTES = 20_000_000
"""Of a file that is taken in at all."""
MOST_UNPACKED = 40_000_000
MOST_PARTS = 2_000
DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)|<\x00!\x00[DE]\x00|\x00<\x00!\x00[DE]", re.IGNORECASE)
LONGEST = 500_000
"""Letters without a tag or the end of a line: longer than any cell, paragraph or row, and libraries copy them
many times over."""
MACROS = ("vbaProject.bin", "vbaData.xml")


class Package:
    """The parts of a zipped document, checked before any of them is read. `name` is for refusals."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        try:
            self.zip = zipfile.ZipFile(BytesIO(data))
            self.sizes = {one.filename: one.file_size for one in self.zip.infolist()}
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise Malformed(name, "is damaged: it cannot be unpacked") from error
        if (
            len(self.zip.infolist()) > MOST_PARTS
            or sum(one.file_size for one in self.zip.infolist()) > MOST_UNPACKED
        ):
            raise Malformed(
                name, "is far larger than what is read here once it is unpacked: it was not opened"
            )
        if any(one.flag_bits & 1 for one in self.zip.infolist()):
            raise Malformed(name, "is protected by a password. Save it without one")

    def __contains__(self, part: str) -> bool:
        return part in self.sizes

    @property
    def has_macros(self) -> bool:
        return any(part.rsplit("/", 1)[-1] in MACROS for part in self.sizes)

    def read(self, part: str) -> bytes:
        """The bytes of a part; it never gives more than the size that was checked."""
        try:
            data = self.zip.read(part)
        except Exception as error:  # zlib, lzma, struct: whatever the packing is, it is damaged
            raise Malformed(self.name, f"is damaged: its part {part} cannot be read") from error
        if DECLARES.search(data[:100_000]) and part.endswith((".xml", ".rels")):
            raise Malformed(
                self.name, "declares its own XML entities, which nobody needs and which may do harm"
            )
        if part.endswith((".xml", ".rels")) and unbroken(data, b"<"):
            raise Malformed(self.name, "has half a million letters in one place, which no paper has")
        return data

    def xml(self, part: str) -> Element:
        return parsed(self.read(part), self.name)

    def check_all(self) -> None:
        """Read every XML part once, so that a library that opens the package meets nothing that does harm."""
        for part in self.sizes:
            if part.endswith((".xml", ".rels")):
                self.read(part)


def unbroken(text: bytes, *marks: bytes) -> bool:
    """Whether there are LONGEST bytes at a stretch, from one multiple of it on, that none of `marks` ends."""
    starts = range(0, len(text) - LONGEST + 1, LONGEST)
    return any(all(text.find(mark, at, at + LONGEST) < 0 for mark in marks) for at in starts)


def parsed(data: bytes, name: str) -> Element:
    """The XML in `data`. Raises Malformed for what is none, and for entities and outside references."""
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Malformed(
            name, "declares its own XML entities, which nobody needs and which may do harm"
        ) from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise Malformed(name, "is damaged: its text cannot be read") from error
    return root
