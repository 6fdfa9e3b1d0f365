"""The Dockerfile, read: its stages, each a list of steps."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from machine.programs import ROOT

KNOWN = {"FROM", "RUN", "COPY", "ENV", "WORKDIR", "USER", "VOLUME", "EXPOSE", "CMD"}


@dataclass(frozen=True)
class Step:
    """One instruction: its word, its `--flags`, and the text after them."""

    word: str
    text: str
    flags: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        """A command or list of paths, in whichever of the two ways it is written."""
        return json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)

    @property
    def variables(self) -> dict[str, str]:
        return dict(word.split("=", 1) for word in shlex.split(self.text))


@dataclass
class Stage:
    """From one FROM to the next."""

    base: str
    name: str
    steps: list[Step]

    def last(self, word: str) -> Step:
        return next(step for step in reversed(self.steps) if step.word == word)

    def all(self, word: str) -> list[Step]:
        return [step for step in self.steps if step.word == word]


def stages(path: Path = ROOT / "Dockerfile") -> list[Stage]:
    """Every stage in order. Raises ValueError at an instruction that is not of KNOWN."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE)
    found: list[Stage] = []
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        if not line.strip():
            continue
        step = _step(line.strip())
        if step.word == "FROM":
            base, _, name = step.text.partition(" AS ")
            found.append(Stage(base, name or str(len(found)), []))
        else:
            found[-1].steps.append(step)
    return found


def _step(line: str) -> Step:
    word, _, text = line.partition(" ")
    if word not in KNOWN:
        raise ValueError(f"the Dockerfile has an instruction that nothing here can run: {word}")
    flags = dict(re.findall(r"--(\w+)=(\S+) ", text)) if word in ("COPY", "FROM") else {}
    return Step(word, re.sub(r"--\w+=\S+ ", "", text).strip() if flags else text.strip(), flags)
