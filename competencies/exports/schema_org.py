"""What the public pages tell search engines in the words of schema.org."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.urls import reverse

from competencies.contents import Branch, FrameworkContents, ScheduleContents
from competencies.models import Framework, WorkProcessSchedule

Json = dict[str, Any]


def _said(**members: Any) -> Json:
    return {name: value for name, value in members.items() if value}


def of_schedule(schedule: WorkProcessSchedule, contents: ScheduleContents) -> Json:
    """The schedule as a work-based program, and what is learned in it as a set of terms."""
    page = settings.SITE_URL + reverse("schedule", args=[schedule.uid])
    rows = [row for function in contents.functions for row, _ in function.competencies]
    terms = [_term(f"{page}#{row.code}", row.title, row.code) for row in rows]
    program = {
        "@type": "WorkBasedProgram",
        "@id": page,
        "url": page,
        "name": schedule.title,
        **_said(
            description=schedule.context or schedule.purpose,
            identifier=f"RAPIDS {schedule.rapids_code}" if schedule.rapids_code else "",
            occupationalCategory=_category(schedule),
            timeToComplete=f"P{schedule.term_months}M" if schedule.term_months else "",
            programPrerequisites=schedule.prerequisites,
            hasCourse=[
                {"@type": "Course", "name": row.title, **_said(courseCode=row.code)}
                for row in contents.courses
            ],
            occupationalCredentialAwarded=[
                {"@type": "EducationalOccupationalCredential", "name": str(row)}
                for row in contents.credentials
            ],
        ),
    }
    learned = _set(f"{page}#learned", f"What is learned: {schedule.title}", page, terms)
    return {"@context": "https://schema.org", "@graph": [program, *([learned] if terms else [])]}


def _category(schedule: WorkProcessSchedule) -> Json | None:
    """The occupation under its O*NET-SOC code."""
    if not schedule.onet_code:
        return None
    return {
        "@type": "CategoryCode",
        "codeValue": schedule.onet_code,
        "name": schedule.occupation.title,
        "inCodeSet": {"@type": "CategoryCodeSet", "name": "O*NET-SOC"},
    }


def of_framework(framework: Framework, contents: FrameworkContents) -> Json:
    """The framework as a set of terms, a term for each statement."""
    page = settings.SITE_URL + reverse("framework", args=[framework.uid])
    terms = [
        _term(f"{page}#s{branch.row.position}", branch.row.text)
        for domain in contents.domains
        for branch in _leaves(domain)
    ]
    found = _set(page, framework.title, page, terms)
    publisher = {"@type": "Organization", "name": framework.publisher} if framework.publisher else None
    return {
        "@context": "https://schema.org",
        **found,
        **_said(description=framework.note, publisher=publisher),
    }


def _leaves(branch: Branch) -> Iterator[Branch]:
    if not branch.children:
        yield branch
    for child in branch.children:
        yield from _leaves(child)


def _set(address: str, name: str, page: str, terms: list[Json]) -> Json:
    return {"@type": "DefinedTermSet", "@id": address, "url": page, "name": name, "hasDefinedTerm": terms}


def _term(address: str, name: str, code: str = "") -> Json:
    return {"@type": "DefinedTerm", "@id": address, "name": name, **_said(termCode=code)}
