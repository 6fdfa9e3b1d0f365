"""The list of a person's access tokens: its filters, orders and columns; never a secret."""

from typing import Any

from django.db.models import Q

from accounts.listing import Filters, Sort, select, words
from accounts.tables import Column, Table, moment

TOKEN_STATES = {"live": "In force", "expired": "Expired", "revoked": "Revoked"}
TOKEN_SORTS = (
    Sort("live", "In force first", ("place", "-created_at", "-pk")),
    Sort("name", "Name", ("name", "-pk")),
    Sort("until", "Ends first", ("expires_at", "pk")),
)


class TokenFilters(Filters):
    """Tokens by a part of their name, and by state."""

    q = words("Name")
    state = select("State", "Every state", TOKEN_STATES.items())

    def condition(self, name: str, value: Any) -> Q:
        return Q(name__icontains=value) if name == "q" else super().condition(name, value)


TOKENS = Table(
    "Access tokens",
    (
        Column("Name", lambda token: token.name),
        Column("Begins with", lambda token: token.prefix, width=14),
        Column("May", lambda token: token.scopes),
        Column("State", lambda token: TOKEN_STATES[token.state], width=12),
        moment("Made", lambda token: token.created_at),
        moment("Until", lambda token: token.expires_at),
        moment("Last used", lambda token: token.last_used_at),
        moment("Revoked", lambda token: token.revoked_at),
    ),
    "One access token.",
)
