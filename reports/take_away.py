"""The whole record of one apprentice in a ZIP: entries with their proof, papers, files, and what checks them.

`record.json` is explained in docs/trust.md; `verify_record.py`, which goes along, is the reference of how
it is read.
"""

import json
import re
import zipfile
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import User
from apprenticeship.models import Apprentice
from ledger.canonical import canonical, moment, said_by
from ledger.chain import entries_of
from ledger.kept import Line
from ledger.models import Checkpoint, Entry
from ledger.roots import link
from ledger.signatures import public_keys, sign
from ojt_logs.models.kept_files import Spoiled
from ojt_logs.models.reportable import files_of
from reports import checking
from reports.files import digest

FORMAT = "journeybook-record-1"
PROGRAM = Path(__file__).with_name("verify_record.py")
OF_WORK = (
    "hours.",
    "sign_off",
    "course.",
    "request.",
    "attestation.",
    "periodic_review.",
    "paper.",
    "report.",
)
"""Acts whose words everybody reads who reads the record. Those of the registration, of pay among them, are
for the apprentice and the offices."""
NO_FOLDERS = str.maketrans("/\\", "__")
"""A name leads nobody out of the folder of files, whatever the row says."""
DIGEST = re.compile("[0-9a-f]{64}")
MOST_BYTES = 150 * 1024 * 1024
"""Of files; what is more stays on the site, and the record says so."""


class WholeRecord:
    """What one person may take away of one record, as it is now."""

    def __init__(self, person: Apprentice, *, reader: User, now: datetime) -> None:
        self.person, self.reader, self.now = person, reader, now
        self.entries = list(entries_of(person.uid))
        registrations = Apprentice.objects.registration_visible_to(reader)
        self.reads_all = registrations.filter(pk=person.pk).exists()
        self.files: dict[str, bytes] = {}
        self.too_large: list[str] = []

    def zip(self, papers: bytes) -> bytes:
        """The whole ZIP; `papers` is the PDF of all documents."""
        readme = README.format(site=settings.SITE_URL).encode()
        self.files = {"record.pdf": papers, PROGRAM.name: PROGRAM.read_bytes(), "README.txt": readme}
        self.files |= self._attached()
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("record.json", json.dumps(self._told(), ensure_ascii=False, indent=1))
            for name, data in self.files.items():
                archive.writestr(name, data)
        return out.getvalue()

    def _told(self) -> dict[str, Any]:
        rest = self._rest()
        statement = self._statement() | {"told": digest(canonical(rest).encode())}
        key_id, signature = sign(statement)
        return {"statement": statement, "signature": {"key_id": key_id, "value": signature}} | rest

    def _rest(self) -> dict[str, Any]:
        """All else; the statement holds one digest over it, so that no name can be changed either."""
        certified = Checkpoint.objects.filter(subject=self.person.uid).order_by("id")
        return {
            "format": FORMAT,
            "site": settings.SITE_URL,
            "name": self.person.user.name,
            "program": self.person.program.name,
            "sponsor": self.person.program.sponsor.name,
            "subject": str(self.person.uid),
            "public_keys": public_keys(),
            "entries": [self._entry(entry) for entry in self.entries],
            "people": self._people(),
            "checkpoints": [str(Line.of(row)) for row in certified],
            "left_on_the_site": self.too_large,
            "findings": [vars(one) for one in checking.findings(self.person)],
        }

    def _statement(self) -> dict[str, Any]:
        """What the site signs: which record, how long, its head and root, and the files beside it."""
        root = ""
        for entry in self.entries:
            root = link(root, entry, self.person.uid)
        return {
            "of": "record",
            "site": settings.SITE_URL,
            "at": moment(self.now),
            "subject": str(self.person.uid),
            "length": len(self.entries),
            "head": self.entries[-1].digest if self.entries else "",
            "root": root,
            "files": {name: digest(data) for name, data in self.files.items()},
        }

    def _entry(self, entry: Entry) -> dict[str, Any]:
        said = {name: value for name, value in said_by(entry, self.person.uid).items() if name != "subject"}
        for name in ("actor", "object"):
            said[name] = str(said[name]) if said[name] else None
        said |= {"at": moment(entry.at), "digest": entry.digest}
        if entry.payload.erased_at:
            return said | {"salt": None, "body": None, "left_out": "erased"}
        if not self._reads(entry):
            return said | {"salt": None, "body": None, "left_out": "not for the reader"}
        return said | {"salt": entry.payload.salt, "body": entry.payload.body}

    def _reads(self, entry: Entry) -> bool:
        return self.reads_all or entry.act.startswith(OF_WORK)

    def _people(self) -> dict[str, str]:
        """The names behind the actors of entries that are read."""
        actors = {entry.actor for entry in self.entries if entry.actor and self._reads(entry)}
        named = User.objects.filter(uid__in=actors).order_by("name").values_list("uid", "name")
        return {str(uid): name for uid, name in named}

    def _attached(self) -> dict[str, bytes]:
        """Files that the record tells of and the reader sees, by their name in the ZIP."""
        told = {digest for entry in self.entries for digest in DIGEST.findall(entry.payload.body)}
        found: dict[str, bytes] = {}
        room = MOST_BYTES
        for row in (row for rows in files_of(self.person) for row in rows.visible_to(self.reader)):
            name = f"files/{row.uid}-{row.name.translate(NO_FOLDERS)}"
            if row.sha256 not in told:
                continue  # of a draft
            if row.size > room:
                self.too_large.append(name)
                continue
            with suppress(Spoiled), row.opened() as handle:  # the findings tell of it
                found[name] = handle.read()
                room -= row.size
        return found


README = """The record of an apprentice, taken away from {site}

record.pdf          the papers: schedule with signatures, progress, transcript, hours
record.json         every entry of the record with its digest, and the words as far as you may read them
files/              photos and PDFs that were attached, each named by the record with its SHA-256
verify_record.py    checks all of it without the site: python3 verify_record.py

Note the public key of the site ({site}/keys/) somewhere else, and give it with --key. Checkpoints that you
were mailed or kept are given with --checkpoints.
"""
