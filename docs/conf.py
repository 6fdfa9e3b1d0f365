"""Sphinx: `make docs` builds these pages into var/docs, and every warning is an error."""

import tomllib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent

project = "Journeybook"
author = "the authors of Journeybook"
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns: list[str] = []
html_theme = "furo"
html_title = "Journeybook"
html_show_copyright = False
html_show_sphinx = False
templates_path: list[str] = []


def fill_glossary(app: Sphinx, page: str, source: list[str]) -> None:
    """The page of words is made of the file that the site's own is made of."""
    if page == "glossary":
        rows = tomllib.loads((ROOT / "fixtures" / "glossary.toml").read_text())
        source[0] += "\n".join(entry(key, row) for key, row in rows.items())


def entry(key: str, row: dict[str, Any]) -> str:
    also = f" ({', '.join(row['also'])})" if row.get("also") else ""
    rule = f" *{row['rule']}*" if row.get("rule") else ""
    return f"\n({key})=\n**{row['word']}**{also}\n: {row['says']} {row.get('more', '')}{rule}\n"


def setup(app: Sphinx) -> None:
    app.connect("source-read", fill_glossary)
