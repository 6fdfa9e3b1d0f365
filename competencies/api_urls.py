"""REST addresses of this package."""

from rest_framework.routers import SimpleRouter

from competencies.api import FrameworkViewSet, ScheduleViewSet

router = SimpleRouter()
router.register("schedules", ScheduleViewSet, basename="api-schedules")
router.register("frameworks", FrameworkViewSet, basename="api-frameworks")
urlpatterns = router.urls
