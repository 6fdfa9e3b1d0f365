"""Reading CASE packages: ours come back as they went, others' as well as they can."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competencies.case.package import Package
from competencies.case.writing import VERSIONS, Version
from competencies.exports.tree import Document, tree
from competencies.imports import case
from competencies.imports import outline as o
from competencies.imports.rows import framework_outline, schedule_outline
from competencies.imports.save import save_framework, save_schedule
from competencies.models import Framework, WorkProcessSchedule
from tests.competencies.conftest import NOW
from tests.competencies.outlines import FRAMEWORKS, schedules
from tests.competencies.test_case import faults

pytestmark = pytest.mark.django_db
VERSION = pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
Outline = o.ScheduleOutline | o.FrameworkOutline
SOME = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(document: Document, version: Version) -> Any:
    """The package as it arrives elsewhere, which the strict schema has nothing against."""
    package = json.loads(json.dumps(Package(version, tree(document, now=NOW)).whole))
    assert faults(version, "CFPackage", package) == []
    return package


def there(document: Document) -> Outline:
    if isinstance(document, WorkProcessSchedule):
        return schedule_outline(document)
    return framework_outline(document)


def unlined(node: Any) -> Any:
    """The outline without the lineages of its rows: a file never brings those."""
    if isinstance(node, tuple):
        return tuple(unlined(one) for one in node)
    if not isinstance(node, o.Node):
        return node
    names = [name for name in vars(node) if name != "lineage"]
    return type(node)(**{name: unlined(getattr(node, name)) for name in names})


def assert_comes_back(document: Document, version: Version) -> None:
    found, findings = case.outline(written(document, version), name="the file")
    assert unlined(found) == unlined(there(document))
    assert (found.lineage, findings) == (document.lineage, ())


@VERSION
def test_our_own_standards_come_back_as_they_went(version: Version, db: None) -> None:
    call_command("load_standards", stdout=StringIO())
    documents: list[Document] = [*WorkProcessSchedule.objects.all(), *Framework.objects.all()]
    assert len(documents) == 4
    for document in documents:
        assert_comes_back(document, version)


@SOME
@given(outline=schedules())
def test_any_schedule_comes_back_as_it_went(db: None, outline: o.ScheduleOutline) -> None:
    for version in VERSIONS.values():
        with transaction.atomic():
            assert_comes_back(save_schedule(outline), version)
            transaction.set_rollback(True)


@SOME
@given(outline=FRAMEWORKS)
def test_any_framework_comes_back_as_it_went(db: None, outline: o.FrameworkOutline) -> None:
    for version in VERSIONS.values():
        with transaction.atomic():
            assert_comes_back(save_framework(outline), version)
            transaction.set_rollback(True)


def test_our_own_package_brought_in_again_changes_nothing(standards: None, tmp_path: Path) -> None:
    coder, him = WorkProcessSchedule.objects.get(), Framework.objects.get()
    files = [tmp_path / "coder.json", tmp_path / "him.json"]
    for file, document, version in zip(files, (coder, him), VERSIONS.values(), strict=True):
        file.write_text(json.dumps(written(document, version)))
    said = StringIO()
    call_command("load_standards", *files, stdout=said)
    call_command("import_schedule", files[0], stdout=said)
    assert said.getvalue().count("nothing changed") == 3
    assert (WorkProcessSchedule.objects.get(), Framework.objects.get()) == (coder, him)
    with pytest.raises(CommandError, match="is a competency framework"):
        call_command("import_schedule", files[1], stdout=said)


def test_a_framework_of_others_is_loaded_once_and_says_what_was_odd(standards: None, tmp_path: Path) -> None:
    file = tmp_path / "theirs.json"
    whole = package(item("a", "One"), item("b", "Two"), under={"a": "", "b": "nowhere"})
    file.write_text(json.dumps(whole))
    said = StringIO()
    call_command("load_standards", file, stdout=said)
    assert "theirs.json: note: CFAssociations: 1 statement hangs" in said.getvalue()
    assert "Plumber, version 1 is loaded\n" in said.getvalue()
    call_command("load_standards", file, stdout=said)
    assert "nothing changed, Plumber, version 1" in said.getvalue()


def test_statements_right_below_a_domain_are_shown_and_told(db: None, tmp_path: Path) -> None:
    file = tmp_path / "theirs.json"
    under = {"a": "", "b": "a", "c": "a", "d": "c"}
    words = {"a": "Pipes", "b": "Joins pipes", "c": "Tools", "d": "Uses a wrench"}
    file.write_text(json.dumps(package(*(item(one, words[one]) for one in words), under=under)))
    call_command("load_standards", file, stdout=StringIO())
    framework = Framework.objects.get()
    page = Client().get(f"/standards/frameworks/{framework.uid}/").content.decode()
    _, below = page.split('<h2 id="tree">')
    assert below.index("Joins pipes") < below.index("<h3>Tools</h3>") < below.index("Uses a wrench")
    assert "nothing listed" not in page and "0 resources" not in page
    (domain,) = Client().get(f"/api/v1/frameworks/{framework.uid}/").json()["domains"]
    assert [one["text"] for one in domain["statements"]] == ["Joins pipes"]
    assert [(one["title"], one["statements"][0]["text"]) for one in domain["subdomains"]] == [
        ("Tools", "Uses a wrench")
    ]


# ---- Others' packages

PACKAGE: dict[str, Any] = {
    "CFDocument": {
        "identifier": "7e1c0f3e-54d3-4f9e-8a70-0d5f8d6a5b11",
        "uri": "https://standards.example.org/d/1",
        "creator": "Example Board",
        "title": "Plumber",
        "notes": "RAPIDS code 0432HY, O*NET 47-2152.00",
    }
}


def package(*items: dict[str, Any], under: dict[str, str], **more: Any) -> Any:
    """A package of these items; `under` says what each hangs under, "" is the document."""
    document = PACKAGE["CFDocument"]["identifier"]
    relations = [
        {
            "associationType": "isChildOf",
            "originNodeURI": {"identifier": child},
            "destinationNodeURI": {"identifier": parent or document},
        }
        for child, parent in under.items()
    ]
    return PACKAGE | {"CFItems": list(items), "CFAssociations": relations} | more


def item(identifier: str, words: str, kind: str = "", **more: Any) -> dict[str, Any]:
    return {"identifier": identifier, "fullStatement": words, "CFItemType": kind} | more


def said(findings: tuple[o.Finding, ...]) -> list[str]:
    return [f"{one.severity}: {one.message}" for one in findings]


def test_a_package_that_speaks_of_work_processes_is_a_schedule() -> None:
    found, findings = case.outline(
        package(
            item("f", "Pipes", "Work Process", humanCodingScheme="3", notes="About 800 hours"),
            item("c", "Joins pipes", "Competency", conceptKeywords=["Optional", "Basic"]),
            item("d", "Bends pipes", humanCodingScheme="3.b.7"),
            item("s", "The joint is tight", humanCodingScheme="3.a.1"),
            item("t", "Wrench", "Tools"),
            item("k", "Safety", "Course", humanCodingScheme="PL1"),
            under={"f": "", "c": "f", "d": "f", "s": "c", "t": "f", "k": ""},
        ),
        name="p",
    )
    assert isinstance(found, o.ScheduleOutline)
    assert (found.title, found.rapids_code, found.onet_code) == ("Plumber", "0432HY", "47-2152.00")
    assert str(found.lineage) == PACKAGE["CFDocument"]["identifier"]
    (work,), (course,) = found.job_functions, found.courses
    assert (work.number, work.title, work.details) == (3, "Pipes", "About 800 hours")
    assert [one.text for one in work.tool] == ["Wrench"]
    assert [(one.letter, one.required, one.level) for one in work.competencies] == [
        ("a", False, "basic"),
        ("b", True, ""),
    ]
    assert work.competencies[1].details == "Code in the source: 3.b.7"
    assert [one.text for one in work.competencies[0].standards] == ["3.a.1 The joint is tight"]
    assert (course.code, course.title) == ("PL1", "Safety")
    assert findings == ()


def test_words_too_long_for_a_title_are_kept_in_the_details() -> None:
    words = "Pipes and " * 40
    found, findings = case.outline(
        package(item("f", words, "Job Function", notes="More."), under={"f": ""}), name="p"
    )
    assert isinstance(found, o.ScheduleOutline)
    (work,) = found.job_functions
    assert (len(work.title), work.details) == (300, f"{words.strip()}\nMore.")
    assert said(findings)[-1].startswith("warning: The job function “Pipes and Pipes")
    assert save_schedule(found).job_functions.get().title == work.title


def test_a_deep_tree_becomes_domains_subdomains_and_statements_with_their_codes() -> None:
    found, findings = case.outline(
        package(
            *(item(one, f"Words of {one}", humanCodingScheme=one.upper()) for one in "abcde"),
            item("x", "Alone"),
            under={"a": "", "b": "a", "c": "b", "d": "c", "e": "a", "x": ""},
        ),
        name="p",
    )
    assert isinstance(found, o.FrameworkOutline)
    alone, domain = found.statements
    assert (alone.text, [one.text for one in alone.children]) == ("Plumber", ["Alone"])
    assert (domain.kind, domain.text) == ("domain", "A Words of a")
    below, leaf = domain.children
    assert (below.kind, [one.text for one in below.children]) == (
        "subdomain",
        ["C Words of c", "D Words of d"],
    )
    assert (leaf.kind, leaf.text) == ("statement", "E Words of e")
    assert said(findings) == [
        "note: 1 of the statements stand under no heading",
        "note: Under “Words of b” hang 1 statements deeper than three levels",
    ]


def test_what_cannot_be_followed_is_told() -> None:
    whole = package(
        item("a", "One"),
        item("b", "Two"),
        item("a", "One again"),
        item("", "Nobody"),
        item("e", "  "),
        item("o", "Orphan"),
        item("p", "Round"),
        item("q", "And round"),
        under={"a": "", "b": "a", "o": "elsewhere", "p": "q", "q": "p"},
    )
    whole["CFAssociations"] += [
        {"associationType": "exactMatchOf"},
        {
            "associationType": "isChildOf",
            "originNodeURI": {"identifier": "b"},
            "destinationNodeURI": {"identifier": "o"},
        },
    ]
    found, findings = case.outline(whole, name="p")
    texts = [one.text for top in found.statements for one in (top, *top.children)]  # type: ignore[union-attr]
    assert texts == ["Plumber", "Orphan", "One", "Two", "Round", "And round"]
    assert said(findings) == [
        "warning: The identifier of “One again” is there twice",
        "warning: The statement has no words or no identifier",
        "warning: The statement has no words or no identifier",
        "warning: “Two” hangs under two things",
        "note: 1 statement hangs under nothing of this package",
        "warning: “Round” hangs under itself",
        "note: 1 of the kind exactMatchOf",
        "note: 1 of the statements stand under no heading",
    ]


def test_nulls_numbers_and_wrappers_of_other_systems_are_read() -> None:
    whole = package(
        {"CFItem": item("a", "One", humanCodingScheme=7, notes=None)},
        {"CFItem": item("b", "Two")},
        under={"a": "", "b": "a"},
    )
    found, findings = case.outline({"CFPackage": whole}, name="p")
    assert [one.text for one in found.statements] == ["7 One"]  # type: ignore[union-attr]
    assert findings == ()


def test_the_levels_of_a_rubric_are_a_scale_of_which_the_highest_passes() -> None:
    levels = [{"score": score, "quality": word} for score, word in ((0, "no"), (2.0, "yes"), (1.5, "half"))]
    rubric = {"title": "Scale", "CFRubricCriteria": [{"CFRubricCriterionLevels": levels}]}
    found, findings = case.outline(
        package(item("f", "Pipes", "Job Function"), under={"f": ""}, CFRubrics=[rubric]), name="p"
    )
    assert isinstance(found, o.ScheduleOutline) and found.rating_scale
    assert [(one.value, one.label, one.passing) for one in found.rating_scale.levels] == [
        (2, "yes", True),
        (0, "no", False),
    ]
    assert "warning: CASE does not say which ratings pass" in said(findings)


def test_ten_thousand_statements_in_one_chain_are_read() -> None:
    keys = [f"k{number}" for number in range(10_000)]
    under = dict(zip(keys, ["", *keys], strict=False))
    found, _ = case.outline(package(*(item(key, key) for key in keys), under=under), name="p")
    ((below,),) = [one.children for one in found.statements]  # type: ignore[union-attr]
    assert len(below.children) == 9_998


@pytest.mark.parametrize(
    ("whole", "words"),
    [
        (PACKAGE, "no statement"),
        ({"CFDocument": {}, "CFItems": [item("a", "One")]}, "title"),
        ({"CFDocument": []}, "no CASE package"),
        (package(item("a", "One\x00"), under={}), "a character that no text has"),
        (package(item("a", "\ud800"), under={}), "a character that no text has"),
    ],
)
def test_what_is_no_document_is_refused_with_the_reason(whole: Any, words: str) -> None:
    with pytest.raises(o.Malformed, match=words):
        case.outline(whole, name="p")


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "schedule"},
        {"kind": "schedule", "occupation": {"title": 7}},
        {"kind": "schedule", "occupation": {"title": "A"}, "strange": 1},
        {"kind": "schedule", "occupation": {"title": "A"}, "job_titles": "A"},
        {"kind": "schedule", "occupation": {"title": "A"}, "term_months": True},
        {"kind": "schedule", "occupation": {"title": "A"}, "source_read_on": "yesterday"},
        {"kind": "schedule", "occupation": {"title": "A"}, "wage_steps": [["1", "2"]]},
        {"kind": "framework", "note": "\x00"},
        [],
    ],
)
def test_our_own_words_are_believed_only_as_far_as_they_can_be_stored(told: Any) -> None:
    document = PACKAGE["CFDocument"] | {"extensions": {"journeybook": told}}
    whole = package(item("a", "One", "Domain"), under={"a": ""}) | {"CFDocument": document}
    with pytest.raises(o.Malformed):
        case.outline(whole, name="p")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200)
@given(data=st.data())
def test_a_damaged_package_is_read_or_refused_and_never_breaks_down(data: st.DataObject) -> None:
    whole = package(
        item("f", "Pipes", "Job Function", notes='journeybook: {"core": false}'),
        item("c", "Joins pipes", "Competency", conceptKeywords=["Optional"]),
        under={"f": "", "c": "f"},
        CFRubrics=[{"CFRubricCriteria": [{"CFRubricCriterionLevels": [{"score": 1, "quality": "yes"}]}]}],
    )
    damaged = json.loads(json.dumps(whole))
    spots = list(places(damaged))
    for holder, key in data.draw(st.lists(st.sampled_from(spots), min_size=1, max_size=3, unique_by=str)):
        holder[key] = data.draw(JSON)
    try:
        case.outline(damaged, name="p")
    except o.Malformed as refusal:
        assert refusal.field


def places(value: Any) -> Any:
    """Every member and element of a JSON value, as the holder and the key."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(inner, dict | list):
            yield from places(inner)
