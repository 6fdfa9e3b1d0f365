"""What is asked of the identity provider, and what an answer must say to be believed.

python3-saml checks signatures, times, issuer and whatever else is in an answer, but takes one that leaves out
whom it is for or which request it answers. Here an assertion has to be signed itself and to say all of that
(SAML 2.0 Profiles, 4.1.4). It opens one sign-in, in the browser that asked (accounts.saml.views).
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlparse

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Names
from onelogin.saml2.errors import OneLogin_Saml2_ValidationError as Invalid
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML as Xml

ADDRESSES = (
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "mail",
    "email",
)
PROVED = ("email_verified", "http://schemas.auth0.com/email_verified")
"""Attributes that say of the addresses that the other site proved them: SAML has no name for it."""
KEPT_SECONDS = 60
"""So long an answer waits for its browser to come back with the cookies that a post from elsewhere lacks."""
USED_SECONDS = 900
"""So long a used assertion is remembered: longer than anybody is waited for (ten minutes)."""


class Refused(Exception):
    """An answer that is not believed. Its word is ours or the toolkit's, never the sender's."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word

    @property
    def is_a_no(self) -> bool:
        """Whether the other site said itself that nobody signed in."""
        return self.word == "STATUS_CODE_IS_NOT_SUCCESS"


@dataclass(frozen=True)
class Told:
    """What a believed answer says: the other site's name of the person, the addresses in small letters,
    whether it proved them, and the id of our request."""

    name: str
    addresses: tuple[str, ...]
    proved: bool
    asked: str


def ask() -> tuple[str, str]:
    """The address to send a browser to, and the id of the request in it."""
    auth = OneLogin_Saml2_Auth(_place(), _toolkit())
    return auth.login(return_to=""), auth.get_last_request_id()


def metadata() -> str:
    """XML for the operator of the identity provider; it holds no secret and does not run out."""
    return OneLogin_Saml2_Settings(_toolkit(), sp_validation_only=True).get_sp_metadata()


def read(posted: str) -> Told:
    """What an answer (base64 of a Response) says; it is used up by that. Raises Refused."""
    try:
        response = OneLogin_Saml2_Response(OneLogin_Saml2_Settings(_toolkit()), posted)
        response.is_valid(_place(), raise_exceptions=True)
        asked = _answered(response)
        told = _told(response, asked)
        once = cache.add(_key("used", response.get_assertion_id()), True, USED_SECONDS)
    except Refused:
        raise
    except Invalid as trouble:
        raise Refused(_words().get(trouble.code, "INVALID")) from trouble
    except Exception as trouble:  # anybody may post anything: what breaks a parser is no answer
        raise Refused(type(trouble).__name__) from trouble
    if not once:
        raise Refused("USED_BEFORE")
    return told


def keep(told: Told) -> None:
    cache.set(_key("told", told.asked), told, KEPT_SECONDS)


def take(asked: str) -> Told | None:
    """What was told in answer to this request of ours; once."""
    key = _key("told", asked)
    told = cache.get(key)
    cache.delete(key)
    return told if isinstance(told, Told) else None


def _answered(response: Any) -> str:
    """The id of the request that the signed assertion answers. Raises Refused for one of another site."""
    assertion = response.get_xml_document().find("saml:Assertion", Names.NSMAP)
    restrictions = assertion.findall("saml:Conditions/saml:AudienceRestriction", Names.NSMAP)
    if not restrictions or not all(_entity() in _audiences(one) for one in restrictions):
        raise Refused("WRONG_AUDIENCE")
    confirmed = assertion.findall("saml:Subject/saml:SubjectConfirmation", Names.NSMAP)
    if [one.get("Method") for one in confirmed] != [Names.CM_BEARER]:
        raise Refused("WRONG_SUBJECTCONFIRMATION")
    data = confirmed[0].find("saml:SubjectConfirmationData", Names.NSMAP)
    asked = data.get("InResponseTo")
    if data.get("Recipient") != _posted_to() or not data.get("NotOnOrAfter"):
        raise Refused("WRONG_SUBJECTCONFIRMATION")
    if not asked or asked != response.get_in_response_to():
        raise Refused("WRONG_INRESPONSETO")
    return asked


def _audiences(restriction: Any) -> list[str]:
    return [Xml.element_text(one) for one in restriction.findall("saml:Audience", Names.NSMAP)]


def _told(response: Any, asked: str) -> Told:
    """Raises Refused for a name that may be another person's tomorrow: only a persistent one never is."""
    if response.get_nameid_format() != Names.NAMEID_PERSISTENT:
        raise Refused("NAMEID_NOT_PERSISTENT")
    name = response.get_nameid()
    if len(name) > 191:  # what a row of django-allauth holds
        raise Refused("NAMEID_TOO_LONG")
    said = response.get_attributes()
    addresses = {
        value.lower() for kind in ADDRESSES for value in said.get(kind, []) if isinstance(value, str)
    }
    proofs = [value for kind in PROVED for value in said.get(kind, [])]
    return Told(name, tuple(sorted(addresses)), proofs in (["true"], ["1"]), asked)


def _toolkit() -> dict[str, Any]:
    """What python3-saml is told of both sides; nothing of it comes from a request."""
    return {
        "strict": True,
        "sp": {
            "entityId": _entity(),
            "assertionConsumerService": {"url": _posted_to(), "binding": Names.BINDING_HTTP_POST},
            "NameIDFormat": Names.NAMEID_PERSISTENT,
        },
        "idp": deepcopy(settings.SSO_SAML),  # the toolkit writes into what it is given
        "security": {
            "wantAssertionsSigned": True,
            "wantAttributeStatement": False,
            "allowRepeatAttributeName": True,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
            "allowSingleLabelDomains": True,
            "metadataValidUntil": "",
            "metadataCacheDuration": "",
        },
    }


def _place() -> dict[str, Any]:
    """Where an answer is taken to have arrived, whatever Host it was sent with."""
    site = urlparse(_posted_to())
    https = "on" if site.scheme == "https" else "off"
    return {
        "https": https,
        "http_host": site.netloc,
        "script_name": site.path,
        "get_data": {},
        "post_data": {},
    }


def _entity() -> str:
    return settings.SITE_URL + reverse("saml_metadata")


def _posted_to() -> str:
    return settings.SITE_URL + reverse("saml_acs")


def _words() -> dict[int, str]:
    return {code: word for word, code in vars(Invalid).items() if word.isupper()}


def _key(kind: str, text: str) -> str:
    return f"saml-{kind}-{sha256(text.encode()).hexdigest()}"
