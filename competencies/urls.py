"""Addresses of this package."""

from django.urls import path

from competencies import views

urlpatterns = [
    path("standards/", views.standards, name="standards"),
    path("standards/schedules/<uuid:uid>/", views.schedule, name="schedule"),
    path("standards/frameworks/<uuid:uid>/", views.framework, name="framework"),
]
