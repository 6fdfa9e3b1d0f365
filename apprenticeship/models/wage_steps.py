"""The wage schedule of a program: progressively increasing wages (29 CFR 29.5(b)(5))."""

from decimal import ROUND_HALF_UP
from typing import Any

from django.db import models
from django.db.models import Q

from apprenticeship.models.programs import Program


class WageStep(models.Model):
    """One step of a program's wage schedule, and what opens it.

    All of `from_minutes` (approved on-the-job training), `from_months` (since the start) and
    `from_competencies` (achieved) that are stated must be reached; the first step states none. The wage is
    `percent` of the journeyworker wage, or `cents` an hour.
    """

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="wage_steps")
    number = models.PositiveSmallIntegerField()
    from_minutes = models.PositiveIntegerField(null=True, blank=True)
    from_months = models.PositiveSmallIntegerField(null=True, blank=True)
    from_competencies = models.PositiveSmallIntegerField(null=True, blank=True)
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    cents = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["program", "number"]
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="wage_step_once"),
            models.CheckConstraint(
                condition=Q(percent__isnull=False, percent__gt=0, percent__lte=100, cents=None)
                | Q(percent=None, cents__isnull=False, cents__gt=0),
                name="wage_step_one_wage",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="wage_step_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.program}: wage step {self.number}"

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this step; per cent as text with two digits, the step's one spelling."""
        return {
            "number": self.number,
            "from_minutes": self.from_minutes,
            "from_months": self.from_months,
            "from_competencies": self.from_competencies,
            "percent": None if self.percent is None else f"{self.percent:.2f}",
            "cents": self.cents,
        }

    @property
    def dollars(self) -> str:
        """“$21.50”, "" where the step is in per cent."""
        return f"${self.cents / 100:,.2f}" if self.cents else ""

    def cents_an_hour(self, journeyworker: int | None) -> int | None:
        """What the step pays when a journeyworker earns `journeyworker` cents an hour; None where that is
        not stated. Half a cent is rounded up."""
        if self.cents is not None or self.percent is None:
            return self.cents
        if journeyworker is None:
            return None
        return int((self.percent * journeyworker / 100).to_integral_value(ROUND_HALF_UP))
