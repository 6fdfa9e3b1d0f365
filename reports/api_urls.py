"""REST addresses of this package."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from reports.api import ReportViewSet
from reports.check_api import VerificationView

router = SimpleRouter()
router.register("reports", ReportViewSet, basename="api-reports")
urlpatterns = [
    path("apprentices/<str:id>/verification/", VerificationView.as_view(), name="api-verification"),
    *router.urls,
]
