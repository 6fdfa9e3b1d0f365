"""The grammar of occupation codes: O*NET-SOC and RAPIDS, in every spelling that real papers use.

O*NET-SOC: `NN-NNNN.NN`, also found as `33-2011-02`, `33-2011`, `33201102`. RAPIDS: four digits with leading
zeros, then a suffix (`CB` competency-based, `HY` hybrid, none: time-based or the plain occupation), then
perhaps a version: `1114`, `1114CB`, `0870CBV1`, `2050CB V1`, `0414S-R`.
"""

import re
from dataclasses import dataclass

ONET = re.compile(r"^(\d{2})[-. ]?(\d{4})(?:[-. ]?(\d{2}))?$")
RAPIDS = re.compile(r"^(\d{1,4})[ -]?((?!V\d)[A-Z]+(?:-[A-Z]+)*)?[ -]?(?:V[. ]?(\d+))?$")
LABEL = re.compile(r"^(?:rapids|o\*?net)(?:[- ]?soc)?(?: code)?\s*:?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class OnetCode:
    """An O*NET-SOC occupation. Which taxonomy year it belongs to is not in the code itself."""

    group: str
    occupation: str
    detail: str

    def __str__(self) -> str:
        return f"{self.group}-{self.occupation}.{self.detail}"


@dataclass(frozen=True)
class RapidsCode:
    """A RAPIDS code: the occupation's four digits, and how and in which version it is registered."""

    digits: str
    suffix: str = ""
    version: int | None = None

    def __str__(self) -> str:
        return f"{self.digits}{self.suffix}" + (f"V{self.version}" if self.version else "")


HEALTH = ("29-", "31-")
"""SOC major groups: healthcare practitioners and technical occupations, and healthcare support."""


def is_health(onet: str) -> bool:
    """Whether this O*NET code is one of a health occupation, where files can hold patient information."""
    code = parse_onet(onet)
    return code is not None and str(code).startswith(HEALTH)


def parse_onet(text: str) -> OnetCode | None:
    """The O*NET-SOC code written in `text`, or None when it is none. A missing detail is `.00`."""
    match = ONET.match(text.strip())
    return OnetCode(match[1], match[2], match[3] or "00") if match else None


def parse_rapids(text: str) -> RapidsCode | None:
    """The RAPIDS code written in `text` in any case, or None; leading zeros that got lost come back."""
    match = RAPIDS.match(" ".join(text.split()).upper())
    if not match:
        return None
    return RapidsCode(match[1].zfill(4), match[2] or "", int(match[3]) if match[3] else None)


def normalise_onet(text: str) -> str:
    """The canonical spelling; text that is no O*NET code comes back as it was, trimmed."""
    return str(parse_onet(text) or text.strip())


def normalise_rapids(text: str) -> str:
    """The canonical spelling; text that is no RAPIDS code comes back as it was, trimmed."""
    return str(parse_rapids(text) or text.strip())
