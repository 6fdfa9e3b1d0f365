"""What the public pages give away: files in the formats of other systems, and data for search engines."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from competencies.case.package import Package
from competencies.case.writing import V1P0, V1P1
from competencies.exports.ctdl import ctdl
from competencies.exports.tree import tree
from competencies.files import FORMS
from competencies.imports import case
from competencies.imports import outline as o
from competencies.imports.save import save_schedule
from competencies.models import Framework, WorkProcessSchedule
from competencies.versions import approve, begin_draft, publish, retire, submit
from tests.cast import TODAY, Cast
from tests.competencies.conftest import NOW
from tests.competencies.test_case import faults

pytestmark = pytest.mark.django_db


def told(page: Any) -> Any:
    """The block of data in a page."""
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.content.decode(), re.S)
    return json.loads(block)


def test_ctdl_has_a_competency_for_each_node_and_both_directions_agree(
    coder: WorkProcessSchedule, him: Framework
) -> None:
    for document in (coder, him):
        hung = tree(document, now=NOW)
        graph = {one["@id"]: one for one in ctdl(hung)["@graph"]}
        (top,) = [one for one in graph.values() if one["@type"] == "ceasn:CompetencyFramework"]
        assert top["ceterms:ctid"] == f"ce-{document.uid}"
        assert len(graph) == 1 + len(hung.nodes)
        for address, one in graph.items():
            for child in [*one.get("ceasn:hasChild", []), *one.get("ceasn:hasTopChild", [])]:
                above = graph[child].get("ceasn:isChildOf") or [graph[child]["ceasn:isTopChildOf"]]
                assert above == [address]
        assert None not in graph.values() and "null" not in json.dumps(ctdl(hung))


def test_ctdl_names_codes_categories_and_the_publisher(coder: WorkProcessSchedule, him: Framework) -> None:
    codes = {
        one.get("ceasn:codedNotation"): one
        for one in ctdl(tree(coder, now=NOW))["@graph"]
        if one.get("ceasn:competencyCategory") == {"en-US": "Competency"}
    }
    assert codes["2e"]["ceasn:competencyText"]["en-US"].startswith("Supports accurate billing")
    assert codes["5a"]["ceasn:conceptKeyword"] == {"en-US": ["Optional", "Intermediate"]}
    him.publisher = "A school"
    framework, publisher, *_ = ctdl(tree(him, now=NOW))["@graph"]
    assert framework["ceasn:publisher"] == [publisher["@id"]]
    assert publisher["ceterms:name"] == {"en-US": "A school"}


def test_the_page_of_a_schedule_tells_search_engines_what_it_shows(coder: WorkProcessSchedule) -> None:
    address = reverse("schedule", args=[coder.uid])
    data = told(Client().get(address))
    program, learned = data["@graph"]
    assert (program["@type"], program["name"]) == ("WorkBasedProgram", coder.title)
    assert program["url"].endswith(address)
    assert program["occupationalCategory"]["codeValue"] == "29-2071.00"
    assert len(program["occupationalCredentialAwarded"]) == 8
    assert [one["termCode"] for one in learned["hasDefinedTerm"]][:3] == ["1a", "1b", "2a"]
    assert learned["hasDefinedTerm"][0]["@id"] == f"{program['url']}#1a"


def test_the_page_of_a_framework_tells_its_statements(him: Framework) -> None:
    data = told(Client().get(reverse("framework", args=[him.uid])))
    assert data["@type"] == "DefinedTermSet"
    assert len(data["hasDefinedTerm"]) == him.statements.filter(kind="statement").count()


def test_words_that_look_like_markup_stay_words(db: None) -> None:
    title = "</script><script>alert(1)</script> & <!-- \u2028"
    outline = o.ScheduleOutline(title=title, occupation=o.OccupationOutline(title="A"))
    schedule = publish(save_schedule(outline), now=NOW)
    page = Client().get(reverse("schedule", args=[schedule.uid]))
    assert told(page)["@graph"][0]["name"] == title
    assert "<script>alert" not in page.content.decode()


def test_a_sponsors_copy_tells_search_engines_nothing(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.nora)
    page = client.get(reverse("schedule", args=[cast.program.schedule.uid]))
    assert page.status_code == 200
    assert "ld+json" not in page.content.decode() and "/ims/case/" not in page.content.decode()


def test_files_are_what_the_service_answers_and_come_with_a_name(coder: WorkProcessSchedule) -> None:
    for word, version in (("case-1.1", V1P1), ("case-1.0", V1P0)):
        answer = Client().get(reverse("schedule-file", args=[coder.uid, word]))
        assert json.loads(answer.content) == Package(version, tree(coder, now=NOW)).whole
        assert f'-1.{word}.json"' in answer["Content-Disposition"]
    answer = Client().get(reverse("schedule-file", args=[coder.uid, "ctdl-asn"]))
    assert answer["Content-Type"] == "application/ld+json"
    assert json.loads(answer.content)["@context"].startswith("https://credreg.net/ctdlasn/")
    assert Client().get(reverse("schedule-file", args=[coder.uid, "pdf"])).status_code == 404


def test_a_coordinator_takes_the_sponsors_own_copy_away_and_nobody_elsewhere(cast: Cast) -> None:
    copy = cast.program.schedule
    address = reverse("schedule-file", args=[copy.uid, "case-1.1"])
    client = Client()
    client.force_login(cast.nora)
    package = json.loads(client.get(address).content)
    assert faults(V1P1, "CFPackage", package) == []
    found, findings = case.outline(package, name="the file")
    assert (found.lineage, findings) == (copy.lineage, ())
    for stranger in (None, cast.olga):
        other = Client()
        if stranger:
            other.force_login(stranger)
        assert other.get(address).status_code == 404


def test_a_draft_is_taken_away_as_one_and_by_its_coordinator_alone(cast: Cast) -> None:
    draft = begin_draft(cast.program.schedule, sponsor=cast.lakeside)
    client = Client()
    client.force_login(cast.nora)
    package = json.loads(client.get(reverse("schedule-file", args=[draft.uid, "case-1.1"])).content)
    assert faults(V1P1, "CFPackage", package) == []
    assert package["CFDocument"]["adoptionStatus"] == "Private Draft"
    assert Client().get(reverse("schedule-file", args=[draft.uid, "case-1.1"])).status_code == 404
    graph = json.loads(client.get(reverse("schedule-file", args=[draft.uid, "ctdl-asn"])).content)["@graph"]
    assert graph[0]["ceasn:publicationStatusType"].endswith("/Draft")


def test_no_person_is_in_any_file(cast: Cast) -> None:
    """Hours are logged and standards signed on it; none of that, and nobody, goes out with it."""
    cast.approved(cast.ana, cast.ojt("2g", minutes=60))
    cast.sign(cast.ana, "2g")
    client = Client()
    client.force_login(cast.nora)
    people = [name for user in User.objects.all() for name in (user.name, user.email)]
    for form in FORMS:
        address = reverse("schedule-file", args=[cast.program.schedule.uid, form])
        words = client.get(address).content.decode()
        assert [name for name in people if name in words] == []


def test_a_file_names_no_version_that_its_reader_may_not_see_and_none_before_it_is_in_force(
    cast: Cast,
) -> None:
    def later(who: User) -> bool:
        client = Client()
        client.force_login(who)
        files = [reverse("schedule-file", args=[cast.program.schedule.uid, f"case-1.{n}"]) for n in (0, 1)]
        told = {"replacedBy" in client.get(file).text for file in files}
        assert told == {"Unannounced words" in client.get(file).text for file in files}
        return told == {True}

    draft = begin_draft(cast.program.schedule, sponsor=cast.lakeside)
    draft.job_functions.filter(number=1).update(title="Unannounced words")
    submit(draft, on=TODAY, by=cast.nora, now=NOW)
    assert (later(cast.ana_user), later(cast.nora)) == (False, False)
    approve(draft, on=TODAY, by=cast.nora, now=NOW)
    assert (later(cast.ana_user), later(cast.nora)) == (False, True)
    retire(draft, reason="Wrong.", by=cast.nora, now=NOW)
    assert (later(cast.ana_user), later(cast.nora)) == (False, False)


def test_the_page_offers_each_form(him: Framework) -> None:
    page = Client().get(reverse("framework", args=[him.uid])).content.decode()
    for word in ("case-1.1", "case-1.0", "ctdl-asn"):
        assert f'href="/standards/frameworks/{him.uid}/files/{word}"' in page
    assert f"/ims/case/v1p1/CFPackages/{him.uid}" in page
