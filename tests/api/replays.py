"""A phone's queue over a network that loses requests and answers, repeats them, and delivers old ones late.

    replayed(cast, random.Random(7))     # what is other than after an orderly delivery, "" for nothing

What a replay did is undone.
"""

import copy
import random
import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction

from ojt_logs.models import HoursEntry
from tests.api.client import Rest
from tests.cast import TODAY, Cast

ENTRIES = 12
DONE = ("saved", "there")


class Phone:
    """Keeps each entry until an answer says that it is there; sends the oldest first."""

    def __init__(self, cast: Cast, dice: random.Random) -> None:
        self.rest, self.dice = Rest(cast.ana_user), dice
        self.written = [self._entry(cast) for _ in range(ENTRIES)]
        self.queue = list(self.written)
        self.sent: list[str] = []
        self.late: list[dict[str, Any]] = []
        """Requests that were lost on the way, or so it seemed."""

    def _entry(self, cast: Cast) -> dict[str, Any]:
        day = TODAY - timedelta(days=self.dice.randrange(5))
        said = {"kind": "ojt", "job_function": 2, "competency": "2g", "date": day.isoformat()}
        name = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
        minutes = self.dice.randrange(1, 200)
        return {"apprentice": str(cast.ana.uid), "client_uid": name, "minutes": minutes, **said}

    def step(self) -> None:
        """One thing that may happen."""
        batch = self.queue[: self.dice.randint(1, 5)]
        request = {"entries": copy.deepcopy(batch), "ours": list(self.sent)}
        self.sent += [one["client_uid"] for one in batch if one["client_uid"] not in self.sent]
        what = self.dice.choice(["answered", "answered", "answer lost", "twice", "lost", "late"])
        if what in ("lost", "late"):
            self.late += [request] if what == "late" else []
            return
        answer = self._deliver(request)
        if what == "twice":
            answer = self._deliver(request)
        if self.late and self.dice.random() < 0.5:
            self._deliver(self.late.pop(self.dice.randrange(len(self.late))))
        if what != "answer lost":
            there = {row["client_uid"] for row in answer if row["result"] in DONE}
            self.queue = [one for one in self.queue if one["client_uid"] not in there]

    def _deliver(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        status, answer = self.rest.post("hours/batch/", request)
        assert status == 200, answer
        rows: list[dict[str, Any]] = answer["results"]
        return rows


def replayed(cast: Cast, dice: random.Random) -> str:
    with transaction.atomic():
        phone = Phone(cast, dice)
        for _ in range(200):
            if not phone.queue:
                break
            phone.step()
        rows = HoursEntry.objects.filter(apprentice=cast.ana, client_uid__isnull=False)
        there = sorted((str(row.client_uid), row.date.isoformat(), row.minutes) for row in rows)
        transaction.set_rollback(True)
    wanted = sorted((one["client_uid"], one["date"], one["minutes"]) for one in phone.written)
    if phone.queue:
        return f"{len(phone.queue)} entries never arrived"
    return "" if there == wanted else f"{there} instead of {wanted}"
