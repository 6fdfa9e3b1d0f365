"""Fields that forms of several packages share."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

MOST_HOURS = 50_000


class DayField(forms.DateField):
    """A day, chosen from a calendar where the browser has one."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {"invalid": "Write the day like 2026-11-20.", "required": "Choose the day."}


class HoursField(forms.Field):
    """Hours as people write them in standards, “2,000” or “14.5”; the value is minutes, None for nothing."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        return f"{Decimal(value) / 60:g}" if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        if isinstance(value, int):  # a fixed field gives its minutes back
            return value
        try:
            minutes = Decimal(str(value).replace(",", "").strip()) * 60
        except InvalidOperation:
            raise ValidationError("Write the hours as a number, like 2,000.") from None
        if not minutes.is_finite() or not 0 < minutes <= MOST_HOURS * 60:
            raise ValidationError(f"Write hours above 0, up to {MOST_HOURS:,}.")
        return int(minutes)


class LinesField(forms.Field):
    """A list, a line an item; the value is the lines that say something, without spaces around them."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[Any]:
        if "\x00" in str(value):
            raise ValidationError("Leave out the character that cannot be seen (a NUL).", code="nul")
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]


class RowsField(LinesField):
    """Rows of a small table, a line a row, cells between bars: “1st 6 months | 1,000 hours | 50 %”.

    The value is a list of lists of `cells` texts; cells that are missing at the end of a line are "".
    """

    def __init__(self, *, cells: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cells = cells

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(" | ".join(map(str, row)).rstrip(" |") for row in value)

    def to_python(self, value: Any) -> list[Any]:
        rows = [[cell.strip() for cell in line.split("|")] for line in super().to_python(value)]
        if long := next((number for number, row in enumerate(rows, start=1) if len(row) > self.cells), None):
            raise ValidationError(f"Line {long} has more than {self.cells} parts. Write them between bars.")
        return [row + [""] * (self.cells - len(row)) for row in rows]
