"""Outlines of every shape, for hypothesis: small, with empty and odd texts where a document may have them."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from competencies.imports import outline as o
from competencies.models import Approach, Level, StatementKind, Timing

LINE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=30
).filter(lambda text: text.strip())
PARAGRAPH = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
MAYBE = st.just("") | PARAGRAPH
SHORT = st.just("") | LINE
MINUTES = st.none() | st.integers(0, 400_000)
MENDED = {"repair": MAYBE, "needs_review": st.booleans()}


def rows(strategy: Any, most: int = 3) -> Any:
    return st.lists(strategy, max_size=most).map(tuple)


def spans(low: str, high: str) -> Any:
    """Both ends of a range, either of them perhaps missing."""

    def named(pair: tuple[int | None, int | None]) -> dict[str, int | None]:
        given = sorted(one for one in pair if one is not None)
        ends = (given[0], given[1]) if len(given) == 2 else pair
        return {low: ends[0], high: ends[1]}

    return st.tuples(MINUTES, MINUTES).map(named)


@st.composite
def functions(draw: Any, number: int) -> o.FunctionOutline:
    topic = st.builds(o.TopicOutline, text=PARAGRAPH, **MENDED)
    standard = st.builds(
        o.StandardOutline, text=PARAGRAPH, required_demonstrations=st.integers(1, 9), **MENDED
    )
    letters = draw(st.lists(st.text("abcXY1", min_size=1, max_size=3), max_size=4, unique=True))
    competency = {
        "title": PARAGRAPH,
        "heading": SHORT,
        "details": MAYBE,
        "answers": rows(LINE),
        "level": st.sampled_from(["", *Level.values]),
        "required": st.booleans(),
        "standards": rows(standard),
    }
    hours = draw(spans("ojt_minutes_min", "ojt_minutes_max")) | draw(
        spans("ri_minutes_min", "ri_minutes_max")
    )
    return o.FunctionOutline(
        number=number,
        title=draw(LINE),
        details=draw(MAYBE),
        core=draw(st.booleans()),
        **hours,
        **{kind: draw(rows(topic)) for kind in ("skill", "knowledge", "tool")},
        competencies=tuple(
            draw(st.builds(o.CompetencyOutline, letter=st.just(letter), **competency, **MENDED))
            for letter in letters
        ),
        **{name: draw(one) for name, one in MENDED.items()},
    )


@st.composite
def scales(draw: Any) -> o.ScaleOutline:
    values = draw(st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True))
    level = {
        "label": LINE,
        "short_label": st.text("abc", min_size=1, max_size=9),
        "description": SHORT,
        "passing": st.booleans(),
        "needs_reason": st.booleans(),
    }
    levels = [draw(st.builds(o.LevelOutline, value=st.just(value), **level)) for value in values]
    if draw(st.booleans()):
        no_rating = {**level, "passing": st.just(False), "needs_reason": st.just(True)}
        levels.append(draw(st.builds(o.LevelOutline, value=st.none(), **no_rating)))
    return o.ScaleOutline(
        name=draw(LINE), chosen_by_sponsor=draw(st.booleans()), source=draw(SHORT), levels=tuple(levels)
    )


@st.composite
def schedules(draw: Any) -> o.ScheduleOutline:
    numbers = draw(st.lists(st.integers(1, 30), max_size=3, unique=True))
    course = st.builds(o.CourseOutline, title=LINE, heading=SHORT, code=SHORT, provider=SHORT, details=MAYBE)
    credential = st.builds(
        o.CredentialOutline,
        name=LINE,
        abbreviation=st.text("ABC-", max_size=9),
        awarding_body=SHORT,
        timing=st.sampled_from(["", *Timing.values]),
        **MENDED,
    )
    skill = st.builds(
        o.CrossCuttingOutline,
        tier=st.integers(1, 3),
        tier_title=LINE,
        title=LINE,
        level=st.none() | st.integers(0, 5),
        **MENDED,
    )
    texts = ("wage_note", "probation", "selection", "notes", "required_certifications", "context", "purpose")
    return o.ScheduleOutline(
        title=draw(LINE),
        occupation=draw(st.builds(o.OccupationOutline, title=LINE)),
        source=draw(MAYBE),
        source_read_on=draw(st.none() | st.dates(date(2000, 1, 1), date(2030, 1, 1))),
        approach=draw(st.none() | st.sampled_from(Approach.values)),
        term_months=draw(st.none() | st.integers(0, 99)),
        rating_scale=draw(st.none() | scales()),
        wage_steps=draw(rows(st.tuples(LINE, SHORT, SHORT))),
        registration=draw(rows(st.tuples(LINE, SHORT))),
        workforce=draw(rows(st.tuples(LINE, SHORT))),
        cross_cutting_scale=draw(st.just(()) | st.just((("highest", 5), ("name", "Beta")))),
        job_functions=tuple(draw(functions(number)) for number in numbers),
        courses=draw(rows(course)),
        credentials=draw(rows(credential)),
        cross_cutting=draw(rows(skill)),
        **draw(spans("minimum_ojt_minutes", "maximum_ojt_minutes")),
        **draw(spans("minimum_ri_minutes", "maximum_ri_minutes")),
        **{name: draw(rows(LINE)) for name in o.LISTS},
        **{name: draw(MAYBE) for name in texts},
        **{name: draw(one) for name, one in MENDED.items()},
    )


def statements(kind: StatementKind, children: Any) -> Any:
    return st.builds(
        o.StatementOutline, kind=st.just(kind.value), text=PARAGRAPH, children=children, **MENDED
    )


def counted() -> Any:
    leaf = statements(StatementKind.STATEMENT, st.just(()))
    several = st.integers(0, 9999)
    day = st.dates(date(2000, 1, 1), date(2030, 1, 1))
    return leaf | st.builds(
        o.StatementOutline,
        kind=st.just(StatementKind.STATEMENT.value),
        text=PARAGRAPH,
        resource_count=several,
        counted_on=day,
    )


FRAMEWORKS = st.builds(
    o.FrameworkOutline,
    title=LINE,
    publisher=SHORT,
    source=MAYBE,
    note=MAYBE,
    statements=rows(
        statements(StatementKind.DOMAIN, rows(statements(StatementKind.SUBDOMAIN, rows(counted()))))
    ),
)
