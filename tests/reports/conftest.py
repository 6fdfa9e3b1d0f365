"""Reports that are built in the test itself, in a folder of its own."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where the files of reports are kept."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "reports"
