"""Files that people attach as evidence: known by their content, and written anew.

A photo is decoded, turned upright, made no larger than a page needs and written as JPEG: position, camera and
everything that is no picture stay behind. Of a PDF the pages are written into a new document, without
scripts, attachments and forms.
"""

import io
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import NameObject

from accounts.refusals import Refusal

LARGEST = 10 * 1024 * 1024
"""Bytes of a file as it comes in."""
MOST_PIXELS = 60_000_000
"""Of a JPEG, which is decoded at a half, a quarter or an eighth of its size."""
MOST_PIXELS_WHOLE = 16_000_000
"""Of pictures that can only be decoded whole: 112 MB at most."""
LONGEST_SIDE = 2400
MOST_PAGES = 60
PICTURES = ("JPEG", "PNG", "WEBP")
SHOWN = ("/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Contents")
"""Parts of a page that are seen. Others act, carry files or tell of programs, and stay behind as those of the
document do."""


@dataclass(frozen=True)
class Clean:
    """A file written anew: its bytes, media type and the ending of its name."""

    data: bytes
    media_type: str
    ending: str

    @property
    def sha256(self) -> str:
        return sha256(self.data).hexdigest()


def clean(file: IO[bytes], *, size: int) -> Clean:
    """The content of `file` (`size` in bytes) as a JPEG or PDF of our own. Raises Refusal by field `file`."""
    if size > LARGEST:
        raise _refused("This file is larger than 10 MB. Take the photo smaller, or send fewer pages.")
    data = file.read(LARGEST + 1)
    if data[:5] == b"%PDF-":
        return Clean(_pdf(data), "application/pdf", "pdf")
    return Clean(_photo(data), "image/jpeg", "jpg")


def _refused(sentence: str) -> Refusal:
    return Refusal(sentence, code="file", field="file")


def _photo(data: bytes) -> bytes:
    try:
        picture = _decoded(data)
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ) as problem:
        raise _refused("This is no photo and no PDF. Choose a JPEG, PNG, WebP or PDF.") from problem
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(picture)
    bare = Image.frombytes("RGB", upright.size, upright.tobytes())
    written = io.BytesIO()
    bare.save(written, "JPEG", quality=85, optimize=True)
    return written.getvalue()


def _decoded(data: bytes) -> Image.Image:
    """The picture in RGB, no larger than it must be. Raises Refusal, and what Pillow raises."""
    picture = Image.open(io.BytesIO(data), formats=PICTURES)
    pixels = picture.width * picture.height
    if pixels > MOST_PIXELS:
        raise _refused("This picture is larger than 60 megapixels. Take it smaller.")
    if picture.format != "JPEG" and pixels > MOST_PIXELS_WHOLE:
        raise _refused("This picture is larger than 16 megapixels. Save it as a JPEG, or take it smaller.")
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _pdf(data: bytes) -> bytes:
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise _refused("This PDF is locked with a password. Save it without one.")
        if len(reader.pages) > MOST_PAGES:
            raise _refused(f"This PDF has more than {MOST_PAGES} pages. Attach the pages that matter.")
        writer = PdfWriter()
        for page in reader.pages:
            for name in set(page) - set(SHOWN):
                page.pop(NameObject(name))
            writer.add_page(page)
        written = io.BytesIO()
        writer.write(written)
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise _refused("This PDF cannot be read. Save or scan it again.") from problem
    return written.getvalue()
