"""What was done: hours with their states, the totals kept of them, and what was signed."""

from ojt_logs.models.attestations import Attestation, Method
from ojt_logs.models.batches import HoursBatch, RememberedColumns
from ojt_logs.models.comments import Comment
from ojt_logs.models.course_results import CourseResult
from ojt_logs.models.disposals import Certificate, Disposal, ErasureRequest
from ojt_logs.models.evidence import Evidence
from ojt_logs.models.hours import HoursEntry
from ojt_logs.models.lines import Kind, Line, Source
from ojt_logs.models.moves import InvalidTransition, State
from ojt_logs.models.no_work import NoWorkPeriod, days_without_work, on_leave
from ojt_logs.models.notices import Notice
from ojt_logs.models.outside import AttestationAnswer, AttestationLink, OutsideAttestation, OutsideRating
from ojt_logs.models.payroll import PaidHours, PayrollExplanation, PayrollFile
from ojt_logs.models.privacy import PrivacyReport
from ojt_logs.models.ratings import Authentication, Origin, Rating
from ojt_logs.models.receipts import Receipt
from ojt_logs.models.recounts import Recount
from ojt_logs.models.requests import Asked, SelfRating, SignOffRequest
from ojt_logs.models.reviews import PeriodicReview, ReviewAnswer
from ojt_logs.models.scans import Scan
from ojt_logs.models.sign_off_comments import SignOffComment
from ojt_logs.models.sign_offs import SignOff
from ojt_logs.models.totals import HoursTotal
from ojt_logs.models.typed import Typed
from ojt_logs.models.wage_decisions import WageDecision

__all__ = [
    "Asked",
    "Attestation",
    "AttestationAnswer",
    "AttestationLink",
    "Authentication",
    "Certificate",
    "Comment",
    "CourseResult",
    "Disposal",
    "ErasureRequest",
    "Evidence",
    "HoursBatch",
    "HoursEntry",
    "HoursTotal",
    "InvalidTransition",
    "Kind",
    "Line",
    "Method",
    "NoWorkPeriod",
    "Notice",
    "Origin",
    "OutsideAttestation",
    "OutsideRating",
    "PaidHours",
    "PayrollExplanation",
    "PayrollFile",
    "PeriodicReview",
    "PrivacyReport",
    "Rating",
    "Receipt",
    "Recount",
    "RememberedColumns",
    "ReviewAnswer",
    "Scan",
    "SelfRating",
    "SignOff",
    "SignOffComment",
    "SignOffRequest",
    "Source",
    "State",
    "Typed",
    "WageDecision",
    "days_without_work",
    "on_leave",
]
