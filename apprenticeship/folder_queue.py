"""The task queue of a site without Redis: Celery's filesystem transport, with messages that appear whole.

The transport's own `_put` opens the file under its final name and then writes it; a worker that looks in
between takes an empty message, and ends over it. Here a message is written beside and renamed.
"""

import os
import uuid
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Put a message into `queue`. Raises OSError; then nothing is left behind."""
        folder = Path(self.data_folder_out)
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}"
        draft = folder / f".{name}"
        try:
            draft.write_text(dumps(payload))
            os.replace(draft, folder / f"{name}.{queue}.msg")
        finally:
            draft.unlink(missing_ok=True)


class Transport(filesystem.Transport):
    Channel = Channel
