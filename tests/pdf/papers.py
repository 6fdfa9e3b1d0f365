"""Reading papers back: text by page, structure, fonts."""

import re
from collections import Counter
from functools import cached_property
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import IndirectObject

from reports import documents, pdf
from reports.models import ReportRun
from tests.cast import NOW, Cast


class Paper:
    """A finished PDF as somebody reads it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.reader = PdfReader(BytesIO(data))
        self.root: Any = self.reader.trailer["/Root"]

    @cached_property
    def pages(self) -> list[str]:
        return [squeezed(page.extract_text()) for page in self.reader.pages]

    @property
    def text(self) -> str:
        return " ".join(self.pages)

    def tags(self) -> Counter[str]:
        """How often each kind of structure element is there."""
        found: Counter[str] = Counter()
        for element in self.elements():
            found[element["/S"]] += 1
        return found

    def elements(self) -> list[Any]:
        """All structure elements, in reading order."""
        found: list[Any] = []
        _walk(self.root["/StructTreeRoot"], found)
        return found

    def fonts(self) -> dict[str, bool]:
        """Base name of every font on the pages, and whether it is embedded."""
        found = {}
        for page in self.reader.pages:
            for font in page["/Resources"].get("/Font", {}).values():  # type: ignore[union-attr, index]
                one = font.get_object()
                inner = one["/DescendantFonts"][0].get_object() if "/DescendantFonts" in one else one
                descriptor = inner["/FontDescriptor"].get_object()
                embedded = any(name in descriptor for name in ("/FontFile", "/FontFile2", "/FontFile3"))
                found[one["/BaseFont"]] = embedded
        return found


def _walk(node: Any, found: list[Any]) -> None:
    node = node.get_object() if isinstance(node, IndirectObject) else node
    if isinstance(node, list):
        for one in node:
            _walk(one, found)
    elif isinstance(node, dict) and "/K" in node:
        if "/S" in node:
            found.append(node)
        _walk(node["/K"], found)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def run_of(cast: Cast, **what: Any) -> ReportRun:
    return ReportRun.objects.start(**{"by": cast.nora, "now": NOW} | what)


def paper_of(run: ReportRun) -> Paper:
    """What a worker would write for this report, printed at NOW."""
    sections = documents.of(run, now=NOW).sections
    return Paper(pdf.join([pdf.layout(section()) for section in sections]))
