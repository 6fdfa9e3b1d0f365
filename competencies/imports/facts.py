"""The plain fields of an outline node as JSON values and back: what formats of others have no member for.

Both ways follow the declared types of the outline, so that a new field of the outline needs no line here.
"""

from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from competencies.imports import outline as o

T = TypeVar("T")
LEFT_OUT = {"lineage"}
"""A file never says which requirement a row continues: that comes from copying here, or from a person."""


def told(node: Any, *, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the node says in its own fields, `but` some: no children, and nothing that is at its default."""
    found = {}
    for one in fields(node):
        value = getattr(node, one.name)
        if one.name in but or one.name not in _plain_fields(_form(node)) or value == one.default:
            continue
        found[one.name] = _plain(value)
    return found


def node(form: type[T], facts: Any, path: str, **given: Any) -> T:
    """A node of type `form` with what `facts` say of it, and the `given` fields.

    Raises Malformed for a field that the form has not, a value of another kind, or a field that is missing.
    """
    own = _taken(form, facts, path) | given
    missing = [one.name for one in fields(form) if one.default is MISSING and one.name not in own]  # type: ignore[arg-type]
    if missing:
        raise o.Malformed(f"{path}.{missing[0]}", "is missing")
    return form(**own)


def _taken(form: Any, facts: Any, path: str) -> dict[str, Any]:
    if not isinstance(facts, dict):
        raise o.Malformed(path, "an object is expected here")
    hints = _plain_fields(form)
    unknown = sorted(str(name) for name in facts.keys() - hints.keys())
    if unknown:
        raise o.Malformed(f"{path}.{unknown[0]}", "is not known here")
    return {name: _typed(hints[name], value, f"{path}.{name}") for name, value in facts.items()}


def _form(node: Any) -> Any:
    return type(node)


@cache
def _plain_fields(form: Any) -> dict[str, Any]:
    """The types of the fields that are no children, by name."""
    hints = get_type_hints(form)
    return {
        one.name: hints[one.name]
        for one in fields(form)
        if one.name not in LEFT_OUT and not _is_children(hints[one.name])
    }


def _is_children(hint: Any) -> bool:
    item = get_args(hint)[0] if get_origin(hint) is tuple else None
    return isinstance(item, type) and issubclass(item, o.Node)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return told(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _typed(hint: Any, value: Any, path: str) -> Any:
    """The JSON value as the declared type asks for it."""
    if get_origin(hint) in (Union, UnionType):
        return _one_of(get_args(hint), value, path)
    if get_origin(hint) is tuple:
        return _row(get_args(hint), value, path)
    if isinstance(hint, type) and is_dataclass(hint):
        return node(hint, value, path)
    if hint is date and isinstance(value, str):
        return _day(value, path)
    if type(value) is not hint:
        raise o.Malformed(path, f"{getattr(hint, '__name__', hint)} is expected here, not {value!r:.40}")
    return value


def _one_of(hints: tuple[Any, ...], value: Any, path: str) -> Any:
    if value is None and NoneType in hints:
        return None
    kinds = [hint for hint in hints if hint is not NoneType]
    same = [hint for hint in kinds if hint is type(value)]
    return _typed((same or kinds)[0], value, path)


def _row(hints: tuple[Any, ...], value: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise o.Malformed(path, f"a list is expected here, not {value!r:.40}")
    many = len(hints) == 2 and hints[1] is Ellipsis
    if not many and len(value) != len(hints):
        raise o.Malformed(path, f"{len(hints)} values are expected here, not {len(value)}")
    kinds = [hints[0]] * len(value) if many else hints
    pairs = zip(kinds, value, strict=True)
    return tuple(_typed(hint, item, f"{path}[{index}]") for index, (hint, item) in enumerate(pairs, start=1))


def _day(value: str, path: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise o.Malformed(path, "is not a date such as 2026-11-22") from error
