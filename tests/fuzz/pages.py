"""Every page that a person gets to by links, without a browser; and the forms that stand on them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

from tests.fuzz.payloads import MARK

TAGS = (
    "html head meta title link script body header nav main footer section article aside div "
    "span p a b i em strong small abbr time code kbd mark s ul ol li dl dt dd table caption "
    "colgroup col thead tbody tfoot tr th td form fieldset legend label input select option "
    "optgroup textarea button output progress meter details summary dialog h1 h2 h3 h4 h5 h6 "
    "hr br img svg path circle rect line polygon polyline g text ins del desc "
    "template noscript q blockquote figure figcaption "
)
OURS = frozenset(TAGS.split())
"""Every tag that a page of ours may have."""
NEVER = {"style", "srcdoc", "contenteditable", "http-equiv", "attributename", "ping"}
DATA = ("application/json", "application/ld+json")
SCHEMES = ("javascript:", "data:text", "vbscript:", "//")


class Seen(HTMLParser):
    """Tags and attributes of a page, its links, and its forms with their fields."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.odd: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.odd += [
            f"<{tag} {name}={value}>"[:200] for name, value in said.items() if _odd(tag, name, value)
        ]
        if tag not in OURS or (tag == "script" and "src" not in said and said.get("type") not in DATA):
            self.odd.append(f"<{tag}> {said}"[:200])
        if tag == "a" and "href" in said and "download" not in said:
            self.links.append(said["href"])


def _odd(tag: str, name: str, value: str) -> bool:
    """Whether an attribute is none that our templates write."""
    if name.startswith(("on", "xlink:")) or name in NEVER or MARK in name:
        return True
    address = value.strip().lower()
    if name in ("href", "src", "action", "formaction") and address.startswith(SCHEMES):
        return True
    return name in ("src", "action", "formaction") and MARK in value


def name_of(address: str) -> str:
    """The URL name, or nothing for what is not ours."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return ""
    return str(match.view_name or "")


def crawl(client: Client, *, beside: Iterable[str] = (), each: int = 2) -> Iterator[tuple[str, str]]:
    """Path and HTML of what follows from the first page, `each` addresses of every URL name."""
    waiting, taken = ["/", *beside], Counter[str]()
    seen = set(waiting)
    while waiting:
        path = waiting.pop(0)
        answer: Any = client.get(path, follow=True)
        path = answer.redirect_chain[-1][0] if answer.redirect_chain else path
        if name_of(path) == "api-docs":  # Swagger writes style elements of its own, and no words of ours
            continue
        if answer.streaming or not answer["Content-Type"].startswith("text/html"):
            continue
        assert answer.status_code < 500, path
        html = answer.content.decode()
        yield path, html
        for link in Seen(html).links:
            address = urljoin(path, link).partition("#")[0]
            name = name_of(address)
            if urlsplit(address).netloc or not name or address in seen or taken[name] >= each:
                continue
            seen.add(address)
            taken[name] += 1
            waiting.append(address)
