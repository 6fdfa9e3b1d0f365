"""What stands at the head of every schedule, read in one way by all readers: title, codes, approach."""

import re

from competencies import codes
from competencies.imports import outline as o
from competencies.imports.outline import Finding, Severity
from competencies.imports.words import in_small_letters, one_line

APPROACHES = (
    (re.compile("hybrid", re.IGNORECASE), "hybrid"),
    (re.compile("competency", re.IGNORECASE), "competency"),
    (re.compile("time|hour", re.IGNORECASE), "time"),
)


class Notes:
    """The findings of one reading, in the order in which they were made."""

    def __init__(self) -> None:
        self.found: list[Finding] = []

    def note(self, place: str, message: str, done: str = "") -> None:
        self.found.append(Finding(severity=Severity.NOTE, place=place, message=message, done=done))

    def warn(self, place: str, message: str, done: str = "") -> None:
        self.found.append(Finding(severity=Severity.WARNING, place=place, message=message, done=done))


def approach(text: str, *, place: str, notes: Notes) -> str | None:
    """The approach that a text names ("Competency-based", "Hours"), or None with a finding."""
    for pattern, value in APPROACHES:
        if pattern.search(text):
            return value
    if text:
        notes.warn(place, f"“{text:.60}” is no approach", "The approach was left open.")
    return None


def headed(
    *,
    title: str,
    onet: str,
    rapids: str,
    findings: Notes,
    repair: str = "",
    onet_place: str = "O*NET code",
    rapids_place: str = "RAPIDS code",
    **columns: object,
) -> o.ScheduleOutline:
    """An outline with its title and its codes in their usual spelling; every change of them is a finding."""
    plain = in_small_letters(title)
    repairs = [repair] if repair else []
    if plain != title:
        findings.note("title", f"The title is printed in capitals: “{title}”", f"Written as “{plain}”.")
        repairs.append(f"the title in capitals is written in small letters: “{title}” → “{plain}”")
    onet = _onet(onet, place=onet_place, notes=findings, repairs=repairs)
    rapids, digits = _rapids(rapids, place=rapids_place, notes=findings, repairs=repairs)
    occupation = o.OccupationOutline(title=plain, onet_code=onet, rapids_code=digits)
    return o.ScheduleOutline(
        title=plain,
        occupation=occupation,
        onet_code=onet,
        rapids_code=rapids,
        repair="\n".join(repairs),
        **columns,  # type: ignore[arg-type]
    )


def _onet(text: str, *, place: str, notes: Notes, repairs: list[str]) -> str:
    text = one_line(text)
    if not text:
        return ""
    code = codes.parse_onet(text)
    if code is None:
        notes.warn(place, f"“{text:.40}” is no O*NET-SOC code (29-2071.00)", "It was left out.")
        return ""
    if str(code) != text:
        notes.note(place, f"The code is printed as “{text}”", f"Read as {code}.")
        repairs.append(f"the O*NET-SOC code in its usual spelling: “{text}” → “{code}”")
    return str(code)


def _rapids(text: str, *, place: str, notes: Notes, repairs: list[str]) -> tuple[str, str]:
    """The registered code and the four digits of the occupation in it."""
    text = one_line(text)
    if not text:
        return "", ""
    code = codes.parse_rapids(text)
    if code is None or len(str(code)) > 16:
        notes.warn(place, f"“{text:.40}” is no RAPIDS code (1114CB)", "It was left out.")
        return "", ""
    if str(code) != text:
        notes.note(place, f"The code is printed as “{text}”", f"Read as {code}.")
        repairs.append(f"the RAPIDS code in its usual spelling: “{text}” → “{code}”")
    return str(code), code.digits
