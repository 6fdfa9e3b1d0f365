"""What the metadata of a SAML 2.0 identity provider says that settings and accounts.saml need."""

from typing import Any
from urllib.parse import urlparse
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import parse
from django.core.exceptions import ImproperlyConfigured

REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
_METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_CERTIFICATE = "{http://www.w3.org/2000/09/xmldsig#}X509Certificate"


def read(path: str) -> dict[str, Any]:
    """The identity provider of this file as python3-saml takes it: its name, page and signing certificates.

    Raises ImproperlyConfigured for a file that does not say all of it.
    """
    try:
        root: Element = parse(path).getroot()
    except (OSError, ParseError, DefusedXmlException) as trouble:
        raise ImproperlyConfigured(f"SSO_SAML_METADATA cannot be read: {trouble}") from trouble
    entity, role = root.get("entityID"), root.find(f"{_METADATA}IDPSSODescriptor")
    if root.tag != f"{_METADATA}EntityDescriptor" or not entity or role is None:
        raise ImproperlyConfigured("SSO_SAML_METADATA must be the metadata of one identity provider.")
    return {
        "entityId": entity,
        "singleSignOnService": {"url": _page(role), "binding": REDIRECT},
        "x509certMulti": {"signing": _certificates(role)},
    }


def _page(role: Element) -> str:
    for service in role.findall(f"{_METADATA}SingleSignOnService"):
        if service.get("Binding") == REDIRECT:
            url = service.get("Location", "")
            if urlparse(url).scheme != "https" and urlparse(url).hostname not in ("localhost", "127.0.0.1"):
                raise ImproperlyConfigured("The page that SSO_SAML_METADATA names must begin with https://.")
            return url
    raise ImproperlyConfigured("SSO_SAML_METADATA names no page that is asked with HTTP-Redirect.")


def _certificates(role: Element) -> list[str]:
    """Those whose key signs; several while one takes over from another."""
    keys = [key for key in role.findall(f"{_METADATA}KeyDescriptor") if key.get("use") != "encryption"]
    found = ["".join((one.text or "").split()) for key in keys for one in key.iter(_CERTIFICATE)]
    if not any(found):
        raise ImproperlyConfigured("SSO_SAML_METADATA names no certificate for signatures.")
    return found
