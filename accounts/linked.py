"""Links of an account to what its person is at another organisation (accounts.sso)."""

from __future__ import annotations

from django.apps import apps

from accounts.models import User


def forget_links(person: User) -> None:
    """The other organisation opens this account no more."""
    for model in apps.get_models():
        if model._meta.label == "socialaccount.SocialAccount":  # a table of sites with single sign-on alone
            model._default_manager.filter(user=person).delete()
