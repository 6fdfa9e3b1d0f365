"""How secrets of the second step are kept: encrypted, with a key made from the site's secret."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import cast

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from accounts.refusals import Conflict
from accounts.sealed import key_for

PURPOSE = b"journeybook second step, 1"


class SecondStep(DefaultMFAAdapter):
    """Encrypts what codes are made from; a copy of the database alone opens no account."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right, or was used already. Wait for the next one and try again.",
    }

    def encrypt(self, text: str) -> str:
        return _keys(*_secrets()).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises Conflict when the site's secret is another one by now: nothing may stand in for a secret."""
        try:
            return _keys(*_secrets()).decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise Conflict(
                "The second step of this account cannot be read, because the site’s secret was changed. "
                "Ask your coordinator or the operator of this site to reset it.",
                code="second_step_unreadable",
            ) from None

    def get_totp_issuer(self) -> str:
        """What an app shows beside the codes."""
        return "Journeybook"

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        held = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return "Passkey" if not held else f"Passkey {held + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        told = cast("dict[str, str]", super().get_public_key_credential_rp_entity())
        return told | {"name": "Journeybook"}


def _secrets() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


@lru_cache(maxsize=4)
def _keys(*secrets: str) -> MultiFernet:
    """Encrypts with the key of the first secret, today's, and decrypts with earlier ones too."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key_for(one, PURPOSE))) for one in secrets])
