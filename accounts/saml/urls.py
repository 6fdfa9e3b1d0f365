"""Addresses of signing in with SAML; django-allauth puts them below /accounts/ where it is set up."""

from django.urls import path

from accounts.saml import views

urlpatterns = [
    path("saml/login/", views.Login.as_view(), name="saml_login"),
    path("saml/acs/", views.answer, name="saml_acs"),
    path("saml/acs/finish/", views.finish, name="saml_finish"),
    path("saml/metadata/", views.metadata, name="saml_metadata"),
]
