"""The file, and the header of what was read from it."""

from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.fields import HoursField
from competencies import codes
from competencies.imports import outline as o
from competencies.imports.package import MOST_BYTES
from competencies.imports.recognise import read
from competencies.models import Approach

HOURS = ("minimum_ojt_minutes", "maximum_ojt_minutes", "minimum_ri_minutes", "maximum_ri_minutes")


class UploadForm(forms.Form):
    """One file. Its readings are in `readings` once it is valid; a refusal stands beside the file."""

    file = forms.FileField(
        label="File",
        help_text="A workbook (.xlsx, .ods, .csv), a Word document (.docx), RAPIDS or CASE JSON, or an "
        "export of ours. What it is, its content says.",
        error_messages={"required": "Choose the file that holds your schedule."},
    )

    readings: tuple[o.Reading, ...] = ()

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(f"A schedule has at most {MOST_BYTES // 1_000_000} MB.")
        try:
            self.readings = tuple(read(file.read(), name=file.name or "the file"))
        except o.Malformed as refusal:
            raise ValidationError(f"Nothing was stored. {refusal.message}", code=refusal.code) from refusal
        return file


class HeaderForm(forms.Form):
    """What stands at the head of the document, to be corrected before it is stored."""

    title = forms.CharField(max_length=200, error_messages={"required": "Write the occupation's title."})
    onet_code = forms.CharField(label="O*NET-SOC code", max_length=20, required=False)
    rapids_code = forms.CharField(label="RAPIDS code", max_length=20, required=False)
    approach = forms.ChoiceField(choices=[("", "Not stated"), *Approach.choices], required=False)
    term_months = forms.IntegerField(label="Term in months", min_value=1, max_value=600, required=False)
    minimum_ojt_minutes = HoursField(label="Hours on the job, at least", required=False)
    maximum_ojt_minutes = HoursField(label="Hours on the job, at most", required=False)
    minimum_ri_minutes = HoursField(label="Hours of related instruction, at least", required=False)
    maximum_ri_minutes = HoursField(label="Hours of related instruction, at most", required=False)
    ratio = forms.CharField(label="Ratio of apprentices to journeyworkers", max_length=200, required=False)

    @classmethod
    def of(cls, outline: o.ScheduleOutline, data: Any = None) -> "HeaderForm":
        """The form filled with what was read."""
        return cls(data, initial={name: getattr(outline, name) for name in cls.base_fields})

    def clean_onet_code(self) -> str:
        text = self.cleaned_data["onet_code"].strip()
        if text and codes.parse_onet(text) is None:
            raise ValidationError("Write the code like 29-2071.00.")
        return codes.normalise_onet(text)

    def clean_rapids_code(self) -> str:
        text = self.cleaned_data["rapids_code"].strip()
        code = codes.parse_rapids(text)
        if text and (code is None or len(str(code)) > 16):
            raise ValidationError("Write the code like 1114 or 1114CB.")
        return codes.normalise_rapids(text)

    def clean(self) -> dict[str, Any]:
        for part in ("ojt", "ri"):
            low, high = (self.cleaned_data.get(f"{end}_{part}_minutes") for end in ("minimum", "maximum"))
            if low and high and low > high:
                self.add_error(f"maximum_{part}_minutes", "Write as many hours as at least, or more.")
        return self.cleaned_data

    def corrected(self, outline: o.ScheduleOutline) -> o.ScheduleOutline:
        """The outline with the header of the form; the occupation's own codes follow it."""
        said = {name: self.cleaned_data[name] for name in self.fields}
        code = codes.parse_rapids(said["rapids_code"])
        occupation = replace(
            outline.occupation,
            title=said["title"],
            onet_code=said["onet_code"],
            rapids_code=code.digits if code else "",
        )
        return replace(outline, **said | {"approach": said["approach"] or None}, occupation=occupation)
