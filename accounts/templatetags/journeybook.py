"""The words, numbers and small drawings every page shares. A template builtin: no `load` is needed.

    {{ minutes|hmm }}                        7:30                      clock form, for cells and steppers
    {{ minutes|hours }}                      7 h 30 min, 1,262 h       for sentences; breaks only behind the h
    {{ "read write"|wordlist }}              read and write
    {% icon "check" %}                       a small icon; decorative, so words stand beside it
    {% icon "plus" 24 %}                     sizes: 16 (default), 20, 24
    {% state entry.status %}                 pill: Draft, Waiting, Approved, Returned, Replaced, ...
    {% state "submitted" "5 days" %}         the same pill with other words
    {% ring percent "signed" %}              ring for the whole, 64 % in the middle
    {% meter value total %}                  bar; decorative when the number stands beside it
    {% meter value total waiting=30 mark=500 label="Approved 7 of 10 h" %}
                                             lighter for what waits, a tick at what is required
    {% cell met total "Job function 2" %}    square of the board, 5/7; without total: dashed
    {% when moment %}                        Nov 20, 2026, 4:10 pm CST in the reader's zone
    {% when moment program.time_zone %}      the same moment in the zone of the record
    {% shown_once secret %}                  a box with what no page shows again, to copy now
    {% shown_once link 2 "Ana Reyes" %}      the second such box of the page, and whose it is
    {{ options|as_json }}                    for a script, in an attribute
    {% json_ld told %}                       data for search engines; a block of data, which runs nothing
    {% help "ri" %}                          what the glossary says, behind a question mark, once a page

Drawings are SVG with presentation attributes and classes only, because the Content-Security-Policy forbids
style attributes. Percentages are rounded down, and only the whole is 100.
"""

from __future__ import annotations

import json
import zoneinfo
from datetime import UTC, datetime
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from heroicons.templatetags import heroicons

from accounts.dates import clock_words, day_words
from accounts.durations import format_hours, format_minutes
from accounts.glossary import Term, terms

register = template.Library()

# word of the record -> (colour class, icon, word for people)
STATES: dict[str, tuple[str, str, str]] = {
    "draft": ("draft", "pencil", "Draft"),
    "submitted": ("wait", "clock", "Waiting"),
    "waiting": ("wait", "clock", "Waiting"),
    "approved": ("ok", "check", "Approved"),
    "returned": ("back", "arrow-uturn-left", "Returned"),
    "superseded": ("draft", "arrow-path", "Replaced"),
    "signed": ("ok", "check-badge", "Signed"),
    "not_yet": ("draft", "minus", "Not yet"),
    "not_applicable": ("draft", "minus", "Not applicable"),
    "withdrawn": ("back", "arrow-uturn-left", "Withdrawn"),
    "achieved": ("ok", "check-badge", "Achieved"),
    "not_started": ("draft", "minus", "Not started"),
    "ahead": ("ok", "check", "Ahead"),
    "on_pace": ("ok", "check", "On pace"),
    "behind": ("back", "exclamation-triangle", "Behind"),
    "due": ("wait", "clock", "Due"),
    "active": ("ok", "check", "Active"),
    "suspended": ("draft", "pause", "Suspended"),
    "completed": ("ok", "check-badge", "Completed"),
    "cancelled": ("back", "x-mark", "Cancelled"),
    "queued": ("wait", "clock", "Queued"),
    "running": ("wait", "arrow-path", "Being built"),
    "done": ("ok", "check", "Ready"),
    "failed": ("back", "exclamation-triangle", "Failed"),
    "well": ("ok", "check", "Well"),
    "look": ("wait", "eye", "Look"),
    "broken": ("back", "exclamation-triangle", "Broken"),
    "published": ("ok", "check", "Published"),
    "retired": ("draft", "archive-box", "Retired"),
    "needs_review": ("wait", "eye", "Needs review"),
    "suggested": ("wait", "light-bulb", "Suggested"),
    "confirmed": ("ok", "check", "Confirmed"),
    "rejected": ("back", "x-mark", "Rejected"),
    "expired": ("back", "clock", "Expired"),
    "refused": ("back", "no-symbol", "Refused"),
    "revoked": ("back", "no-symbol", "Revoked"),
}


@register.filter
def hmm(minutes: int | None) -> str:
    """Minutes as clock time, "7:30"; a dash for none."""
    return "–" if minutes is None else format_minutes(minutes)


@register.filter
def hours(minutes: int | None) -> str:
    """Minutes as spoken, "7 h 30 min", each number unbroken from its unit; a dash for none."""
    said = "–" if minutes is None else format_hours(minutes)
    return said.replace(" h", "\u00a0h").replace(" min", "\u00a0min")


@register.filter
def wordlist(words: str) -> str:
    """Words parted by spaces as people list them: "read write sign" is "read, write and sign"."""
    *first, last = words.split() or [""]
    return f"{', '.join(first)} and {last}" if first else last


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """A heroicon of 16, 20 or 24 pixels, hidden from screen readers."""
    return _icon(str(name), size)


@lru_cache(maxsize=256)
def _icon(name: str, size: int) -> SafeString:
    draw = {16: heroicons.heroicon_micro, 20: heroicons.heroicon_mini, 24: heroicons.heroicon_outline}[size]
    return mark_safe(draw(name, size=size, **{"class": "icon", "aria-hidden": "true"}))  # noqa: S308


IN_A_PAGE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@register.simple_tag
def json_ld(told: object) -> SafeString:
    """Data for search engines. It is a block of data and no script, so the policy of the page allows it."""
    words = json.dumps(told, ensure_ascii=False).translate(IN_A_PAGE)
    return mark_safe(f'<script type="application/ld+json">{words}</script>')  # noqa: S308 - escaped above


@register.simple_tag
def state(word: str, label: str = "") -> SafeString:
    """A pill for a state of the record: colour, icon and word together; grey for a word it does not know."""
    key = str(word).lower().replace(" ", "_")
    colour, picture, text = STATES.get(key, ("draft", "minus", str(word).replace("_", " ").capitalize()))
    return format_html('<span class="state state-{}">{} {}</span>', colour, _icon(picture, 16), label or text)


@register.simple_tag
def ring(percent: int, label: str = "") -> SafeString:
    """A ring filled to `percent` (0-100) with the number and a word inside."""
    value = max(0, min(100, int(percent)))
    return format_html(
        '<svg class="ring" viewBox="0 0 108 108" width="108" height="108" role="img" aria-label="{0} % {1}">'
        '<circle class="ring-track" cx="54" cy="54" r="47" fill="none" stroke-width="13"/>'
        '<circle class="ring-value" cx="54" cy="54" r="47" fill="none" stroke-width="13" pathLength="100"'
        ' stroke-dasharray="{0} 100" transform="rotate(-90 54 54)"/>'
        '<text class="ring-number" x="54" y="{2}" text-anchor="middle">{0} %</text>'
        '<text class="ring-label" x="54" y="73" text-anchor="middle">{1}</text></svg>',
        value,
        label,
        55 if label else 62,
    )


@register.simple_tag
def meter(value: int, total: int, waiting: int = 0, mark: int | None = None, label: str = "") -> SafeString:
    """A bar of `value` in `total`, lighter for what waits, a tick at `mark`; all four in one unit."""
    told = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    tick = mark_safe("")
    if mark is not None:
        at = _share(mark, total)
        tick = format_html('<line class="meter-mark" x1="{0}" x2="{0}" y1="0" y2="18"/>', at)
    return format_html(
        '<svg class="meter" width="100%" height="18" {}>'
        '<rect class="meter-track" x="0" y="4" width="100%" height="10" rx="5"/>'
        '<rect class="meter-wait" x="0" y="4" width="{}" height="10" rx="5"/>'
        '<rect class="meter-value" x="0" y="4" width="{}" height="10" rx="5"/>{}</svg>',
        told,
        _share(value + waiting, total) if waiting else "0",
        _share(value, total),
        tick,
    )


@register.simple_tag
def cell(met: int = 0, total: int = 0, title: str = "") -> SafeString:
    """One square of the board: met of total, darker the more is met; dashed when nothing counts."""
    if not total:
        return format_html(
            '<span class="cell cell-none" title="{0}"><span aria-hidden="true">–</span>'
            '<span class="visually-hidden">{0}</span></span>',
            f"{title}: not elected" if title else "not elected",
        )
    shade = 4 if met >= total else (met * 4 + total - 1) // total
    spoken = format_html('<span class="visually-hidden">{}: </span>', title) if title else ""
    return format_html(
        '<span class="cell cell-{}" title="{}">{}{}/{}</span>', max(0, shade), title, spoken, met, total
    )


@register.simple_tag
def hours_cell(minutes: int, asked: int | None = None, title: str = "") -> SafeString:
    """A square of the board for hours: per cent of those asked, or the hours where none are asked."""
    shade = min(4, (minutes * 4 + asked - 1) // asked) if asked else 0
    told = f"{title}: {format_hours(minutes)}" + (f" of {format_hours(asked)}" if asked else "")
    text = f"{100 * minutes // asked} %" if asked else format_hours(minutes)
    return format_html(
        '<span class="cell cell-{0}" title="{1}"><span aria-hidden="true">{2}</span>'
        '<span class="visually-hidden">{1}</span></span>',
        shade if not asked or minutes >= asked else min(3, shade),
        told,
        text,
    )


@register.simple_tag
def when(moment: datetime | None, zone: str = "") -> SafeString:
    """A moment as people read it, with its zone: in `zone` where the record has one, else in the reader's."""
    if moment is None:
        return mark_safe("–")
    local = moment.astimezone(zoneinfo.ZoneInfo(str(zone)) if zone else timezone.get_current_timezone())
    name = local.tzname() or ""
    text = f"{day_words(local)}, {clock_words(local)} {name if name[:1].isalpha() else 'UTC' + name}"
    return format_html('<time datetime="{}">{}</time>', moment.astimezone(UTC).isoformat(), text)


@register.filter
def as_json(told: object) -> str:
    """What a script reads from an attribute; the template escapes it there."""
    return json.dumps(told)


@register.inclusion_tag("shown_once.html")
def shown_once(secret: str, number: int = 1, whose: str = "") -> dict[str, object]:
    """A secret in a box, with a button that copies it."""
    return {"secret": secret, "number": number, "whose": whose}


@register.inclusion_tag("help.html", takes_context=True)
def help(context: template.Context, key: str) -> dict[str, Term | None]:
    """What the glossary says of the word with this key, where it first stands on the page; KeyError for none.

    A popover of the browser's own: it opens and closes by keyboard and needs no script.
    """
    request = context.get("request")
    explained: set[str] = vars(request).setdefault("explained", set()) if request else {key}
    term = None if key in explained else terms()[key]
    explained.add(key)
    return {"term": term}


def _share(part: int, whole: int) -> str:
    """`part` of `whole` as an SVG length in per cent, never outside the drawing."""
    if whole <= 0:
        return "0"
    return f"{max(0.0, min(100.0, 100 * part / whole)):.2f}%"
