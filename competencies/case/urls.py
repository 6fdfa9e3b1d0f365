"""Addresses of the CASE service, alike under both versions. None ends in a slash: CASE says so."""

from django.urls import include, path, register_converter

from competencies.case import views
from competencies.case.writing import VERSIONS

ONE = {
    "case-document": "CFDocuments",
    "case-package": "CFPackages",
    "case-item": "CFItems",
    "case-item-associations": "CFItemAssociations",
    "case-association": "CFAssociations",
    "case-association-grouping": "CFAssociationGroupings",
    "case-rubric": "CFRubrics",
    "case-item-types": "CFItemTypes",
    "case-concepts": "CFConcepts",
    "case-subjects": "CFSubjects",
    "case-license": "CFLicenses",
}
"""By the name of the address, the collection."""


class CaseVersion:
    """`v1p0` or `v1p1`."""

    regex = "|".join(VERSIONS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CaseVersion, "case")

service = [
    path("CFDocuments", views.documents, name="case-documents"),
    *(
        path(f"{collection}/<str:id>", views.one, {"collection": collection}, name=name)
        for name, collection in ONE.items()
    ),
    path("discovery/<str:file>", views.discovery, name="case-discovery"),
    path("<path:rest>", views.nothing, name="case-nothing"),
]
urlpatterns = [path("ims/case/<case:version>/", include(service))]
