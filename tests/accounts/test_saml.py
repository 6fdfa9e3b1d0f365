"""Signing in with SAML: a real identity provider, a real server of ours, over HTTP, and answers that lie."""

import html
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, expect
from saml2.saml import NAMEID_FORMAT_EMAILADDRESS, NAMEID_FORMAT_TRANSIENT
from saml2.xmldsig import SIG_RSA_SHA1

from tests.saml import HONEST, Key, Lie, Provider, encoded, providing
from tests.servers import free_port
from tests.sso import CANCELLED, FAILED, REFUSED, Site, check, running

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # beside a browser, as in tests/browser
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@dataclass
class Visitor:
    """Somebody's browser. What the other site lets it post arrives without our cookies, as in a real one."""

    site: str

    def __post_init__(self) -> None:
        self.cookies = requests.Session()

    def start(self, next: str = "") -> str:
        """From our page to the other site's; the address there."""
        page = self.open(f"/accounts/login/?next={next}")
        form = re.search(r'action="(/accounts/saml/login/)">(.*?)</form>', page, re.S)
        assert form and "Sign in at the hospital" in form[2]
        words = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[2]))
        there = self.cookies.post(
            self.site + form[1], words, headers={"Referer": self.site}, allow_redirects=False, timeout=60
        )
        return there.headers["Location"]

    def post(self, answer: str, relay: str = "") -> str:
        """An answer; the page that it leads to."""
        there = {"SAMLResponse": encoded(answer), "RelayState": relay}
        arrived = requests.post(
            f"{self.site}/accounts/saml/acs/",
            there,
            headers={"Origin": "http://127.0.0.1"},
            allow_redirects=False,
            timeout=60,
        )
        assert arrived.status_code == 302 and not arrived.cookies
        return self.open(arrived.headers["Location"])

    def open(self, path: str) -> str:
        found = self.cookies.get(self.site + path, timeout=60)
        assert found.url.startswith(self.site)
        self.at = found.url.removeprefix(self.site)
        return html.unescape(found.text)

    @property
    def is_in(self) -> bool:
        self.open("/me/")
        return self.at == "/me/"


@dataclass
class Hospital:
    """Our site, the other one, and the key that takes over there."""

    site: Site
    other: Provider
    next_key: Key

    def visitor(self) -> Visitor:
        return Visitor(self.site.url)

    def knows(self, person: str, mail: str | list[str], *, verified: str = "true") -> None:
        mails = [mail] if isinstance(mail, str) else mail
        self.other.people[person] = {"mail": mails} | ({"email_verified": [verified]} if verified else {})

    def sign_in(
        self, person: str, lie: Lie = HONEST, *, change: Callable[[str], str] = str
    ) -> tuple[bool, str]:
        """Whether `person` comes in with a browser of their own, and what it shows."""
        visitor = self.visitor()
        page = visitor.post(change(self.other.answer(visitor.start(), person, lie)))
        return visitor.is_in, page

    def why(self) -> str:
        """The word of the latest refusal in the log of the site."""
        return re.findall(r'"why": "([A-Za-z_]+)"', self.site.log.read_text())[-1]


@pytest.fixture(scope="module")
def hospital(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hospital]:
    folder, port = tmp_path_factory.mktemp("saml"), free_port()
    with providing(folder, port=free_port(), site=f"http://localhost:{port}") as other:
        next_key = Key.make(folder, "next")
        path = folder / "metadata.xml"
        path.write_text(_with_two_keys(other, next_key))
        given = {"SSO_SAML_METADATA": str(path)}
        with running(folder, django_db_blocker, port=port, given=given) as site:
            yield Hospital(site, other, next_key)


def _with_two_keys(other: Provider, next_key: Key) -> str:
    """Its metadata, as while one key takes over from another."""
    said = other.metadata()
    key = re.search(r"<ns0:KeyDescriptor.*?</ns0:KeyDescriptor>", said, re.S)
    assert key
    second = "".join(next_key.certificate.read_text().splitlines()[1:-1])
    return said.replace(key[0], key[0] + re.sub(r"(Certificate>)[^<]+", rf"\g<1>{second}", key[0], count=1))


def test_a_known_person_comes_in_and_nobody_else_does(hospital: Hospital) -> None:
    hospital.knows("a1", "ANA@lakeside.example")
    ana = hospital.visitor()
    ana.post(hospital.other.answer(ana.start(next="/me/tokens/"), "a1"), relay="https://evil.example/")
    assert ana.at == "/me/tokens/" and ana.is_in
    assert "Sign-in of another organisation" in ana.open("/me/sign-ins/")
    hospital.knows("a1", "somebody@else.example", verified="")  # the name of the person counts from now on
    assert hospital.sign_in("a1")[0]
    strangers: list[tuple[str, str | list[str], str]] = [
        ("a2", "ana@lakeside.example", "true"),  # another name with the address of somebody who is linked
        ("m1", "marcus@lakeside.example", ""),
        ("m2", "marcus@lakeside.example", "false"),
        ("m3", ["marcus@lakeside.example", "nora@lakeside.example"], "true"),
        ("b1", "ben@lakeside.example", "true"),  # the mailbox was not proved here
        ("r1", "root@lakeside.example", "true"),
        ("o1", "olga@harbor.example", "true"),
        ("s1", "stranger@lakeside.example", "true"),
    ]
    for person, mail, verified in strangers:
        hospital.knows(person, mail, verified=verified)
        came_in, page = hospital.sign_in(person)
        assert not came_in and REFUSED in page, mail
    assert hospital.site.do("SELECT count(*) FROM accounts_user") == [(8,)]
    assert hospital.site.do("SELECT uid, extra_data FROM socialaccount_socialaccount") == [("a1", "{}")]


def test_an_answer_is_good_once_and_for_the_browser_that_asked(hospital: Hospital) -> None:
    hospital.knows("n1", "nora@lakeside.example")
    nora, thief = hospital.visitor(), hospital.visitor()
    answer = hospital.other.answer(nora.start(), "n1")
    thief.start()
    assert FAILED in thief.post(answer) and not thief.is_in
    assert FAILED in nora.post(answer) and not nora.is_in  # it was shown to somebody else before
    assert hospital.why() == "USED_BEFORE"
    answer = hospital.other.answer(nora.start(), "n1")
    nora.post(answer)
    assert nora.is_in
    nora.cookies.cookies.clear()
    assert FAILED in nora.post(answer) and not nora.is_in
    assert FAILED in nora.open("/accounts/saml/acs/finish/?of=x")


def test_an_answer_to_another_request_does_not_become_one_to_this(hospital: Hospital) -> None:
    """What stands around a signed assertion is not signed: a thief writes the own request's id there."""
    hospital.knows("n1", "nora@lakeside.example")
    nora, thief = hospital.visitor(), hospital.visitor()
    theirs, mine = nora.start(), thief.start()
    stolen = hospital.other.answer(theirs, "n1")
    ids = [hospital.other.request(one).id for one in (theirs, mine)]
    assert FAILED in thief.post(stolen.replace(f'InResponseTo="{ids[0]}"', f'InResponseTo="{ids[1]}"', 1))
    assert not thief.is_in

    def says_nothing_of_it(assertion: Any) -> None:
        assertion.subject.subject_confirmation[0].subject_confirmation_data.in_response_to = None

    unbound = hospital.other.answer(theirs, "n1", Lie(assertion=says_nothing_of_it))
    assert FAILED in thief.post(unbound.replace(ids[0], ids[1])) and not thief.is_in
    assert hospital.why() == "WRONG_INRESPONSETO"


def test_nobody_asked(hospital: Hospital) -> None:
    hospital.knows("n1", "nora@lakeside.example")

    def unasked(assertion: Any) -> None:
        assertion.subject.subject_confirmation[0].subject_confirmation_data.in_response_to = None

    visitor = hospital.visitor()
    answer = hospital.other.answer(visitor.start(), "n1", Lie(assertion=unasked))
    answer = re.sub(r' InResponseTo="[^"]+"', "", answer)
    assert FAILED in visitor.post(answer) and not visitor.is_in


def _without_audience(assertion: Any) -> None:
    assertion.conditions.audience_restriction = []


def _second_audience(assertion: Any) -> None:
    """A restriction beside the first one: both hold."""
    one = assertion.conditions.audience_restriction[0]
    other = type(one)(audience=[type(one.audience[0])(text="https://other.example/")])
    assertion.conditions.audience_restriction = [one, other]


def _recipient(text: str | None) -> Callable[[Any], None]:
    def change(assertion: Any) -> None:
        assertion.subject.subject_confirmation[0].subject_confirmation_data.recipient = text

    return change


def _endless(assertion: Any) -> None:
    assertion.subject.subject_confirmation[0].subject_confirmation_data.not_on_or_after = None


def _other_issuer(assertion: Any) -> None:
    assertion.issuer.text = "https://other.example/"


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        (Lie(signed=False), "NO_SIGNED_ASSERTION"),
        (Lie(algorithm=SIG_RSA_SHA1), "DEPRECATED_SIGNATURE_METHOD"),
        (Lie(audience="https://other.example/"), "WRONG_AUDIENCE"),
        (Lie(assertion=_without_audience), "WRONG_AUDIENCE"),
        (Lie(assertion=_second_audience), "WRONG_AUDIENCE"),
        (Lie(assertion=_recipient("https://other.example/")), "WRONG_SUBJECTCONFIRMATION"),
        (Lie(assertion=_recipient(None)), "WRONG_SUBJECTCONFIRMATION"),
        (Lie(assertion=_endless), "WRONG_SUBJECTCONFIRMATION"),
        (Lie(assertion=_other_issuer), "WRONG_ISSUER"),
        (Lie(late=timedelta(minutes=20)), "ASSERTION_EXPIRED"),
        (Lie(format=NAMEID_FORMAT_TRANSIENT), "NAMEID_NOT_PERSISTENT"),
        (Lie(format=NAMEID_FORMAT_EMAILADDRESS), "NAMEID_NOT_PERSISTENT"),
    ],
)
def test_an_answer_that_does_not_hold_is_refused(hospital: Hospital, lie: Lie, why: str) -> None:
    hospital.knows("m9", "marcus@lakeside.example")
    came_in, page = hospital.sign_in("m9", lie)
    assert not came_in and FAILED in page
    assert hospital.why() == why


def test_keys_of_the_metadata_count_and_no_others(hospital: Hospital, tmp_path: Path) -> None:
    hospital.knows("n1", "nora@lakeside.example")
    strange = Key.make(tmp_path, "strange")
    came_in, page = hospital.sign_in("n1", Lie(key=strange))
    assert not came_in and FAILED in page
    assert hospital.why() == "INVALID_SIGNATURE"
    assert hospital.sign_in("n1", Lie(key=hospital.next_key))[0]


def test_what_is_changed_on_the_way_is_refused(hospital: Hospital) -> None:
    hospital.knows("n1", "nora@lakeside.example")
    assert hospital.sign_in("n1")[0]
    hospital.knows("x1", "stranger@lakeside.example")

    def as_nora(answer: str) -> str:
        return answer.replace(">x1<", ">n1<")

    def wrapped(answer: str) -> str:
        """The signed assertion is kept, where nobody looks, and another one put in its place."""
        signed = re.search(r"<ns\d+:Assertion.*</ns\d+:Assertion>", answer, re.S)
        assert signed
        forged = re.sub(r"<ns\d+:Signature .*</ns\d+:Signature>", "", as_nora(signed[0]), flags=re.S)
        kept = f'<x:Extensions xmlns:x="urn:oasis:names:tc:SAML:2.0:protocol">{signed[0]}</x:Extensions>'
        return answer.replace(signed[0], kept + re.sub(r'ID="[^"]+"', 'ID="forged"', forged, count=1))

    for change in (as_nora, wrapped):
        came_in, page = hospital.sign_in("x1", change=change)
        assert not came_in and FAILED in page


def test_a_comment_in_a_name_does_not_make_it_anothers(hospital: Hospital) -> None:
    """A comment is outside of what is signed: a reader who stops at it would read `n1` of `n1.evil`."""
    hospital.knows("n1", "nora@lakeside.example")
    assert hospital.sign_in("n1")[0]
    hospital.knows("n1.evil", "marcus@lakeside.example.evil.example")

    def commented(answer: str) -> str:
        found = answer.replace(">n1.evil<", "><!--x-->n1<!--x-->.evil<")
        found = found.replace("lakeside.example.evil", "lakeside.example<!--x-->.evil")
        assert found.count("<!--") == 3
        return found

    came_in, page = hospital.sign_in("n1.evil", change=commented)
    assert not came_in and REFUSED in page  # read whole: somebody whom we do not know


def test_whoever_runs_the_site_or_was_closed_out_does_not_come_in_by_an_earlier_link(
    hospital: Hospital,
) -> None:
    hospital.knows("l1", "lena@lakeside.example")
    assert hospital.sign_in("l1")[0]
    hospital.site.do("UPDATE accounts_user SET is_staff = 1 WHERE email = 'lena@lakeside.example'")
    came_in, page = hospital.sign_in("l1")
    assert not came_in and REFUSED in page
    closed = "UPDATE accounts_user SET is_staff = 0, is_active = 0 WHERE email = 'lena@lakeside.example'"
    hospital.site.do(closed)
    assert not hospital.sign_in("l1")[0]


def test_a_second_step_that_somebody_has_here_is_asked_for_all_the_same(hospital: Hospital) -> None:
    hospital.knows("n1", "nora@lakeside.example")
    assert hospital.sign_in("n1")[0]
    hospital.site.do(
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at) "
        "SELECT id, 'totp', '{\"secret\": \"none\"}', CURRENT_TIMESTAMP FROM accounts_user WHERE email = ?",
        "nora@lakeside.example",
    )
    nora = hospital.visitor()
    nora.post(hospital.other.answer(nora.start(), "n1"))
    assert nora.at == "/accounts/2fa/authenticate/" and not nora.is_in
    hospital.site.do("DELETE FROM mfa_authenticator")
    assert hospital.sign_in("n1")[0]


def test_whoever_linked_an_account_before_its_mailbox_was_proved_anew_does_not_come_in(
    hospital: Hospital,
) -> None:
    hospital.knows("c1", "cara@lakeside.example")
    assert hospital.sign_in("c1")[0]
    hospital.site.prove_by_mail("cara@lakeside.example")
    hospital.knows("c1", "taker@lakeside.example")
    came_in, page = hospital.sign_in("c1")
    assert not came_in and REFUSED in page


def test_somebody_says_no_there_and_others_post_what_they_like(hospital: Hospital) -> None:
    visitor = hospital.visitor()
    assert CANCELLED in visitor.post(hospital.other.no(visitor.start()))
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    for text in ("", "<", "<x/>", bomb, "\0", "é"):
        assert FAILED in visitor.post(text)
    acs = f"{hospital.site.url}/accounts/saml/acs/"
    for words in ({}, {"SAMLResponse": "%%%"}, {"SAMLResponse": "YQ"}):
        assert requests.post(acs, words, timeout=60).status_code == 200
    assert requests.get(acs, timeout=60).status_code == 405
    begins = f"{hospital.site.url}/accounts/saml/login/"
    assert requests.post(begins, timeout=60).status_code == 403  # without the token of a form
    assert "Go on to the hospital" in requests.get(begins, timeout=60).text
    kept = [name for (name,) in hospital.site.do("SELECT session_data FROM django_session")]
    assert not any("SAMLResponse" in str(one) for one in kept)


def test_our_metadata_says_what_we_want_and_where(hospital: Hospital) -> None:
    where = f"{hospital.site.url}/accounts/saml/metadata/"
    said = requests.get(where, headers={"Host": "127.0.0.1"}, timeout=60)
    assert said.headers["Content-Type"] == "application/samlmetadata+xml"
    assert f'entityID="{where}"' in said.text
    assert f'Location="{hospital.site.url}/accounts/saml/acs/"' in said.text
    assert 'WantAssertionsSigned="true"' in said.text
    assert "validUntil" not in said.text
    request = hospital.other.request(hospital.visitor().start())
    assert request.name_id_policy.format.endswith(":persistent")


def test_a_browser_comes_in_under_the_sites_policy_and_its_cookies(
    hospital: Hospital, browser: Browser
) -> None:
    """The two sites have hosts of their own, so that cookies and policies count as they do outside."""
    hospital.knows("n1", "nora@lakeside.example")
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{hospital.site.url}/accounts/login/?next=/me/sign-ins/")
    page.get_by_role("button", name="Sign in at the hospital").click()
    page.get_by_role("link", name="n1", exact=True).click()
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(f"{hospital.site.url}/me/sign-ins/")
    assert not [one for one in said if "Content Security Policy" in one]
    context.close()


WHOLE = """<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://login.example.org/">
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>
<X509Certificate>AAAA</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
 Location="https://login.example.org/sso"/></IDPSSODescriptor></EntityDescriptor>"""


@pytest.mark.parametrize(
    ("said", "given", "missing", "sentence"),
    [
        (WHOLE, {}, "", ""),
        (WHOLE, {"SSO_DOMAINS": ""}, "", "must name the domains"),
        (WHOLE, {"SSO_ISSUER": "https://login.example.org"}, "", "set one of them"),
        (WHOLE, {}, "onelogin", "needs the extra “sso”"),
        (WHOLE, {"SSO_SAML_METADATA": "/no/such/file"}, "", "cannot be read"),
        (WHOLE, {"SSO_SAML_METADATA": ""}, "onelogin xmlsec saml2", ""),
        ("<EntityDescriptor", {}, "", "cannot be read"),
        ("<EntitiesDescriptor/>", {}, "", "of one identity provider"),
        (WHOLE.replace("HTTP-Redirect", "HTTP-POST"), {}, "", "names no page"),
        (
            WHOLE.replace('"https://login.example.org/sso', '"http://login.example.org/sso'),
            {},
            "",
            "https://",
        ),
        (WHOLE.replace('use="signing"', 'use="encryption"'), {}, "", "no certificate"),
    ],
)
def test_a_site_starts_with_the_whole_of_it_or_without_it(
    tmp_path: Path, said: str, given: dict[str, str], missing: str, sentence: str
) -> None:
    path = tmp_path / "metadata.xml"
    path.write_text(said)
    found = check({"SSO_SAML_METADATA": str(path)} | given, missing=missing)
    assert bool(found.returncode) == bool(sentence), found.stderr
    assert sentence in found.stderr
