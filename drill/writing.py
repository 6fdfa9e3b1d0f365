"""Apprentices who write while things break: the journal of what they were told, against what is there."""

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from drill.figures import Figure, none_of
from drill.ground import Ground
from drill.people import Answer, Caller, token

DAYS = 200
"""Of the past, over which hours are spread: each holds a few entries of some minutes."""


class Writer(threading.Thread):
    """One apprentice: logs a draft and submits it, again and again, and sends nothing a second time."""

    def __init__(self, ground: Ground, apprentice: Any, *, go_on: Callable[[], bool]) -> None:
        super().__init__(daemon=True)
        self.caller = Caller(ground.port, token(apprentice.user))
        self.apprentice = str(apprentice.uid)
        self.go_on = go_on
        self.logged: dict[str, Answer] = {}
        self.submitted: dict[str, Answer] = {}
        self.turn = 0

    def run(self) -> None:
        while self.go_on():
            body = self.draft()
            self.logged[body["id"]] = self.caller.post("hours/", body, key=body["id"])
            if self.logged[body["id"]].well:
                path = f"hours/{self.logged[body['id']].json()['id']}/submit/"
                self.submitted[body["id"]] = self.caller.post(path, key=f"{body['id']}-submit")

    def draft(self) -> dict[str, Any]:
        from tests.cast import TODAY

        self.turn += 1
        return {
            "id": str(uuid.uuid4()),
            "apprentice": self.apprentice,
            "kind": "ojt",
            "date": (TODAY - timedelta(days=self.turn % DAYS)).isoformat(),
            "minutes": 1 + self.turn % 5,
            "job_function": 2,
            "competency": "2g",
            "external_id": f"drill-{uuid.uuid4()}",
        }

    @property
    def answers(self) -> list[Answer]:
        return [*list(self.logged.values()), *list(self.submitted.values())]


def well(writers: list[Writer]) -> int:
    """How many requests were answered with success so far."""
    return sum(answer.well for one in writers for answer in one.answers)


def newcomers(ground: Ground, count: int) -> list[Any]:
    """Further apprentices of Lakeside who agreed to electronic records, with Marcus as their mentor."""
    from apprenticeship.models import Apprentice, Mentorship
    from tests.cast import NOW, STARTED, _user

    cast = ground.cast
    made = []
    for number in range(count):
        person = _user(f"Eli{number} Ruiz")
        one = Apprentice.objects.register(cast.program, person, started_on=STARTED, by=cast.nora, now=NOW)
        Mentorship.objects.assign(one, cast.marcus, starts_on=STARTED, by=cast.nora, now=NOW)
        made.append(one)
    return made


def told_and_kept(writers: list[Writer]) -> Iterator[Figure]:
    """Of what was written while things broke: nothing lost, nothing doubled, rows and ledger agree."""
    from ledger.models import Entry
    from ojt_logs.models import HoursEntry

    rows = HoursEntry.objects.everyone().filter(external_id__startswith="drill-")
    kept = {str(uid): status for uid, status in rows.values_list("uid", "status")}
    told = [answer.json()["id"] for one in writers for answer in one.logged.values() if answer.well]
    yield none_of(
        "drafts answered with success and lost", [one for one in told if one not in kept], among=len(told)
    )
    handed = [answer.json()["id"] for one in writers for answer in one.submitted.values() if answer.well]
    lost = [one for one in handed if kept.get(one) != "submitted"]
    yield none_of("submissions answered with success and lost", lost, among=len(handed))
    asked = sum(len(one.logged) for one in writers)
    yield none_of("entries that nobody sent", [""] * max(0, len(kept) - asked), among=len(kept))
    theirs = Entry.objects.filter(chain__subject__in=[one.apprentice for one in writers], act="hours.submit")
    entries = list(map(str, theirs.values_list("object", flat=True)))
    on_record = {uid for uid, status in kept.items() if status == "submitted"}
    astray = sorted((on_record ^ set(entries)) | {one for one in entries if entries.count(one) > 1})
    yield none_of("rows without their ledger entry, or the other way round", astray, among=len(on_record))
    yield from ledger_stands()


def ledger_stands() -> Iterator[Figure]:
    """Chains verify, rows say what the ledger says, totals are the sums of their entries."""
    from ledger import chain
    from ojt_logs import record, rollup

    found = [*map(str, chain.verify()), *map(str, record.compare()), *map(str, rollup.differences())]
    yield Figure(
        "faults in chains, rows and totals", "0", str(len(found)), not found, note="; ".join(found[:2])
    )


def together(count: int, act: Callable[[int], Answer]) -> list[Answer]:
    """What `count` threads were answered that all began in the same moment."""
    start = threading.Barrier(count)
    answers: list[Answer] = [Answer(0, b"", 0.0)] * count

    def run(place: int) -> None:
        start.wait()
        answers[place] = act(place)

    threads = [threading.Thread(target=run, args=(place,), daemon=True) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
