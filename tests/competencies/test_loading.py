"""Loading documents: nothing twice, other content beside it, a broken file not at all."""

import copy
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from competencies.imports.outline import Malformed
from competencies.imports.outline_json import read
from competencies.load import load
from competencies.models import Framework, Occupation, PerformanceStandard, RatingScale, WorkProcessSchedule
from competencies.versions import content_hash
from tests.cast import SEEDS
from tests.competencies.conftest import NOW, document


def bring(value: dict[str, Any]) -> list[str]:
    return load([("standard.json", json.dumps(value).encode())], now=NOW)


def test_loading_again_says_that_nothing_changed(coder: WorkProcessSchedule) -> None:
    said = StringIO()
    call_command("load_standards", *SEEDS, stdout=said)
    assert said.getvalue().count("nothing changed") == 2
    assert WorkProcessSchedule.objects.get() == coder
    assert Framework.objects.count() == 1
    assert RatingScale.objects.count() == 3


def test_rows_read_back_to_what_was_published(coder: WorkProcessSchedule) -> None:
    assert content_hash(coder) == coder.content_hash


def test_other_words_make_a_new_version_beside_the_old(coder: WorkProcessSchedule) -> None:
    changed = document("medical-coder")
    standards = changed["job_functions"][0]["competencies"][0]["performance_standards"]
    standards[0] = "Identifies the correct patient record"
    assert bring(changed) == [f"standard.json: {coder.title}, version 2 is loaded"]
    old, new = WorkProcessSchedule.objects.order_by("version")
    assert old == coder
    assert old.lineage == new.lineage
    before = PerformanceStandard.objects.filter(competency__job_function__schedule=old)
    after = PerformanceStandard.objects.filter(competency__job_function__schedule=new)
    assert before.count() == after.count() == 78
    kept = set(before.values_list("lineage")) & set(after.values_list("lineage"))
    assert len(kept) == 77, "what asks the same keeps its lineage, what changed begins a new one"
    assert bring(changed)[0].startswith("standard.json: nothing changed")


def shuffled() -> dict[str, Any]:
    """The medical coder, its codes spelled as papers do and its numbered rows in another order."""
    value = document("medical-coder")
    value["occupation"] |= {"onet_code": "29-2071", "rapids_code": " 870"}
    value["job_functions"].reverse()
    value["cross_cutting"]["tiers"].reverse()
    levels = document("rating-scales")["scales"][0]["levels"][::-1]
    value["header"]["rating_scale"] = {"name": "Printed", "levels": levels}
    return value


@pytest.mark.django_db
def test_an_odd_spelling_and_another_order_make_one_version_only() -> None:
    assert bring(shuffled())[0].endswith("version 1 is loaded")
    assert bring(shuffled())[0].startswith("standard.json: nothing changed")
    value = shuffled()
    value["job_functions"].reverse()
    value["header"]["rating_scale"]["levels"].reverse()
    assert bring(value)[0].startswith("standard.json: nothing changed")
    assert WorkProcessSchedule.objects.get().version == 1


@pytest.mark.django_db
def test_an_occupation_is_found_by_a_code_that_lost_its_zero() -> None:
    bring(shuffled())
    assert Occupation.objects.get().rapids_code == "0870"
    assert Occupation.objects.get().onet_code == "29-2071.00"
    for code in ("870", "0870CB"):
        assert WorkProcessSchedule.objects.coded(rapids=code).exists()


@pytest.mark.django_db
def test_a_scale_with_its_levels_in_another_order_is_the_same_scale() -> None:
    value = document("rating-scales")
    bring(value)
    value["scales"][0]["levels"].reverse()
    bring(value)
    assert RatingScale.objects.count() == 3


def test_a_new_count_makes_a_new_version_of_the_framework(him: Framework) -> None:
    changed = document("health-information-management")
    changed["domains"][0]["subdomains"][0]["statements"][0]["resource_count"] = 23
    bring(changed)
    assert Framework.objects.count() == 2
    assert Framework.objects.newest().get().version == 2


def _without_number(value: dict[str, Any]) -> None:
    del value["job_functions"][1]["number"]


def _unknown_level(value: dict[str, Any]) -> None:
    value["job_functions"][1]["competencies"][4]["level"] = "expert"


def _misspelt_key(value: dict[str, Any]) -> None:
    value["job_functions"][4]["competencies"][0]["requierd"] = True


def _empty_text(value: dict[str, Any]) -> None:
    value["job_functions"][0]["competencies"][1]["performance_standards"][1] = "  "


def _text_for_number(value: dict[str, Any]) -> None:
    value["header"]["minimum_ojt_minutes"] = "2000 hours"


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        (_without_number, "standard.json.job_functions[2].number"),
        (_unknown_level, "standard.json.job_functions[2].competencies[5].level"),
        (_misspelt_key, "standard.json.job_functions[5].competencies[1].requierd"),
        (_empty_text, "standard.json.job_functions[1].competencies[2].performance_standards[2].text"),
        (_text_for_number, "standard.json.header.minimum_ojt_minutes"),
    ],
)
@pytest.mark.django_db
def test_a_malformed_document_is_refused_whole_with_the_place_named(
    damage: Callable[[dict[str, Any]], None], place: str
) -> None:
    value = copy.deepcopy(document("medical-coder"))
    damage(value)
    good = json.dumps(document("health-information-management")).encode()
    with pytest.raises(Malformed) as refusal:
        load([("good.json", good), ("standard.json", json.dumps(value).encode())], now=NOW)
    assert refusal.value.field == place
    assert not WorkProcessSchedule.objects.exists()
    assert not Framework.objects.exists()


@pytest.mark.django_db
def test_a_number_given_twice_leaves_nothing_behind() -> None:
    value = document("medical-coder")
    value["job_functions"][1]["number"] = 1
    with pytest.raises(Malformed, match="job function 1"):
        bring(value)
    assert not WorkProcessSchedule.objects.exists()


@pytest.mark.django_db
def test_a_text_too_long_for_its_place_is_refused_on_every_database() -> None:
    value = document("medical-coder")
    value["job_functions"][2]["title"] = "Maintains " * 40
    with pytest.raises(Malformed, match=r"“Maintains Maintains.*title"):
        bring(value)
    assert not WorkProcessSchedule.objects.exists()


@pytest.mark.parametrize("data", [b"", b"[]", b'"x"', b"{", b'{"format": "other/1"}', b"\xff"])
def test_what_is_no_standards_document_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data, name="x.json")


@pytest.mark.django_db
def test_the_command_says_one_sentence_when_it_refuses(tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text('{"format": "journeybook-standard/1", "kind": "schedule"}', encoding="utf-8")
    with pytest.raises(CommandError, match=r"Nothing was loaded\. broken\.json\.occupation: is missing"):
        call_command("load_standards", file)
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_standards", tmp_path / "nowhere.json")
