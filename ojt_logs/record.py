"""One apprentice's record: do the rows still say what the ledger says?

`manage.py verify_ledger` prints what `compare()` finds. The chains themselves are checked by
ledger.verification; here every row of hours, sign-offs, course results, status, assignments, facts and
rosters is held against the entries that tell of it, and the totals against a recount. ojt_logs.other_records
does the same for programs, people and versions of schedules.

The site goes on meanwhile. Entries and rows are two statements, and an act between them looks like a
difference; so whoever seems to differ is read again under the lock of their User row, which every act on a
record takes first, and only what remains is told.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from apprenticeship.models import (
    Amendment,
    Apprentice,
    Class,
    Credit,
    LegalHold,
    Mentorship,
    ProbationDecision,
    StatusChange,
)
from apprenticeship.models.classes import ATTENDING
from apprenticeship.models.status import FINAL
from ledger.models import Entry
from ledger.tombstones import SAYS, digest
from ojt_logs import other_records, rollup, staying
from ojt_logs.models import (
    AttestationAnswer,
    AttestationLink,
    Certificate,
    Comment,
    CourseResult,
    Evidence,
    HoursEntry,
    NoWorkPeriod,
    OutsideAttestation,
    PeriodicReview,
    PrivacyReport,
    Receipt,
    ReviewAnswer,
    Scan,
    SignOff,
    SignOffComment,
    SignOffRequest,
    State,
    WageDecision,
)
from ojt_logs.models.privacy import Outcome
from ojt_logs.models.reportable import files, files_of, texts
from ojt_logs.tables import HOURS_RELATED
from ojt_logs.told import (
    ACTS,
    ASKED,
    SAID,
    Difference,
    Told,
    Word,
    by_id,
    facts_problem,
    row_problem,
    same_hand,
    take,
    told_of,
)

PEOPLE_AT_ONCE = 100
ROWS_AT_ONCE = 1000
Signed = SignOff | CourseResult | PeriodicReview
Said = Comment | SignOffComment | AttestationAnswer | ReviewAnswer
"""What somebody adds to what stands there."""
Act = Signed | StatusChange | ProbationDecision | WageDecision | Said
TOLD_OF = (
    "hours.",
    "sign_off.",
    "course.",
    "apprentice.",
    "request.",
    "sign_off_comment.",
    "attestation.",
    "periodic_review.",
    "privacy.",
    "paper.",
    "hold.",
    "disposal.",
)
"""How the acts begin of which the chain of an apprentice tells."""
TAKEN_BACK = ("hours.recall", "hours.undo_import")
"""After these an entry is a draft again, also where their words were erased."""
EDITABLE = {State.DRAFT, State.RETURNED}
"""In these states the apprentice may change an entry, so only its state is compared."""

UNTOLD = {"source": "logged", "late": False}
"""What an hours entry came from where its ledger entry is older than the question: all were logged then."""

TOLD_LATER = ("written_by", "written_at")
"""What older ledger entries about hours do not name, and no row can be held against."""


def compare() -> Iterator[Difference | str]:
    """Every difference between rows and ledger, apprentice by apprentice, and between totals and entries.

    One apprentice's record is in memory at a time, however long the ledger is.
    """
    for people in by_id(Apprentice.objects.everyone(), PEOPLE_AT_ONCE):
        for person in people:
            yield from compare_one(person)
    yield from other_records.compare()
    yield from rollup.differences()


def compare_one(person: Apprentice) -> Iterator[Difference]:
    """The differences between the rows of one record and its ledger entries."""
    if any(_compare_one(person)):
        yield from _under_lock(person)


def _under_lock(person: Apprentice) -> list[Difference]:
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.user_id)
        return list(_compare_one(Apprentice.objects.everyone().get(pk=person.pk)))


def _compare_one(person: Apprentice) -> Iterator[Difference]:
    told = told_of(person.uid, TOLD_OF)
    hours = HoursEntry.objects.everyone().filter(apprentice=person)
    named = hours.select_related(*HOURS_RELATED, "corrects", "batch").prefetch_related("evidence")
    for entry in named.iterator(chunk_size=ROWS_AT_ONCE):
        if problem := _hours_problem(entry, take(told, entry.uid, "hours.")):
            yield Difference(person.uid, entry.uid, problem)
    changes = StatusChange.objects.filter(apprentice=person).select_related("apprentice", "by").order_by("pk")
    yield from _status_differences(person, list(changes))  # the rows are read once
    for rows in (changes, *_acts_of(person)):
        for row in rows:
            if problem := _act_problem(row, take(told, row.uid, *ACTS[type(row)])):
                yield Difference(person.uid, row.uid, problem)
    yield from _comment_differences(person, told)
    for rows, acts_of_it, what in _told_by_facts(person):
        for row in rows:
            if problem := row_problem(take(told, row.uid, *acts_of_it), row.facts(), what):
                yield Difference(person.uid, row.uid, problem)
    yield from _receipt_differences(person)
    yield from _disposal_differences(person, told)
    yield from _facts_differences(person, told)
    yield from _roster_differences(person, told)
    yield from _file_differences(person)
    yield from _privacy_differences(person, told)
    yield from _lost(person, told)


def _acts_of(person: Apprentice) -> Iterator[Iterable[Act]]:
    """Rows that are one act each, of which one entry tells; changes of status are read before."""
    of = {"apprentice": person}
    of_signing = ("competency", "performance_standard", "rating", "attestation", "withdraws", "signer")
    yield SignOff.objects.everyone().filter(**of).select_related(*of_signing, "attested")
    yield CourseResult.objects.everyone().filter(**of).select_related("course", "withdraws", "signer")
    yield PeriodicReview.objects.everyone().filter(**of).select_related("signer")
    yield ProbationDecision.objects.filter(**of).select_related("apprentice", "by")
    yield WageDecision.objects.filter(**of).select_related("apprentice", "by")
    said = SignOffComment.objects.everyone().filter(sign_off__apprentice=person)
    yield said.select_related("sign_off", "by")
    answers = AttestationAnswer.objects.filter(attestation__apprentice=person)
    yield answers.select_related("attestation", "by")
    yield ReviewAnswer.objects.filter(review__apprentice=person).select_related("review", "by")


def _told_by_facts(person: Apprentice) -> Iterator[tuple[Iterable[Any], tuple[str, ...], str]]:
    """Rows that say what the newest entry about each says; the acts that tell of them, and their name."""
    of = {"apprentice": person}
    mentors = Mentorship.objects.filter(**of).select_related("mentor", "stands_in_for", "apprentice")
    yield mentors, ("apprentice.mentor",), "of this assignment"
    proposed = Amendment.objects.filter(**of).select_related("apprentice", "before", "after")
    yield proposed, ("apprentice.amendment",), "of this amendment"
    idle = NoWorkPeriod.objects.filter(**of).select_related("apprentice")
    yield idle, ("apprentice.no_work",), "of these days without work"
    yield SignOffRequest.objects.everyone().filter(**of), ("request.",), "of this request"
    links = AttestationLink.objects.everyone().filter(**of).select_related("asked_by")
    yield links, ASKED, "of this link"
    given = OutsideAttestation.objects.everyone().filter(**of).select_related("link")
    yield given, ("attestation.give",), "of this attestation"
    related = ("apprentice", "job_function", "course", "competency")
    credits = Credit.objects.everyone().filter(**of).select_related(*related)
    yield credits, ("apprentice.credit",), "of this credit"
    holds = LegalHold.objects.everyone().filter(**of).select_related("sponsor", "apprentice", "lifted_by")
    yield holds, ("hold.",), "of this legal hold"
    sheets = Evidence.objects.filter(sign_off__apprentice=person).select_related("sign_off")
    yield sheets, ("sign_off.sheet",), "of this sheet"
    scans = Scan.objects.everyone().filter(**of).select_related("batch")
    yield scans, ("paper.scan",), "of this scan"


def _file_differences(person: Apprentice) -> Iterator[Difference]:
    """Each photo and PDF that can be seen is, byte for byte, the one that was attached."""
    for row in (row for rows in files_of(person) for row in rows.there()):
        if problem := row.damage():
            yield Difference(person.uid, row.uid, problem)


def _privacy_differences(person: Apprentice, told: Told) -> Iterator[Difference]:
    """What was hidden and taken out is as told, and nothing is hidden without a report."""
    hidden = set()
    rows = PrivacyReport.objects.filter(apprentice=person)
    for row in rows.select_related("reported_by", "agreed_by", "decided_by"):
        if problem := row_problem(take(told, row.uid, "privacy."), row.facts(), "of this report"):
            yield Difference(person.uid, row.uid, problem)
        if row.outcome != Outcome.SHOWN:
            hidden.add(row.sha256)
    for uid, sha256 in () if person.disposed_at else _hidden_of(person):
        if sha256 not in hidden:
            yield Difference(person.uid, uid, "it is hidden, and the ledger knows of no report")


def _hidden_of(person: Apprentice) -> Iterator[tuple[UUID, str]]:
    """Each row of which something is hidden, with its hash."""
    for one in texts():
        found = one.rows(person).filter(**{f"{one.field}__startswith": SAYS})
        yield from ((uid, text.sha256) for uid, text in found.values_list("uid", one.field))
    for one in files():
        yield from one.rows(person).filter(withheld=True).values_list("uid", "sha256")


def _comment_differences(person: Apprentice, told: Told) -> Iterator[Difference]:
    """What was said is as its entry tells; the reason of a return as the entry of that return."""
    rows = Comment.objects.everyone().filter(entry__apprentice=person).select_related("entry", "by")
    returns = _returns_of(person) if any(row.returned for row in rows) else {}
    for row in rows:
        if not row.returned:
            problem = _act_problem(row, take(told, row.uid, *ACTS[Comment]))
        elif (row.entry.uid, row.by.uid, row.at) not in returns:
            problem = "the ledger knows nothing of this return"
        else:
            kept = returns[row.entry.uid, row.by.uid, row.at]
            problem = "" if kept & {None, digest(row.note)} else "the ledger keeps another reason"
        if problem:
            yield Difference(person.uid, row.uid, problem)


def _returns_of(person: Apprentice) -> dict[tuple[UUID, UUID, datetime], set[str | None]]:
    """The hash of the reason by entry, reviewer and moment; None where the words were erased."""
    told = Entry.objects.filter(chain__subject=person.uid, act="hours.return")
    rows = told.values_list("object", "actor", "at", "payload__body")
    found: dict[tuple[UUID, UUID, datetime], set[str | None]] = defaultdict(set)
    for thing, actor, at, body in rows:
        if thing and actor:
            found[thing, actor, at].add(json.loads(body)["reason_sha256"] if body else None)
    return found


def _receipt_differences(person: Apprentice) -> Iterator[Difference]:
    """Each receipt says what the ledger says of that submission: which entries, when, how many minutes."""
    acts = Entry.objects.filter(chain__subject=person.uid, act="hours.submit").select_related("payload")
    told = {act.sequence: act for act in acts}
    for receipt in Receipt.objects.filter(apprentice=person):
        numbers = range(receipt.first_record, receipt.last_record + 1)
        own = [told.get(number) for number in numbers]
        said = [(str(act.object), (act.payload.content or {}).get("minutes"), act.at) for act in own if act]
        kept = [(line["id"], line["minutes"], receipt.submitted_at) for line in receipt.lines]
        sums = (len(kept), sum(line["minutes"] for line in receipt.lines))
        erased = any(act and act.payload.content is None for act in own)
        same = erased or sorted(said, key=str) == sorted(kept, key=str)
        if not same or sums != (receipt.entries, receipt.minutes):
            yield Difference(person.uid, receipt.uid, "the ledger says otherwise about this receipt")


def _disposal_differences(person: Apprentice, told: Told) -> Iterator[Difference]:
    """What was taken out of the record is as told, and nothing says so without an entry."""
    row = Certificate.objects.filter(apprentice=person).select_related("disposal__proposed_by").first()
    word = take(told, row.uid, "disposal.confirm") if row else None
    if row and (problem := row_problem(word, row.facts(), "of this disposal")):
        yield Difference(person.uid, row.uid, problem)
    stays = ((word and word.words) or {}).get("stays")
    if stays and not staying.is_as_told(person, stays):
        yield Difference(person.uid, person.uid, "what stays of it is not what stayed at its disposal")
    if (row is None) != (person.disposed_at is None):
        yield Difference(person.uid, person.uid, "it says otherwise about a disposal than its certificate")


def _facts_differences(person: Apprentice, told: Told) -> Iterator[Difference]:
    """Person, program, schedule, employer, number, planned end and elections are as the newest entry says."""
    word = take(told, person.uid, "apprentice.facts", "apprentice.elections")
    problem = row_problem(word, person.facts(), "of this registration's employer, number and elections")
    if problem:
        yield Difference(person.uid, person.uid, problem)


def _roster_differences(person: Apprentice, told: Told) -> Iterator[Difference]:
    """Who attends which class, and therefore whose hours its instructor may approve, is as told."""
    for taught in Class.objects.filter(roster=person).select_related("program", "course", "instructor"):
        said = taught.facts() | {"attends": True}
        if problem := row_problem(take(told, taught.uid, ATTENDING), said, "of this place on a roster"):
            yield Difference(person.uid, taught.uid, problem)
    places = [thing for thing, word in told.items() if word.act == ATTENDING]
    for thing in (one for one in places if not (told[one].words or {}).get("attends")):
        del told[thing]


def _status_differences(person: Apprentice, changes: list[StatusChange]) -> Iterator[Difference]:
    """A registration shows the status of its newest change, and begins with its first."""
    if not changes:
        return
    first, newest = changes[0], changes[-1]
    ended = newest.effective_on if newest.status in FINAL else None
    shown = Apprentice.objects.everyone().values_list("status", "ended_on", "started_on").get(pk=person.pk)
    if shown != (newest.status, ended, first.effective_on):
        told = f"{newest.status} since {newest.effective_on}, started on {first.effective_on}"
        yield Difference(person.uid, person.uid, f"it shows another status or other dates than {told}")


def _hours_problem(entry: HoursEntry, told: Word | None) -> str:
    if told is None:
        return (
            "" if entry.status == State.DRAFT else f"it is {entry.status}, and the ledger knows nothing of it"
        )
    if told.act == SAID:
        return "the ledger tells of a comment under its number"
    if told.words is None:
        return ""
    if told.slipped:
        return "it was altered between two acts: the ledger first told of other hours"
    if entry.status != told.words["to"]:
        return f"it is {entry.status}, and the ledger's newest word ({told.act}) is {told.words['to']}"
    if told.act in ("hours.approve", "hours.attest", "hours.attend") and not same_hand(
        told, entry.reviewed_by, entry.reviewed_at
    ):
        return "the ledger says that somebody else approved it, or at another moment"
    if entry.status in EDITABLE:
        return ""
    words = UNTOLD | told.words
    facts = {name: value for name, value in entry.facts().items() if name in words or name not in TOLD_LATER}
    return facts_problem(facts, words)


def _act_problem(row: Act, told: Word | None) -> str:
    if told is None:
        return "the ledger knows nothing of it"
    person, at = (row.signer, row.signed_at) if isinstance(row, Signed) else (row.by, row.at)
    if not same_hand(told, person, at):
        return "the ledger says that somebody else did it, or at another moment"
    return facts_problem(row.facts(), told.words) if told.words else ""


def _lost(person: Apprentice, told: Told) -> Iterable[Difference]:
    """What the ledger tells of and the tables have not; a draft that was taken back may be deleted."""
    for thing, word in told.items():
        taken_back = word.act in TAKEN_BACK if word.words is None else word.words.get("to") == State.DRAFT
        if not taken_back:
            yield Difference(person.uid, thing, f"the ledger tells of it ({word.act}), and the row is gone")
