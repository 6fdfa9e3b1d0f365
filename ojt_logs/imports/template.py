"""The workbook that we supply for bringing the history: a page to read, and sheets to fill in."""

from collections.abc import Iterable
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from accounts.models import Sponsor, User
from accounts.tables import UNWRITABLE, is_hostile
from apprenticeship.models import Apprentice

README = (
    "History on paper, to be brought into Journeybook.",
    "Roster: whose history it is. Everybody is registered already; those who are stand there.",
    "Hours: a row a day, or a row for the total of a month. Fill in Day or Month, never both. The total of a "
    "month may exceed a day; it is marked as carried over. Time is written as 8, 7:30, 7.5 or 450 min.",
    "Job function: its number or title. Competency: its code, like 2g, or empty. Course: its code or title, "
    "where the row is class time.",
    "Sign-offs: a row a signature on paper, with its day, the initials and the name of whoever signed. "
    "Standard: its number, or empty for all standards of the competency. Rating: as the program's scale has "
    "it. The record says who signed on paper and who copied it.",
    "Only what happened since the start of the apprenticeship: earlier experience is credit.",
    "You see what would come in, row by row, before anything is written. Then a coordinator of the sponsor "
    "compares the workbook with the papers and attests to it. The hours count, are shown as from paper, and "
    "are never called observed. They stay on the record: what is wrong is corrected, not deleted.",
    "No patient names, numbers or chart images, in no cell.",
)
ROSTER = ("Name", "E-mail", "Registration number", "Program", "Start date")
HOURS = ("Name", "E-mail", "Day", "Month", "Job function", "Competency", "Course", "Time", "Note")
SIGNED = (
    "Name",
    "E-mail",
    "Competency",
    "Standard",
    "Rating",
    "Day",
    "Initials",
    "Signed by",
    "Note",
)
WIDTH = 20


def template(sponsor: Sponsor, *, by: User) -> bytes:
    """The workbook with the apprentices of this sponsor that `by` decides about in its roster."""
    people = Apprentice.objects.decided_by(by).filter(program__sponsor=sponsor)
    rows = people.select_related("user", "program").order_by("user__name", "pk")
    book = Workbook()
    page = book.active
    if page is None:
        raise TypeError("A workbook begins with a sheet.")
    page.title = "README"
    page.column_dimensions["A"].width = 100
    for words in README:
        page.append([words])
    for (cell,) in page.iter_rows():
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    page["A1"].font = Font(bold=True)
    _sheet(book, "Roster", ROSTER, (_of(one) for one in rows))
    _sheet(book, "Hours", HOURS, ())
    _sheet(book, "Sign-offs", SIGNED, ())
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def _of(one: Apprentice) -> list[str]:
    start = one.started_on.isoformat()
    return [one.user.name, one.user.email, one.registration_number, one.program.name, start]


def _sheet(book: Workbook, title: str, headings: tuple[str, ...], rows: Iterable[list[str]]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append(headings)
    for place, cell in enumerate(sheet[1], start=1):
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = WIDTH
    for row in rows:
        sheet.append([UNWRITABLE.sub("", text) for text in row])
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s"
            cell.quotePrefix = is_hostile(str(cell.value or ""))
