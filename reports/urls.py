"""Addresses of this package."""

from django.urls import path

from reports import check_pages, health, operating, views
from reports.home import home

urlpatterns = [
    path("", home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("verify/<str:code>/", check_pages.verify, name="verify"),
    path("keys/", check_pages.keys, name="public-keys"),
    path("apprentices/<uuid:uid>/record/", check_pages.record, name="record"),
    path("operations/", operating.operations, name="operations"),
    path("operations/<uuid:uid>/again/", operating.build_again, name="operations-build-again"),
    path("reports/", views.reports, name="reports"),
    path("reports/start/", views.start, name="report-start"),
    path("reports/preview/", views.preview, name="report-preview"),
    path("reports/<uuid:uid>/", views.report, name="report"),
    path("reports/<uuid:uid>/file/", views.file, name="report-file"),
    path("reports/<uuid:uid>/retry/", views.retry, name="report-retry"),
]
