"""What every list page does alike: filters in the address, orders, pages behind a key, files.

A view makes one `Listing` of a visible set and hands it to the templates of `listing/`:

    listing = Listing(request, rows, filters=SomeFilter(request.GET), sorts=SORTS, table=TABLE, subject="Ana")
    return listing.answer() or render(request, "page.html", {"listing": listing})

`answer()` is a file (`?format=csv`), or the way back to the filter this person used last on this list, or
nothing: then the page is shown. Rows are never counted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from accounts import tables
from accounts.dates import day_words
from accounts.fields import DayField
from accounts.models import User

SIZE = 40
LISTS_REMEMBERED = 30
"""So many lists of one session keep their last filter; then the oldest is forgotten."""
KEPT = "lists"
"""The name of this in a session."""

Q_ = TypeVar("Q_", bound=QuerySet[Any, Any])


class Filters(forms.Form):
    """Filters as an address says them. What cannot be read says so beside its field and filters nothing."""

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """What was asked for and could be read, by field."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

    def narrow(self, rows: Q_) -> Q_:
        """The rows that every filter lets through."""
        for name, value in self.chosen.items():
            rows = rows.filter(self.condition(name, value))
        return rows

    def condition(self, name: str, value: Any) -> Q:
        """What one filter asks of a row; here `from` and `to` are days of the column `date`."""
        return {"from": Q(date__gte=value), "to": Q(date__lte=value)}.get(name) or Q(**{name: value})

    def words(self, name: str) -> str:
        """The choice in words, as a chip says it."""
        field, value = self.fields[name], self.chosen[name]
        if isinstance(field, forms.DateField):
            return f"{field.label} {day_words(value)}"
        if isinstance(field, forms.ChoiceField):
            return dict(_flat(cast(Any, field.choices))).get(str(value), str(value))
        return f"“{value}”"

    def days(self, first: str = "from", last: str = "to", *, label: str = "") -> None:
        """Add the two fields of a period, both days included."""
        for name, word in ((first, "From"), (last, "To")):
            self.fields[name] = DayField(
                required=False, label=f"{label} {word.lower()}".strip() if label else word
            )


def select(label: str, everything: str, choices: Any) -> forms.ChoiceField:
    """A filter with some choices; `everything` is what none of them is called."""
    return forms.ChoiceField(required=False, label=label, choices=[("", everything), *choices])


def words(label: str) -> forms.CharField:
    """A filter by words, as people type them."""
    return forms.CharField(required=False, label=label, max_length=120)


def by_id(label: str) -> forms.UUIDField:
    """A filter by the id of something, as programs ask over the API; pages offer names to choose from."""
    return forms.UUIDField(required=False, label=label, error_messages={"invalid": "Write the id, a UUID."})


def since(label: str) -> forms.DateTimeField:
    """A filter by a moment, as programs ask for what is new: 2026-11-20T12:00:00Z."""
    return forms.DateTimeField(
        required=False, label=label, error_messages={"invalid": "Write the moment like 2026-11-20T12:00:00Z."}
    )


def _flat(choices: Any) -> Iterator[tuple[str, str]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield str(value), str(label)


@dataclass(frozen=True)
class Sort:
    """An order to choose. `keys` as for `order_by`, never null, the last one unique."""

    name: str
    label: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Chip:
    """A filter in force, and the address of the list without it."""

    label: str
    url: str


@dataclass(frozen=True)
class Order:
    """An order to choose, by its word in the address."""

    name: str
    label: str
    current: bool


class Listing:
    """One list as one person asked for it.

    `rows` begin with what the person may see. `sorts`: the first is the usual one. `related`: what the page
    and the table read beside a row. `opened`: what the file says instead of the rows, where a row of the page
    is a heap of others. `at`: the list's address, where the page can be the answer to another one.
    """

    def __init__(
        self,
        request: HttpRequest,
        rows: QuerySet[Any, Any],
        *,
        filters: Filters,
        sorts: Sequence[Sort],
        table: tables.Table,
        related: Sequence[str] = (),
        subject: str = "",
        size: int = SIZE,
        opened: Callable[[Iterator[Any]], Iterator[Any]] = iter,
        at: str = "",
    ) -> None:
        self.request = request
        self.opened = opened
        self.at = at
        self.form = filters
        self.sorts = sorts
        self.table = table
        self.subject = subject
        self.size = size
        wanted = request.GET.get("sort")
        self.sort = next((one for one in sorts if one.name == wanted), sorts[0])
        beside = rows.select_related(*related) if related else rows
        self.narrowed = filters.narrow(beside).order_by(*self.sort.keys)

    # ---- What is in the address

    @property
    def is_filtered(self) -> bool:
        return bool(self.form.chosen)

    @cached_property
    def asked(self) -> dict[str, str]:
        """The words of the address that choose rows and order, without the place in the list."""
        said = {name: self.request.GET.get(name, "") for name in self.form.chosen}
        return said | ({"sort": self.sort.name} if self.sort is not self.sorts[0] else {})

    def url(self, **changed: str) -> str:
        """This list with other words; "" leaves a word out."""
        said = {name: value for name, value in {**self.asked, **changed}.items() if value}
        return f"{self.at}?{urlencode(said)}" if said else self.clear_url

    @property
    def clear_url(self) -> str:
        """The list without any filter, which is then remembered."""
        return f"{self.at}?clear=1"

    @property
    def chips(self) -> list[Chip]:
        """The filters in force; each address takes one away."""
        return [Chip(self.form.words(name), self.url(**{name: ""})) for name in self.form.chosen]

    @property
    def orders(self) -> list[Order]:
        """For the select; the usual order is not spelled out in the address."""
        return [
            Order("" if one is self.sorts[0] else one.name, one.label, one is self.sort) for one in self.sorts
        ]

    @property
    def csv_url(self) -> str:
        return self.url(format="csv")

    @property
    def xlsx_url(self) -> str:
        return self.url(format="xlsx")

    # ---- The page

    @cached_property
    def _page(self) -> "Page":
        return page_of(self.narrowed, self.sort.keys, place=self.request.GET.get("page", ""), size=self.size)

    @property
    def rows(self) -> list[Any]:
        return self._page.rows

    @property
    def has_choice(self) -> bool:
        """Whether there is anything to filter or sort."""
        return len(self.rows) > 1 or self.is_filtered or self.is_beyond

    @property
    def is_beyond(self) -> bool:
        """Whether this is a later page, so that no rows mean its end."""
        return bool(self.request.GET.get("page"))

    @property
    def previous_url(self) -> str:
        return self.url(page=self._page.previous) if self._page.previous else ""

    @property
    def next_url(self) -> str:
        return self.url(page=self._page.next) if self._page.next else ""

    # ---- What is answered instead of the page

    def answer(self) -> HttpResponseBase | None:
        """A file of everything that the filter lets through, or the way to the last filter, or nothing."""
        return answer_of(
            self.request, asked=self.asked, table=self.table, rows=self._filed, subject=self.subject
        )

    def _filed(self) -> Iterator[Any]:
        """All that the filter lets through, in order, read in chunks."""
        return self.opened(self.narrowed.iterator(chunk_size=tables.ROWS_AT_ONCE))


def answer_of(
    request: HttpRequest,
    *,
    asked: Mapping[str, str],
    table: tables.Table,
    rows: Callable[[], Iterable[Any]],
    subject: str = "",
) -> HttpResponseBase | None:
    """As `Listing.answer`, for a list that is no queryset: `asked` are the words that chose its `rows`.

    Moments of the file, and the day of its name, are in this person's zone.
    """
    ending = request.GET.get("format", "")
    if ending not in tables.FORMATS:
        return last_asked(request, asked)
    zone = ZoneInfo(timezone.get_current_timezone_name())
    on = timezone.now().astimezone(zone).date()
    return tables.download(table, rows(), ending=ending, subject=subject, on=on, zone=zone)


def last_asked(request: HttpRequest, asked: Mapping[str, str]) -> HttpResponseBase | None:
    """Remember what is asked of this list; a plain link to it leads to what was asked last.

    Kept in the session by the list's address, for people who are signed in.
    """
    if not isinstance(request.user, User):
        return None
    kept: dict[str, str] = dict(request.session.get(KEPT, {}))
    words = urlencode(asked)
    if not request.GET and (last := kept.get(request.path)):
        return redirect(f"{request.path}?{last}")
    if kept.get(request.path, "") != words:
        kept.pop(request.path, None)
        if words:
            kept[request.path] = words
        request.session[KEPT] = dict(list(kept.items())[-LISTS_REMEMBERED:])
    return redirect(request.path) if "clear" in request.GET else None


@dataclass(frozen=True)
class Files:
    """The addresses of the files of a list that is no queryset; `asked` are the words that chose its rows."""

    asked: Mapping[str, str]

    @property
    def csv_url(self) -> str:
        return self._url("csv")

    @property
    def xlsx_url(self) -> str:
        return self._url("xlsx")

    def _url(self, ending: str) -> str:
        return f"?{urlencode({**self.asked, 'format': ending})}"


# ---- Pages behind a key


@dataclass(frozen=True)
class Page:
    """Some rows in order; `previous` and `next` are the places of its neighbours, "" at an end."""

    rows: list[Any]
    previous: str
    next: str


def page_of(rows: QuerySet[Any, Any], keys: Sequence[str], *, place: str, size: int) -> Page:
    """The page at `place`; a place that is none, or of another order, is the beginning."""
    back, key = _read(rows, keys, place)
    if key:
        rows = rows.filter(_behind(_turned(keys) if back else keys, key))
    found = list(rows.order_by(*(_turned(keys) if back else keys))[: size + 1])
    shown, more = found[:size], len(found) > size
    if back:
        shown.reverse()
    if not shown:
        return Page([], "", "")
    previous = _write(shown[0], keys, back=True) if (more if back else key) else ""
    following = _write(shown[-1], keys, back=False) if (back or more) else ""
    return Page(shown, previous, following)


def _turned(keys: Sequence[str]) -> list[str]:
    return [key[1:] if key.startswith("-") else f"-{key}" for key in keys]


def _behind(keys: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that stand behind the one with these values, in the order of `keys`."""
    found, same = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        name = key.removeprefix("-")
        beyond = "lt" if key.startswith("-") else "gt"
        found |= same & Q(**{f"{name}__{beyond}": value})
        same &= Q(**{name: value})
    first = keys[0].removeprefix("-")
    return Q(**{f"{first}__{'lte' if keys[0].startswith('-') else 'gte'}": values[0]}) & found


def _signer(keys: Sequence[str]) -> signing.Signer:
    return signing.Signer(salt=f"page of {' '.join(keys)}")


def _write(row: Model, keys: Sequence[str], *, back: bool) -> str:
    values = [_value(row, key.removeprefix("-")) for key in keys]
    return _signer(keys).sign_object([int(back), *(str(value) for value in values)])


def _value(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = getattr(row, part)
    return row


def _read(rows: QuerySet[Any, Any], keys: Sequence[str], place: str) -> tuple[bool, list[Any]]:
    """Which way to go and from which key. The key is signed, so that it holds what a row of ours held."""
    try:
        back, *texts = _signer(keys).unsign_object(place)
        fields = [_field(rows, key.removeprefix("-")) for key in keys]
        return bool(back), [field.to_python(text) for field, text in zip(fields, texts, strict=True)]
    except (signing.BadSignature, ValidationError, ValueError, TypeError):
        return False, []


def _field(rows: QuerySet[Any, Any], name: str) -> Any:
    """The column or annotation of this name."""
    if name in rows.query.annotations:
        return rows.query.annotations[name].output_field
    model: Any = rows.model
    field: Any = None
    for part in name.split("__"):
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        model = field.related_model
    return field
