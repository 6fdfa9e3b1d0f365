"""Draw the models and what they point at: `python docs/diagram.py` writes docs/model.svg (`make docs`).

One column a package, in the order in which packages may import each other; one box a model; one row a
foreign key. What points at a person is only named, or there would be nothing but lines.
"""

import inspect
import os
import sys
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "model.svg"
PACKAGES = {
    "ledger": ("what cannot be unsaid", "#6b7280"),
    "accounts": ("who", "#7c3aed"),
    "competencies": ("what is learned", "#0f766e"),
    "apprenticeship": ("programs and apprentices", "#b45309"),
    "ojt_logs": ("what was done", "#1d4ed8"),
    "reports": ("what it amounts to", "#be185d"),
}
WIDTH, GAP, MARGIN, TOP = 226, 62, 28, 74
HEAD, ROW, SPACE = 24, 15, 16
ONLY_NAMED = {"User"}


@dataclass
class Box:
    """One model, where it stands and what it points at."""

    name: str
    package: str
    rows: list[tuple[str, str]]
    x: int = 0
    y: int = 0

    @property
    def height(self) -> int:
        return HEAD + len(self.rows) * ROW + (7 if self.rows else 0)


@dataclass
class Drawing:
    boxes: dict[str, Box] = field(default_factory=dict)

    def lines(self) -> list[tuple[Box, int, Box]]:
        """(from, its row, to) of every reference that is drawn."""
        return [
            (box, number, self.boxes[target])
            for box in self.boxes.values()
            for number, (_, target) in enumerate(box.rows)
            if target in self.boxes and target not in ONLY_NAMED
        ]


def read() -> Drawing:
    """The models of our packages as Django knows them, each placed in its column."""
    from django.apps import apps

    drawing = Drawing()
    for column, package in enumerate(PACKAGES):
        y = TOP
        for model in sorted(apps.get_app_config(package).get_models(), key=place):
            fields = [*model._meta.fields, *model._meta.many_to_many]
            rows = [
                (one.name, one.related_model.__name__)
                for one in fields
                if one.related_model and one.related_model._meta.app_label in PACKAGES
            ]
            box = Box(model.__name__, package, rows, x=MARGIN + column * (WIDTH + GAP), y=y)
            drawing.boxes[box.name] = box
            y += box.height + SPACE
    return drawing


def place(model: type) -> tuple[str, int]:
    """Where a model stands in the code, whatever was imported first."""
    return model.__module__, inspect.getsourcelines(model)[1]


def draw(drawing: Drawing) -> str:
    width = 2 * MARGIN + len(PACKAGES) * WIDTH + (len(PACKAGES) - 1) * GAP
    height = max(box.y + box.height for box in drawing.boxes.values()) + MARGIN
    title = "The models of Journeybook by package, and what each points at"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'font-family="system-ui, sans-serif" font-size="11">',
        f"<title>{title}</title>",
        f'<rect width="{width}" height="{height}" rx="10" fill="#ffffff"/>',
        *(column(number, package) for number, package in enumerate(PACKAGES)),
        *(line(*found) for found in drawing.lines()),
        *(part for box in drawing.boxes.values() for part in shape(box)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def column(number: int, package: str) -> str:
    words, colour = PACKAGES[package]
    x = MARGIN + number * (WIDTH + GAP)
    return (
        f'<text x="{x}" y="34" font-size="16" font-weight="700" fill="{colour}">{package}</text>'
        f'<text x="{x}" y="52" fill="#4b5563">{words}</text>'
    )


def shape(box: Box) -> list[str]:
    colour = PACKAGES[box.package][1]
    parts = [
        f'<rect x="{box.x}" y="{box.y}" width="{WIDTH}" height="{box.height}" rx="5" fill="#ffffff" '
        f'stroke="{colour}"/>',
        f'<path d="M{box.x} {box.y + HEAD}v-{HEAD - 5}a5 5 0 0 1 5-5h{WIDTH - 10}a5 5 0 0 1 5 5v{HEAD - 5}z" '
        f'fill="{colour}"/>',
        f'<text x="{box.x + 9}" y="{box.y + 16}" font-size="12" font-weight="600" fill="#ffffff">'
        f"{escape(box.name)}</text>",
    ]
    for number, (name, target) in enumerate(box.rows):
        y = box.y + HEAD + number * ROW + 15
        same = name.replace("_", "") == target.lower()
        parts.append(
            f'<text x="{box.x + 9}" y="{y}" fill="#111827">{"" if same else f"{escape(name)} "}'
            f'<tspan fill="#6b7280">→ {escape(target)}</tspan></text>'
        )
    return parts


def line(box: Box, number: int, target: Box) -> str:
    """From the row to the head of what it points at; inside a column around the left."""
    colour = PACKAGES[target.package][1]
    y, end = box.y + HEAD + number * ROW + 11, target.y + HEAD // 2
    if target.x == box.x:
        bend = 12 + min(26, abs(end - y) // 14)
        path = f"M{box.x} {y}c-{bend} 0 -{bend} {end - y} 0 {end - y}"
    else:
        start, stop = (box.x, target.x + WIDTH) if target.x < box.x else (box.x + WIDTH, target.x)
        pull = 46 if target.x < box.x else -46
        path = f"M{start} {y}C{start - pull} {y} {stop + pull} {end} {stop} {end}"
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-opacity=".45"/>'


def main() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apprenticeship.settings")
    import django

    django.setup()
    FILE.write_text(draw(read()))


if __name__ == "__main__":
    main()
