"""People, the sponsors they work for, and how they are let in."""

from accounts.models.consents import Consent, ConsentNeeded
from accounts.models.device_keys import DeviceKey
from accounts.models.invitations import Invitation
from accounts.models.keys import ApiToken, IdempotencyKey
from accounts.models.people import Membership, Sponsor, User
from accounts.models.sign_ins import SignIn

__all__ = [
    "ApiToken",
    "Consent",
    "ConsentNeeded",
    "DeviceKey",
    "IdempotencyKey",
    "Invitation",
    "Membership",
    "SignIn",
    "Sponsor",
    "User",
]
