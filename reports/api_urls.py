"""REST addresses of this package."""

from rest_framework.routers import SimpleRouter

from reports.api import ReportViewSet

router = SimpleRouter()
router.register("reports", ReportViewSet, basename="api-reports")
urlpatterns = router.urls
