"""Where every chain stands at a moment, signed, and kept outside the database.

    checkpoints.take(at=now)        # sign the chains that moved, and write a file of all of them
    checkpoints.age(now=now)        # how old the newest file is

A pass signs the chains that moved since the last one and tells of them on a chain of its own, WHOLE, so
that a checkpoint deleted later is missed. The file holds a line for each chain and one over all of them: a
chain deleted with everything about it is missed there. `ledger.kept` compares such a file with the ledger.
"""

import logging
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain as all_of
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from ledger import chain
from ledger.canonical import checkpoint_digest
from ledger.damage import Finding
from ledger.kept import Line, Total, compare
from ledger.models import Chain, Checkpoint, Entry
from ledger.roots import root_of
from ledger.verification import verify
from ledger.whole import ACT, WHOLE, digest_of

log = logging.getLogger(__name__)

STAMP = "%Y%m%dT%H%M%S%fZ"
NAME = "checkpoint-*.txt"
FILES_OF_SOME = 10


def take(*, at: datetime) -> Path:
    """Sign what moved and write the file of today; one that is there is never written over.

    The ledger is held against the file before first: what does not agree goes to the log as an error.
    """
    before = newest_file()
    if before and (found := next((one for one in against(before) if one.is_damage), None)):
        log.error("the ledger does not agree with the checkpoints of %s: %s", before.name, found)
    sign(at=at)
    return _written(at=at)


def sign(*, at: datetime) -> int:
    """Sign length, head and root of every chain that moved since its last checkpoint; says how many.

    Roots are computed before the transaction, which takes no longer for a large ledger.
    """
    rows = [_signed(one, at) for one in _moved().exclude(subject=WHOLE)]
    if not rows:
        return 0
    with transaction.atomic():
        whole = chain.lock([WHOLE])[WHOLE]
        Checkpoint.objects.bulk_create(rows, batch_size=500)
        chain.append(whole, act=ACT, actor=None, object=None, at=at, payload=_counted())
        _signed(whole, at).save(force_insert=True)
    return len(rows)


def _moved() -> QuerySet[Chain]:
    signed = Checkpoint.objects.filter(subject=OuterRef("subject"), head=OuterRef("head")).exclude(root="")
    return Chain.objects.filter(~Exists(signed), length__gt=0).order_by("subject")


def _counted() -> dict[str, int | str]:
    """What WHOLE tells of the checkpoints that no entry of it told of yet."""
    before = Entry.objects.filter(chain__subject=WHOLE, act=ACT).select_related("payload")
    last = before.order_by("-sequence").first()
    since = int((last.payload.content or {}).get("last", 0)) if last else 0
    rows = list(Checkpoint.objects.filter(id__gt=since).order_by("id"))
    return {"checkpoints": len(rows), "last": rows[-1].pk, "digest": digest_of(rows)}


def _signed(chain: Chain, at: datetime) -> Checkpoint:
    row = Checkpoint(subject=chain.subject, length=chain.length, head=chain.head, at=at)
    row.key_id, row.root = settings.LEDGER_KEY_ID, root_of(chain.subject, length=chain.length)
    row.hmac = checkpoint_digest(row)
    return row


def newest(subjects: Iterable[UUID] | None = None) -> QuerySet[Checkpoint]:
    """The newest checkpoint of each chain, or of these."""
    about = Checkpoint.objects.all() if subjects is None else Checkpoint.objects.filter(subject__in=subjects)
    ids = about.order_by().values("subject").annotate(newest=Max("id")).values("newest")
    return Checkpoint.objects.filter(id__in=ids).order_by("subject")


def lines(subjects: Iterable[UUID] | None = None, *, at: datetime) -> Iterator[str]:
    """One signed line over all, then the newest checkpoint of every chain (or of these), a line each."""
    told, total = [], Total.none(site=settings.SITE_URL, at=at)
    for row in newest(subjects).iterator():
        line = Line.of(row)
        told.append(str(line))
        total = total.with_line(line)
    yield str(total.signed())
    yield from told


def folder() -> Path:
    return Path(settings.CHECKPOINT_DIR)


def files() -> list[Path]:
    """The files that were kept, oldest first."""
    return sorted(folder().glob(NAME))


def newest_file() -> Path | None:
    return next(reversed(files()), None)


def taken_at(path: Path) -> datetime:
    """When a file was written, by its name. Raises ValueError."""
    return datetime.strptime(path.stem.partition("-")[2], STAMP).replace(tzinfo=UTC)


def age(*, now: datetime) -> timedelta | None:
    """How old the newest file outside the database is; None where there is none."""
    path = newest_file()
    return now - taken_at(path) if path else None


def against(path: Path, *, of: set[UUID] | None = None, known: set[str] | None = None) -> Iterator[Finding]:
    """The ledger, compared with one file, or with its lines about some chains; lines that are `known` are
    passed over."""
    about = None if of is None else {str(subject) for subject in of}
    with path.open(encoding="utf-8", errors="replace") as kept:
        yield from compare((line for line in kept if about is None or line[:36] in about), known=known)


def examine(subjects: Iterable[UUID] | None = None) -> Iterator[Finding]:
    """Everything that is wrong with the chains, by themselves and against the files that were kept: the first
    finding of each. Of some `subjects` only the newest files are read, so that a page may wait for it."""
    wanted = None if subjects is None else set(subjects)
    told: set[UUID] = set()
    for finding in all_of(verify(wanted), _outside(wanted)):
        if finding.subject not in told:
            yield finding
        if finding.subject and finding.is_damage:
            told.add(finding.subject)


def _outside(wanted: set[UUID] | None) -> Iterator[Finding]:
    """Every file, since a later one may agree with what was put back."""
    known: set[str] = set()
    for path in files() if wanted is None else files()[-FILES_OF_SOME:]:
        yield from against(path, of=wanted, known=known)


def _written(*, at: datetime) -> Path:
    """Written whole under another name, then renamed: nobody ever reads half of one."""
    folder().mkdir(parents=True, exist_ok=True)
    path = folder() / f"checkpoint-{at.astimezone(UTC).strftime(STAMP)}.txt"
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    with unfinished.open("w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in (*INTRODUCTION, *lines(at=at)))
        out.flush()
        os.fsync(out.fileno())
    os.replace(unfinished, path)
    return path


INTRODUCTION = (
    "# Where every record of this site stood. Keep it elsewhere: manage.py verify_ledger --checkpoint FILE",
    "# all SITE MOMENT CHAINS ENTRIES DIGEST KEY SIGNATURE",
    "# CHAIN LENGTH HEAD MOMENT KEY SEAL ROOT KEY SIGNATURE",
)
