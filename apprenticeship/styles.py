"""The one stylesheet of our pages: Bootstrap from its wheel, the theme, and what some pages add.

What some pages add is static/pages/<name>.css. It holds on pages that say
`{% block pages %}<name>-pages{% endblock %}` and on no others, so that two of these files may use one class
name for two things. `:where()` adds no weight: a rule there wins over one of the theme as if it stood behind
it.
"""

from __future__ import annotations

import re
from importlib.resources import files

from django.conf import settings

from apprenticeship.made import Made

BOOTSTRAP = files("js_lib_bootstrap5") / "static/js-lib-bootstrap5/css/bootstrap.min.css"


class Stylesheet(Made):
    """Finds `journeybook.css`."""

    names = ("journeybook.css",)

    def recipe(self) -> str:
        static = settings.BASE_DIR / "static"
        bootstrap = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", BOOTSTRAP.read_text())
        pages = [_alone(page.stem, page.read_text()) for page in sorted((static / "pages").glob("*.css"))]
        return "\n".join([bootstrap, (static / "theme.css").read_text(), *pages])

    def make(self, name: str) -> bytes:
        return self.recipe().encode()


def _alone(name: str, rules: str) -> str:
    """The rules as they hold on pages of this name."""
    return f":where(.{name}-pages) {{\n{rules}}}\n"
