"""REST addresses of this package."""

from rest_framework.routers import SimpleRouter

from competencies.api.alignments import AlignmentViewSet
from competencies.api.imports import ImportViewSet
from competencies.api.resources import ResourceViewSet
from competencies.api.standards import FrameworkViewSet, ScheduleViewSet

router = SimpleRouter()
router.register("schedules", ScheduleViewSet, basename="api-schedules")
router.register("frameworks", FrameworkViewSet, basename="api-frameworks")
router.register("alignments", AlignmentViewSet, basename="api-alignments")
router.register("resources", ResourceViewSet, basename="api-resources")
router.register("imports", ImportViewSet, basename="api-imports")
urlpatterns = router.urls
