"""HTML to tagged PDF (PDF/UA-1): with reports.cohort the only place that knows WeasyPrint.

    sheets = [layout(html) for html in sections]        # pages, numbered within each section
    data = join(sheets)                             # one file

Nothing is ever fetched: the HTML may name our own fonts as `asset:SourceSansPro-Regular.ttf` and the code
of a print-out as `asset:code/….svg`, which are served from memory, and every other address ends the
rendering.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any

from weasyprint import HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from ledger.codes import SHAPE
from reports.prints import drawing

VARIANT = "pdf/ua-1"
FONTS = ("Regular", "It", "Semibold", "Bold")
BASE = "asset:/"
CODE = re.compile(rf"code/({SHAPE.pattern})\.svg")
Finisher = Callable[[Document, Any], None]


class PdfError(Exception):
    """The document asked for something that papers do not have. The message names it."""


class Assets(URLFetcher):
    """Serves our fonts and codes from memory; refuses everything else, and with it the whole document.

    Ordinary errors would only be logged by WeasyPrint and a paper come out without what is missing.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols=set(), allow_redirects=False, fail_on_errors=True)

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        name = url.removeprefix("asset:").lstrip("/")
        if url.startswith("asset:") and (found := fonts().get(name)):
            return URLFetcherResponse(url, found, {"Content-Type": "font/ttf"})
        if url.startswith("asset:") and (code := CODE.fullmatch(name)):
            return URLFetcherResponse(url, drawing(code[1]), {"Content-Type": "image/svg+xml"})
        raise FatalURLFetchingError(f"Papers fetch nothing, and this one asked for {url[:200]}")


@lru_cache(maxsize=1)
def fonts() -> dict[str, bytes]:
    """Source Sans by file name, read once from its wheel."""
    folder = files("font_source_sans_pro") / "files"
    names = [f"SourceSansPro-{style}.ttf" for style in FONTS]
    return {name: (folder / name).read_bytes() for name in names}


def layout(html: str) -> Document:
    """The pages of one section, laid out. Raises PdfError when the HTML names anything but our fonts."""
    source = HTML(string=html, base_url=BASE, url_fetcher=Assets())
    try:
        return source.render(font_config=FontConfiguration(), pdf_variant=VARIANT)
    except FatalURLFetchingError as error:
        raise PdfError(str(error)) from error


def join(sheets: list[Document], *, finisher: Finisher | None = None) -> bytes:
    """One PDF of all sections, in order; title and language are the first one's.

    `finisher` is shown everything before it is written.
    """
    pages = [page for sheet in sheets for page in sheet.pages]
    try:
        data: bytes = sheets[0].copy(pages).write_pdf(pdf_variant=VARIANT, finisher=finisher)
    except FatalURLFetchingError as error:
        raise PdfError(str(error)) from error
    return data


def render(html: str) -> bytes:
    """A document of one section as PDF."""
    return join([layout(html)])
