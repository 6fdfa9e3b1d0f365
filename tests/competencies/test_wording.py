"""The normaliser: what makes two sentences the same, and what must not."""

import pytest

from competencies.wording import Vocabulary, stem, words


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ensures accuracy of groupings", "Ensure accuracy of groups"),
        ("such as DRG, APC, etc.", "DRG, APC, and so on."),
        ("Medicare, managed care, and so forth.", "(Medicare, managed care, etc.)"),
        ("(ex. DSM-V)", "(eg. DSM-V)"),
        ("groups such as DRG (Diagnosis Related Group)", "groups such as DRG"),
        ("HIPAA (Health Insurance Portability and Accountability Act of 1996)", "HIPAA"),
        ("prospective payment systems (PPS)", "PPS"),
        ("A&P", "Anatomy & Physiology"),
        ("support for EHRs", "supports electronic health records"),
        ("diagnosis(es)", "diagnosis"),
        ("code(s)", "codes"),
        ("Policies", "policy"),
        ("  physicians OR other\ncare providers", "physicians and other care providers"),
    ],
)
def test_two_spellings_of_the_same_are_the_same_words(first: str, second: str) -> None:
    assert words(first) == words(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("DRG, MSDRG, APC", "DRG, APC"),
        ("compliance (fraud and abuse)", "compliance"),
        ("inpatient records", "outpatient records"),
        ("Not applicable", "Applicable"),
        ("ICD-9", "ICD-10"),
        ("process", "processing loss"),
    ],
)
def test_what_asks_for_something_else_keeps_other_words(first: str, second: str) -> None:
    assert words(first) != words(second)


def test_a_stem_is_never_empty_and_short_words_stay() -> None:
    assert [stem(word) for word in ("is", "as", "e", "use", "process", "diagnosis", "bus")] == [
        "is", "as", "", "us", "process", "diagnosis", "bus",
    ]  # fmt: skip


def test_a_text_is_wholly_like_itself_and_like_nothing_without_a_common_word() -> None:
    known = Vocabulary(["Adhere to guidelines.", "Monitor supplies.", "and so on"])
    assert known.likeness("Adheres to the guidelines", "Adhere to guidelines.") == 1
    assert known.likeness("Welds pipes", "Monitor supplies.") == 0
    assert known.likeness("Welds pipes", "and so on") == known.likeness("", "Monitor supplies.") == 0


def test_a_slip_of_the_pen_is_read_as_the_word_it_was_meant_to_be() -> None:
    known = Vocabulary(["Comply with guidelines.", "Monitor supplies.", "Order medical supplies."])
    assert known.likeness("Compys with guidlines", "Comply with guidelines.") > 0.8
    assert known.known("medicaid") == "medicaid"


def test_a_rare_word_says_more_than_one_that_stands_everywhere() -> None:
    texts = ["Apply policies to billing.", "Apply policies to audits.", "Apply policies to networks."]
    known = Vocabulary(texts)
    assert known.likeness("billing", texts[0]) > known.likeness("apply policies", texts[0])


def test_saying_all_of_a_line_and_more_is_closer_than_saying_half_of_it() -> None:
    line = "Adhere to established guidelines in code assignment."
    known = Vocabulary([line, "Monitor supplies."])
    more = (
        "Adheres to established guidelines in code assignment (focus on sequencing of principal procedures)"
    )
    assert known.likeness(more, line) > known.likeness("Adheres to guidelines", line)
