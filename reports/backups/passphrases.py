"""Where the passphrase of a backup comes from: a file that was named, or the settings."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings

from accounts.refusals import Refusal

SHORTEST = 12


def add_argument(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="its first line is the passphrase (default: BACKUP_PASSPHRASE_FILE, then BACKUP_PASSPHRASE)",
    )


def read(named: Path | None = None) -> str:
    """The passphrase, "" for none. Raises Refusal for one that is too short, and OSError."""
    path = named or settings.BACKUP_PASSPHRASE_FILE
    if path:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        return _long_enough(lines[0].strip() if lines else "", f"in {path}")
    said = str(settings.BACKUP_PASSPHRASE)
    return _long_enough(said, "in BACKUP_PASSPHRASE") if said else ""


def _long_enough(passphrase: str, where: str) -> str:
    if len(passphrase) < SHORTEST:
        raise Refusal(f"The passphrase {where} needs {SHORTEST} characters at least.", code="passphrase")
    return passphrase
