"""Programs of a sponsor, and the people registered in them."""

from apprenticeship.models.amendments import Amendment
from apprenticeship.models.apprentices import Apprentice
from apprenticeship.models.classes import Class
from apprenticeship.models.credits import Credit
from apprenticeship.models.holds import LegalHold
from apprenticeship.models.mentorships import Mentorship
from apprenticeship.models.private import Confided
from apprenticeship.models.probation import ProbationDecision
from apprenticeship.models.programs import Employer, Program
from apprenticeship.models.status import StatusChange
from apprenticeship.models.wage_steps import WageStep

__all__ = [
    "Amendment",
    "Apprentice",
    "Class",
    "Confided",
    "Credit",
    "Employer",
    "LegalHold",
    "Mentorship",
    "ProbationDecision",
    "Program",
    "StatusChange",
    "WageStep",
]
