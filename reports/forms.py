"""Asking for a document: which, about whom, for which days."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import F
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.fields import DayField
from accounts.models import User
from apprenticeship.models import Apprentice, Employer, Program
from reports.models import OF_AN_APPRENTICE, DocumentKind

EXPLAINED = {
    DocumentKind.SCHEDULE: "What is learned, with dates, initials and ratings. Of a program: Appendix A.",
    DocumentKind.HOURS: "Every day of a period, who approved it and when, totals by job function and week.",
    DocumentKind.PROGRESS: "How far somebody is and what is missing, or everybody of a program.",
    DocumentKind.TRANSCRIPT: "Work, class and competencies so far: for a transfer, or for completion.",
    DocumentKind.SUMMARY: "A whole program on a page or two: who is where, what was done, what waits.",
    DocumentKind.WORKBOOK: "A whole program as XLSX: people, progress, hours, sign-offs, a sheet each.",
    DocumentKind.RECORD: "One person: papers, entries with their proof, files, and what checks them. A ZIP.",
}
MOST_NAMES = 200
"""So many apprentices are offered to choose from; reports on others start from their own pages."""


class AskForm(forms.Form):
    """What a page sends to start a report. Whom it is about comes as `apprentice`, `program` or `schedule`,
    each a uid, or from the list as `about`, e.g. `program:<uid>`, or `each:<uid>` for a file for each of a
    program; of a program perhaps only the apprentices of an `employer`, in `about` a second uid."""

    document = forms.ChoiceField(choices=DocumentKind.choices)
    apprentice = forms.UUIDField(required=False)
    program = forms.UUIDField(required=False)
    schedule = forms.UUIDField(required=False)
    employer = forms.UUIDField(required=False)
    about = forms.CharField(required=False, max_length=90)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from"] = DayField(
            label="From", required=False, help_text="Lists begin here; empty: from the start."
        )
        self.fields["to"] = DayField(
            label="To", required=False, help_text="Figures are as of this day; empty: today."
        )

    def clean_about(self) -> dict[str, UUID]:
        """The kind and the uid, or nothing."""
        kind, _, uids = str(self.cleaned_data["about"]).partition(":")
        if not kind:
            return {}
        uid, _, employer = uids.partition(":")
        try:
            if employer:
                self.cleaned_data["employer"] = UUID(employer)
            return {{"apprentice": "apprentice", "program": "program", "each": "each"}[kind]: UUID(uid)}
        except (KeyError, ValueError):
            raise forms.ValidationError("Choose somebody of the list.") from None

    @property
    def subject(self) -> tuple[str, UUID] | None:
        """`("program", uid)`, `("each", uid)`, `("apprentice", uid)` or `("schedule", uid)`; None unless one
        was named."""
        said = {name: self.cleaned_data.get(name) for name in ("apprentice", "program", "schedule")}
        said |= self.cleaned_data.get("about") or {}
        named = [(name, uid) for name, uid in said.items() if uid]
        return named[0] if len(named) == 1 else None


class AskOnPageForm(AskForm):
    """The form of the reports page, with the people and programs that one may choose."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("apprentice", "program", "schedule", "employer"):
            del self.fields[name]
        choices = [(label, options) for label, options in _groups(user) if options]
        self.fields["document"].widget = forms.RadioSelect(
            choices=[(one, _told(one)) for one in _documents(choices)]
        )
        self.fields["document"].initial = DocumentKind.PROGRESS
        self.fields["about"] = forms.CharField(
            label="About",
            widget=forms.Select(choices=choices),
            error_messages={"required": "Name one apprentice or one program."},
        )
        self.order_fields(["document", "about", "from", "to"])
        self.has_choices = bool(choices)


def _documents(choices: list[tuple[str, list[tuple[str, str]]]]) -> tuple[DocumentKind, ...]:
    """What there is of those one may choose: of apprentices alone nothing that only a program has."""
    whole = any(value.startswith("program:") for _, options in choices for value, _ in options)
    return tuple(DocumentKind) if whole else OF_AN_APPRENTICE


def _told(kind: DocumentKind) -> SafeString:
    return format_html("<span><b>{}</b><small>{}</small></span>", kind.label, EXPLAINED[kind])


def _groups(user: User) -> list[tuple[str, list[tuple[str, str]]]]:
    """Programs first, then the apprentices of one employer, then apprentices by name."""
    programs = Program.objects.coordinated_by(user).order_by("name", "pk")
    people = Apprentice.objects.record_visible_to(user).select_related("user", "program")
    named = people.order_by("user__name", "pk")[:MOST_NAMES]
    return [
        ("Programs, one paper", [(f"program:{program.uid}", str(program)) for program in programs]),
        ("A file for each, in a ZIP", [(f"each:{one.uid}", f"Everybody in {one}") for one in programs]),
        ("Apprentices of one employer", _of_employers(user)),
        ("Apprentices", [(f"apprentice:{one.uid}", f"{one}, {one.program}") for one in named]),
    ]


def _of_employers(user: User) -> list[tuple[str, str]]:
    """Programs in which employers that `user` sees have apprentices: one paper, or a file for each."""
    seen = Employer.objects.visible_to(user).filter(apprentice__program__sponsor=F("sponsor"))
    names = ("apprentice__program__name", "name", "apprentice__program__uid", "uid")
    found = seen.order_by(*names).values_list(*names).distinct()[:MOST_NAMES]
    return [
        (f"{kind}:{program_uid}:{uid}", f"{program}, apprentices at {name}{files}")
        for program, name, program_uid, uid in found
        for kind, files in (("program", ""), ("each", ", a file for each"))
    ]
