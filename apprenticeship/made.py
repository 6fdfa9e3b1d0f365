"""Static files that are made and not written: static files finders, so that collectstatic, the development
server and tests all get the files without a step of their own."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage


class Made(BaseFinder):
    """Finds files by their names, making each first where it does not exist yet.

    They are made once, under VAR_DIR, in a folder named for what goes into them: nothing old is ever served.
    """

    names: tuple[str, ...]

    def recipe(self) -> str:
        """All that goes into the files."""
        raise NotImplementedError

    def make(self, name: str) -> bytes:
        raise NotImplementedError

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path not in self.names:
            return [] if find_all else None
        found = str(self.made(path))
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in self.names:
            os.utime(self.made(name))  # collectstatic leaves a copy that is newer, even of another version
            yield name, FileSystemStorage(location=self.folder())

    def folder(self) -> Path:
        return Path(settings.VAR_DIR) / "static" / hashlib.sha256(self.recipe().encode()).hexdigest()[:12]

    def made(self, name: str) -> Path:
        """The file; written beside its name and renamed, so that two processes may race."""
        target = self.folder() / name
        if target.exists():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=target.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(self.make(name))
        os.chmod(draft, 0o644)
        os.replace(draft, target)
        return target
