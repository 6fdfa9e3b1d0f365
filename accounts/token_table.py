"""A person's access tokens in columns; never a secret."""

from accounts.tables import Column, Table, moment

TOKENS = Table(
    "Access tokens",
    (
        Column("Name", lambda token: token.name),
        Column("Begins with", lambda token: token.prefix, width=14),
        Column("May", lambda token: token.scopes),
        moment("Made", lambda token: token.created_at),
        moment("Until", lambda token: token.expires_at),
        moment("Last used", lambda token: token.last_used_at),
        moment("Revoked", lambda token: token.revoked_at),
    ),
    "One access token.",
)
