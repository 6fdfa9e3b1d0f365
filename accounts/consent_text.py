"""What people agree to before they act on a record here, in every version that anybody has agreed to.

The ESIGN Act (15 USC 7001(c)) asks that somebody is told, before agreeing, what it is about, that there is
paper, how to change one's mind and what follows, and what is needed to read and keep the records. A changed
text is another version under its own number; a text that was in force once is never edited.
"""

import hashlib

Text = tuple[tuple[str, str], ...]
"""Headings, each with its paragraph."""

TEXTS: dict[int, Text] = {
    1: (
        (
            "What it is about",
            "Your program keeps the record of the apprenticeship in Journeybook: hours, reviews, ratings of "
            "performance standards, signatures, and the papers that are made of them.",
        ),
        (
            "What you agree to",
            "You get and keep these records electronically instead of on paper. When you are signed in as "
            "yourself and submit, approve, return or sign something, that act counts as your signature, as "
            "if you had signed in ink (ESIGN Act, 15 U.S.C. 7001).",
        ),
        (
            "You may have paper instead",
            "You need not agree. Your coordinator then keeps your hours and signatures on paper forms. "
            "If you agree, you may still ask the coordinator for a paper copy of anything about you; ask "
            "first whether it costs something.",
        ),
        (
            "You may change your mind",
            "Withdraw at any time on your profile page. What you submitted, approved or signed before stays "
            "valid. From then on you read your records here, and act on paper.",
        ),
        (
            "What you need",
            "A phone or computer with a current web browser, an internet connection, an e-mail address, and "
            "a program that opens PDF files to keep or print papers. If your e-mail address changes, change "
            "it on your profile page.",
        ),
    ),
    2: (
        (
            "What it is about",
            "Your program keeps the record of the apprenticeship in Journeybook: hours, reviews, ratings of "
            "performance standards, signatures, what is decided about the registration, and the papers that "
            "are made of them.",
        ),
        (
            "What you agree to",
            "You get and keep these records electronically instead of on paper. When you are signed in as "
            "yourself and submit, approve, return, decide or sign something, that act counts as your "
            "signature, as if you had signed in ink (ESIGN Act, 15 U.S.C. 7001).",
        ),
        (
            "You may have paper instead",
            "You need not agree. Your coordinator then keeps your hours and signatures on paper forms. "
            "If you agree, you may still ask the coordinator for a paper copy of anything about you; ask "
            "first whether it costs something.",
        ),
        (
            "You may change your mind",
            "Withdraw at any time on your profile page. What you submitted, approved, decided or signed "
            "before stays valid. From then on you read your records here, and act on paper.",
        ),
        (
            "What you need",
            "A phone or computer with a current web browser, an internet connection, an e-mail address, and "
            "a program that opens PDF files to keep or print papers. If your e-mail address changes, change "
            "it on your profile page.",
        ),
    ),
}
VERSION = max(TEXTS)
"""The one in force. Whoever agreed to an earlier one is asked again."""


def fingerprint(version: int) -> str:
    """SHA-256 of a text as it is shown, headings and paragraphs parted by blank lines."""
    words = "\n\n".join(part for pair in TEXTS[version] for part in pair)
    return hashlib.sha256(words.encode()).hexdigest()
