"""What `make` does to the environment."""

from pathlib import Path

import pytest

from machine import needs
from machine.programs import ROOT, Problem

pytestmark = pytest.mark.once  # no database is concerned


def test_the_environment_of_another_folder_is_not_emptied_through_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "kept").touch()
    link = tmp_path / ".venv"
    link.symlink_to(theirs)
    monkeypatch.setattr(needs, "VENV", link)
    monkeypatch.setattr(needs, "PYTHON", link / "bin" / "python")
    monkeypatch.setattr(needs, "STAMP", link / "installed.json")
    with pytest.raises(Problem, match="is a link"):
        needs.need_dependencies("requirements.lock")
    assert (ROOT / "requirements.lock").exists()
    assert (theirs / "kept").exists()
