"""`make bench-national`, `python -m benchmarks.national [SIZE]`: all apprentices of the United States.

680,000 apprentices and 50 million entries of hours in a PostgreSQL of its own, which is removed after: about
25 GB and twenty minutes. SIZE is a share of that, 0.01 to try it. What is found is kept by size in
benchmarks/national.json, from which docs/scaling.md is written.
"""

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from drill import base
from drill.ground import Ground
from machine.programs import Problem, Programs, main, say
from tests.servers import sql, temporary_folder

FOUND = Path(__file__).resolve().parent / "national.json"
GIGABYTES = 28
"""Free space that the whole country needs, with what is sorted on the way."""
SETTINGS = """
shared_buffers = 2GB
effective_cache_size = 8GB
max_wal_size = 16GB
checkpoint_timeout = 30min
wal_level = minimal
max_wal_senders = 0
jit = off
random_page_cost = 1.1
max_connections = 100
"""
DEMO = "demo"
SECONDS = float(os.environ.get("BENCH_SECONDS_A_CALL", "20"))
"""Of which the rounds of one call may be asked; the busier the machine, the fewer rounds."""


def national(size: float) -> None:
    if shutil.disk_usage("/tmp").free < GIGABYTES * size * 2**30:  # noqa: S108 - where its folder will be
        raise Problem(f"this needs {GIGABYTES * size:.0f} GB of free space for a while.")
    base.ready("postgresql")
    folder = temporary_folder()
    try:
        with Programs() as programs:
            base.copy("postgresql", folder)
            with (folder / "postgres" / "postgresql.conf").open("a") as settings:
                settings.write(SETTINGS)
            ground = Ground(programs, folder, database="postgresql", seconds=4 * 3600)
            ground.set_up()
            found = measured(ground, size)
        keep(found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    missed = [one["name"] for one in found["figures"] if not one["met"]]
    told = {"size": size, "figures": len(found["figures"]), "missed": missed, "seconds": found["seconds"]}
    print(json.dumps(told, ensure_ascii=False), flush=True)


def measured(ground: Ground, size: float) -> dict[str, Any]:
    from django.db import connection

    from benchmarks.calls import Two, calls, compared, stacks_of
    from benchmarks.crowd import crowd
    from benchmarks.nation import load
    from benchmarks.peak import peak
    from benchmarks.scaling import ledger_of, sizes_of

    begun = time.monotonic()
    cast = ground.cast
    program = crowd(cast, "Coders of a year", people=25, each=74).program
    stacks = stacks_of(cast)
    connection.close()
    assert ground.server
    sql(ground.server.url, f"CREATE DATABASE {DEMO} TEMPLATE journeybook")
    loading = load(cast, size=size)
    sizes = sizes_of()
    connection.close()
    two = Two(DEMO, "journeybook")
    told = []
    made = calls(cast, program, stacks)
    for one in compared(two, DEMO, "journeybook", made, n=40, seconds=SECONDS):
        print(one.as_line(), flush=True)
        told.append(one)
    two.choose("journeybook")
    rush, more = peak(ground, size=size)
    for one in more:
        print(one.as_line(), flush=True)
        told.append(one)
    ledger = ledger_of()
    two.close()
    return {
        "size": size,
        "seconds": round(time.monotonic() - begun),
        "loading": loading,
        "sizes": sizes,
        "ledger": ledger,
        "peak": rush,
        "figures": [json.loads(one.as_line()) for one in told],
    }


def keep(found: dict[str, Any]) -> None:
    """Beside what was found at other sizes; docs/scaling.md is written anew."""
    from benchmarks import scaling

    runs = json.loads(FOUND.read_text()) if FOUND.exists() else []
    runs = sorted(
        [*(one for one in runs if one["size"] != found["size"]), found], key=lambda one: one["size"]
    )
    FOUND.write_text(json.dumps(runs, indent=1, ensure_ascii=False) + "\n")
    scaling.write(runs)
    say(f"{FOUND.name} and {scaling.PATH.name} are written.")


if __name__ == "__main__":
    wanted = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    sys.exit(main(lambda: national(wanted)))
