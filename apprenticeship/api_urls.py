"""REST addresses of this package."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from apprenticeship.api import ApprenticeViewSet, MeView, ProgramViewSet

router = SimpleRouter()
router.register("programs", ProgramViewSet, basename="api-programs")
router.register("apprentices", ApprenticeViewSet, basename="api-apprentices")
urlpatterns = [path("me/", MeView.as_view(), name="api-me"), *router.urls]
