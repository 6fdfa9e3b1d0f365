"""Keeping a finished report and handing it out; who may have it was asked before."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from django.http import FileResponse

from accounts.refusals import Conflict
from accounts.tables import FORMATS
from reports.models import ReportRun, State

MEDIA_TYPES = {"pdf": "application/pdf", "zip": "application/zip", "xlsx": FORMATS["xlsx"]}


def file_response(run: ReportRun) -> FileResponse:
    """The PDF, ZIP or workbook as an attachment. Raises Conflict while there is none, or when it was lost."""
    if run.state != State.DONE:
        raise Conflict("This report is not finished yet. Come back in a moment.", code="not_finished")
    try:
        handle = run.path.open("rb")
    except FileNotFoundError:
        raise Conflict("The file is gone. Ask for the report again.", code="file_gone") from None
    response = FileResponse(
        handle, as_attachment=True, filename=run.file_name, content_type=MEDIA_TYPES[run.ending]
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def digest(data: bytes) -> str:
    """SHA-256 as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, on the disk when this returns; what was there is replaced.

    Raises OSError; then nothing is left behind.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a new name in it last through a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
