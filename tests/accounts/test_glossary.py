"""The words of the field: one file, one page, and help where a word first stands."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils.html import escape

from accounts.glossary import terms

ASKED = re.compile(r'{% help "([^"]+)" %}')


def written(source: str, *, request: bool = True) -> str:
    """What a template says on a page of its own."""
    page = {"request": RequestFactory().get("/")} if request else {}
    return Template(source).render(Context(page))


def test_every_word_has_its_anchor_and_its_sentence_on_a_public_page(client: Client, db: None) -> None:
    page = client.get("/glossary/").text
    assert len(terms()) > 35
    for term in terms().values():
        assert f'id="{term.key}"' in page
        assert escape(term.says) in page
    assert 'href="/glossary/"' in client.get("/standards/").text


def test_the_words_stand_in_the_order_of_the_alphabet() -> None:
    words = [term.word.lower() for term in terms().values()]
    assert words == sorted(words)


def test_every_word_says_itself_in_whole_sentences() -> None:
    for term in terms().values():
        assert term.says.endswith("."), term.key
        assert len(term.says) < 260, f"{term.key} is too long for help beside a word"


def test_every_help_in_the_templates_is_a_word_of_the_glossary() -> None:
    pages = list((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
    asked = {key for page in pages for key in ASKED.findall(page.read_text())}
    assert {"ri", "performance-standard", "ojt", "approach"} <= asked <= set(terms())


def test_help_opens_by_the_browser_alone_and_leads_to_the_glossary() -> None:
    help = written('{% help "ri" %}')
    assert 'popovertarget="help-ri"' in help and 'id="help-ri" popover' in help
    assert "/glossary/#ri" in help and terms()["ri"].says in help


def test_a_word_is_explained_once_a_page() -> None:
    assert written('{% help "ri" %} and {% help "ri" %} and {% help "ojt" %}').count("popovertarget") == 2


def test_a_word_that_the_glossary_lacks_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        written('{% help "overtime" %}')


def test_a_mail_has_no_help() -> None:
    assert "popover" not in written('{% help "ri" %}', request=False)
