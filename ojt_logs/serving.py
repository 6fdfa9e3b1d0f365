"""A file of a record as it is sent to whoever may see it, from its page and over REST."""

from django.http import FileResponse

from accounts.refusals import Conflict
from ojt_logs.models.kept_files import KeptFile, Spoiled


def served(row: KeptFile) -> FileResponse:
    """A photo to be shown, a PDF as a download; neither may act there.

    Raises Conflict where it is gone, or is not the one that was attached.
    """
    try:
        file = row.opened()
    except Spoiled as problem:
        sentence = f"This cannot be shown: {problem}. Its hash stays on the record."
        raise Conflict(sentence, code="file_gone") from None
    answer = FileResponse(
        file, as_attachment=not row.is_picture, filename=row.name, content_type=row.media_type
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
