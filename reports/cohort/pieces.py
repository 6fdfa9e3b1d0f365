"""Two papers of one kind, compared piece by piece."""

import re
from html import unescape

TAG = re.compile(r"(<[^>]*>)")
OPENING = re.compile(r"<([a-z][a-z0-9]*)")
VARYING = re.compile(r' (data-foot|src|href)="([^"]*)"')
"""Attributes that may differ: the foot of the pages, the code that opens the check, and its address."""
SPACES = re.compile(r"[ \t\r\n\f]+")
NO_BREAK_SPACE = "\u00a0"


class Misfit(Exception):
    """This paper cannot be written into the pages of that one; the message says why."""


class Pieces:
    """HTML in pieces, text and tags by turns, and its shape: the tags without what may vary in them."""

    def __init__(self, html: str) -> None:
        self.parts = TAG.split(html)
        self.shape = VARYING.sub(r" \1", "".join(self.parts[1::2]))

    def differences(self, other: "Pieces") -> list[tuple[int, str]]:
        """Numbers of the pieces that the other has otherwise, with what it has there. Raises Misfit."""
        if self.shape != other.shape or len(self.parts) != len(other.parts):
            raise Misfit("it has other tags")
        pairs = zip(self.parts, other.parts, strict=True)
        return [(number, theirs) for number, (mine, theirs) in enumerate(pairs) if mine != theirs]


def attributes(tag: str) -> dict[str, str]:
    """Of those that may vary, by name."""
    return {name: unescape(value) for name, value in VARYING.findall(tag)}


def words(text: str) -> str:
    """What is printed of a piece of text. Raises Misfit for characters that are not printed as they are."""
    found = SPACES.sub(" ", unescape(text)).strip(" ")
    if not found.replace(NO_BREAK_SPACE, "").isprintable():
        raise Misfit("it has characters that print nothing")
    return found
