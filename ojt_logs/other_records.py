"""The records of programs and of people: do the rows still say what their chains say?

A program's chain tells what it states and elects, and its classes; a person's chain their consent to
electronic records and their qualifications. What differs is read again under the lock that the acts take
first, as in ojt_logs.record.
"""

from collections.abc import Iterator

from django.db import transaction

from accounts.models import Consent, User
from apprenticeship.models import Program
from ledger import chain
from ojt_logs.told import Difference, Told, facts_problem, row_problem, same_hand, told_of


def compare() -> Iterator[Difference]:
    """Every difference, program by program and person by person."""
    for program in (
        Program.objects.everyone().select_related("sponsor", "schedule", "rating_scale").order_by("pk")
    ):
        if any(_of_program(program)):
            with transaction.atomic():
                program.take()
                yield from list(_of_program(Program.objects.everyone().get(pk=program.pk)))
    for person in list(User.objects.order_by("pk")):
        if any(_of_person(person)):
            with transaction.atomic():
                User.objects.select_for_update().get(pk=person.pk)
                chain.lock([person.uid])
                yield from list(_of_person(person))


def _of_program(program: Program) -> Iterator[Difference]:
    told = told_of(program.uid, ("program.",))
    if problem := row_problem(told.pop(program.uid, None), program.facts(), "of this program"):
        yield Difference(program.uid, program.uid, problem, "program")
    for taught in program.classes.select_related("program", "course", "instructor"):
        if problem := row_problem(told.pop(taught.uid, None), taught.facts(), "of this class"):
            yield Difference(program.uid, taught.uid, problem, "program")
    yield from _lost(program, told, "program")


def _of_person(person: User) -> Iterator[Difference]:
    told = told_of(person.uid, ("consent.", "qualification."))
    for row in Consent.objects.filter(user=person):
        if problem := _consent_problem(row, person, told):
            yield Difference(person.uid, row.uid, problem, "person")
    for held in person.memberships.select_related("sponsor"):
        word = told.pop(held.uid, None)
        unsaid = word is None and not held.states_qualification
        if not unsaid and (problem := row_problem(word, held.facts(), "of this qualification")):
            yield Difference(person.uid, held.uid, problem, "person")
    yield from _lost(person, told, "person")


def _consent_problem(row: Consent, person: User, told: Told) -> str:
    word = told.pop(row.uid, None)
    if word is None:
        return "the ledger knows nothing of it"
    if word.act != row.act or not same_hand(word, person, row.at):
        return "the ledger says that something else was declared, or at another moment"
    return facts_problem(row.facts(), word.words) if word.words else ""


def _lost(subject: Program | User, told: Told, kind: str) -> Iterator[Difference]:
    for thing, word in told.items():
        problem = f"the ledger tells of it ({word.act}), and the row is gone"
        yield Difference(subject.uid, thing, problem, kind)
