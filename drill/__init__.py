"""`make drill`: what breaks on purpose, and what the site makes of it. Half an hour at most on two cores.

The figures of reliability that take too long for `make test`. A subject is one module of `drill.subjects`:

    TITLE = "Web processes that are killed"     heading in docs/drill.md
    SECONDS = 120                               it is ended after so long, on each database
    DATABASES = ("postgresql", "sqlite")        left out: PostgreSQL alone
    NOT_RUN = ("what this does not show: why",) left out: nothing

    def figures(ground: Ground) -> Iterator[Figure]: ...

Each run of a subject is a program of its own with a new PostgreSQL (or SQLite file), a new Redis and a new
folder (`drill.ground`), so it may kill and break whatever it likes. It yields a `Figure` as soon as it has
one. What a subject does not reach, because it breaks off or takes too long, is a figure that is not met,
with the reason; the others go on. `python -m drill web queue` runs those two and leaves the other sections
of docs/drill.md as they are. What tests and drill share lies in `tests/`; the product never imports this.
"""
