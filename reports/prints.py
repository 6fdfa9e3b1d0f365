"""What a print-out of a person's record says of the record it was made from, and the code that opens its
check.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import groupby
from uuid import UUID

import segno
from django.conf import settings
from django.urls import reverse

from ledger import checkpoints
from ledger.codes import code_of
from ledger.models import Chain

BORDER = 2
"""White modules around a QR code."""
MASK = 2
"""Of QR codes. Each names its own, and any reader reads any of the eight. The standard has all tried and the
most even one taken, four fifths of the work; what ours say is ciphertext, as even under one as another."""


@dataclass(frozen=True)
class Proof:
    """Where a record stood when it was printed, and its newest checkpoint (None: before the first)."""

    length: int
    head: str
    certified_at: datetime | None
    code: str

    @property
    def short_head(self) -> str:
        """Short enough to compare by eye: “7f3a 91c2”."""
        return f"{self.head[:4]} {self.head[4:8]}"

    @property
    def drawing(self) -> str:
        """How papers name the picture of the code; reports.pdf serves it."""
        return f"asset:code/{self.code}.svg"

    @property
    def address(self) -> str:
        return address_of(self.code)


def proof_of(subject: UUID) -> Proof | None:
    """None of what has no record."""
    chain = Chain.objects.filter(subject=subject, length__gt=0).first()
    if chain is None:
        return None
    last = checkpoints.newest([subject]).first()
    code = code_of(subject, length=chain.length, head=chain.head)
    return Proof(chain.length, chain.head, last.at if last else None, code)


def address_of(code: str) -> str:
    """The public page that a code opens."""
    return f"{settings.SITE_URL}{reverse('verify', args=[code])}"


def drawing(code: str) -> bytes:
    """The address of a code as QR code: an SVG of black squares, for print at 15 mm or more."""
    out = BytesIO()
    _symbol(code).save(out, kind="svg", border=BORDER, omitsize=True)
    return out.getvalue()


def strokes(code: str) -> Iterator[tuple[float, list[tuple[int, int]]]]:
    """What `drawing` draws, row by row: at y, lines from x to x; one module wide, y downwards."""
    for y, row in enumerate(_symbol(code).matrix, start=BORDER):
        lines, x = [], BORDER
        for black, modules in groupby(row):
            end = x + len(list(modules))
            if black:
                lines.append((x, end))
            x = end
        yield y + 0.5, lines


def _symbol(code: str) -> segno.QRCode:
    return segno.make(address_of(code), error="m", micro=False, mask=MASK)
