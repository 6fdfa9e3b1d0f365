"""Two hosts with one PostgreSQL and one Redis; the cable of one is pulled in the middle of 200 reports."""

import http.client
import time
from collections.abc import Iterator

from drill.asking import Asking, nothing_lost
from drill.figures import Figure, at_least, at_most
from drill.ground import Ground
from drill.hosts import Host, hosts, possible
from drill.writing import ledger_stands
from machine.needs import PYTHON

TITLE = "A host that is cut off"
SECONDS = 330
NOT_RUN = (
    "Separate machines: the hosts are network namespaces of this one, with addresses of their own, and share "
    "its disk. A bucket for files is tried in `make test`.",
    "Waiting out the five minutes after which a worker that is silent counts as dead: its reports are put "
    "that far into the past instead.",
)

REPORTS = 200
AWAY_SECONDS = 40
LONGEST_LOCK_SECONDS = 90

HOLD = """
import django, time
django.setup()
from django.db import transaction
from accounts.models import User
with transaction.atomic():
    User.objects.select_for_update().get(pk={pk})
    print("held", flush=True)
    time.sleep(600)
"""


def figures(ground: Ground) -> Iterator[Figure]:
    if not possible():
        yield Figure("the subject", "run", "not run", met=False, note="needs root and `ip netns`")
        return
    with hosts(ground, 2) as (one, other):
        for host in (one, other):
            host.open()
            ground.wait(lambda host=host: answers(host), f"host {host.number} does not answer")  # type: ignore[misc]
        asking = Asking(ground)
        cable = Cable(asking, one, other)
        asking.build(REPORTS, cable.pull)
        cable.put_back()
        asking.finish()
        yield at_least("reports asked for", REPORTS, len(asking.runs()))
        yield at_least("reports built when the cable was pulled", 20, cable.built_before)
        yield at_least(
            "reports that needed another attempt", 1, sum(run.attempt > 1 for run in asking.runs())
        )
        yield Figure("the other host meanwhile", "answers", cable.meanwhile, cable.meanwhile == "answers")
        yield from nothing_lost(asking.runs())
        ground.wait(lambda: answers(one), "the host that was cut off does not answer again")
        yield Figure("the host that was cut off, after it", "answers", "answers", met=True)
        yield lock_of_a_lost_host(ground, one)
        yield from ledger_stands()


class Cable:
    """Pulled when a third is built and host one is at work; put back after a while."""

    def __init__(self, asking: Asking, host: Host, other: Host) -> None:
        self.asking, self.host, self.other = asking, host, other
        self.pulled_at = 0.0
        self.is_back = False
        self.built_before = 0
        self.meanwhile = "was not asked"

    def pull(self) -> None:
        done = sum(run.state == "done" for run in self.asking.runs())
        if not self.pulled_at and done >= REPORTS / 3:
            self.host.cut_off()
            self.pulled_at, self.built_before = time.monotonic(), done
        if self.pulled_at and not self.is_back and time.monotonic() - self.pulled_at > AWAY_SECONDS:
            self.meanwhile = "answers" if answers(self.other) else "does not answer"
            self.put_back()

    def put_back(self) -> None:
        self.host.reconnect()
        self.is_back = True


def answers(host: Host) -> bool:
    try:
        line = http.client.HTTPConnection(host.address, host.port, timeout=3)
        line.request("GET", "/healthz")
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


def lock_of_a_lost_host(ground: Ground, host: Host) -> Figure:
    """It was in the middle of writing for Ben: how long nobody else can."""
    from django.db import OperationalError, connection, transaction

    from accounts.models import User

    pk = ground.cast.ben_user.pk
    log = (ground.folder / "held").open("w+")
    host.start("somebody who writes", [str(PYTHON), "-c", HOLD.format(pk=pk)], stdout=log)
    ground.wait(lambda: "held" in (ground.folder / "held").read_text(), "nothing is held")
    host.cut_off()
    begun = time.monotonic()

    def free() -> bool:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '1s'")
                User.objects.select_for_update().get(pk=pk)
            return True
        except OperationalError:
            return False

    ground.wait(free, "the lock of the lost host is held for ever", seconds=LONGEST_LOCK_SECONDS + 30)
    seconds = time.monotonic() - begun
    host.reconnect()
    return at_most("a record that the lost host was writing is held", LONGEST_LOCK_SECONDS, seconds)
