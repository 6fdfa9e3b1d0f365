"""Start programs, wait for them, and leave none of them behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GRACE_SECONDS = 15


class Problem(Exception):
    """What went wrong and what the person at the keyboard can do about it, in one sentence or two."""


class Stopped(BaseException):
    """Somebody asked for the end: Ctrl-C, SIGTERM or a closed terminal."""


def die_with_parent(word: int) -> None:
    """In the child, on Linux: get the signal `word` should this program be killed outright."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, word)  # PR_SET_PDEATHSIG


class Programs:
    """The programs that a `with` block started; its end stops each of them with all its children."""

    def __init__(self) -> None:
        self.running: dict[str, tuple[subprocess.Popen[str], signal.Signals]] = {}

    def __enter__(self) -> "Programs":
        return self

    def start(
        self, name: str, command: list[str], *, end: signal.Signals = signal.SIGTERM, **options: Any
    ) -> subprocess.Popen[str]:
        """Start in a process group of its own, so that the Ctrl-C of a terminal reaches only us."""
        program = subprocess.Popen(
            command,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(end),
            text=True,
            **{"cwd": ROOT, "stdin": subprocess.DEVNULL, **options},
        )
        self.running[name] = (program, end)
        return program

    def check(self) -> None:
        """Raise Problem when one of them has ended by itself."""
        for name, (program, _) in self.running.items():
            if program.poll() is not None:
                raise Problem(
                    f"the {name} ended with status {program.returncode}; its last words are above. "
                    "Everything else was stopped with it."
                )

    def __exit__(self, *error: object) -> None:
        """Ask each to end, wait, then kill what is left; a second Ctrl-C does not wait."""
        try:
            for program, end in self.running.values():
                with contextlib.suppress(ProcessLookupError):
                    program.send_signal(end)
            deadline = time.monotonic() + GRACE_SECONDS
            for program, _ in self.running.values():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    program.wait(max(0.0, deadline - time.monotonic()))
        finally:
            for program, _ in self.running.values():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(program.pid, signal.SIGKILL)
                program.wait()


def step(command: list[str], *, remedy: str, **options: Any) -> str:
    """Run one program to its end and return what it printed; Problem with `remedy` if it fails."""
    with Programs() as programs:
        program = programs.start("step", command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
        output, _ = program.communicate()
    if program.returncode:
        say(output.rstrip())
        raise Problem(remedy)
    return str(output)


def say(sentence: str) -> None:
    print(sentence, flush=True)


def main(act: Callable[[], object]) -> int:
    """Do it; every way to fail becomes a sentence and a status."""

    heard: list[float] = []

    def stop(word: int, _: object) -> None:
        """Once, as make and a terminal may both pass the same wish on; a later Ctrl-C is impatience."""
        heard.append(time.monotonic())
        if len(heard) == 1 or (word == signal.SIGINT and heard[-1] - heard[0] > 2):
            raise Stopped(word)

    for word in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if word != signal.SIGHUP or signal.getsignal(word) != signal.SIG_IGN:  # nohup keeps its meaning
            signal.signal(word, stop)
    if "MAKELEVEL" in os.environ:
        die_with_parent(signal.SIGTERM)
    try:
        act()
    except Problem as problem:
        sys.stdout.flush()
        print(f"\nJourneybook: {problem}", file=sys.stderr)
        return 1
    except Stopped as stopped:
        print("\nStopped half-way; the next run takes up what is missing.", file=sys.stderr)
        return 128 + int(stopped.args[0])
    return 0
