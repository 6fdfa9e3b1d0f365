"""A package as a work process schedule."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from string import ascii_lowercase
from typing import Any

from competencies.imports import facts
from competencies.imports import outline as o
from competencies.imports.case.items import Item
from competencies.imports.case.members import rows_of, text_of, texts_of
from competencies.imports.case.packed import Packed, coded
from competencies.imports.case.terms import (
    COURSE,
    CREDENTIAL,
    FUNCTION,
    LEVEL,
    ONET,
    RAPIDS,
    SKILL,
    SPOKEN,
    TIER,
    TOPICS,
)
from competencies.models import JobFunction, Level
from competencies.models.scales import rank

LONGEST: int = JobFunction._meta.get_field("title").max_length or 0
"""Signs of a job function's title."""


def schedule(packed: Packed) -> o.ScheduleOutline:
    """The outline of a schedule. What stands at the top and is nothing else is a job function."""
    parts: dict[str, list[Item]] = {}
    for item in packed.roots:
        parts.setdefault(SPOKEN.get(item.kind.casefold(), FUNCTION), []).append(item)
    skills = [*(one for tier in parts.get(TIER, []) for one in tier.children), *parts.get(SKILL, [])]
    children = {
        "job_functions": tuple(_functions(packed, parts.get(FUNCTION, []))),
        "courses": tuple(_course(packed, item) for item in parts.get(COURSE, [])),
        "credentials": tuple(_credential(packed, item) for item in parts.get(CREDENTIAL, [])),
        "cross_cutting": tuple(_skill(packed, item) for item in skills),
    }
    nowhere = (*TOPICS.values(), *(() if packed.is_own else (LEVEL,)))
    for item in (one for kind in nowhere for one in parts.get(kind, [])):
        packed.notes.warn(item.place, f"“{item.text:.60}” is of no job function", "It is left out.")
    if packed.is_own:
        return facts.node(o.ScheduleOutline, packed.own, packed.top, **packed.identity(), **children)
    return _others_schedule(packed, children)


def _others_schedule(packed: Packed, children: dict[str, Any]) -> o.ScheduleOutline:
    told = " ".join(packed.said(key) for key in ("title", "notes", "description"))
    told += " " + " ".join(texts_of(packed.document, "subject", "CFDocument"))
    onet, rapids = ONET.search(told), RAPIDS.search(told)
    codes = {"onet_code": onet[0] if onet else "", "rapids_code": rapids[1].upper() if rapids else ""}
    plain = {"onet_code": codes["onet_code"], "rapids_code": codes["rapids_code"][:4]}
    return facts.node(
        o.ScheduleOutline,
        codes,
        packed.top,
        occupation=o.OccupationOutline(title=packed.title, **plain),
        source=packed.source(),
        context=packed.said("description").strip(),
        notes=packed.said("notes").strip(),
        rating_scale=_scale(packed),
        **packed.identity(),
        **children,
    )


def _functions(packed: Packed, items: list[Item]) -> Iterator[o.FunctionOutline]:
    printed = [int(item.code) if re.fullmatch(r"[1-9]\d{0,4}", item.code) else 0 for item in items]
    if 0 in printed or len(set(printed)) < len(printed):
        printed = list(range(1, len(items) + 1))
        packed.notes.note("CFItems", "The job functions have no numbers of their own", "They are counted.")
    for number, item in zip(printed, items, strict=True):
        yield _function(packed, item, number)


def _function(packed: Packed, item: Item, number: int) -> o.FunctionOutline:
    topics: dict[str, list[o.TopicOutline]] = {kind: [] for kind in TOPICS}
    work: list[Item] = []
    kinds = {title: kind for kind, title in TOPICS.items()}
    for child in item.children:
        kind = kinds.get(SPOKEN.get(child.kind.casefold(), ""))
        if kind is None:
            work.append(child)
        else:
            topics[kind].append(facts.node(o.TopicOutline, child.facts, packed.path(child), text=child.text))
    return facts.node(
        o.FunctionOutline,
        item.facts,
        packed.path(item),
        number=number,
        competencies=tuple(_competencies(packed, work, number)),
        **{kind: tuple(rows) for kind, rows in topics.items()},
        **({"title": item.text} if packed.is_own else _others_function(packed, item)),
    )


def _others_function(packed: Packed, item: Item) -> dict[str, Any]:
    """Words that are too many for a title stand in the details as well, whole."""
    title, details = item.text, item.words
    if len(title) > LONGEST:
        words = f"The job function “{title:.40}…” has {len(title)} signs, a title at most {LONGEST}"
        packed.notes.warn(item.place, words, "It is cut; all of it stands in the details.")
        title, details = title[: LONGEST - 1] + "…", f"{title}\n{details}".strip()
    return {"title": title, "details": details, "core": "optional" not in item.keywords}


def _competencies(packed: Packed, items: list[Item], number: int) -> Iterator[o.CompetencyOutline]:
    taken: set[str] = set()
    for index, item in enumerate(items):
        letter = _letter(packed, item, number, taken) or next(one for one in _from(index) if one not in taken)
        taken.add(letter)
        others = {} if packed.is_own else _others_competency(packed, item, letter, number)
        yield facts.node(
            o.CompetencyOutline,
            item.facts,
            packed.path(item),
            letter=letter,
            title=item.text,
            standards=tuple(_standards(packed, item)),
            **others,
        )


def _others_competency(packed: Packed, item: Item, letter: str, number: int) -> dict[str, Any]:
    lost = item.code if item.code not in ("", letter, f"{number}{letter}") else ""
    details = filter(None, (lost and f"Code in the source: {lost}", item.words))
    return {
        "required": "optional" not in item.keywords,
        "level": next((level for level in Level.values if level in item.keywords), ""),
        "details": "\n".join(details),
    }


def _standards(packed: Packed, competency: Item) -> Iterator[o.StandardOutline]:
    deeper = [one for child in competency.children for one in child.below()]
    if deeper:
        words = f"Under “{competency.text:.60}” hang {len(deeper)} statements deeper than a standard"
        packed.notes.note(
            competency.place, words, "Each is a standard of its own, after what it hangs under."
        )
    for item in competency.below():
        text = item.text if packed.is_own else coded(item)
        yield facts.node(o.StandardOutline, item.facts, packed.path(item), text=text)


def _course(packed: Packed, item: Item) -> o.CourseOutline:
    others = {} if packed.is_own else {"details": item.words}
    return facts.node(
        o.CourseOutline, item.facts, packed.path(item), title=item.text, code=item.code, **others
    )


def _credential(packed: Packed, item: Item) -> o.CredentialOutline:
    given = {"name": item.text, "abbreviation": item.short}
    return facts.node(o.CredentialOutline, item.facts, packed.path(item), **given)


def _skill(packed: Packed, item: Item) -> o.CrossCuttingOutline:
    given = {} if packed.is_own else {"tier": 1, "tier_title": "Cross-cutting competencies"}
    return facts.node(o.CrossCuttingOutline, item.facts, packed.path(item), title=item.text, **given)


def _scale(packed: Packed) -> o.ScaleOutline | None:
    """The first rubric's levels as a rating scale; which of them pass, CASE does not say."""
    rubrics = [row for _, row in rows_of({"CFRubrics": packed.rubrics}, "CFRubrics", "CFRubric")]
    criteria = rows_of(rubrics[0] if rubrics else {}, "CFRubricCriteria", "CFRubricCriterion")
    found = {one.value: one for _, criterion in criteria for one in _ratings(criterion)}
    none = found.pop(None, None)
    if not found:
        return None
    packed.notes.warn("CFRubrics", "CASE does not say which ratings pass", "The highest passes, no other.")
    falling = sorted(found, key=rank, reverse=True)
    levels = [replace(found[value], passing=value == falling[0]) for value in falling]
    name = text_of(rubrics[0], "title", "CFRubrics")[:80] or "Rating scale"
    return o.ScaleOutline(name=name, source=packed.source()[:300], levels=(*levels, *filter(None, [none])))


def _ratings(criterion: dict[str, Any]) -> Iterator[o.LevelOutline]:
    """The levels of a criterion that have a whole number and a word, or say “not applicable” without one."""
    for place, row in rows_of(criterion, "CFRubricCriterionLevels", "CFRubricCriterionLevel"):
        score = row.get("score")
        label = text_of(row, "quality", place) or text_of(row, "description", place)
        if isinstance(score, int | float) and 0 <= score < 1000 and score == int(score) and label:
            yield o.LevelOutline(value=int(score), label=label[:60], short_label=label[:20])
        elif score is None and re.fullmatch(r"n/?a|not applicable", label, re.IGNORECASE):
            yield o.LevelOutline(value=None, label=label, short_label=label, needs_reason=True)


def _letter(packed: Packed, item: Item, number: int, taken: set[str]) -> str:
    """The letter that the source gives a competency, "" where it gives none that can be used."""
    if packed.is_own and item.mark not in taken:
        return item.mark
    for text in (item.mark, item.code.removeprefix(str(number)), item.code):
        letter = text.strip(". ()")
        if re.fullmatch(r"[A-Za-z0-9]{1,3}", letter) and letter not in taken:
            return letter
    return ""


def _from(index: int) -> Iterator[str]:
    """a, b, … z, aa, ab, … from the given place on."""
    for place in count(index):
        letters, rest = "", place + 1
        while rest:
            rest, last = divmod(rest - 1, 26)
            letters = ascii_lowercase[last] + letters
        yield letters
