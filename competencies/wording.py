"""What two sentences of standards documents have in common, whatever their spelling.

Schedules say what a worker does (“Ensures accuracy of …”), frameworks what a learner is to do (“Ensure
accuracy of …”); one writes “etc.”, the other “and so on”; one spells an abbreviation out. Here both become
the same words.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz import fuzz, process

ABBREVIATIONS = {
    "a&p": "anatomy physiology",
    "ehr": "electronic health record",
    "ehrs": "electronic health record",
    "emr": "electronic medical record",
    "him": "health information management",
    "phr": "personal health record",
    "pps": "prospective payment system",
}
"""Written out wherever they stand, by their lower-case spelling."""
EMPTY = frozenset(
    {
        *("a", "an", "the", "this", "that", "it", "its", "their", "other", "and", "or", "is", "are", "be"),
        *("of", "to", "in", "on", "for", "by", "with", "from", "as", "at"),
        *("such", "etc", "eg", "ex", "ie", "so", "forth"),
    }
)
"""Words that say nothing of what is asked, fillers of lists among them."""
SAME = 84
"""Two words of LONG letters or more that are so similar (per cent) are two spellings of one."""
LONG = 5

_SPELLED_OUT = re.compile(r"(?<=[A-Z]{2} )\([A-Z][^()]*\)")
"""An explanation in parentheses right behind an abbreviation: “DRG (Diagnosis Related Group)”."""
_ABBREVIATED = re.compile(r"\([A-Z]{2,}s?\)")
"""An abbreviation in parentheses behind its words: “prospective payment systems (PPS)”."""
_WORD = re.compile(r"[a-z0-9]+(?:&[a-z0-9]+)*")
_ENDINGS = (("ies", "y"), ("ings", ""), ("ing", ""), ("es", "e"), ("ed", "e"), ("s", ""))


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The words of `text` that carry meaning, in order, each without its ending; abbreviations written out.

    An abbreviation and its explanation beside it count once.
    """
    once = _ABBREVIATED.sub(" ", _SPELLED_OUT.sub(" ", text))
    found = _WORD.findall(once.lower().replace("(s)", "s").replace("(es)", "es"))
    spelled = " ".join(ABBREVIATIONS.get(word, word) for word in found).split()
    return tuple(stem(word) for word in spelled if word not in EMPTY)


def stem(word: str) -> str:
    """The word without the ending that tells its forms apart, such as “groups” from “grouping”.

    Good for comparing, not for reading.
    """
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and not word.endswith(("ss", "sis", "us")) and len(word) - len(ending) >= 3:
            return (word.removesuffix(ending) + instead).rstrip("e")
    return word.rstrip("e")


class Vocabulary:
    """The words of a list of texts, the rarer the heavier, and how alike another text is to one of them."""

    def __init__(self, texts: Iterable[str]) -> None:
        lines = [set(words(text)) for text in texts]
        self.lines = len(lines)
        self.seen = Counter(word for line in lines for word in line)
        self.long = [word for word in self.seen if len(word) >= LONG]
        self.spellings: dict[str, str] = {}

    def weight(self, word: str) -> float:
        """How much a word tells: nothing for one that stands in every line, most for one in none."""
        return math.log((self.lines + 1) / (self.seen[word] + 0.5))

    def known(self, word: str) -> str:
        """The word as these texts spell it, or as it is."""
        if word in self.seen or len(word) < LONG:
            return word
        if word not in self.spellings:
            best = process.extractOne(word, self.long, scorer=fuzz.ratio, score_cutoff=SAME)
            self.spellings[word] = best[0] if best else word
        return self.spellings[word]

    def weigh(self, found: Counter[str]) -> float:
        return sum(self.weight(word) * times for word, times in found.items())

    def likeness(self, text: str, line: str) -> float:
        """0 to 1: how much of `line`, one of the texts, `text` says, and how little it says beside that.

        Half of it is the share of the line's weight that the text has, half the share of both that is common:
        a sentence that says all of the line and more is closer than one that says half of it.
        """
        ours, theirs = Counter(self.known(word) for word in words(text)), Counter(words(line))
        total, all_of_it = self.weigh(ours) + self.weigh(theirs), self.weigh(theirs)
        if not all_of_it:
            return 0.0
        common = self.weigh(ours & theirs)
        return common / all_of_it / 2 + common / total
