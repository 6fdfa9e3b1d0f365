"""Who is meant by a row: by e-mail, registration number or name, and nobody where that is not plain."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from accounts.models import Sponsor, User
from accounts.spelling import fold
from apprenticeship.models import Apprentice

KEYS = ("email", "number", "name")
LABELS = {"email": "e-mail", "number": "registration number", "name": "name"}


class Unknown(ValueError):
    """No apprentice of the sponsor answers to this: of somebody else's apprentice it is said as well."""


class People:
    """The registrations at a sponsor that `by` decides about, with what people call them."""

    def __init__(self, sponsor: Sponsor, *, by: User) -> None:
        rows = Apprentice.objects.decided_by(by).filter(program__sponsor=sponsor)
        related = ("user", "program__sponsor", "schedule")
        self._known: Mapping[str, Mapping[str, list[Apprentice]]] = _by_key(
            rows.select_related(*related).prefetch_related("status_changes").order_by("pk")
        )

    def find(self, said: Mapping[str, str], *, on: date | None) -> Apprentice:
        """The one registration that every given word fits, in force on the day `on`.

        Raises Unknown where there is nobody, ValueError where there are several.
        """
        words = _words(said)
        if not words:
            raise ValueError("Say who: an e-mail, a registration number or a name.")
        found = self._all(words)
        if program := fold(said.get("program", "")):
            found = [one for one in found if fold(one.program.name) == program]
        elif len(found) > 1 and on:
            found = [one for one in found if _covers(one, on)] or found
        if not found:
            named = " and ".join(f"{LABELS[key]} “{word[:80]}”" for key, word in words.items())
            raise Unknown(f"Nobody registered here has the {named}.")
        if len(found) > 1:
            raise ValueError(_several(found))
        return found[0]

    def _all(self, words: Mapping[str, str]) -> list[Apprentice]:
        sets = [self._known[key].get(_key(key, word), []) for key, word in words.items()]
        return [one for one in sets[0] if all(one in others for others in sets[1:])]


def _words(said: Mapping[str, str]) -> dict[str, str]:
    """What a row says of a person, by the keys they are known under; two columns of a name are one."""
    both = f"{said.get('first_name', '')} {said.get('last_name', '')}".strip()
    words = {key: said.get(key, "").strip() for key in KEYS}
    words["name"] = words["name"] or both
    return {key: word for key, word in words.items() if word}


def _key(kind: str, word: str) -> str:
    """“Reyes, Ana” and “ana reyes” are one name; other words are compared in any case."""
    plain = fold(word)
    return " ".join(sorted(plain.replace(",", " ").split())) if kind == "name" else plain


def _by_key(rows: Iterable[Apprentice]) -> dict[str, dict[str, list[Apprentice]]]:
    found: dict[str, dict[str, list[Apprentice]]] = {key: defaultdict(list) for key in KEYS}
    for one in rows:
        found["email"][_key("email", one.user.email)].append(one)
        found["name"][_key("name", one.user.name)].append(one)
        if one.registration_number:
            found["number"][_key("number", one.registration_number)].append(one)
    return found


def _covers(one: Apprentice, day: date) -> bool:
    return one.started_on <= day and (one.ended_on is None or day <= one.ended_on)


def _several(found: list[Apprentice]) -> str:
    if len({one.user_id for one in found}) == 1:
        programs = ", ".join(sorted(one.program.name for one in found))
        return (
            f"{found[0].user.name} is in several programs ({programs}). Add a column that names the program."
        )
    return f"{len(found)} apprentices fit. Use their e-mail or registration number."
