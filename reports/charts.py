"""Charts as SVG, drawn here: the same in a page and on paper.

Colours are presentation attributes, which paper keeps and the theme of the pages overrides by class. Each
chart has a title in words, which is also what a screen reader and a tagged PDF say of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.dates import day_words
from reports.pace import PaceLine

INK, QUIET, RULE, FILL, TRACK = "#1c2529", "#556067", "#dfdacd", "#0b5f66", "#ece9e1"
WIDTH, HEIGHT = 640, 165
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 26


@dataclass(frozen=True)
class Bar:
    """One line of a bar chart; `mark` is where the plan expects it, None for no plan."""

    label: str
    percent: int
    mark: int | None


def pace_chart(line: PaceLine) -> SafeString:
    """The steps that were reached against the straight line of the plan."""
    frame = _Frame(line)
    told = (
        f"{int(100 * line.share)} % reached by {day_words(line.as_of)}; the plan goes evenly from "
        f"{day_words(line.starts_on)} to {day_words(line.ends_on)}"
    )
    return _drawing(HEIGHT, told, _grid(frame) + _plan(frame) + _steps(frame))


def _drawing(height: int, title: str, inside: SafeString) -> SafeString:
    return format_html(
        '<svg class="chart" xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
        'width="{width}" height="{height}" font-family="Source Sans" font-size="13" fill="{ink}">'
        "<title>{title}</title>{inside}</svg>",
        width=WIDTH,
        height=height,
        ink=QUIET,
        title=title,
        inside=inside,
    )


class _Frame:
    """Days and shares as places in the drawing; shown from the start to the later of plan's end and today."""

    def __init__(self, line: PaceLine) -> None:
        self.line = line
        self.first = line.starts_on
        self.last = max(line.ends_on, line.as_of)
        self.days = max(1, (self.last - self.first).days)

    def x(self, day: date) -> float:
        gone = min(max((day - self.first).days, 0), self.days)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * gone / self.days, 1)

    def y(self, share: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)


def _grid(frame: _Frame) -> SafeString:
    lines = [(share, frame.y(share / 100)) for share in (0, 50, 100)]
    levels = format_html_join(
        "",
        '<path class="grid" d="M{} {}H{}" stroke="{}" fill="none"/>'
        '<text x="{}" y="{}" text-anchor="end">{} %</text>',
        ((LEFT, y, WIDTH - RIGHT, RULE, LEFT - 7, y + 4, share) for share, y in lines),
    )
    ends = ((frame.first, "start"), (frame.last, "end"))
    days = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}">{}</text>',
        ((frame.x(day), HEIGHT - 6, anchor, day_words(day)) for day, anchor in ends),
    )
    return levels + days


def _plan(frame: _Frame) -> SafeString:
    line = frame.line
    return format_html(
        '<path class="pace" d="M{} {}L{} {}" stroke="{}" stroke-width="1.5" stroke-dasharray="5 5" '
        'fill="none"/>',
        frame.x(line.starts_on),
        frame.y(0),
        frame.x(line.ends_on),
        frame.y(1),
        QUIET,
    )


def _steps(frame: _Frame) -> SafeString:
    """A staircase: what was reached stays until the next day on which more was."""
    path = f"M{frame.x(frame.line.starts_on)} {frame.y(0)}"
    for day, share in frame.line.reached:
        path += f"H{frame.x(day)}V{frame.y(share)}"
    end = frame.x(frame.line.as_of)
    return format_html(
        '<path class="area" d="{path}H{end}V{floor}Z" fill="{fill}" fill-opacity="0.14"/>'
        '<path class="line" d="{path}H{end}" stroke="{fill}" stroke-width="3" stroke-linejoin="round" '
        'fill="none"/>'
        '<circle class="here" cx="{end}" cy="{here}" r="4.5" fill="{fill}"/>',
        path=path,
        end=end,
        floor=frame.y(0),
        here=frame.y(min(1.0, frame.line.share)),
        fill=FILL,
    )


def bar_chart(bars: Sequence[Bar], *, title: str) -> SafeString:
    """A bar for each, filled to its per cent, with a tick where the plan expects it."""
    row, label = 24, 190
    width = WIDTH - label - 60
    drawn = [(_bar(bar, row * place, label, width),) for place, bar in enumerate(bars)]
    return _drawing(row * len(bars) + 4, title, format_html_join("", "{}", drawn))


def _bar(bar: Bar, top: int, left: int, width: int) -> SafeString:
    mark = SafeString("")
    if bar.mark is not None:
        at = round(left + width * min(100, bar.mark) / 100, 1)
        mark = format_html(
            '<path class="tick" d="M{} {}v18" stroke="{}" stroke-width="2" fill="none"/>', at, top + 2, INK
        )
    return format_html(
        '<text class="name" x="0" y="{y}" fill="{ink}">{label}</text>'
        '<rect class="track" x="{left}" y="{top}" width="{width}" height="12" rx="3" fill="{track}"/>'
        '<rect class="value" x="{left}" y="{top}" width="{filled}" height="12" rx="3" fill="{fill}"/>{mark}'
        '<text class="name" x="{end}" y="{y}" fill="{ink}">{percent} %</text>',
        y=top + 15,
        ink=INK,
        label=bar.label,
        left=left,
        top=top + 5,
        width=width,
        filled=round(width * bar.percent / 100, 1),
        track=TRACK,
        fill=FILL,
        mark=mark,
        end=left + width + 8,
        percent=bar.percent,
    )
