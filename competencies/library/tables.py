"""The library in columns; what it gives out can be brought in again."""

from accounts.tables import Column, Table, number

LIBRARY = Table(
    "Library",
    (
        Column("Title", lambda one: one.title, width=40),
        Column("Address", lambda one: one.address, width=40),
        Column("Provider", lambda one: one.provider),
        Column("Type", lambda one: one.type),
        number("Minutes", lambda one: one.minutes),
        Column("Licence", lambda one: one.licence),
        Column("Language", lambda one: one.language),
        Column("Library of", lambda one: one.sponsor or "Everybody"),
    ),
    "One learning resource.",
)
