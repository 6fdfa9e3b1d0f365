"""The headings of registration papers, and the words of the form that say nothing of the occupation."""

import re

OJL, RI = "ojl", "ri"
NUMBERED = r"(?:(?:\d{1,2}|[A-Z]|[IVX]{1,4})[.)]\s+)?"
HEADINGS: tuple[tuple[str, str], ...] = (
    (OJL, r"on[-–‑ ]+the[-–‑ ]+job[-–‑ ]+(?:learning|training)(?: outline)?"),
    (
        OJL,
        r"(?:sample )?(?:schedule of )?work process(?:es)?(?: schedule)?(?: outline)?"
        r"|schedule of work experience",
    ),
    (OJL, r"oj[tl]\s*/\s*work experience|oj[tl] outline|work experience"),
    (
        RI,
        r"(?:sample )?related (?:technical |theoretical |supplemental |training )?instruction"
        r"(?: outline| plan| curriculum)?",
    ),
    (RI, r"related (?:technical )?training(?: outline)?|schedule of related instruction|rti outline"),
    ("approach", r"apprenticeship (?:approach|type)|type of (?:occupation|training|program)|training type"),
    (
        "term",
        r"(?:length|term) of (?:the )?(?:apprenticeship|training|program|occupation)|training term|term",
    ),
    ("ratio", r"ratio(?: of apprentices? to journey ?(?:workers?|persons?|m[ae]n))?"),
    ("wages", r"(?:apprentice )?wage (?:schedule|scale|progression)s?|apprentice wages?"),
    ("probation", r"probation(?:ary)?(?: period)?"),
    ("selection", r"selection(?: procedures?| of apprentices)?|selection and qualifications?"),
)
PATTERNS = tuple((name, re.compile(f"{NUMBERED}(?:{text})", re.IGNORECASE)) for name, text in HEADINGS)
INLINE = {"approach", "term", "ratio", "probation", "selection"}
"""Sections whose words may follow the heading on its own line, behind a colon."""
LONGEST = 90

BOILERPLATE = re.compile(
    r"(?:appendix [a-z](?: ?- ?\d+)?|and|&|page \d+(?: of \d+)?|instructions for entering .*"
    r"|(?:appendix a )?work process schedule (?:and|&) related instruction outline"
    r"|(?:time|competency|hybrid)(?:[- ]based)? occupations?: ?please provide.*"
    r"|please (?:provide|see page|describe|list) .*"
    r"|this schedule is attached to and a part of these standards.*|\(?see attached.*\)?"
    r"|date completed: ?_*.*|(?:supervisor|trainer|mentor).{0,20}: ?_{3,}.*|_+|[-–—*•\s]+)",
    re.IGNORECASE,
)


def section_of(line: str) -> tuple[str, str] | None:
    """The section that a line begins, and what of it stands on the same line; None where it is no heading."""
    head, colon, rest = line.partition(":")
    for name, pattern in PATTERNS:
        if len(line) <= LONGEST and pattern.fullmatch(line.strip(" :.*")):
            return name, ""
        if colon and name in INLINE and pattern.fullmatch(head.strip()):
            return name, rest.strip()
    return None


def is_boilerplate(line: str) -> bool:
    return bool(BOILERPLATE.fullmatch(line))
