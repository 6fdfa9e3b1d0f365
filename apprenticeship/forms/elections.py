"""What of the optional counts: job functions, and competencies within them."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html

from accounts.models import User
from accounts.refusals import Conflict
from apprenticeship.models import Apprentice, Program
from competencies.models import Competency, JobFunction

Row = JobFunction | Competency
BOXES = ("function-", "competency-")
"""How the names of boxes begin; the lineage follows, which is the same in a new version."""


class OfferField(forms.BooleanField):
    """One job function or competency to elect; `fixed` where the program elects it for everybody."""

    def __init__(self, row: Row, *, chosen: bool, fixed: bool, editable: bool) -> None:
        label = _function_label(row) if isinstance(row, JobFunction) else _competency_label(row)
        if fixed:
            label = format_html("{} (elected by the program)", label)
        super().__init__(label=label, required=False, initial=chosen or fixed, disabled=fixed or not editable)
        self.row, self.fixed = row, fixed


class ElectionsForm(forms.Form):
    """What is elected by a program for everybody, or in the agreement of one apprentice beyond that."""

    def __init__(self, subject: Program | Apprentice, *args: Any, editable: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subject = subject
        self.groups: list[tuple[JobFunction, list[str]]] = []
        own = _lineages(subject)
        program = _lineages(subject.program) if isinstance(subject, Apprentice) else set()
        for function in subject.schedule.job_functions.prefetch_related("competencies").order_by("number"):
            rows: list[Row] = [] if function.core else [function]
            rows += [row for row in function.competencies.all() if not row.required]
            for row in rows:
                self.fields[_name(row)] = OfferField(
                    row, chosen=row.lineage in own, fixed=row.lineage in program, editable=editable
                )
            if rows:
                self.groups.append((function, [_name(row) for row in rows]))

    def clean(self) -> None:
        """Raises Conflict for a box that is not on offer: the page is of another version."""
        if any(name.startswith(BOXES) and name not in self.fields for name in self.data):
            raise Conflict(
                "The schedule has changed since this page was opened, and nothing was saved. Open the page "
                "again and choose anew.",
                code="elections_stale",
            )

    def offers(self) -> list[tuple[JobFunction, list[forms.BoundField]]]:
        """The job functions with something to elect, and its fields."""
        return [(function, [self[name] for name in names]) for function, names in self.groups]

    def save(self, *, by: User) -> None:
        offers = [(field, self.cleaned_data[name]) for name, field in self.fields.items()]
        chosen = [field.row for field, said in offers if said and not field.fixed]  # type: ignore[attr-defined]
        self.subject.elect(
            [row for row in chosen if isinstance(row, JobFunction)],
            [row for row in chosen if isinstance(row, Competency)],
            by=by,
            now=timezone.now(),
        )


def _competency_label(row: Competency) -> str:
    return format_html('<span class="code">{}</span> {}', row.code, row.title)


def _function_label(row: JobFunction) -> str:
    """To elect a job function asks for its required competencies; optional ones are elected one by one."""
    required = [one.code for one in row.competencies.all() if one.required]
    return f"The job function, with what it requires ({', '.join(required) or 'no competency'})"


def _name(row: Row) -> str:
    function, competency = BOXES
    return f"{function if isinstance(row, JobFunction) else competency}{row.lineage}"


def _lineages(subject: Program | Apprentice) -> set[Any]:
    functions = subject.elected_functions.values_list("lineage", flat=True)
    competencies = subject.elected_competencies.values_list("lineage", flat=True)
    return {*functions, *competencies}
