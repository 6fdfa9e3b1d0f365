"""REST addresses of this package."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from apprenticeship.api import ApprenticeViewSet, ClassViewSet, CreditViewSet, MeView, ProgramViewSet

router = SimpleRouter()
router.register("programs", ProgramViewSet, basename="api-programs")
router.register("credits", CreditViewSet, basename="api-credits")
router.register("apprentices", ApprenticeViewSet, basename="api-apprentices")
router.register("classes", ClassViewSet, basename="api-classes")
urlpatterns = [path("me/", MeView.as_view(), name="api-me"), *router.urls]
