"""Does the time of an answer tell what the answer keeps to itself? Whether an account, or a row, is there."""

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator
from statistics import median

from drill.figures import Figure, at_most, none_of
from drill.ground import Ground
from drill.people import token

TITLE = "What the time of an answer tells"
SECONDS = 150

TRIES = 200
MILLISECONDS = 5
AT_THE_END_SECONDS = 10
OWN_MARKS = re.compile(rb'(csrfmiddlewaretoken" value=|nonce[-=])"?[\w-]+')


def figures(ground: Ground) -> Iterator[Figure]:
    from django.conf import settings
    from django.test import Client

    logging.disable(logging.CRITICAL)
    settings.ALLOWED_HOSTS = ["*"]
    settings.ACCOUNT_RATE_LIMITS = False
    client, known = Client(), ground.cast.ana_user.email

    def sign_in(email: str) -> tuple[int, bytes]:
        answer = client.post("/accounts/login/", {"login": email, "password": "not this one"})
        return answer.status_code, answer.content.replace(email.encode(), b"")

    def forgotten(email: str) -> tuple[int, bytes]:
        answer = client.post("/accounts/password/reset/", {"email": email})
        return answer.status_code, answer.content

    header = {"HTTP_AUTHORIZATION": f"Bearer {token(ground.cast.olga)}"}

    def row(uid: str) -> tuple[int, bytes]:
        answer = client.get(f"/api/v1/apprentices/{uid}/", **header)  # type: ignore[arg-type]
        return answer.status_code, answer.content

    yield from compared(ground, "an address with an account at sign-in", sign_in, known, stranger)
    yield from compared(ground, "an account where a password is forgotten", forgotten, known, stranger)
    foreign = str(ground.cast.ana.uid)
    yield from compared(ground, "a record of another sponsor", row, foreign, lambda: str(uuid.uuid4()))


def stranger() -> str:
    return f"{uuid.uuid4().hex[:3]}@example.org"


def compared(
    ground: Ground,
    what: str,
    ask: Callable[[str], tuple[int, bytes]],
    there: str,
    not_there: Callable[[], str],
) -> Iterator[Figure]:
    """TRIES of each in turns, fewer where time is up."""
    took: tuple[list[float], list[float]] = ([], [])
    odd = []
    for _ in range(TRIES):
        if ground.left() < AT_THE_END_SECONDS:
            break
        said = []
        for place, word in enumerate((there, not_there())):
            begun = time.perf_counter()
            said.append(ask(word))
            took[place].append((time.perf_counter() - begun) * 1000)
        odd += [] if same(*said) else [f"status {said[0][0]} and {said[1][0]}"]
    apart = abs(median(took[0]) - median(took[1]))
    note = f"medians {median(took[0]):.1f} and {median(took[1]):.1f} ms, {len(took[0])} tries each"
    yield at_most(f"by how much {what} is told from none", MILLISECONDS, apart, unit="ms", note=note)
    yield none_of("answers that differ otherwise", odd, among=len(took[0]))


def same(one: tuple[int, bytes], other: tuple[int, bytes]) -> bool:
    """But for the marks against forgery that each form has of its own."""
    return one[0] == other[0] and OWN_MARKS.sub(b"", one[1]) == OWN_MARKS.sub(b"", other[1])
