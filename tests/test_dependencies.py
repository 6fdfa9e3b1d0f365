"""The lock files, and that the product imports nothing that only the tests install."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

pytestmark = pytest.mark.once  # no database is concerned

ROOT = Path(__file__).resolve().parent.parent
SSO = ROOT / "accounts" / "saml"
OURS = {"ledger", "accounts", "competencies", "apprenticeship", "ojt_logs", "reports", "machine"}


def pinned(lock: str) -> set[str]:
    """Names of the distributions of a lock file, spelled as pip compares them."""
    names = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return {_plain(name) for name in names}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(path: Path) -> set[str]:
    """Top-level names that a file imports from elsewhere, those under `if TYPE_CHECKING` left out."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names}


def test_product_imports_only_what_make_run_installs() -> None:
    """And of the extra `sso` only in the package that is loaded where it is set up."""
    runtime, extra = pinned("requirements.lock"), pinned("requirements-sso.lock")
    homes = packages_distributions()
    files = [
        ROOT / "run.py",
        ROOT / "manage.py",
        *(path for name in OURS for path in (ROOT / name).rglob("*.py")),
    ]
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in imported(path) - OURS - set(sys.stdlib_module_names)
        if not (extra if SSO in path.parents else runtime) & {_plain(home) for home in homes.get(name, [])}
    }
    assert len(files) > 50
    assert found == set()


@pytest.mark.parametrize(
    "path", sorted([ROOT / "run.py", *(ROOT / "machine").glob("*.py")]), ids=lambda p: p.name
)
def test_set_up_needs_nothing_but_python(path: Path) -> None:
    assert imported(path) <= {"machine", *sys.stdlib_module_names}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-sso.lock", "requirements-dev.lock"])
def test_lock_names_no_index_and_has_a_hash_for_every_pin(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "index-url" not in text.replace("--no-emit-index-url", "")
    pins = [line for line in text.splitlines() if line and line[0] not in "# "]
    assert len(pins) > 40
    assert all("==" in pin and pin.endswith("\\") for pin in pins)


def test_tests_run_on_the_versions_of_the_product() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^[^# ][^ ]*==[^ ]+", (ROOT / lock).read_text(), flags=re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements-sso.lock") <= pins("requirements-dev.lock")
