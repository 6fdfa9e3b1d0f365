"""Handing out a finished report; who may have it was asked before."""

import hashlib

from django.http import FileResponse

from accounts.refusals import Conflict
from accounts.tables import FORMATS
from apprenticeship.storages import kept
from reports.models import ReportRun, State

MEDIA_TYPES = {"pdf": "application/pdf", "zip": "application/zip", "xlsx": FORMATS["xlsx"]}


def file_response(run: ReportRun) -> FileResponse:
    """The PDF, ZIP or workbook as an attachment.

    Raises Conflict while there is none, when it was lost, and when it is not the one that was built.
    """
    if run.state != State.DONE:
        raise Conflict("This report is not finished yet. Come back in a moment.", code="not_finished")
    try:
        handle = kept().open(run.kept_as)
    except FileNotFoundError:
        raise Conflict("The file is gone. Ask for the report again.", code="file_gone") from None
    except OSError:
        raise Conflict("Files cannot be read just now. Try again in a moment.", code="files_away") from None
    if hashlib.file_digest(handle, "sha256").hexdigest() != run.sha256:
        handle.close()
        raise Conflict(
            "The file is not the one that was built. Ask for the report again.", code="file_exchanged"
        )
    handle.seek(0)
    response = FileResponse(
        handle, as_attachment=True, filename=run.file_name, content_type=MEDIA_TYPES[run.ending]
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def digest(data: bytes) -> str:
    """SHA-256 as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
