"""Starting a program from a published schedule, and what may be set later."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.fields import HoursField
from accounts.forms import zone_choices
from accounts.models import Sponsor, User
from apprenticeship.models import Program
from competencies import codes
from competencies.imports.outline import CourseOutline
from competencies.models import Approach, Competency, RatingScale, WorkProcessSchedule

MOST_COURSES = 60


def code_of(schedule: WorkProcessSchedule) -> str:
    """The RAPIDS code that the schedule bears, or its occupation's."""
    return schedule.rapids_code or schedule.occupation.rapids_code


def read_courses(text: str) -> list[CourseOutline]:
    """Courses, one a line: title; hours, with a code before where there is one. Raises ValidationError."""
    found, problems = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        parts = [part.strip() for part in line.replace("\t", ";").split(";") if part.strip()]
        if not parts:
            continue
        try:
            found.append(_course(parts))
        except ValidationError as problem:
            problems.append(f"Line {number}: {problem.messages[0]}")
    if len(found) > MOST_COURSES:
        problems.append(f"These are {len(found)} courses; a schedule takes {MOST_COURSES}.")
    if problems:
        raise ValidationError(problems)
    return found


def _course(parts: list[str]) -> CourseOutline:
    minutes = None
    if parts[-1][:1].isdigit() and len(parts) > 1:
        minutes = HoursField().clean(parts.pop())
    if len(parts) > 2:
        raise ValidationError("Write at most code; title; hours.")
    code, title = parts if len(parts) == 2 else ("", parts[0])
    if len(title) > 200 or len(code) > 40:
        raise ValidationError("Write at most 200 characters for the title and 40 for the code.")
    return CourseOutline(title=title, code=code, ri_minutes=minutes)


class _Rules(forms.ModelForm):
    """What starting a program and changing it have in common.

    `unmarked` fields are not called optional: whether they may stay empty depends on approach and schedule,
    and the words beside them say so.
    """

    unmarked = frozenset({"ojt_minutes_required", "rating_scale", "rapids_code"})

    ojt_minutes_required = HoursField(label="On-the-job hours", required=False)
    ri_minutes_required = HoursField(label="Related instruction hours", required=False)
    rating_scale = forms.ModelChoiceField(
        RatingScale.objects.filter(chosen_by_sponsor=True),
        required=False,
        empty_label="None chosen",
        help_text="How mentors rate performance standards: the schedule prints no scale. "
        "Not needed where hours alone complete the program.",
    )
    time_zone = forms.ChoiceField(
        choices=zone_choices, help_text="Which day it is for the program: dues, weeks and papers."
    )

    def set_up(self, schedule: WorkProcessSchedule) -> None:
        """Says beside the fields what the schedule states."""
        self.schedule = schedule
        if schedule.rating_scale:
            del self.fields["rating_scale"]
        for name, stated in (
            ("ojt_minutes_required", schedule.minimum_ojt_minutes),
            ("ri_minutes_required", schedule.ri_minutes),
        ):
            if stated:
                hours = f"{stated / 60:,g}"
                self.fields[name].help_text = f"Empty: {hours}, as the schedule states."
            elif name == "ojt_minutes_required":
                self.fields[name].help_text = "Needed for time-based and hybrid programs."

    def clean_rapids_code(self) -> str:
        code = str(self.cleaned_data["rapids_code"]).strip()
        if code and not codes.parse_rapids(code):
            raise ValidationError("This is not a RAPIDS code. Write it like 1114, 1114CB or 0870HY.")
        return codes.normalise_rapids(code)

    def check_needs(self, approach: str | None) -> None:
        """Which of the optional fields the approach needs."""
        said = self.cleaned_data
        hours = said.get("ojt_minutes_required") or self.schedule.minimum_ojt_minutes
        field = "ojt_minutes_required"
        if approach in (Approach.TIME, Approach.HYBRID) and not hours and field not in self.errors:
            self.add_error(field, "Write the hours of the term: this approach is completed by hours.")
        signed = approach in (Approach.COMPETENCY, Approach.HYBRID)
        if signed and not Competency.objects.filter(job_function__schedule=self.schedule).exists():
            self.add_error(
                "approach" if "approach" in self.fields else None,
                "This schedule lists no competencies to sign. Choose the time-based approach, "
                "or adapt the schedule first.",
            )
        field = "rating_scale"
        unrated = field in self.fields and not said.get(field) and field not in self.errors
        if unrated and approach in (Approach.COMPETENCY, Approach.HYBRID):
            self.add_error(field, "Choose one: in this approach performance standards are signed.")

    def check_name(self, sponsor: Sponsor | None) -> None:
        """No two programs of a sponsor have one name."""
        name = self.cleaned_data.get("name")
        if sponsor and sponsor.programs.exclude(pk=self.instance.pk).filter(name=name).exists():
            self.add_error("name", f"{sponsor} has a program of this name already. Choose another one.")


LABELS = {
    "name": "Name of the program",
    "rapids_code": "RAPIDS code",
    "program_number": "Program number",
    "term_months": "Term in months",
    "figures_note": "Note",
}
HELP = {
    "name": "As your people call it, for example Medical coders.",
    "program_number": "As the registration agency gave it; it can follow later.",
    "figures_note": "Printed beside the program's figures.",
}


class NewProgramForm(_Rules):
    """A program from one published schedule."""

    courses = forms.CharField(
        label="Courses of related instruction",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "MC 101; Medical coding I; 72"}),
        help_text="One a line: code; title; hours. Code and hours may be missing.",
    )

    class Meta:
        model = Program
        fields = (
            "sponsor",
            "name",
            "approach",
            "rating_scale",
            "term_months",
            "ojt_minutes_required",
            "ri_minutes_required",
            "rapids_code",
            "program_number",
            "time_zone",
            "figures_note",
        )
        labels, help_texts = LABELS, HELP

    def __init__(self, user: User, schedule: WorkProcessSchedule, data: Any = None) -> None:
        mine = Sponsor.objects.managed_by(user).order_by("name")
        mine = mine.filter(pk=schedule.sponsor_id) if schedule.sponsor_id else mine
        first = {
            "sponsor": mine[0] if len(mine[:2]) == 1 else None,
            "approach": schedule.approach,
            "rapids_code": _code(schedule, schedule.approach) if schedule.approach else "",
            "time_zone": user.time_zone,
            "term_months": _term(schedule),
        }
        super().__init__(data, initial=first)
        self.set_up(schedule)
        self.fields["sponsor"] = forms.ModelChoiceField(mine, empty_label="Choose …")
        if first["sponsor"]:
            self.fields["sponsor"].widget = forms.HiddenInput()
        self.fields["approach"] = forms.ChoiceField(
            choices=Approach.choices, widget=forms.RadioSelect, help_text=_approach_help(schedule)
        )
        self.fields["rapids_code"].help_text = _code_help(schedule)
        if schedule.courses.exists():
            del self.fields["courses"]
        self.order_fields([*self.Meta.fields[:7], "courses", *self.Meta.fields[7:]])

    def clean_courses(self) -> list[CourseOutline]:
        return read_courses(str(self.cleaned_data["courses"]))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        approach = said.get("approach")
        if approach and not said.get("rapids_code") and "rapids_code" not in self.errors:
            said["rapids_code"] = _code(self.schedule, approach)
        self.check_needs(approach)
        self.check_name(said.get("sponsor"))
        return said

    def start(self, *, by: User, now: datetime) -> Program:
        """The program that the form describes."""
        said = dict(self.cleaned_data)
        return Program.objects.start(said.pop("sponsor"), self.schedule, by=by, now=now, **said)


MINUTES_A_MONTH = 2000 * 60 / 12
"""A year of work is about 2,000 hours (29 CFR 29.5(b)(2))."""


def _term(schedule: WorkProcessSchedule) -> int:
    """Months: as the schedule states them, else as many as its hours take, else a year."""
    by_hours = round((schedule.minimum_ojt_minutes or 0) / MINUTES_A_MONTH)
    return schedule.term_months or max(12, by_hours)


def _approach_help(schedule: WorkProcessSchedule) -> str:
    stated = schedule.get_approach_display() if schedule.approach else ""
    return f"The schedule states: {stated.lower()}." if stated else "The schedule leaves it to you."


SUFFIX = {Approach.COMPETENCY: "CB", Approach.HYBRID: "HY"}


def _code(schedule: WorkProcessSchedule, approach: str) -> str:
    """The code of the occupation as programs of this approach are registered, "" where it has none."""
    code = codes.parse_rapids(code_of(schedule))
    if code is None or (schedule.rapids_code and approach == schedule.approach):
        return code_of(schedule)
    return f"{code.digits}{SUFFIX.get(Approach(approach), '')}"


def _code_help(schedule: WorkProcessSchedule) -> str:
    code = codes.parse_rapids(code_of(schedule))
    if code is None:
        return "As the registration agency lists the occupation; it can follow later."
    order = (Approach.COMPETENCY, Approach.HYBRID, Approach.TIME)
    ways = ", ".join(f"{_code(schedule, way)} {way.label.lower()}" for way in order)
    return f"As the agency lists it: {ways}. Left empty, it follows from the approach."


WITH_PEOPLE = (
    "rating_scale",
    "term_months",
    "minimum_months",
    "ojt_minutes_required",
    "ri_minutes_required",
    "function_hours_bind",
)
"""What everybody's progress is measured by: it stays as it is once somebody is registered."""


REPORTING = ("reporting_period", "reporting_first_day", "reporting_due_days", "reporting_grace_days")


class SettingsForm(_Rules):
    """What may be changed of a program; fixed fields are shown and not read."""

    class Meta:
        model = Program
        fields = (
            "name",
            "rapids_code",
            "program_number",
            "time_zone",
            "figures_note",
            "takes_files",
            "review_months",
            "review_minutes",
            *REPORTING,
            "term_months",
            "minimum_months",
            "ojt_minutes_required",
            "ri_minutes_required",
            "function_hours_bind",
            "rating_scale",
        )
        labels = LABELS | {
            "minimum_months": "At least, months on the job",
            "takes_files": "Photos and files may be attached to hours",
            "review_months": "A periodic review every so many months",
            "reporting_period": "Hours are handed in for",
            "reporting_first_day": "Two weeks begin on",
            "reporting_due_days": "Due, days after the period ends",
            "reporting_grace_days": "Grace, in days",
            "function_hours_bind": "The hours of each job function are required, not only the total",
        }
        help_texts = HELP | {
            "takes_files": "Off at first for health occupations: a photo can show a patient's name or chart.",
            "review_months": "As your standards say. Empty: months make none due (29 CFR 29.5(b)(6)).",
        }
        widgets = {"reporting_first_day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    review_minutes = HoursField(
        label="A periodic review after so many hours of work",
        required=False,
        help_text="Whichever of the two comes first. Empty: hours make none due.",
    )

    def __init__(self, *args: Any, editable: bool, has_people: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_up(self.instance.schedule)
        if self.instance.approach != Approach.TIME:
            del self.fields["function_hours_bind"]
        for name, field in self.fields.items():
            field.disabled = not editable or (has_people and name in WITH_PEOPLE)

    def basics(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in (*WITH_PEOPLE, *REPORTING)]

    def reporting(self) -> list[forms.BoundField]:
        return [self[name] for name in REPORTING]

    def measures(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name in WITH_PEOPLE]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        self.check_needs(self.instance.approach)
        self.check_name(self.instance.sponsor)
        return said

    def record(self, *, by: User) -> None:
        """Set the program as this valid form says."""
        self.instance.change(by=by, now=timezone.now(), **self.cleaned_data)
