"""REST addresses of this package."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from ojt_logs.api.amendments import AmendmentViewSet
from ojt_logs.api.attendance import AttendanceViewSet
from ojt_logs.api.attestation_links import AttestationLinkViewSet
from ojt_logs.api.batch import HoursBatch
from ojt_logs.api.behalf import BehalfView
from ojt_logs.api.course_results import CourseResultViewSet
from ojt_logs.api.due import DueView, SubmitView
from ojt_logs.api.files import EntryFilesView, EvidenceViewSet
from ojt_logs.api.hours import HoursViewSet
from ojt_logs.api.imports import HoursFileViewSet
from ojt_logs.api.moves import MoveView
from ojt_logs.api.no_work import NoWorkViewSet
from ojt_logs.api.notices import NoticeViewSet
from ojt_logs.api.outside import OutsideAttestationViewSet
from ojt_logs.api.privacy import PrivacyReportViewSet
from ojt_logs.api.progress import ProgressView
from ojt_logs.api.receipts import ReceiptViewSet
from ojt_logs.api.requests import SignOffRequestViewSet
from ojt_logs.api.reviews import PeriodicReviewViewSet
from ojt_logs.api.sign_offs import SignOffViewSet
from ojt_logs.api.wages import WagesView
from ojt_logs.api.waiting import WaitingView
from ojt_logs.api.week import WeekView

router = SimpleRouter()
router.register("hours", HoursViewSet, basename="api-hours")
router.register("files", EvidenceViewSet, basename="api-files")
router.register("no-work-periods", NoWorkViewSet, basename="api-no-work")
router.register("hours-files", HoursFileViewSet, basename="api-hours-files")
router.register("receipts", ReceiptViewSet, basename="api-receipts")
router.register("sign-offs", SignOffViewSet, basename="api-sign-offs")
router.register("attendance", AttendanceViewSet, basename="api-attendance")
router.register("course-results", CourseResultViewSet, basename="api-course-results")
router.register("sign-off-requests", SignOffRequestViewSet, basename="api-sign-off-requests")
router.register("periodic-reviews", PeriodicReviewViewSet, basename="api-periodic-reviews")
router.register("attestations", OutsideAttestationViewSet, basename="api-attestations")
router.register("attestation-links", AttestationLinkViewSet, basename="api-attestation-links")
router.register("notices", NoticeViewSet, basename="api-notices")
router.register("amendments", AmendmentViewSet, basename="api-amendments")
router.register("privacy-reports", PrivacyReportViewSet, basename="api-privacy-reports")
urlpatterns = [
    path("waiting/", WaitingView.as_view(), name="api-waiting"),
    path("apprentices/<str:id>/progress/", ProgressView.as_view(), name="api-progress"),
    path("apprentices/<str:id>/due/", DueView.as_view(), name="api-due"),
    path("apprentices/<str:id>/submit/", SubmitView.as_view(), name="api-submit"),
    path("apprentices/<str:id>/weeks/<isodate:monday>/", WeekView.as_view(), name="api-week"),
    path("hours/<str:id>/files/", EntryFilesView.as_view(), name="api-hours-evidence"),
    path("hours/behalf/", BehalfView.as_view(), name="api-hours-behalf"),
    path("hours/move/", MoveView.as_view(), name="api-hours-move"),
    path("hours/batch/", HoursBatch.as_view(), name="api-hours-batch"),
    path("apprentices/<str:id>/wages/", WagesView.as_view(), name="api-wages"),
    *router.urls,
]
