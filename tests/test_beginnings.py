"""Where people's data are shown, every query begins with what the person may see.

In views, API, forms, exports and what is read for them beside (first screen, logbook, mails, papers) a model
that has `visible_to` may be reached only by a method of its own manager that asks who looks (`visible_to`,
`reviewable_by` and the like), or by one of the listed acts, never by one of Django's or by another set
(`Amendment.objects.open()`).
"""

import ast
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("ledger", "accounts", "competencies", "apprenticeship", "ojt_logs", "reports")
WATCHED = {
    *("views", "api", "forms", "exports", "tables", "routes", "filters", "templatetags"),
    *("board", "context", "home", "logbook", "own", "search", "sending", "study", "weeks"),
    *("documents", "hours_log", "mails", "progress_report", "summary", "take_away", "transcript", "workbook"),
    *("check_api", "check_pages", "checking", "coverage", "crosswalk", "findings"),
    *("access", "alignments", "asking", "attesting", "burn_up", "forecast", "operating", "pace", "people"),
    *("periodic_reviews", "rollup", "signatures", "signed", "signing", "status_moves"),
    *("successors", "template", "wage_conditions"),
}
"""Folders and modules that read for one person."""
SETS = ("visible_to", "_by")
"""How the names of sets end that begin with who looks."""
OTHERS = {
    *("none", "everyone"),
    *("add", "addressed_to", "ask", "attach", "attach_sheet", "attest", "issue", "opened", "sign"),
    *("attending", "drafts_of", "on_record_for", "open_to", "side_of", "wanted"),
    *(
        "accept",
        "answer",
        "begin",
        "decide",
        "grant",
        "invited",
        "join",
        "keep",
        "log",
        "number",
        "propose",
        "record",
    ),
    *("place", "report", "say", "start"),
    *("teach", "toggle", "withdraw"),
}
"""Sets of other names that are given the person, and acts, which say who acts or bring a secret."""
MANAGERS = {"objects", "_default_manager", "_base_manager"}


def scoped_models() -> set[str]:
    """Names of the models whose manager knows who may see what."""
    return {model.__name__ for model in apps.get_models() if hasattr(model._default_manager, "visible_to")}


def allowed(name: str) -> bool:
    """Whether a query may begin with this method of a manager."""
    return name in OTHERS or name.endswith(SETS)


def unscoped(source: str, models: set[str]) -> list[tuple[int, str]]:
    """(line, text) of every place that begins a query elsewhere than with a visible set."""
    tree = ast.parse(source)
    named = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    def model(node: ast.AST) -> bool:
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        return named.get(name, name) in models

    def manager(node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr in MANAGERS and model(node.value)

    own = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and manager(node.value) and allowed(node.attr)
    }
    bare = [node for node in ast.walk(tree) if manager(node) and node not in own]
    shortcuts = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"get_object_or_404", "get_list_or_404"}
        and node.args
        and model(node.args[0])
    ]
    return sorted((node.lineno, ast.unparse(node)) for node in bare + shortcuts)


def watched_files() -> list[Path]:
    """Where a model is defined, its sets reach for everything; the demo is everybody's."""
    all_of = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    files = [path for path in all_of if not {"models", "demo"} & set(path.parts)]
    return [path for path in files if WATCHED & {path.stem, *path.relative_to(ROOT).parts[1:-1]}]


def test_pages_api_forms_and_exports_begin_with_what_a_person_may_see() -> None:
    models = scoped_models()
    assert {"Apprentice", "Program", "HoursEntry", "SignOff"} <= models
    found = [
        f"{path.relative_to(ROOT)}:{line} {text}"
        for path in watched_files()
        for line, text in unscoped(path.read_text(), models)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "HoursEntry.objects.all()",
        "HoursEntry.objects.filter(uid=uid)",
        "HoursEntry.objects.waiting()",
        "HoursEntry.objects.select_related('apprentice').visible_to(user)",
        "models.HoursEntry.objects.get(uid=uid)",
        "Entry._default_manager.first()",
        "PrimaryKeyRelatedField(queryset=HoursEntry.objects)",
        "get_object_or_404(HoursEntry, uid=uid)",
    ],
)
def test_query_that_begins_with_everything_is_found(line: str) -> None:
    source = f"from ojt_logs.models import HoursEntry, HoursEntry as Entry\n{line}\n"
    assert [number for number, _ in unscoped(source, {"HoursEntry"})] == [2]


@pytest.mark.parametrize(
    "line",
    [
        "HoursEntry.objects.visible_to(user).filter(uid=uid)",
        "HoursEntry.objects.reviewable_by(user, now=now)",
        "HoursEntry.objects.record_visible_to(user)",
        "HoursEntry.objects.log(apprentice, by=user, now=now, lines=lines)",
        "HoursEntry.objects.everyone()",
        "HoursEntry.objects.none()",
        "RatingLevel.objects.filter(value=3)",
        "apprentice.hours.filter(date=day)",
    ],
)
def test_query_that_begins_with_a_visible_set_passes(line: str) -> None:
    assert unscoped(line, {"HoursEntry"}) == []
