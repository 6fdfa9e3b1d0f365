"""Keys to what a person's own device keeps: made here, given only to who is signed in."""

import secrets
import uuid
from base64 import b64encode

from django.db import models
from django.utils import timezone

from accounts.models.people import User

KEY_BYTES = 32
"""AES-256, as the scripts of the pages use it."""


def new_secret() -> str:
    return b64encode(secrets.token_bytes(KEY_BYTES)).decode()


class DeviceKeyManager(models.Manager["DeviceKey"]):
    def of(self, user: User) -> "DeviceKey":
        """The key of a person, made when it is first asked for. Two who ask at once get the same."""
        return self.get_or_create(user=user)[0]


class DeviceKey(models.Model):
    """What a person's entries and drafts are encrypted with while they wait on a phone.

    The phone holds what is encrypted, and the key only while its session lasts; this row holds the key alone.
    `owner` names the person on the device and says nothing of who that is.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="device_key")
    owner = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    secret = models.CharField(max_length=44, default=new_secret, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = DeviceKeyManager()

    def __str__(self) -> str:
        return str(self.owner)
