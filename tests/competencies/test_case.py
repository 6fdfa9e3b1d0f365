"""CASE 1.0 and 1.1: packages that a strict schema accepts, and the twelve operations that serve them."""

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator

from competencies.case.discovery import schema
from competencies.case.listing import FIELDS, TEXTS
from competencies.case.package import Package
from competencies.case.urls import ONE
from competencies.case.writing import VERSIONS, Version
from competencies.exports.tree import derived, tree
from competencies.imports.rows import framework_outline, scale_outline, schedule_outline
from competencies.models import Alignment, Framework, RatingScale, WorkProcessSchedule
from competencies.versions import bring_in, bring_in_framework
from tests.cast import Cast
from tests.competencies.conftest import NOW

pytestmark = pytest.mark.django_db
VERSION = pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
ANSWERS = {
    "CFDocuments": "CFDocument",
    "CFPackages": "CFPackage",
    "CFItems": "CFItem",
    "CFItemAssociations": "CFAssociationSet",
    "CFAssociations": "CFAssociation",
    "CFAssociationGroupings": "CFAssociationGrouping",
    "CFRubrics": "CFRubric",
    "CFItemTypes": "CFItemTypeSet",
    "CFConcepts": "CFConceptSet",
    "CFSubjects": "CFSubjectSet",
    "CFLicenses": "CFLicense",
}


def faults(version: Version, name: str, value: Any) -> list[str]:
    """What the strict schema says against the value, where each fault stands."""
    whole = schema(version)
    validator = Draft202012Validator(whole | {"$ref": f"#/$defs/{name}"})
    return [f"{error.json_path}: {error.message:.200}" for error in validator.iter_errors(value)]


def ask(version: Version, path: str, **query: str) -> Any:
    """The answer to a visitor."""
    return Client().get(f"/ims/case/{version.path}/{path}", query)


def good(version: Version, name: str, path: str, **query: str) -> Any:
    """The answer's body, which the strict schema has nothing against."""
    answer = ask(version, path, **query)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert faults(version, name, body) == []
    return body


def refused(version: Version, status: int, code: str, path: str, **query: str) -> None:
    """The request is refused with a body as CASE wants it."""
    answer = ask(version, path, **query)
    body = answer.json()
    assert faults(version, "imsx_StatusInfo", body) == []
    minor = body["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"]
    assert (answer.status_code, minor) == (status, code)


@pytest.fixture
def rated(coder: WorkProcessSchedule) -> WorkProcessSchedule:
    """A second public version, which prints a rating scale."""
    scale = scale_outline(RatingScale.objects.get(name="0-4"))
    version, is_new = bring_in(replace(schedule_outline(coder), rating_scale=scale), now=NOW)
    assert is_new
    return version


@VERSION
def test_a_package_of_either_seed_is_what_the_strict_schema_asks_for(
    version: Version, coder: WorkProcessSchedule, him: Framework
) -> None:
    for document, count in ((coder, 190), (him, 109)):
        package = Package(version, tree(document, now=NOW)).whole
        assert faults(version, "CFPackage", package) == []
        under = {
            one["originNodeURI"]["identifier"]: one["destinationNodeURI"]["identifier"]
            for one in package["CFAssociations"]
            if one["associationType"] == "isChildOf"
        }
        assert len(under) == len(package["CFItems"]) == count
        for item in package["CFItems"]:
            above = item["identifier"]
            while above in under:
                above = under[above]
            assert above == str(document.uid), "every item is reached from the document"


def test_the_schema_is_strict() -> None:
    """What other systems send and the specification forbids does not pass."""
    version = VERSIONS["v1p1"]
    link = {"title": "A", "identifier": str(uuid4()), "uri": "https://example.org/a"}
    item = {"identifier": str(uuid4()), "fullStatement": "A", "uri": "https://example.org/a"}
    item |= {"lastChangeDateTime": "2026-11-26T00:00:00Z"}
    assert faults(version, "CFPckgItem", item) == []
    wrongs: list[dict[str, Any]] = [
        {"notes": None},
        {"identifier": "01890a5d-ac96-774b-bcce-b302099a8057"},
        {"CFDocumentURI": link},
        {"conceptKeywords": []},
        {"hours": 7},
        {"lastChangeDateTime": "2026-11-26"},
    ]
    for wrong in wrongs:
        assert len(faults(version, "CFPckgItem", item | wrong)) == 1
    assert faults(version, "CFItem", {"CFItem": item})
    assert faults(VERSIONS["v1p0"], "CFPckgItem", item | {"extensions": {"a": 1}})


@VERSION
def test_every_operation_answers_for_what_a_package_speaks_of(
    version: Version, coder: WorkProcessSchedule, rated: WorkProcessSchedule
) -> None:
    first = good(version, "CFPackage", f"CFPackages/{coder.uid}")
    later = good(version, "CFPackage", f"CFPackages/{rated.uid}")
    known = {"CFDocuments": [first["CFDocument"]], "CFPackages": [first["CFDocument"]]}
    known |= {"CFItems": first["CFItems"], "CFItemAssociations": first["CFItems"]}
    known |= {"CFAssociations": first["CFAssociations"], "CFRubrics": later["CFRubrics"]}
    known |= first["CFDefinitions"]
    assert set(known) == set(ANSWERS) == set(ONE.values())
    for collection, things in known.items():
        for thing in things[:: max(len(things) // 3, 1)]:
            body = good(version, ANSWERS[collection], f"{collection}/{thing['identifier']}")
            if collection in ("CFItemTypes", "CFConcepts", "CFSubjects"):
                assert body[collection][0] == thing
            elif collection == "CFItemAssociations":
                assert thing.items() <= body["CFItem"].items()
            elif collection != "CFPackages":
                assert thing.items() <= body.items(), "equal in every answer"


def test_items_bear_the_codes_and_the_uids_of_their_rows(coder: WorkProcessSchedule) -> None:
    body = Package(VERSIONS["v1p1"], tree(coder, now=NOW)).whole
    items = {one["identifier"]: one for one in body["CFItems"]}
    for function in coder.job_functions.all():
        assert items[str(function.uid)]["humanCodingScheme"] == str(function.number)
        for competency in function.competencies.all():
            found = items[str(competency.uid)]
            assert (found["humanCodingScheme"], found["fullStatement"]) == (competency.code, competency.title)
    optional = [one for one in items.values() if "Optional" in one.get("conceptKeywords", [])]
    assert [one["humanCodingScheme"] for one in optional] == ["5", "5a", "5b", "5c"]
    levels = [one for one in body["CFAssociations"] if one["associationType"] == "hasSkillLevel"]
    assert [one["destinationNodeURI"]["title"] for one in levels] == ["2", "4", "4"]
    assert body["CFDefinitions"]["CFSubjects"][0]["hierarchyCode"] == "29-2071.00"


def replacements(document: WorkProcessSchedule | Framework) -> dict[str, str]:
    """By identifier, what stands in its place in the next version."""
    return {
        one["originNodeURI"]["identifier"]: one["destinationNodeURI"]["identifier"]
        for one in Package(VERSIONS["v1p1"], tree(document, now=NOW)).associations.values()
        if one["associationType"] == "replacedBy"
    }


def test_what_a_later_version_replaces_says_so(
    coder: WorkProcessSchedule, rated: WorkProcessSchedule, him: Framework
) -> None:
    replaced = replacements(coder)
    assert replaced[str(coder.uid)] == str(rated.uid)
    for ours, theirs in zip(coder.job_functions.all(), rated.job_functions.all(), strict=True):
        assert replaced[str(ours.uid)] == str(theirs.uid)
    assert len(replaced) == 1 + 5 + 20 + 78 + 52 + 22
    assert replacements(rated) == {}
    outline = framework_outline(him)
    kept = outline.statements[:1]
    later, _ = bring_in_framework(replace(outline, statements=kept), now=NOW)
    assert len(replacements(him)) == 1 + later.statements.count() < him.statements.count()


@VERSION
def test_a_framework_says_what_its_words_have_in_common_with_public_schedules(
    version: Version, cast: Cast
) -> None:
    """What a sponsor decided is its own, and its copy of the schedule is named nowhere."""
    him, coder = Framework.objects.get(), WorkProcessSchedule.objects.get(sponsor=None)
    package = good(version, "CFPackage", f"CFPackages/{him.uid}")
    grouped = [one for one in package["CFAssociations"] if "CFAssociationGroupingURI" in one]
    ours = {one["identifier"] for one in package["CFItems"]}
    theirs = set(Package(version, tree(coder, now=NOW)).items)
    sure = {str(row.uid): row for row in Alignment.objects.filter(sponsor=None, confident=True)}
    assert len(grouped) > 10 and {one["identifier"] for one in grouped} <= set(sure)
    for one in grouped:
        ends = {one["originNodeURI"]["identifier"], one["destinationNodeURI"]["identifier"]}
        assert len(ends & ours) == len(ends & theirs) == 1
        exact = sure[one["identifier"]].kind == "exact"
        assert (one["associationType"] == "exactMatchOf") == exact
        assert ("notes" in one) == version.later
    one = grouped[0]
    assert one.items() <= good(version, "CFAssociation", f"CFAssociations/{one['identifier']}").items()
    titles = [each["title"] for each in package["CFDefinitions"]["CFAssociationGroupings"]]
    assert titles == ["Crosswalk"]


def test_the_crosswalk_moves_to_the_newest_versions(
    coder: WorkProcessSchedule, rated: WorkProcessSchedule, him: Framework
) -> None:
    outline = framework_outline(him)
    later, _ = bring_in_framework(replace(outline, note="Another."), now=NOW)

    def crosswalk(framework: Framework) -> set[str]:
        found = Package(VERSIONS["v1p1"], tree(framework, now=NOW)).associations.values()
        ends = [(one["originNodeURI"], one["destinationNodeURI"]) for one in found if "notes" in one]
        return {end["identifier"] for pair in ends for end in pair}

    assert crosswalk(him) == set()
    ends = crosswalk(later)
    assert ends & set(Package(VERSIONS["v1p1"], tree(rated, now=NOW)).items)
    assert not ends & set(Package(VERSIONS["v1p1"], tree(coder, now=NOW)).items)


def test_a_scale_is_a_rubric_with_a_criterion_for_each_competency(rated: WorkProcessSchedule) -> None:
    rubric = Package(VERSIONS["v1p1"], tree(rated, now=NOW)).rubric
    assert rubric and rubric["title"] == "0-4"
    assert [one["category"] for one in rubric["CFRubricCriteria"]][:3] == ["1a", "1b", "2a"]
    for criterion in rubric["CFRubricCriteria"]:
        assert [one["score"] for one in criterion["CFRubricCriterionLevels"]] == [4, 3, 2, 1, 0]


def test_a_derived_identifier_leads_back_and_stays_a_uuid_of_its_version() -> None:
    for _ in range(50):
        uid = uuid4()
        other = derived(uid, "isChildOf")
        assert other != uid and derived(other, "isChildOf") == uid
        assert (other.version, other.variant) == (uid.version, uid.variant)


# ---- The list of documents


def links_of(answer: Any) -> dict[str, str]:
    """The addresses in the Link header by relation."""
    parts = [part.split("; ") for part in answer["Link"].split(", ")]
    return {relation.removeprefix("rel=").strip('"'): link.strip("<>") for link, relation in parts}


@VERSION
def test_documents_are_paged_and_say_how_many_there_are(
    version: Version, coder: WorkProcessSchedule, rated: WorkProcessSchedule, him: Framework
) -> None:
    body = good(version, "CFDocumentSet", "CFDocuments")
    assert [one["title"][:6] for one in body["CFDocuments"]] == ["Health", "Medica", "Medica"]
    answer = ask(version, "CFDocuments", limit="1", offset="1", sort="version", orderBy="desc")
    assert answer["X-Total-Count"] == "3"
    links = links_of(answer)
    asked = {name: parse_qs(urlsplit(link).query) for name, link in links.items()}
    places = {name: query["offset"] for name, query in asked.items()}
    assert places == {"first": ["0"], "prev": ["0"], "next": ["2"], "last": ["2"]}
    assert (asked["next"]["sort"], asked["next"]["limit"]) == (["version"], ["1"])
    walked, path = [], "CFDocuments?limit=2"
    while path:
        answer = Client().get(f"/ims/case/{version.path}/{path}")
        walked += [one["identifier"] for one in answer.json()["CFDocuments"]]
        path = links_of(answer).get("next", "").rpartition("/")[2]
    assert walked == [one["identifier"] for one in body["CFDocuments"]]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"filter": "title~'CODER'"}, ["Medical"]),
        ({"filter": "title~'coder' AND language='en'"}, []),
        ({"filter": "title='nothing' OR subject~'coders'"}, ["Medical"]),
        ({"filter": "adoptionStatus!='Adopted'"}, []),
        ({"filter": "title<'m'"}, ["Health"]),
        ({"filter": "title>='m' and version>'0' and version<='1'"}, ["Medical"]),
        ({"filter": "  "}, ["Health", "Medical"]),
        ({"sort": "title", "orderBy": "desc"}, ["Medical", "Health"]),
        ({"limit": "1"}, ["Health"]),
        ({"offset": "1"}, ["Medical"]),
        ({"limit": "999999999"}, ["Health", "Medical"]),
    ],
)
def test_documents_are_filtered_and_sorted(query: dict[str, str], titles: list[str], standards: None) -> None:
    version = VERSIONS["v1p1"]
    if not titles:
        return refused(version, 404, "unknownobject", "CFDocuments", **query)
    body = good(version, "CFDocumentSet", "CFDocuments", **query)
    assert [one["title"].split()[0] for one in body["CFDocuments"]] == titles


def test_only_the_fields_that_are_asked_for_are_answered(standards: None) -> None:
    for asked in ("fields=title,version", "fields=title&fields=version"):
        answer = Client().get(f"/ims/case/v1p1/CFDocuments?{asked}")
        assert {frozenset(one) for one in answer.json()["CFDocuments"]} == {frozenset({"title", "version"})}


@VERSION
@pytest.mark.parametrize(
    ("code", "query"),
    [
        ("invalid_sort_field", {"sort": "hours"}),
        ("invalid_sort_field", {"sort": "extensions"}),
        ("invalid_sort_field", {"orderBy": "up"}),
        ("invalid_selection_field", {"fields": "title,hours"}),
        ("invalid_selection_field", {"fields": ""}),
        ("invalid_selection_field", {"limit": "0"}),
        ("invalid_selection_field", {"limit": "ten"}),
        ("invalid_selection_field", {"limit": "9" * 400}),
        ("invalid_selection_field", {"offset": "-1"}),
        ("invalid_selection_field", {"offset": "\u0661"}),
        ("invalid_selection_field", {"filter": "hours='7'"}),
        ("invalid_selection_field", {"filter": "title"}),
        ("invalid_selection_field", {"filter": "title='a' version='1'"}),
        ("invalid_selection_field", {"filter": "title='a' AND version='1' OR version='2'"}),
        ("invalid_selection_field", {"filter": "title='a' AND"}),
        ("invalid_selection_field", {"filter": "\0title='a'"}),
    ],
)
def test_what_the_list_cannot_do_is_refused(
    version: Version, code: str, query: dict[str, str], standards: None
) -> None:
    refused(version, 400, code, "CFDocuments", **query)


# ---- Refusals


@VERSION
def test_unknown_and_malformed_identifiers_are_refused_by_every_operation(
    version: Version, coder: WorkProcessSchedule
) -> None:
    wrong = "invalid_uuid" if version.later else "invaliduuid"
    function = coder.job_functions.all()[0]
    for collection in ONE.values():
        refused(version, 404, "unknownobject", f"{collection}/{uuid4()}")
        refused(version, 404, wrong, f"{collection}/7")
        refused(version, 404, wrong, f"{collection}/{coder.uid.hex}")
        refused(version, 404, wrong, f"{collection}/%00")
        if collection not in ("CFDocuments", "CFPackages"):
            refused(version, 404, "unknownobject", f"{collection}/{coder.uid}")
        if collection not in ("CFItems", "CFItemAssociations"):
            refused(version, 404, "unknownobject", f"{collection}/{function.uid}")
    refused(version, 404, "unknownobject", "CFThings")
    refused(version, 404, "unknownobject", "discovery/other.json")


@VERSION
def test_nothing_is_changed_here(version: Version, coder: WorkProcessSchedule) -> None:
    for method in ("post", "put", "patch", "delete", "options"):
        answer = getattr(Client(enforce_csrf_checks=True), method)(f"/ims/case/{version.path}/CFDocuments")
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
        assert faults(version, "imsx_StatusInfo", answer.json()) == []


@VERSION
def test_what_breaks_down_is_told_in_the_form_of_the_service(
    version: Version, coder: WorkProcessSchedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("competencies.case.views.tree", lambda *_, **__: 1 / 0)
    refused(version, 500, "internal_server_error", f"CFPackages/{coder.uid}")


# ---- Who sees what


@VERSION
def test_a_sponsors_copies_and_drafts_are_nowhere_whoever_asks(version: Version, cast: Cast) -> None:
    """Its rows and what is derived from them are not to be found either, not even by its coordinator."""
    copy = cast.program.schedule
    assert copy.sponsor == cast.lakeside
    package = Package(version, tree(copy, now=NOW)).whole
    client = Client()
    client.force_login(cast.nora)
    known = {
        "CFPackages": [package["CFDocument"]],
        "CFDocuments": [package["CFDocument"]],
        "CFItems": package["CFItems"][::20],
        "CFItemAssociations": package["CFItems"][::20],
        "CFAssociations": package["CFAssociations"][::20],
        "CFRubrics": package["CFRubrics"],
    }
    for collection, things in known.items():
        for thing in things:
            path = f"/ims/case/{version.path}/{collection}/{thing['identifier']}"
            assert client.get(path).status_code == 404, path
    listed = client.get(f"/ims/case/{version.path}/CFDocuments").json()["CFDocuments"]
    public = WorkProcessSchedule.objects.visible_to(AnonymousUser()).count()
    assert len(listed) == public + Framework.objects.visible_to(AnonymousUser()).count()
    assert str(copy.uid) not in json.dumps(listed)


def test_answers_are_kept_for_a_while_and_then_asked_for_by_their_etag(coder: WorkProcessSchedule) -> None:
    path = f"/ims/case/v1p1/CFPackages/{coder.uid}"
    answer = Client().get(path)
    assert answer["Cache-Control"] == "public, max-age=300"
    assert answer["Access-Control-Allow-Origin"] == "*"
    again = Client().get(path, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_number_of_queries_does_not_grow_with_the_document(
    coder: WorkProcessSchedule, him: Framework, rated: WorkProcessSchedule
) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert ask(VERSIONS["v1p1"], path).status_code == 200
        return len(found)

    competency = rated.job_functions.all()[0].competencies.all()[0]
    assert queries("CFDocuments") <= 4
    assert queries(f"CFPackages/{coder.uid}") <= 20
    assert queries(f"CFItems/{competency.uid}") <= 20
    assert queries(f"CFPackages/{him.uid}") <= 10


@VERSION
def test_the_discovery_document_names_the_twelve_operations(version: Version) -> None:
    answer = ask(version, f"discovery/imscase{version.path}_openapi3_v1p0.json")
    body = answer.json()
    assert len(body["paths"]) == 12
    assert set(body["paths"]) == {"/CFDocuments", *(f"/{collection}/{{id}}" for collection in ONE.values())}
    known = set(body["components"]["schemas"])
    text = answer.content.decode()
    named = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= known and "$defs" not in text
    asked = {one["name"]: one["schema"] for one in body["paths"]["/CFDocuments"]["get"]["parameters"]}
    assert set(asked) == {"limit", "offset", "sort", "orderBy", "filter", "fields"}
    filters = re.compile(asked["filter"]["pattern"])
    assert filters.search("title~'coder' AND version='1' AND creator!='x'")
    assert not filters.search("title~'coder' AND version='1' OR version='2'")


def test_every_field_that_the_description_names_sorts_filters_and_is_answered(standards: None) -> None:
    for name in sorted(TEXTS):
        assert ask(VERSIONS["v1p1"], "CFDocuments", sort=name).status_code == 200
        assert ask(VERSIONS["v1p1"], "CFDocuments", filter=f"{name}!='?'").status_code == 200
    for name in sorted(FIELDS):
        found = ask(VERSIONS["v1p1"], "CFDocuments", fields=name).json()["CFDocuments"]
        assert all(set(one) <= {name} for one in found)
