"""A schedule or framework as CASE describes it from outside: the CFDocument and its subject."""

import re

from competencies.case.vocabulary import MADE
from competencies.case.writing import Json, Version, license_of, moment, more, one_line, said
from competencies.exports import tree as t
from competencies.models import Framework, Status, WorkProcessSchedule

ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;)]")
ADOPTION = {
    Status.DRAFT.value: "Private Draft",
    Status.SUBMITTED.value: "Draft",
    Status.PUBLISHED.value: "Adopted",
    Status.APPROVED.value: "Adopted",
    Status.RETIRED.value: "Deprecated",
}
FRAMEWORK_TYPES = {"schedule": "Work Process Schedule", "framework": "Competency Framework"}


def document(version: Version, tree: t.Tree) -> Json:
    """The CFDocument as it stands in a package."""
    return _document(version, tree.document, changed=moment(tree.changed))


def alone(version: Version, one: t.Document) -> Json:
    """The CFDocument of a published version as it is answered alone: with the address of its package."""
    if one.published_at is None:
        raise ValueError(f"{one} is not published")
    package = {"CFPackageURI": version.link("CFPackages", one.uid, one.title)}
    return _document(version, one, changed=moment(one.published_at)) | package


def _document(version: Version, one: t.Document, *, changed: str) -> Json:
    schedule = one if isinstance(one, WorkProcessSchedule) else None
    found = ADDRESS.search(one.source)
    later = {"frameworkType": FRAMEWORK_TYPES[t.kind_of(one)], "caseVersion": "1.1"} if version.later else {}
    return said(
        identifier=str(one.uid),
        uri=version.address("CFDocuments", one.uid),
        creator=publisher(one) or "Not stated in the source",
        title=one.title,
        lastChangeDateTime=changed,
        officialSourceURL=found[0] if found else "",
        publisher=publisher(one),
        description=schedule.context if schedule else "",
        subject=[one_line(schedule.occupation.title)] if schedule else [],
        subjectURI=[_subject_link(version, schedule)] if schedule else [],
        language="en-US",
        version=str(one.version),
        adoptionStatus=ADOPTION[one.status],
        statusStartDate=one.published_at.date().isoformat() if one.published_at else "",
        licenseURI=license_of(version),
        **later,
        **more(version, _notes(one), t.facts_of(one)),
    )


def publisher(one: t.Document) -> str:
    """Who gives the document out, as far as it is known."""
    if isinstance(one, Framework):
        return one.publisher
    return one.sponsor.name if one.sponsor else ""


def _notes(one: t.Document) -> str:
    if isinstance(one, Framework):
        return "\n".join(filter(None, (one.note, one.source)))
    rapids = one.rapids_code or one.occupation.rapids_code
    onet = one.onet_code or one.occupation.onet_code
    codes = (rapids and f"RAPIDS code: {rapids}", onet and f"O*NET-SOC code: {onet}")
    return "\n".join(filter(None, (*codes, one.source)))


def _subject_link(version: Version, schedule: WorkProcessSchedule) -> Json:
    return version.link("CFSubjects", schedule.occupation.uid, schedule.occupation.title)


def subject(version: Version, one: t.Document) -> Json | None:
    """The occupation as a CFSubject, under its O*NET-SOC code, or its RAPIDS code, or none."""
    if isinstance(one, Framework):
        return None
    occupation = one.occupation
    return _subject_link(version, one) | {
        "hierarchyCode": occupation.onet_code or occupation.rapids_code or "0",
        "lastChangeDateTime": MADE,
    }
