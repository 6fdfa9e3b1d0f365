"""The front page of registration papers: title, codes, approach, term, ratio, wages, probation, selection."""

import re
from collections.abc import Iterable

from competencies import codes
from competencies.imports.header import Notes, approach
from competencies.imports.sections import is_boilerplate, section_of
from competencies.imports.wages import WageStep
from competencies.imports.words import NUMBER, hours, months

ONET = re.compile(
    r"O\s?\*\s?NET(?:[-–—\s]*SOC)?\s*(?:CODE)?\s*[:#]*\s*(\d{2}[-–. ]?\d{4}(?:[-–.]\d{2})?)", re.IGNORECASE
)
RAPIDS = re.compile(
    r"RAPIDS\s*(?:CODE)?(?:\s+2\.0(?=\s*:))?\s*[:#]*\s*"
    r"(\d{1,4}[ -]?(?:(?:[A-Z]-[A-Z]|[A-Z]{1,2})(?![a-z]))?(?:[ -]?V[. ]?\d+)?)\b",
    re.IGNORECASE,
)
TITLE = re.compile(
    r"(?:(?:apprenticeable )?occupation(?:al)?(?: title)?|job title|trade)\s*:\s*(.+)", re.IGNORECASE
)
BOX = re.compile(
    r"(☒|☑|✓|✔|\[\s*x\s*\]|\(\s*x\s*\)|☐|\[\s*\]|\(\s*\)|_x_|__+)\s*(time|competency|hybrid)", re.IGNORECASE
)
EMPTY = re.compile(r"☐|\[\s*\]|\(\s*\)|_+")
WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
LENGTH = re.compile(rf"{NUMBER}\s*[- ]?(?:years?|months?)\b", re.IGNORECASE)
SPAN = rf"{NUMBER}(?:\s*(?:[-–—]|to)\s*{NUMBER})?\s*(?:clock |contact |classroom )?hours?"
RI_FIRST = re.compile(
    rf"{SPAN}\s*(?:\([^)]*\)\s*)?(?:of )?(?:required )?(?:related|RTI|classroom)", re.IGNORECASE
)
RI_LAST = re.compile(rf"related (?:technical )?instruction(?:[^.;]|\.\d){{0,60}}?\b{SPAN}", re.IGNORECASE)
OJL = re.compile(SPAN, re.IGNORECASE)
YEARLY = re.compile(r"hours?[^.;]{0,60}\s(?:per|each|a|every) year|annually", re.IGNORECASE)
STEP = re.compile(
    r"(?P<step>\d{1,2}(?:st|nd|rd|th)|(?:period|step|level|year) ?\d{1,2}|\d{1,2}(?=[.)\s]))[\s.:)]+"
    r"(?P<condition>.+?)\s*[=:–—-]\s*(?P<wage>[^=]*?[\d.]+ ?%.*|\$ ?\d.*)",
    re.IGNORECASE,
)
PLAIN_STEP = re.compile(
    r"(?P<condition>.*?(?:hours|months|years?))\s*[=:–—-]*\s*(?P<wage>\d{1,3}(?:\.\d+)? ?%.*|\$ ?\d.*)",
    re.IGNORECASE,
)


def same(text: str) -> str:
    """A title as it is compared: its letters and digits."""
    return re.sub(r"[\W_]+", "", text.lower())


def title_in(lines: Iterable[str]) -> str:
    """The occupation: behind “Occupation title:”, else the line above the first line with codes."""
    above, candidate = "", ""
    for line in lines:
        if found := TITLE.match(line):
            text = RAPIDS.split(ONET.split(found[1])[0])[0].strip(" ,;")
            if text:
                return text
        if (ONET.search(line) or RAPIDS.search(line)) and not candidate:
            before = re.split(r"O\s?\*\s?NET|RAPIDS", line, maxsplit=1)[0].strip(" ,;:-–")
            candidate = before if len(before) > 3 else above
        if not is_boilerplate(line) and not section_of(line):
            above = line if len(line) <= 150 else above
    return candidate


class Front:
    """What was read of the front page so far. `take` says whether a line belonged to it."""

    def __init__(self, title: str, notes: Notes) -> None:
        self.title, self.notes = title, notes
        self.onet = self.rapids = self.ratio = self.wage_note = ""
        self.approach: str | None = None
        self.term_months: int | None = None
        self.ojt: tuple[int, int] | None = None
        self.ri: tuple[int, int] | None = None
        self.steps: list[WageStep] = []
        self.texts: dict[str, list[str]] = {"probation": [], "selection": [], "wages": []}

    def take(self, line: str) -> bool:
        """Read title, codes and ticked boxes wherever they stand."""
        found = [self._boxes(line), self._codes(line)]
        title = TITLE.match(line)
        if title and not any(found) and same(title[1]) != same(self.title):
            self.notes.warn(
                "title", f"The occupation is “{self.title:.80}” and “{title[1]:.80}”", "The first was kept."
            )
        return any(found) or bool(title) or same(line) == same(self.title)

    def _codes(self, line: str) -> bool:
        onet, rapids = ONET.search(line), RAPIDS.search(line)
        if onet:
            self.onet = self._first(
                self.onet, onet[1].replace("–", "-"), codes.normalise_onet, "O*NET-SOC code"
            )
        if rapids:
            self.rapids = self._first(self.rapids, rapids[1].strip(), codes.normalise_rapids, "RAPIDS code")
        return bool(onet or rapids)

    def _first(self, known: str, found: str, normal: object, place: str) -> str:
        if not known or not callable(normal) or normal(known) == normal(found):
            return known or found
        self.notes.warn(place, f"The document says {known} and {found}", f"{known} was kept.")
        return known

    def _boxes(self, line: str) -> bool:
        boxes = BOX.findall(line)
        ticked = {word.lower() for box, word in boxes if not EMPTY.fullmatch(box)}
        if len(ticked) == 1:
            self.approach = self.approach or ticked.pop()
        elif ticked:
            self.notes.warn(
                "approach", f"Several are ticked: {', '.join(sorted(ticked))}", "It was left open."
            )
        return bool(boxes)

    def say(self, section: str, line: str) -> bool:
        """Read a line of a section of the front page; False where the section is none of them."""
        if section == "approach":
            self.approach = self.approach or approach(line, place="approach", notes=Notes())
            return self.approach is not None
        if section == "term":
            self._term(line)
        elif section == "ratio":
            text = re.sub(r".*?ratio\b.*?(?:is|shall be|will be)\s*:?\s*", "", line, flags=re.IGNORECASE)
            self.ratio = "; ".join(filter(None, [self.ratio, text.rstrip(".")]))
        elif section == "wages":
            self.wage(line)
        elif section in self.texts:
            self.texts[section].append(line)
        else:
            return False
        return True

    def wage(self, line: str) -> None:
        """A step, or a sentence about wages."""
        if match := STEP.fullmatch(line):
            self.steps.append((match["step"], match["condition"].strip(), match["wage"].strip()))
        elif match := PLAIN_STEP.fullmatch(line):
            self.steps.append(
                (f"Step {len(self.steps) + 1}", match["condition"].strip(), match["wage"].strip())
            )
        else:
            self.texts["wages"].append(line)

    def _term(self, line: str) -> None:
        """“The term is 4 years with 8000 hours, supplemented by 597.5 hours of related instruction.”"""
        text = re.sub(
            rf"\b({'|'.join(WORDS)})\b(?= \(?\d*\)? ?(?:years?|months?))",
            lambda found: str(WORDS.index(found[1].lower()) + 1),
            line,
            flags=re.IGNORECASE,
        )
        if self.term_months is None and (length := LENGTH.search(text)):
            self.term_months = months(length[0].replace("-", " "))
        ri = RI_FIRST.search(text) or RI_LAST.search(text)
        if ri:
            if YEARLY.search(text):
                self.notes.note(
                    "term", f"Related instruction is stated by the year: “{line:.120}”", "No total was set."
                )
            else:
                self.ri = self.ri or _ends(ri[1], ri[2])
            text = text.replace(ri[0], " ")
        if self.ojt is None and (ojt := OJL.search(text)):
            self.ojt = _ends(ojt[1], ojt[2])
        self.texts.setdefault("term", []).append(line)

    def text(self, section: str) -> str:
        return "\n".join(self.texts.get(section, []))


def _ends(low: str, high: str | None) -> tuple[int, int] | None:
    spans = [span.most for text in (low, high) if text and (span := hours(text))]
    return (min(spans), max(spans)) if spans else None
