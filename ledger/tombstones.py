"""What stands where words stood that had to go, and how words are hashed.

The ledger holds hashes of what people write, never the words. A tombstone names the hash of the words that it
stands for, so that rows and ledger agree while they are hidden and after they are gone.
"""

import hashlib
import re

SAYS = "Hidden because of patient information. SHA-256 "
ERASED = "Erased"
"""What stands where words stood once a record was disposed of: short enough for every column, and final."""
_WHOLE = re.compile(re.escape(SAYS) + "[0-9a-f]{8}(?: [0-9a-f]{8}){7}")


class Tombstone(str):
    """A text that stands for hidden words. Only `over` and `read` make one; what people type is none."""

    __slots__ = ()

    @classmethod
    def over(cls, sha256: str) -> "Tombstone":
        """The tombstone of words with this hash; in groups, so that lines may break between them."""
        return cls(SAYS + " ".join(sha256[at : at + 8] for at in range(0, 64, 8)))

    @property
    def sha256(self) -> str:
        return self.removeprefix(SAYS).replace(" ", "")


def looks_hidden(text: str) -> bool:
    return bool(_WHOLE.fullmatch(text))


def read(text: str) -> str:
    """A text from the database: a tombstone where it says so."""
    return Tombstone(text) if looks_hidden(text) else text


def digest(text: str) -> str | None:
    """SHA-256 of a note or reason, also of a hidden one; None for no words."""
    if isinstance(text, Tombstone):
        return text.sha256
    return hashlib.sha256(text.encode()).hexdigest() if text else None
