"""Finding a schedule by its RAPIDS code, and writing it blank into a file."""

from datetime import datetime
from pathlib import Path

from apprenticeship.models import Program
from apprenticeship.storages import write_whole
from competencies.codes import parse_rapids
from competencies.models import WorkProcessSchedule
from reports import documents, pdf


class Unknown(Exception):
    """No schedule is meant by what was typed; the message says what there is."""


def choose(code: str, *, sponsor: str = "") -> tuple[WorkProcessSchedule, str]:
    """The published schedule with this code in any spelling, and a remark for people or "".

    A registered code (1114CB) means the sponsor's version that bears it; the plain number, or a code that
    several sponsors registered, means the public framework. Raises Unknown.
    """
    parsed = parse_rapids(code)
    if parsed is None:
        raise Unknown(f"“{code[:40]}” is no RAPIDS code. Codes look like 1114, 1114CB or 0870CBV1.")
    published = WorkProcessSchedule.objects.filter(frozen=True).newest().coded(rapids=str(parsed))
    found = list(published.select_related("occupation", "sponsor", "rating_scale").order_by("pk"))
    if sponsor:
        found = [row for row in found if row.sponsor and row.sponsor.name.lower() == sponsor.strip().lower()]
    registered = [row for row in found if row.sponsor and parse_rapids(row.rapids_code) == parsed]
    public = [row for row in found if row.sponsor is None]
    if len(registered) == 1 or (registered and sponsor):
        return registered[-1], ""
    if public:
        return public[-1], _several(registered, str(parsed))
    if found:
        return found[-1], ""
    raise Unknown(_nothing(str(parsed), sponsor))


def _several(registered: list[WorkProcessSchedule], code: str) -> str:
    names = ", ".join(sorted({row.sponsor.name for row in registered if row.sponsor}))
    return f"{names} registered {code}: this is the public framework. --sponsor chooses one." if names else ""


def _nothing(code: str, sponsor: str) -> str:
    whose = f" of a sponsor called “{sponsor[:60]}”" if sponsor else ""
    return f"No published schedule{whose} has the RAPIDS code {code}. `manage.py load_standards` loads some."


def export(schedule: WorkProcessSchedule, target: str, *, now: datetime) -> int:
    """Write the PDF to `target`, whole or not at all; returns its pages. Raises OSError."""
    programs = list(Program.objects.filter(schedule=schedule)[:2])
    program = programs[0] if len(programs) == 1 else None
    document = documents.blank_schedule(schedule, program=program, by=None, now=now)
    sheets = [pdf.layout(section()) for section in document.sections]
    write_whole(Path(target), [pdf.join(sheets)])
    return sum(len(sheet.pages) for sheet in sheets)
