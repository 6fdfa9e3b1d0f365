"""The forms that stand on pages, as a browser reads them, and what nobody would type into them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from tests.fuzz.payloads import SCRIPTS

TEXT = ("text", "textarea", "search", "email", "url", "tel", "number", "date", "time", "month", "hidden", "")
WRITTEN = ("text", "textarea", "search", "")
"""Kinds of fields that hold words: what was typed there must come back when it is refused."""
UNTOLD = (
    "csrfmiddlewaretoken",
    "username",
    "password",
    "new_password",
    "password1",
    "password2",
    "oldpassword",
)


@dataclass
class Field:
    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)


@dataclass
class Form:
    """One form of a page: where it is sent, and each of its fields with what stands in it."""

    page: str
    action: str
    method: str = "get"
    files: bool = False
    fields: list[Field] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, ...]:
        from tests.fuzz.pages import name_of

        return (name_of(self.action), *sorted({one.name for one in self.fields}))

    @property
    def to_fill_in(self) -> list[Field]:
        return [one for one in self.fields if one.name != "csrfmiddlewaretoken"]

    def said(self) -> dict[str, list[str]]:
        """What a browser would send if nobody touched it."""
        found: dict[str, list[str]] = {}
        for one in self.fields:
            if one.name and one.kind != "file":
                found.setdefault(one.name, []).append(one.value)
        return found


class Forms(HTMLParser):
    """The forms of a page: `forms` change something, `searches` narrow what is shown."""

    def __init__(self, html: str, *, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.forms: list[Form] = []
        self._by_id: dict[str, Form] = {}
        self._open: Form | None = None
        self._field: Field | None = None
        self.feed(html)
        self.close()
        self.searches = [one for one in self.forms if one.method == "get"]
        self.forms = [one for one in self.forms if one.method == "post"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.page, said.get("action") or self.page)
            self._open = Form(self.page, action, said.get("method", "get").lower())
            self.forms.append(self._open)
            self._by_id[said.get("id", "")] = self._open
        elif tag == "option" and self._field is not None:
            self._field.choices.append(said.get("value", ""))
            if "selected" in said or len(self._field.choices) == 1:
                self._field.value = said.get("value", "")
        elif tag in ("input", "select", "textarea", "button"):
            self._add(tag, said)

    def _add(self, tag: str, said: dict[str, str]) -> None:
        form = self._by_id.get(said["form"]) if "form" in said else self._open
        kind = said.get("type", "text") if tag == "input" else tag
        one = Field(said.get("name", ""), kind, said.get("value", ""))
        if form is None or not one.name or "disabled" in said:
            return
        self._field = one if tag in ("select", "textarea") else None
        if kind in ("checkbox", "radio") and "checked" not in said:
            earlier = next((held for held in form.fields if held.name == one.name), None)
            if earlier is None:
                form.fields.append(Field(one.name, kind, "", [one.value]))
            else:
                earlier.choices.append(one.value)
            return
        form.files = form.files or kind == "file"
        form.fields.append(one)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag in ("select", "textarea"):
            self._field = None

    def handle_data(self, data: str) -> None:
        if self._field is not None and self._field.kind == "textarea":
            self._field.value += data


MEGABYTE = "x" * 1_000_000
HOSTILE: tuple[str, ...] = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\u202eevil\u202c",
    "\ud800",
    "\udfff tail",
    "Zoë 🩺 нет 中文 \u0301\u0301\u0301",
    "\ufeff\u200b",
    "\r\n\r\nSet-Cookie: a=b",
    "-1",
    "0",
    "9" * 400,
    "99999999999999999999",
    "-99999999999999999999",
    "1e999",
    "NaN",
    "Infinity",
    "١٢٣",
    "²",
    "0x10",
    "1,000,000,000,000",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-02-30",
    "2026-11-20T25:61",
    "31/12/2026",
    "00000000-0000-0000-0000-000000000000",
    "not-a-choice",
    "__all__",
    "../../etc/passwd",
    "%00%0a%s%n",
    "' OR 1=1 --",
    "true",
    "[]",
    '{"a": 1}',
    "x" * 70_000,
    MEGABYTE,
    *SCRIPTS[::7],
)


@dataclass(frozen=True)
class Posted:
    """One way of filling in a form; `typed` is what a person would miss if it did not come back.

    Nobody by hand changes what is hidden, or sends a field twice or not at all: then it is nothing.
    """

    form: Form
    label: str
    body: dict[str, Any]
    typed: dict[str, str]


def ways(form: Form, dice: random.Random, count: int) -> Iterator[Posted]:
    """`count` ways of sending this form wrongly, from the plainest on."""
    yield Posted(form, "nothing", {}, {})
    yield Posted(form, "as it stands", dict(form.said()), {})
    for _ in range(max(0, count - 2) if form.to_fill_in else 0):
        yield _one_way(form, dice, form.to_fill_in)


def _one_way(form: Form, dice: random.Random, names: list[Field]) -> Posted:
    body: dict[str, Any] = {name: list(values) for name, values in form.said().items()}
    chosen = dice.sample(names, k=min(len(names), dice.choice((1, 1, 1, 2, len(names)))))
    typed: dict[str, str] = {}
    words = []
    for one in chosen:
        way = dice.choice(("value",) * 6 + ("missing", "repeated", "file"))
        words.append(f"{one.name} {way}")
        if way == "missing":
            body.pop(one.name, None)
            continue
        if way == "file" or one.kind == "file":
            body[one.name] = [
                SimpleUploadedFile(dice.choice(("a.pdf", "\u202ea.exe", "x" * 300)), b"%PDF- not")
            ]
            continue
        value = dice.choice(HOSTILE)
        body[one.name] = [value, dice.choice(HOSTILE)] if way == "repeated" else [value]
        whole = value.isascii() or value.encode("utf-8", "ignore").decode() == value
        if way == "value" and one.kind in WRITTEN and one.name not in UNTOLD and whole:
            typed[one.name] = value
        words[-1] += f" = {value[:40]!r}"
    by_hand = not any(
        one.kind == "hidden" or " value" not in word for one, word in zip(chosen, words, strict=True)
    )
    return Posted(form, "; ".join(words), body, typed if by_hand else {})


def lost(posted: Posted, html: str) -> list[str]:
    """The fields of which the page that came back has forgotten what was typed."""
    shown: dict[str, set[str]] = {}
    for form in Forms(html, page=posted.form.page).forms:
        if urlsplit(form.action).path == urlsplit(posted.form.action).path:
            for one in form.fields:
                shown.setdefault(one.name, set()).add(_plain(one.value))
    wanted = {name: _plain(value) for name, value in posted.typed.items() if _plain(value)}
    return [name for name, value in wanted.items() if name in shown and value not in shown[name]]


def _plain(value: str) -> str:
    """Text as a page can give it back: without what no form keeps, its lines ended in one way."""
    kept = value.encode("utf-8", "replace").decode().replace("\x00", "").replace("\r\n", "\n")
    return " ".join(kept.replace("\ufeff", "").split())


def sent(client: Any, posted: Posted) -> list[str]:
    """What went wrong when this was sent; what it did is undone."""
    where = f"{posted.form.action} from {posted.form.page} ({posted.label})"
    with transaction.atomic():
        try:
            answer = post(client, posted)
        except Exception as error:
            return [f"{where}: {type(error).__name__}: {str(error)[:200]}"]
        finally:
            transaction.set_rollback(True)
    if answer.status_code >= 500:
        return [f"{where}: {answer.status_code}"]
    if answer.status_code not in (200, 400, 403, 409) or answer.streaming:
        return []
    if not answer["Content-Type"].startswith("text/html"):
        return []
    return [f"{where}: {name} is lost" for name in lost(posted, answer.content.decode())]


def post(client: Any, posted: Posted) -> Any:
    """As a browser encodes it; but halves of characters go out as bytes that are no UTF-8."""
    values = [(name, one) for name, many in posted.body.items() for one in many]
    if posted.form.files or any(not isinstance(one, str) for _, one in values):
        return client.post(posted.form.action, _together(values))
    plain = urlencode([(name, one.encode("utf-8", "surrogatepass")) for name, one in values])
    return client.post(posted.form.action, plain, "application/x-www-form-urlencoded")


def _together(values: list[tuple[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, one in values:
        whole = one.encode("utf-8", "replace").decode() if isinstance(one, str) else one
        found.setdefault(name, []).append(whole)
    return found
