"""A SAML identity provider (pysaml2) behind an HTTP server of this machine, which can also be made to lie.

Whoever comes with a request picks a person; the answer is a form that posts to the site that asked, with a
button, as other providers' pages are without JavaScript.
"""

import base64
import html
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from saml2 import BINDING_HTTP_REDIRECT, class_name
from saml2.config import IdPConfig
from saml2.metadata import create_metadata_string
from saml2.saml import NAME_FORMAT_URI, NAMEID_FORMAT_PERSISTENT, NameID
from saml2.samlp import STATUS_AUTHN_FAILED
from saml2.server import Server
from saml2.sigver import pre_signature_part
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

XMLSEC = "/usr/bin/xmlsec1"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"


@dataclass(frozen=True)
class Key:
    """A private key and its certificate, as files."""

    private: Path
    certificate: Path

    @classmethod
    def make(cls, folder: Path, name: str) -> "Key":
        key, now = rsa.generate_private_key(65537, 2048), datetime.now(UTC)
        who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signed = x509.CertificateBuilder(who, who, key.public_key(), 1, now, now + timedelta(days=9))
        made = cls(folder / f"{name}.key", folder / f"{name}.crt")
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        form = serialization.PrivateFormat.TraditionalOpenSSL
        made.private.write_bytes(key.private_bytes(pem, form, plain))
        made.certificate.write_bytes(signed.sign(key, hashes.SHA256()).public_bytes(pem))
        return made


@dataclass
class Lie:
    """How an answer differs from an honest one."""

    key: Key | None = None
    """Signed with another key."""
    signed: bool = True
    algorithm: str = SIG_RSA_SHA256
    audience: str = ""
    format: str = NAMEID_FORMAT_PERSISTENT
    late: timedelta = timedelta(0)
    """Told so long ago."""
    assertion: Callable[[Any], None] = lambda assertion: None
    """Changes the assertion before it is signed."""


HONEST = Lie()


@dataclass
class Provider:
    url: str
    site: str
    key: Key
    people: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def config(self, key: Key, *, late: timedelta = timedelta(0), metadata: str = "") -> IdPConfig:
        pages = {"single_sign_on_service": [(f"{self.url}/sso", BINDING_HTTP_REDIRECT)]}
        minutes = 5 - int(late.total_seconds() // 60)
        policy = {"lifetime": {"minutes": minutes}, "name_form": NAME_FORMAT_URI}
        told: dict[str, Any] = {
            "entityid": f"{self.url}/metadata",
            "key_file": str(key.private),
            "cert_file": str(key.certificate),
            "xmlsec_binary": XMLSEC,
            "service": {"idp": {"endpoints": pages, "policy": {"default": policy}}},
        }
        if metadata:
            told["metadata"] = {"inline": [metadata]}
        return IdPConfig().load(told)

    def metadata(self) -> str:
        return create_metadata_string(None, config=self.config(self.key)).decode()

    def server(self, lie: Lie) -> Server:
        ours = requests.get(f"{self.site}/accounts/saml/metadata/", timeout=60).text
        return Server(config=self.config(lie.key or self.key, late=lie.late, metadata=ours))

    def request(self, there: str) -> Any:
        """What our site asks, read as strictly as the toolkit does."""
        asked = parse_qs(urlsplit(there).query)["SAMLRequest"][0]
        return self.server(HONEST).parse_authn_request(asked, BINDING_HTTP_REDIRECT).message

    def answer(self, there: str, person: str, lie: Lie = HONEST) -> str:
        """The XML with which this provider answers the request in the address that a browser was sent to."""
        request, server = self.request(there), self.server(lie)
        ours = request.issuer.text
        response = server.create_authn_response(
            self.people[person],
            request.id,
            request.assertion_consumer_service_url,
            ours,
            name_id=NameID(format=lie.format, text=person),
            authn={"class_ref": PASSWORD, "authn_auth": self.url},
            sign_response=False,
            sign_assertion=False,
        )
        if lie.audience:
            response.assertion.conditions.audience_restriction[0].audience[0].text = lie.audience
        lie.assertion(response.assertion)
        return self._signed(server, response, lie)

    def _signed(self, server: Server, response: Any, lie: Lie) -> str:
        if not lie.signed:
            return str(response)
        one = response.assertion
        one.signature = pre_signature_part(
            one.id, server.sec.my_cert, 1, digest_alg=DIGEST_SHA256, sign_alg=lie.algorithm
        )
        return server.sec.sign_statement(str(response), class_name(one), node_id=one.id)

    def no(self, there: str) -> str:
        request = self.request(there)
        said = (STATUS_AUTHN_FAILED, "nobody")
        where = request.assertion_consumer_service_url
        return str(self.server(HONEST).create_error_response(request.id, where, said))


def encoded(answer: str) -> str:
    return base64.b64encode(answer.encode()).decode()


@contextmanager
def providing(folder: Path, *, port: int, site: str) -> Iterator[Provider]:
    """A provider for this site of ours. It stands on another host than a site of localhost, as they do."""
    provider = Provider(f"http://127.0.0.1:{port}", site, Key.make(folder, "provider"))
    server = ThreadingHTTPServer(("127.0.0.1", port), _pages(provider))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


def _pages(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """The people of the provider, one of whom comes; then the form that goes to our site."""
            person = parse_qs(urlsplit(self.path).query).get("person")
            if person:
                self._form(provider.request(self.path).assertion_consumer_service_url, person[0])
            else:
                here = html.escape(self.path)
                self._page("".join(f'<a href="{here}&person={one}">{one}</a> ' for one in provider.people))

        def _form(self, to: str, person: str) -> None:
            answer = encoded(provider.answer(self.path, person))
            fields = f'<input type="hidden" name="SAMLResponse" value="{answer}">'
            self._page(f'<form method="post" action="{to}">{fields}<button>Go on</button></form>')

        def _page(self, body: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>The hospital</title>{body}".encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Pages
