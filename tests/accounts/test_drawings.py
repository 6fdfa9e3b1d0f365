"""The words and drawings that every page shares."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone

NOV_20 = datetime(2026, 11, 20, 22, 10, tzinfo=UTC)


def drawn(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("draft", "Draft"),
        ("submitted", "Waiting"),
        ("approved", "Approved"),
        ("returned", "Returned"),
        ("superseded", "Replaced"),
        ("signed", "Signed"),
        ("not yet", "Not yet"),
        ("in escrow", "In escrow"),
    ],
)
def test_a_state_is_an_icon_and_a_word_never_colour_alone(word: str, said: str) -> None:
    pill = drawn("{% state word %}", word=word)
    assert f"</svg> {said}</span>" in pill


def test_a_state_may_say_more_than_its_word() -> None:
    assert "5 days</span>" in drawn('{% state "submitted" "5 days" %}')


def test_a_label_from_a_person_is_escaped() -> None:
    for source in (
        '{% state "draft" text %}',
        "{% ring 5 text %}",
        "{% meter 1 2 label=text %}",
        "{% cell 1 2 text %}",
    ):
        assert "<script" not in drawn(source, text='"><script>')


def test_a_ring_tells_its_number_to_those_who_do_not_see_it() -> None:
    ring = drawn('{% ring 64 "signed" %}')
    assert 'role="img" aria-label="64 % signed"' in ring
    assert 'stroke-dasharray="64 100"' in ring


def test_a_meter_stays_inside_its_frame() -> None:
    full = drawn('{% meter 150 100 waiting=20 mark=120 label="over" %}')
    assert full.count('width="100.00%"') == 2
    assert 'x1="100.00%"' in full
    assert 'width="0"' in drawn("{% meter 0 0 %}")


def test_a_bar_beside_its_number_is_silent_and_one_alone_speaks() -> None:
    assert 'aria-hidden="true"' in drawn("{% meter 1 2 %}")
    assert 'role="img" aria-label="1 of 2"' in drawn('{% meter 1 2 label="1 of 2" %}')


def test_a_job_function_that_is_not_elected_says_so() -> None:
    assert "Job function 5: not elected" in drawn('{% cell 0 0 "Job function 5" %}')
    assert ">5/7</span>" in drawn('{% cell 5 7 "Job function 2" %}')


def test_no_drawing_has_a_style_attribute() -> None:
    shapes = '{% ring 5 "x" %}{% meter 1 2 1 1 "x" %}{% cell 1 2 %}{% cell %}'
    assert "style=" not in drawn(shapes + '{% icon "check" 24 %}{% state "draft" %}')


def test_a_moment_is_shown_with_the_zone_of_the_record_or_of_the_reader() -> None:
    assert ">Nov 20, 2026, 4:10 pm CST</time>" in drawn('{% when at "America/Chicago" %}', at=NOV_20)
    with timezone.override("Pacific/Honolulu"):
        assert drawn("{% when at %}", at=NOV_20) == (
            '<time datetime="2026-11-20T22:10:00+00:00">Nov 20, 2026, 12:10 pm HST</time>'
        )


def test_a_zone_without_letters_is_told_from_utc() -> None:
    assert "7:10 pm UTC-03" in drawn('{% when at "America/Sao_Paulo" %}', at=NOV_20)


def test_spoken_hours_do_not_break_across_lines() -> None:
    assert (
        drawn("{{ m|hours }} {{ m|hmm }} {{ none|hmm }}", m=450, none=None) == "7\u00a0h 30\u00a0min 7:30 –"
    )


def test_words_are_listed_as_people_list_them() -> None:
    assert drawn("{{ 'read write sign'|wordlist }}") == "read, write and sign"
    assert drawn("{{ 'read'|wordlist }}") == "read"
