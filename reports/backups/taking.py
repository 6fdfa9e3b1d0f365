"""Take a backup: everything of one moment, while people go on working.

The rows are read in one transaction, then the files: what a row of that moment names was there before it. A
file that is taken away meanwhile (words of a patient, for one) is not in the backup.
"""

import json
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast

from django.apps import apps
from django.db import connection

from accounts.refusals import Refusal
from apprenticeship.storages import kept, sync_folder
from ledger import checkpoints
from ledger.canonical import moment
from reports.backups import container, manifest, reading, tables
from reports.backups.container import Hashed, HashedReading
from reports.backups.manifest import CHECKPOINTS, FILE_LIST, FILES, Manifest, Part
from reports.backups.places import snapshot

Tell = Callable[[str], object]
PRIVATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL
"""A new file; it holds everything, so it is for the eyes of its owner alone."""


def take(path: Path, *, now: datetime, passphrase: str = "", tell: Tell = str) -> Manifest:
    """Write a backup, read it back, and only then give it its name; what bore the name before is replaced.

    Raises Refusal and OSError; then, and when the process is killed, nothing new bears the name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, PRIVATE, 0o600), "wb") as file:
            _write(file, now=now, passphrase=passphrase, tell=tell)
            file.flush()
            os.fsync(file.fileno())
        tell("Reading it back ...")
        with reading.opened(draft, passphrase=passphrase) as backup:
            backup.check()
            said = backup.manifest
        draft.replace(path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    sync_folder(path.parent)
    return said


def _write(file: BinaryIO, *, now: datetime, passphrase: str, tell: Tell) -> None:
    with container.writing(file, passphrase=passphrase) as whole:
        with snapshot():
            applied = manifest.migrations_here()
            said = Manifest(moment(now), connection.vendor, applied, left_out=tables.LEFT_OUT)
            for model in tables.carried(apps):
                name = model._meta.db_table
                tell(f"{name} ...")
                said.tables[name] = _member(whole, f"tables/{name}.jsonl", tables.lines(model), besides=1)
            said.others[CHECKPOINTS] = _member(whole, CHECKPOINTS, _checkpoints(now))
        tell("files ...")
        _files(whole, said)
        whole.writestr(manifest.NAME, said.written())


def _checkpoints(now: datetime) -> Iterator[bytes]:
    for line in checkpoints.lines(at=now):
        yield f"{line}\n".encode()


def _member(whole: zipfile.ZipFile, name: str, lines: Iterable[bytes], *, besides: int = 0) -> Part:
    """Write lines as a member; `besides` of them count for no row."""
    count = -besides
    with whole.open(name, "w", force_zip64=True) as member:
        hashed = Hashed(member.write)
        for line in lines:
            hashed.write(line)
            count += 1
    return Part(count, hashed.sha256)


def _files(whole: zipfile.ZipFile, said: Manifest) -> None:
    """All kept files as one TAR, and a line for each with its size and SHA-256."""
    whole.compression = zipfile.ZIP_STORED  # photos and PDFs are as small as they get
    with TemporaryFile() as told:
        with whole.open(FILES, "w", force_zip64=True) as member:
            hashed, count = Hashed(member.write), 0
            with tarfile.open(fileobj=hashed, mode="w|", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
                for name in kept().names():
                    if line := _one_file(tar, name):
                        told.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
                        count += 1
        whole.compression = zipfile.ZIP_DEFLATED
        said.others[FILES] = Part(count, hashed.sha256)
        told.seek(0)
        said.others[FILE_LIST] = _member(whole, FILE_LIST, told)


def _one_file(tar: tarfile.TarFile, name: str) -> dict[str, object] | None:
    """Put a file into the TAR; None when it was taken away meanwhile."""
    try:
        file = kept().open(name)
    except FileNotFoundError:
        return None
    with file:
        head = tarfile.TarInfo(name)
        head.size, head.mode = file.size, 0o600
        content = HashedReading(file)
        try:
            tar.addfile(head, cast(IO[bytes], content))
        except OSError as error:
            raise Refusal(f"The file {name} could not be read whole: {error}.", code="file") from error
    tar.members = []  # type: ignore[attr-defined]
    return {"name": name, "size": head.size, "sha256": content.sha256}
