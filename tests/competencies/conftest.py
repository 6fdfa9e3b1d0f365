"""The two documents, loaded as the product loads them."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from competencies.models import Framework, WorkProcessSchedule
from tests.cast import SEEDS

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
FIXTURES = Path(settings.BASE_DIR) / "fixtures" / "standards"
SOURCES = Path(__file__).parent.parent / "data"


def document(name: str) -> dict[str, Any]:
    """A standards document as plain data, to be changed by a test."""
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def standards(db: None) -> None:
    call_command("load_standards", *SEEDS, stdout=StringIO())


@pytest.fixture
def coder(standards: None) -> WorkProcessSchedule:
    """The public medical coder schedule."""
    return WorkProcessSchedule.objects.get()


@pytest.fixture
def him(standards: None) -> Framework:
    """The public framework for health information management."""
    return Framework.objects.get()
