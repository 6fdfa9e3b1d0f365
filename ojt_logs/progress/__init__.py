"""How far an apprentice is: the only place that knows what “63 %” means.

Durations are minutes, dates calendar days. 29 CFR 29.5(b)(2) names the three approaches. `counting` says what
counts, `result` what it amounts to and what is missing, `days` when it was reached, `plan` what was expected
by when, `reading` asks the database. Pages, API, papers and tables all show the same result.
"""

from accounts.dates import add_months
from ojt_logs.progress.counting import (
    CompetencyProgress,
    CourseProgress,
    Elections,
    FunctionProgress,
    Minutes,
    StandardProgress,
)
from ojt_logs.progress.days import countable, met_days
from ojt_logs.progress.plan import Pace, days_out, elapsed_days, plan_days
from ojt_logs.progress.reading import passes_of, progress, progress_of
from ojt_logs.progress.result import Progress

__all__ = [
    "CompetencyProgress",
    "CourseProgress",
    "Elections",
    "FunctionProgress",
    "Minutes",
    "Pace",
    "Progress",
    "StandardProgress",
    "add_months",
    "countable",
    "days_out",
    "elapsed_days",
    "met_days",
    "passes_of",
    "plan_days",
    "progress",
    "progress_of",
]
