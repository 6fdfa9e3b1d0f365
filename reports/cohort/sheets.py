"""The file of a paper: what all of a cohort share is written once, the rest for each."""

import struct
import zlib
from copy import copy
from typing import Any

import pydyf
from weasyprint import DEFAULT_OPTIONS
from weasyprint.pdf.fonts import build_fonts_dictionary

from reports.cohort.ink import PICTURE, SIDE, Glyphs
from reports.cohort.pages import Painted
from reports.cohort.pieces import Misfit

HEADER = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
DEFLATE = 4
"""WeasyPrint takes 9, which takes six times as long for a ninth less."""
ENTRY = struct.Struct(">BIH")
"""Of the table of objects: free (0), at a byte (1) or in a stream of objects (2); where; place in that."""
MOST_FONTS = 20
"""Sets of fonts that are kept, by the letters that they have beside those of all."""


class Sheets:
    """The objects of a file that was written, and files like it with other pages, title and links."""

    def __init__(self, painted: Painted, objects: list[Any], written: pydyf.PDF) -> None:
        """`objects` are all that are written but for the last, about the file itself."""
        self.document, self.fonts = painted.document, painted.document.fonts
        self.objects = objects
        self.info, self.root = written.info, written.catalog.reference
        self.content = [stream.number for stream in painted.streams]
        self.metadata = _number(written.catalog["Metadata"])
        found = [one for one in objects if isinstance(one, pydyf.Dictionary)]
        self.links = [one for one in found if "URI" in one.get("A", {})]
        self.link = self._link()
        self.resources = painted.streams[0]._resources
        self.font_numbers = self._font_numbers(_number(self.resources["Font"]))
        self.shared, self.table = self._shared()
        self._known_fonts: dict[tuple[Any, ...], list[tuple[int, bytes]]] = {}

    def _link(self) -> str:
        """The address that all links go to; empty when there are several, or none."""
        targets = {one["A"]["URI"].string for one in self.links}
        return targets.pop() if len(targets) == 1 else ""

    def file(
        self,
        contents: list[bytes],
        *,
        title: str,
        link: str,
        picture: bytes,
        base: Glyphs,
        glyphs: list[Glyphs],
    ) -> bytes:
        """The whole file, of the operators of each page and of the picture, and the glyphs that they need.

        Raises Misfit.
        """
        for font in self.fonts.values():
            if not any(b"/%b " % font.hash.encode() in data for data in contents):
                raise Misfit("it does without a font of the template")
        own = [
            (number, _stream(number, {}, data)) for number, data in zip(self.content, contents, strict=True)
        ]
        own += self._fonts(base, glyphs)
        own.append((self.metadata, self._metadata(title)))
        own += [(one.number, _indirect(one.number, _linked(one, link).data)) for one in self.links]
        info = pydyf.Dictionary(self.info | {"Title": pydyf.String(title)})
        own.append((len(self.objects), _indirect(len(self.objects), info.data)))
        return self._assembled(own + self._pictures(picture))

    def _pictures(self, picture: bytes) -> list[tuple[int, bytes]]:
        """The resources of the pages, and the picture among them unless it is the template's own."""
        place, number = self.resources.number, len(self.objects) + 2
        if not picture:
            return [(place, _indirect(place, self.resources.data))]
        named = pydyf.Dictionary(self.resources["XObject"] | {PICTURE: b"%d 0 R" % number})
        resources = pydyf.Dictionary(self.resources | {"XObject": named})
        form = {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": pydyf.Array([0, 0, SIDE, SIDE]),
            "Resources": pydyf.Dictionary({"ExtGState": self.resources["ExtGState"]}),
        }
        return [(place, _indirect(place, resources.data)), (number, _stream(number, form, picture))]

    def _assembled(self, own: list[tuple[int, bytes]]) -> bytes:
        table, parts, position = bytearray(self.table), [self.shared], len(self.shared)
        for number, data in own:
            ENTRY.pack_into(table, number * ENTRY.size, 1, position, 0)
            parts.append(data)
            position += len(data)
        number = len(table) // ENTRY.size
        table += ENTRY.pack(1, position, 0)
        extra = {
            "Type": "/XRef",
            "W": pydyf.Array([1, 4, 2]),  # as ENTRY
            "Size": number + 1,
            "Root": self.root,
            "Info": b"%d 0 R" % len(self.objects),
        }
        end = f"\nstartxref\n{position}\n%%EOF\n".encode()
        return b"".join([*parts, _stream(number, extra, bytes(table)).rstrip(b"\n"), end])

    def _shared(self) -> tuple[bytes, bytes]:
        """Header and objects that are the same in all files, and the table of where they are."""
        own = {0, *self.content, *self.font_numbers, self.metadata, self.resources.number}
        own |= {one.number for one in self.links}
        rest = [one for one in self.objects if one.number not in own]
        packed = [one for one in rest if one.compressible]
        box = len(self.objects) + 1
        entries = [(0, 0, 65535), *[(0, 0, 0)] * (box + 1)]
        data, position = HEADER, 0
        for one in rest:
            if not one.compressible:
                entries[one.number] = (1, len(data), 0)
                data += one.indirect + b"\n"
        bodies, index = [one.data for one in packed], []
        for place, (one, body) in enumerate(zip(packed, bodies, strict=True)):
            entries[one.number] = (2, box, place)
            index += [one.number, position]
            position += len(body) + 1
        first = " ".join(map(str, index)).encode() + b"\n"
        extra = {"Type": "/ObjStm", "N": len(packed), "First": len(first)}
        entries[box] = (1, len(data), 0)
        data += _stream(box, extra, first + b"\n".join(bodies), level=9)
        return data, b"".join(ENTRY.pack(*entry) for entry in entries)

    def _metadata(self, title: str) -> bytes:
        """XMP with this title."""
        said, holder = copy(self.document.metadata), pydyf.PDF()
        said.title = title
        said.include_in_pdf(holder, "ua", 1, None, False)
        stream = holder.objects[-1]
        return _stream(self.metadata, stream.extra, stream.stream[0])

    def _fonts(self, base: Glyphs, used: list[Glyphs]) -> list[tuple[int, bytes]]:
        """The font objects, with the glyphs of the template, those of `base` and those that are used."""
        more = self._more_glyphs(base, used)
        key = tuple(sorted((font, *sorted(glyphs.items())) for font, glyphs in more.items()))
        if key not in self._known_fonts:
            if len(self._known_fonts) >= MOST_FONTS:
                self._known_fonts.clear()
            self._known_fonts[key] = self._new_fonts(more)
        return self._known_fonts[key]

    def _more_glyphs(self, base: Glyphs, used: list[Glyphs]) -> Glyphs:
        """What the fonts of the template lack. Raises Misfit where a glyph stands for other characters."""
        more: Glyphs = {}
        for one in {id(one): one for one in [base, *used]}.values():
            for key, glyphs in one.items():
                has, added = self.fonts[key].to_unicode, more.setdefault(key, {})
                for glyph, said in glyphs.items():
                    if has.get(glyph, said[0]) != said[0] or added.get(glyph, said)[0] != said[0]:
                        raise Misfit("a letter of it looks like another one")
                    if glyph not in has:
                        added[glyph] = said
        return more

    def _new_fonts(self, more: Glyphs) -> list[tuple[int, bytes]]:
        kept = {key: (font.to_unicode, font.widths) for key, font in self.fonts.items()}
        holder = pydyf.PDF()
        holder.objects = [None] * self.font_numbers.start
        try:
            for key, glyphs in more.items():
                font = self.fonts[key]
                font.to_unicode = font.to_unicode | {glyph: said[0] for glyph, said in glyphs.items()}
                font.widths = font.widths | {glyph: said[1] for glyph, said in glyphs.items()}
            options = DEFAULT_OPTIONS | {"pdf_version": "1.7"}
            holder.add_object(build_fonts_dictionary(holder, self.fonts, True, True, options))
        finally:
            for key, (to_unicode, widths) in kept.items():
                self.fonts[key].to_unicode, self.fonts[key].widths = to_unicode, widths
        found = holder.objects[self.font_numbers.start :]
        if len(found) != len(self.font_numbers):
            raise Misfit("its fonts are written otherwise")
        return [(one.number, one.indirect + b"\n") for one in found]

    def _font_numbers(self, last: int) -> range:
        """Numbers of the font objects: a file for each face, four for each font, and the list of them."""
        faces = {font.hash for font in self.fonts.values()}
        return range(last - len(faces) - 4 * len(self.fonts), last + 1)


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


def _linked(link: Any, target: str) -> pydyf.Dictionary:
    action = pydyf.Dictionary(link["A"] | {"URI": pydyf.String(target)})
    return pydyf.Dictionary(link | {"Contents": pydyf.String(target), "A": action})


def _indirect(number: int, data: bytes) -> bytes:
    return b"%d 0 obj\n%b\nendobj\n" % (number, data)


def _stream(number: int, extra: dict[str, Any], data: bytes, *, level: int = DEFLATE) -> bytes:
    packed = zlib.compress(data, level)
    head = pydyf.Dictionary(extra | {"Filter": "/FlateDecode", "Length": len(packed)}).data
    return _indirect(number, head + b"\nstream\n" + packed + b"\nendstream")
