"""Check a record that was taken away from a Journeybook site, without that site.

    python3 verify_record.py                        # beside record.json, or inside the unpacked ZIP
    python3 verify_record.py record.zip
    python3 verify_record.py record.zip --key HEX --checkpoints FILE

One file, Python 3.9 or later, nothing to install. Give --key, the public key of the site as you noted it
earlier, and --checkpoints, a file of checkpoints that you kept: what comes with the record itself proves
only that it agrees with itself. Exit status 0: everything agrees; 1: something does not.

What is checked: each entry's words against their salted digest; the chain of entries against the root;
root, head, length, files and all else that record.json says against the signature (Ed25519, RFC 8032); that
no file came in that was not signed; each checkpoint against the chain.
What is not: the seal of each entry (HMAC), for which the site's secret key is needed. The signature of the
root takes its place.
"""

import argparse
import hashlib
import json
import re
import sys
import zipfile
from pathlib import Path

# Ed25519, RFC 8032, section 5.1. Slow, and good enough to verify.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def x_of(y, sign):
    """The other coordinate of a point, None where there is none."""
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = x_of(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)
NEUTRAL = (0, 1, 1, 0)


def add(one, other):
    """The sum of two points in extended coordinates (X, Y, Z, T)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number, point):
    """A multiple of a point, by doubling."""
    result = NEUTRAL
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def point_of(data):
    """The point that 32 bytes stand for, None where they stand for none."""
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x = x_of(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def signed(key, message, signature):
    """Whether the holder of the secret to this public key signed this message."""
    if len(key) != 32 or len(signature) != 64:
        return False
    holder, commitment = point_of(key), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if holder is None or commitment is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = times(s, BASE), add(commitment, times(h, holder))
    return all((left[n] * right[2] - right[n] * left[2]) % P == 0 for n in (0, 1))


def canonical(value):
    """The one spelling of a value: JSON, keys sorted, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


SALT = re.compile("[0-9a-f]{32}")
OF_FILES = ("hours.", "sign_off", "paper.")
"""How the acts begin that name files."""
SHOWN = 20
"""Numbers of entries that are named at once."""
SAID = ("sequence", "act", "at", "actor", "object", "payload", "previous", "key_id", "digest")


class Record:
    """The record, with everything that was found wrong."""

    def __init__(self, read, keys, names=()):
        self.read, self.names, self.problems, self.roots = read, list(names), [], [""]
        self.told = json.loads(read("record.json"), object_pairs_hook=self.once)
        self.keys = keys or list(self.told["public_keys"].values())
        self.left_out, self.altered = {}, []

    def once(self, pairs):
        """An object of JSON; what it says twice is read differently by different programs."""
        if len({name for name, _ in pairs}) < len(pairs):
            self.problems.append("record.json says one thing twice")
        return dict(pairs)

    def check(self):
        self.check_entries()
        self.check_statement()
        self.check_files()
        for line in self.told["checkpoints"]:
            self.check_line(line, "a checkpoint in the record")

    def check_entries(self):
        before = ""
        for number, entry in enumerate(self.told["entries"], start=1):
            if entry["sequence"] != number:
                self.problems.append("entry %s: expected number %s" % (entry["sequence"], number))
            if entry["previous"] != before:
                self.problems.append("entry %s does not follow the one before it" % number)
            before = entry["digest"]
            said = {name: entry[name] for name in SAID}
            said.update(of="link", root=self.roots[-1], subject=self.told["subject"])
            self.roots.append(sha256(canonical(said)))
            self.check_words(number, entry)
        self.tell_altered()

    def tell_altered(self):
        """One sentence about all entries whose words are not those that their digests are of."""
        first = ", ".join(map(str, self.altered[:SHOWN]))
        more = " and %s more" % (len(self.altered) - SHOWN) if len(self.altered) > SHOWN else ""
        if self.altered:
            self.problems.append("the words of these entries were altered: %s%s" % (first, more))

    def check_words(self, number, entry):
        if entry["body"] is None:
            why = entry["left_out"]
            self.left_out[why] = self.left_out.get(why, 0) + 1
        elif (
            not SALT.fullmatch(entry["salt"])
            or sha256((entry["salt"] + entry["body"]).encode()) != entry["payload"]
        ):
            self.altered.append(number)

    def check_statement(self):
        said = self.told["statement"]
        if not self.valid(said, self.told["signature"]["value"]):
            self.problems.append("the signature of the record is not by this key")
        entries = self.told["entries"]
        rest = {name: value for name, value in self.told.items() if name not in ("statement", "signature")}
        found = {
            "of": "record",
            "told": sha256(canonical(rest)),
            "subject": self.told["subject"],
            "length": len(entries),
            "root": self.roots[-1],
            "head": entries[-1]["digest"] if entries else "",
        }
        for name, value in found.items():
            if name == "told" and said.get(name) != value:
                self.problems.append("something in record.json is not as it was signed")
            elif said.get(name) != value:
                self.problems.append("%s is %s, and the signature says %s" % (name, value, said.get(name)))

    def check_files(self):
        signed_ones = self.told["statement"].get("files", {})
        for name in sorted(set(self.names) - set(signed_ones) - {"record.json"}):
            self.problems.append("the file %s is not of this record" % name)
        for name in sorted({name for name in self.names if self.names.count(name) > 1}):
            self.problems.append("the file %s is there twice" % name)
        for name, digest in signed_ones.items():
            try:
                same = sha256(self.read(name)) == digest
            except (KeyError, OSError):
                self.problems.append("the file %s is missing" % name)
                continue
            if not same:
                self.problems.append("the file %s is not the one that was signed" % name)
            if name.startswith("files/") and not self.is_told(digest):
                self.problems.append("no entry of the record names the file %s" % name)

    def is_told(self, digest):
        """Whether an entry tells of a file; one of an act with files whose words are left out may."""
        acts = [entry for entry in self.told["entries"] if entry["act"].startswith(OF_FILES)]
        return any(entry["body"] is None or digest in entry["body"] for entry in acts)

    def check_line(self, line, where):
        """subject length head moment key seal root key signature"""
        words = line.split()
        if len(words) != 9 or words[6] == "-":
            self.check_head(words, where)
            return
        subject, length, head, at, _, _, root, _, signature = words
        said = {"of": "checkpoint", "subject": subject, "length": int(length)}
        said.update(head=head, root=root, at=at)
        if not self.valid(said, signature):
            self.problems.append("%s of %s: its signature is not by this key" % (where, at))
        elif int(length) >= len(self.roots):
            self.problems.append("%s of %s counted %s entries: some are missing" % (where, at, length))
        elif self.roots[int(length)] != root:
            self.problems.append("%s of %s certified other entries than these" % (where, at))

    def check_head(self, words, where):
        """A checkpoint of an earlier version, with neither root nor signature: the seal of its last entry."""
        length = int(words[1]) if len(words) > 2 and words[1].isdecimal() else 0
        entries = self.told["entries"]
        if not 0 < length <= len(entries) or entries[length - 1]["digest"] != words[2]:
            self.problems.append("%s (%s) is not of these entries" % (where, " ".join(words[1:4])))

    def valid(self, said, signature):
        """Whether one of the keys signed that."""
        try:
            data = bytes.fromhex(signature)
            return any(signed(bytes.fromhex(key), canonical(said), data) for key in self.keys)
        except ValueError:
            return False


def reader(place):
    """Reads files of a ZIP or of a folder by name, and the names that are to be explained: of a folder, in
    which other things may lie, those in files/."""
    if place.is_dir():
        found = [one.relative_to(place).as_posix() for one in (place / "files").rglob("*") if one.is_file()]
        return (lambda name: (place / name).read_bytes()), found
    archive = zipfile.ZipFile(place)
    return archive.read, archive.namelist()


def report(record, kept, noted):
    """What was read and found, as lines of text."""
    said = record.told["statement"]
    yield "Record of %s, %s entries, as of %s" % (record.told["name"], said["length"], said["at"])
    yield "Head %s %s: compare it with a print-out of that state" % (said["head"][:4], said["head"][4:8])
    for why, number in sorted(record.left_out.items()):
        yield "%s entries without their words (%s); their digests verify" % (number, why)
    yield "%s files, %s checkpoints in the record, %s of your own" % (
        len(said["files"]),
        len(record.told["checkpoints"]),
        kept,
    )
    if not noted:
        yield "The key came with the record. Compare it with the one on the site or on paper:"
        yield from ("  %s" % key for key in record.keys)
    yield from ("The site itself found: %s" % found["problem"] for found in record.told["findings"])
    yield from ("NOT RIGHT: %s" % problem for problem in record.problems)
    if record.told["findings"] and not record.problems:
        yield "This is what the site gave out, and the site itself says that the record is not whole."
    else:
        yield "It does not verify." if record.problems else "Everything agrees."


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Check a record without the site that it is from.")
    beside = Path(__file__).resolve().parent
    parser.add_argument(
        "place", nargs="?", type=Path, default=beside, help="the ZIP, or the folder it was unpacked into"
    )
    keys = "public key of the site, hexadecimal; again for each further one"
    parser.add_argument("--key", action="append", help=keys)
    parser.add_argument("--checkpoints", type=Path, help="a file of checkpoints that you kept")
    asked = parser.parse_args(arguments)
    read, names = reader(asked.place)
    record = Record(read, asked.key, names)
    record.check()
    lines = asked.checkpoints.read_text().splitlines() if asked.checkpoints else []
    kept = [line for line in lines if line.startswith(record.told["subject"] + " ")]
    for line in kept:
        record.check_line(line, "your checkpoint")
    for line in report(record, len(kept), bool(asked.key)):
        sys.stdout.write(line + "\n")
    return 1 if record.problems or record.told["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())
