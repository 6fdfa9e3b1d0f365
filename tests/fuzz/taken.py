"""Takes a hostile file at every door for files, each in a process of its own, and says what that cost.

`python -m tests.fuzz.taken NAME …` prints a line of JSON for each file and door: what was answered, in how
many seconds, and how much memory it took beyond what the program has.
"""

import io
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import django

Door = Callable[[bytes, str], Any]


def doors() -> dict[str, Door]:
    """What becomes of the bytes of a file, at every place that takes one."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from competencies.drafts.forms import ApprovalForm
    from competencies.imports import recognise
    from ojt_logs import files
    from ojt_logs.imports import history, uploads

    def letter(data: bytes, name: str) -> None:
        form = ApprovalForm({"on": "2026-11-20"}, {"letter": SimpleUploadedFile(name, data)})
        if not form.is_valid():
            raise ValueError(form.errors["letter"][0])

    return {
        "schedule": lambda data, name: recognise.read(data, name=name),
        "hours": lambda data, name: uploads.read(data, name=name, kind="hours"),
        "payroll": lambda data, name: uploads.read(data, name=name, kind="payroll"),
        "history": lambda data, name: history.read_file(data, name=name),
        "photo": lambda data, name: files.clean(io.BytesIO(data), size=len(data)),
        "letter": letter,
    }


def measure(door: Door, data: bytes, name: str) -> dict[str, Any]:
    """What one door says to one file; in a child of this process, which ends with it."""
    hear, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hear)
        os.write(tell, json.dumps(_one(door, data, name)).encode())
        os._exit(0)
    os.close(tell)
    with os.fdopen(hear, "rb") as told:
        said = told.read()
    os.waitpid(child, 0)
    return dict(json.loads(said)) if said else {"kind": "died", "words": "", "seconds": 0, "megabytes": 0}


def _one(door: Door, data: bytes, name: str) -> dict[str, Any]:
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        door(data, name)
        kind, words = "taken", ""
    except Exception as error:
        kind, words = type(error).__name__, str(getattr(error, "message", error))[:300]
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "kind": kind,
        "words": words,
        "seconds": round(time.process_time() - begun, 2),
        "megabytes": (after - before) // 1024,
    }


def main(names: list[str]) -> None:
    django.setup()
    from tests.fuzz.bombs import BOMBS

    for name in names or BOMBS:
        data = BOMBS[name]()
        for door, take in doors().items():
            print(json.dumps({"file": name, "door": door} | measure(take, data, name)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
