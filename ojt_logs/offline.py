"""The site as an app: how it is installed, and what its service worker keeps.

That is static files and one page without anybody's data, never anything else.

The worker is versioned by the content of all of them, so that a device never mixes two versions.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse

from apprenticeship.fonts import FONTS
from apprenticeship.icons import ICONS

SCRIPTS = ("shell", "day", "waiting", "ratings", "parts", "logbook", "queue", "store", "durations")
FILES = (
    "journeybook.css",
    "favicon.svg",
    "journeybook.js",
    *FONTS,
    *(f"offline/{name}.js" for name in SCRIPTS),
)
WORKER = "offline/worker.js"


def manifest() -> dict[str, Any]:
    """What a phone needs to install the site (W3C, Web application manifest)."""
    icons = [
        {"src": static(one.path), "sizes": one.sizes, "type": "image/png", "purpose": one.purpose}
        for one in ICONS
        if one.purpose != "apple"
    ]
    return {
        "name": "Journeybook",
        "short_name": "Journeybook",
        "description": "The record of registered apprenticeships",
        "lang": "en",
        "id": "/",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf8f3",
        "theme_color": "#0b5f66",
        "icons": icons,
        "shortcuts": [{"name": "Log without signal", "url": reverse("offline")}],
    }


def shell() -> str:
    """The page that is shown without signal, the same for everybody: no request goes into it."""
    return render_to_string("ojt_logs/offline.html")


def worker() -> str:
    """The service worker: what to keep, under which name, and then the script itself."""
    kept = json.dumps([reverse("offline"), *map(static, FILES)], indent=2)
    return (
        f'import {{ announce, sendAll }} from "{static("offline/queue.js")}";\n'
        f'const VERSION = "{version()}";\n'
        f'const SHELL = "{reverse("offline")}";\n'
        f"const KEPT = {kept};\n\n"
        f"{content(WORKER).decode()}"
    )


def version() -> str:
    """Another one as soon as a byte of what is kept differs."""
    return _version() if settings.DEBUG else _version_once()


def _version() -> str:
    whole = hashlib.sha256(shell().encode())
    for name in (*FILES, WORKER):
        whole.update(content(name))
    return whole.hexdigest()[:12]


_version_once = lru_cache(maxsize=1)(_version)


def content(name: str) -> bytes:
    """A static file by its name; LookupError where there is none."""
    found = finders.find(name)
    if not isinstance(found, str):
        raise LookupError(name)
    return Path(found).read_bytes()
