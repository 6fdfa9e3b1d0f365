"""The tour: who is in the demo, what each of them sees, and what to try. Words of fixtures/demo/tour.toml."""

import tomllib
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from ojt_logs.demo.stage import PLAN, people_of, read_plan

WORDS = PLAN.parent / "tour.toml"


@dataclass(frozen=True)
class Guide:
    """One person of the demo."""

    name: str
    email: str
    role: str
    sees: str
    tries: tuple[str, ...]


@dataclass(frozen=True)
class Tour:
    people: tuple[Guide, ...]
    password: str


def is_loaded() -> bool:
    """Whether somebody of the demo is on this site."""
    return User.objects.filter(email__in=[email for _, email, _ in people_of(read_plan())]).exists()


def tour() -> Tour | None:
    """Everybody of the demo, those with something to try first; None where it is not loaded."""
    plan = read_plan()
    roles: dict[str, tuple[str, list[str]]] = {}
    for name, email, role in people_of(plan):
        roles.setdefault(email, (name, []))[1].append(role)
    there = set(User.objects.filter(email__in=roles).values_list("email", flat=True))
    words: dict[str, Any] = tomllib.loads(WORDS.read_text())
    order = [*words, *(email for email in roles if email not in words)]
    people = [_guide(email, *roles[email], words.get(email, {})) for email in order if email in there]
    return Tour(tuple(people), plan["password"]) if people else None


def _guide(email: str, name: str, roles: list[str], words: dict[str, Any]) -> Guide:
    return Guide(name, email, "; ".join(roles), words.get("sees", ""), tuple(words.get("try", ())))
