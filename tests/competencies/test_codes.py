"""Every spelling of an occupation code that real papers use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competencies.codes import parse_onet, parse_rapids


@pytest.mark.parametrize(
    ("text", "digits", "suffix", "version", "canonical"),
    [
        ("1114", "1114", "", None, "1114"),
        ("1114CB", "1114", "CB", None, "1114CB"),
        ("1114hy", "1114", "HY", None, "1114HY"),
        ("0414S-R", "0414", "S-R", None, "0414S-R"),
        ("0870CBV1", "0870", "CB", 1, "0870CBV1"),
        ("870cbv1", "0870", "CB", 1, "0870CBV1"),
        ("2050CB V1", "2050", "CB", 1, "2050CBV1"),
        ("157", "0157", "", None, "0157"),
        ("1114V2", "1114", "", 2, "1114V2"),
        (" 1114 cb ", "1114", "CB", None, "1114CB"),
    ],
)
def test_every_spelling_of_a_rapids_code_is_understood(
    text: str, digits: str, suffix: str, version: int | None, canonical: str
) -> None:
    code = parse_rapids(text)
    assert code is not None
    assert (code.digits, code.suffix, code.version) == (digits, suffix, version)
    assert str(code) == canonical
    assert parse_rapids(canonical) == code


@pytest.mark.parametrize("text", ["29-2071.00", "29-2071", "29-2071-00", "29207100", " 29 2071 00 "])
def test_every_spelling_of_an_onet_code_is_understood(text: str) -> None:
    assert str(parse_onet(text)) == "29-2071.00"


def test_the_malformed_code_of_a_bulletin_is_the_same_occupation() -> None:
    assert parse_onet("33-2011-02") == parse_onet("33-2011.02")
    assert str(parse_onet("33-2011-02")) == "33-2011.02"


@pytest.mark.parametrize("text", ["", "coder", "1114CB1", "11145", "2024-MI-136422", "29-2071.0", "V1"])
def test_what_is_no_code_is_none(text: str) -> None:
    assert parse_rapids(text) is None
    assert parse_onet(text) is None


@given(st.text(max_size=20))
def test_no_text_breaks_the_parsers(text: str) -> None:
    for code in (parse_rapids(text), parse_onet(text)):
        assert code is None or str(code)
