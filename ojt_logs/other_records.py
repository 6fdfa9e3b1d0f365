"""The records of programs, of people and of versions of schedules: do the rows say what their chains say?

A program's chain tells what it states and elects, and its classes; a sponsor's for how long it keeps records
and what it holds; a person's chain their consent to
electronic records, their qualifications and first days that were set; a version's chain how it came to be
in force. What differs is read again under the lock that the acts take first, as in ojt_logs.record.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import Consent, Sponsor, User
from accounts.models.first_days import facts as first_day
from accounts.models.people import RETENTION_YEARS
from accounts.refusals import Conflict
from apprenticeship.models import Apprentice, LegalHold, Program
from competencies.models import Status, VersionStep, WorkProcessSchedule
from ledger import chain
from ledger.models import Chain, Entry
from ojt_logs.models import ErasureRequest
from ojt_logs.told import Difference, Told, Word, by_id, facts_problem, row_problem, same_hand, told_of

AT_ONCE = 100
BEGUN_BY: dict[str, tuple[Any, tuple[str, ...]]] = {
    "registration": (Apprentice, ("apprentice.register", "apprentice.facts")),
    "program": (Program, ("program.start", "program.settings")),
    "sponsor": (Sponsor, ("retention.years", "second_step.require")),
    "person": (User, ("consent.give", "qualification.state", "membership.since", "erasure.ask")),
    "schedule": (WorkProcessSchedule, ("schedule.status",)),
}
"""Acts that tell what a chain is about; a draft that was thrown away may leave others."""


def compare() -> Iterator[Difference]:
    """Every difference, program by program, person by person and version by version."""
    programs = Program.objects.everyone().select_related("sponsor", "schedule", "rating_scale")
    for program in (one for some in by_id(programs, AT_ONCE) for one in some):
        if any(_of_program(program)):
            with transaction.atomic():
                program.take()
                yield from list(_of_program(Program.objects.everyone().get(pk=program.pk)))
    for sponsor in (one for some in by_id(Sponsor.objects.all(), AT_ONCE) for one in some):
        if any(_of_sponsor(sponsor)):
            with transaction.atomic():
                yield from list(_of_sponsor(Sponsor.objects.select_for_update().get(pk=sponsor.pk)))
    for person in (one for some in by_id(User.objects.all(), AT_ONCE) for one in some):
        if any(_of_person(person)):
            with transaction.atomic():
                User.objects.select_for_update().get(pk=person.pk)
                chain.lock([person.uid])
                yield from list(_of_person(person))
    versions = WorkProcessSchedule.objects.defer("search_text")
    for version in (one for some in by_id(versions, AT_ONCE) for one in some):
        if any(_of_schedule(version)):
            with transaction.atomic():
                locked = WorkProcessSchedule.objects.select_for_update(of=("self",))
                yield from list(_of_schedule(locked.get(pk=version.pk)))
    yield from _of_nobody()


def _of_nobody() -> Iterator[Difference]:
    """Chains of a registration, a program, a person or a version of which there is no row at all."""
    for kind, (model, acts) in BEGUN_BY.items():
        gone = Chain.objects.filter(~Exists(model.objects.filter(uid=OuterRef("subject"))))
        told = Entry.objects.filter(chain__in=gone, act__in=acts).order_by("chain_id")
        for subject in told.values_list("chain__subject", flat=True).distinct():
            problem = "the ledger tells of it, and it is gone with everything about it"
            yield Difference(subject, subject, problem, kind)


def _of_program(program: Program) -> Iterator[Difference]:
    told = told_of(program.uid, ("program.",))
    if problem := row_problem(told.pop(program.uid, None), program.facts(), "of this program"):
        yield Difference(program.uid, program.uid, problem, "program")
    for taught in program.classes.select_related("program", "course", "instructor"):
        if problem := row_problem(told.pop(taught.uid, None), taught.facts(), "of this class"):
            yield Difference(program.uid, taught.uid, problem, "program")
    yield from _lost(program, told, "program")


def _of_sponsor(sponsor: Sponsor) -> Iterator[Difference]:
    """For how long it keeps records, and what it holds."""
    told = told_of(sponsor.uid, ("hold.", "retention."))
    word = told.pop(sponsor.uid, None)
    years = ((word and word.words) or {}).get("years", RETENTION_YEARS)
    if sponsor.retention_years != years:
        said = f"it keeps records {sponsor.retention_years} years, and the ledger says {years}"
        yield Difference(sponsor.uid, sponsor.uid, said, "sponsor")
    demanded = told_of(sponsor.uid, ("second_step.",)).get(sponsor.uid)
    ever = demanded or sponsor.second_step_from
    if ever and (problem := row_problem(demanded, sponsor.second_step_facts(), "of its second step")):
        yield Difference(sponsor.uid, sponsor.uid, problem, "sponsor")
    for row in LegalHold.objects.everyone().filter(sponsor=sponsor, apprentice=None):
        if problem := row_problem(told.pop(row.uid, None), row.facts(), "of this legal hold"):
            yield Difference(sponsor.uid, row.uid, problem, "sponsor")
    yield from _lost(sponsor, told, "sponsor")


def _of_person(person: User) -> Iterator[Difference]:
    told = told_of(person.uid, ("consent.", "qualification.", "erasure."))
    told.pop(person.uid, None)  # of being forgotten, after which nothing is left to compare
    since = told_of(person.uid, ("membership.",))
    for row in Consent.objects.filter(user=person):
        if problem := _consent_problem(row, person, told):
            yield Difference(person.uid, row.uid, problem, "person")
    for request in person.erasure_requests.select_related("sponsor", "asked_by", "decided_by"):
        if problem := _request_problem(request, told.pop(request.uid, None)):
            yield Difference(person.uid, request.uid, problem, "person")
    for held in person.memberships.select_related("sponsor"):
        word, begun = told.pop(held.uid, None), since.pop(held.uid, None)
        unsaid = word is None and not held.states_qualification
        if not unsaid and (problem := row_problem(word, held.facts(), "of this qualification")):
            yield Difference(person.uid, held.uid, problem, "person")
        if begun and (problem := row_problem(begun, first_day(held), "of this first day")):
            yield Difference(person.uid, held.uid, problem, "person")
    yield from _lost(person, told, "person")
    yield from _lost(person, since, "person")


def _of_schedule(version: WorkProcessSchedule) -> Iterator[Difference]:
    told = told_of(version.uid, ("schedule.",))
    steps = list(version.steps.select_related("by").order_by("pk"))
    for step in steps:
        word = told.pop(step.uid, None)
        problem = row_problem(word, step.facts(), "of this step")
        if word and not problem and not same_hand(word, step.by, step.at):
            problem = "the ledger says that somebody else did it, or at another moment"
        if problem := problem or _letter_problem(step):
            yield Difference(version.uid, step.uid, problem, "schedule")
    if steps and (problem := _status_problem(version, steps)):
        yield Difference(version.uid, version.uid, problem, "schedule")
    yield from _lost(version, told, "schedule")


def _letter_problem(step: VersionStep) -> str:
    """What the file says that came with a step, read whole."""
    try:
        if step.letter_hash or step.letter:
            step.read_letter()
    except Conflict:
        return "the agency's letter is not the file that was attached, or is gone"
    return ""


def _status_problem(version: WorkProcessSchedule, steps: Sequence[VersionStep]) -> str:
    """What a version shows against its steps; one that was brought in as it is has none before the first."""
    if version.status != steps[-1].status:
        return f"it shows the status {version.status}, and its newest step is {steps[-1].status}"
    approved: date | None = next((step.on for step in steps if step.status == Status.APPROVED), None)
    told_whole = steps[0].status != Status.RETIRED
    if told_whole and version.approved_on != approved:
        return f"it shows an approval on {version.approved_on}, and its steps {approved}"
    return ""


def _consent_problem(row: Consent, person: User, told: Told) -> str:
    word = told.pop(row.uid, None)
    if word is None:
        return "the ledger knows nothing of it"
    if word.act != row.act or not same_hand(word, person, row.at):
        return "the ledger says that something else was declared, or at another moment"
    return facts_problem(row.facts(), word.words) if word.words else ""


def _request_problem(request: ErasureRequest, word: Word | None) -> str:
    by, at = request.decided_by or request.asked_by, request.decided_at or request.asked_at
    if word and not same_hand(word, by, at):
        return "the ledger says that somebody else did it, or at another moment"
    return row_problem(word, request.facts(), "of this request to be forgotten")


def _lost(
    subject: Program | Sponsor | User | WorkProcessSchedule, told: Told, kind: str
) -> Iterator[Difference]:
    for thing, word in told.items():
        problem = f"the ledger tells of it ({word.act}), and the row is gone"
        yield Difference(subject.uid, thing, problem, kind)
