"""schemathesis over the whole API in this process, as whom and with which scopes. Tests and drill use it.

The schema is the one that clients read. Every check of schemathesis is on; what is softened says why.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from django.core.wsgi import get_wsgi_application
from django.utils import timezone
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.engine import events, from_schema
from schemathesis.transport.wsgi import WSGI_TRANSPORT

from accounts.models import ApiToken, User

SCOPES = ("read", "write", "sign")
Role = tuple[str | None, tuple[str, ...]]
ROLES: dict[str, Role] = {
    "visitor": (None, ()),
    "apprentice": ("ana_user", SCOPES),
    "mentor": ("marcus", SCOPES),
    "instructor": ("priya", SCOPES),
    "coordinator": ("nora", SCOPES),
    "auditor": ("ruth", SCOPES),
    "another sponsor": ("olga", SCOPES),
    "apprentice who may only read": ("ana_user", ("read",)),
    "mentor who may only sign": ("marcus", ("sign",)),
    "coordinator who may only write": ("nora", ("write",)),
}
"""Who of the cast asks, and with which scopes."""
RULES = ["2xx", "400", "401", "403", "404", "409", "415", "422"]
"""A schema says what is well formed, not what the rules of a registration allow: hours in the future are a
date like any other. So a well-formed request may be refused; which refusals there may be, the schema says."""


@dataclass
class Found:
    """What one run found: how many requests, and each kind of failure with an example to send again."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    operations: set[str] = field(default_factory=set)
    steps: int = 0


def settings_of(*, seed: int, seconds: int | None, examples: int, token: str, phases: Iterable[str]) -> Any:
    """The configuration of one run, as a file of schemathesis would say it."""
    chosen = {name: {"enabled": name in phases} for name in ("examples", "coverage", "fuzzing", "stateful")}
    said = {
        "seed": seed,
        "headers": {"Authorization": f"Bearer {token}"} if token else {},
        "workers": 1,
        "continue-on-failure": True,
        "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
        "checks": {"positive_data_acceptance": {"expected-statuses": RULES}},
        "phases": chosen,
    }
    if seconds:
        said["max-time"] = seconds
    return SchemathesisConfig.from_dict(said)


def read_all_the_same(failure: Any) -> bool:
    """Whether what was taken was a number where the schema says text, or text where it says a number.

    `"60"` for 60 minutes and `101` for the course “101” mean one thing only, and clients made of spreadsheets
    send them. Whatever else the schema does not allow must be refused.
    """
    wrong = [line for line in str(failure.message).splitlines() if "violates" in line or "ncorrect" in line]
    plain = re.compile(
        r"violates `type` at \S+ \(was (string|number|integer), became (string|number|integer)\)"
    )
    return isinstance(failure, AcceptedNegativeData) and bool(wrong) and all(map(plain.search, wrong))


def _without_sockets(send: Any) -> Any:
    """schemathesis 4.32 gives an application in this process settings of a socket when it asks again without
    a token, and breaks off there."""

    def sent(case: Any, *, session: Any = None, **kwargs: Any) -> Any:
        for name in ("max_redirects", "verify", "cert", "proxies"):
            kwargs.pop(name, None)
        return send(case, session=session, **kwargs)

    return sent


WSGI_TRANSPORT.send = _without_sockets(WSGI_TRANSPORT.send)  # type: ignore[method-assign]


def tried(
    person: User | None,
    *,
    seed: int,
    examples: int,
    scopes: Iterable[str] = SCOPES,
    seconds: int | None = None,
    most: int | None = None,
    phases: Iterable[str] = ("examples", "coverage", "fuzzing", "stateful"),
) -> Found:
    """Ask everything that the schema offers, as `person` with a token of `scopes`, or as a visitor."""
    token = ""
    if person is not None:
        _, token = ApiToken.objects.issue(person, name="fuzz", scopes=scopes, days=2, now=timezone.now())
    config = settings_of(seed=seed, seconds=seconds, examples=examples, token=token, phases=phases)
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/schema/?format=json", get_wsgi_application(), config=config
    )

    @schema.hook
    def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
        return not read_all_the_same(failure)

    found = Found()
    stream = from_schema(schema).execute()
    for event in stream:
        for label, told in _told(event, found):
            found.failures.setdefault(label, told)
        if most and found.cases >= most:
            stream.stop()
    return found


def _told(event: Any, found: Found) -> Iterator[tuple[str, str]]:
    if isinstance(event, events.NonFatalError | events.FatalError):
        error = getattr(event, "value", None) or getattr(event, "exception", None)
        yield f"{getattr(event, 'label', '')}: {error!r}"[:200], repr(error)
    if not isinstance(event, events.ScenarioFinished):
        return
    recorder = event.recorder
    found.cases += len(recorder.interactions)
    for one in recorder.interactions.values():
        if one.response is not None:
            found.statuses[one.response.status_code] += 1
    for case_id, checks in recorder.checks.items():
        case = recorder.cases[case_id].value
        found.operations.add(case.operation.label)
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                label = f"{case.operation.label} · {check.name} · {failure.title}"
                yield label, f"{failure.message}\n{check.failure_info.code_sample}"


def links(application: Any) -> dict[str, set[str]]:
    """By operation, what the schema says can be asked next."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application)
    found = {}
    for path, operations in schema.raw_schema["paths"].items():
        for method, operation in operations.items():
            said = [one.get("links", {}) for one in operation["responses"].values()]
            found[f"{method.upper()} {path}"] = {name for one in said for name in one}
    return found
