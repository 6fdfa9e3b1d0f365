"""Word documents of the years before 2007 (.doc): turned into .docx by LibreOffice where it is installed."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from competencies.imports.outline import Malformed

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PROGRAMS = ("soffice", "libreoffice")
SECONDS = 60


def as_docx(data: bytes, *, name: str) -> bytes:
    """The same document as .docx. Raises Malformed for what is no Word document or cannot be turned."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Malformed(name, "is protected by a password. Save it without one")
    if "WordDocument".encode("utf-16-le") not in data:
        raise Malformed(name, "is an old Office file, but no Word document. Save a workbook as .xlsx")
    if "_VBA_PROJECT".encode("utf-16-le") in data:
        raise Malformed(name, "is a Word document with macros. Save it as .docx, without them")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise Malformed(
            name,
            "is a Word document of the old kind (.doc), and LibreOffice, which could turn it, is not "
            "installed here. Open it in Word and save it as .docx",
        )
    return _turned(data, program, name)


def _turned(data: bytes, program: str, name: str) -> bytes:
    """Run with its own profile in a folder that is removed; macros are never run by a conversion."""
    with TemporaryDirectory() as folder:
        source = Path(folder) / "document.doc"
        source.write_bytes(data)
        profile = f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}"
        command = [program, profile, "--headless", "--convert-to", "docx", "--outdir", folder, str(source)]
        try:
            subprocess.run(command, check=False, capture_output=True, timeout=SECONDS)  # noqa: S603
        except (subprocess.TimeoutExpired, OSError) as error:
            raise Malformed(
                name, "could not be turned into .docx. Open it in Word and save it as .docx"
            ) from error
        made = source.with_suffix(".docx")
        if not made.exists():
            raise Malformed(name, "could not be turned into .docx. Open it in Word and save it as .docx")
        return made.read_bytes()
