"""The access matrix: every address, ten people, every method; one line a name, written by hand.

The things asked for are Ana's. Letters and the order of people: tests/access.py. An address that has no
line here fails the build, and so does a line without an address.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.models import ApiToken, Invitation
from apprenticeship.models import Amendment, Credit, Employer, LegalHold
from apprenticeship.models.credits import CreditLine
from competencies.case import vocabulary
from competencies.exports.tree import derived
from competencies.imports.recognise import read
from competencies.models import (
    Framework,
    FrameworkStatement,
    LearningResource,
    VersionStep,
    WorkProcessSchedule,
)
from competencies.uploads.waiting import Waiting, keep
from competencies.versions import adopt, begin_draft
from ojt_logs import disposing
from ojt_logs.dates import monday_of
from ojt_logs.files import Clean
from ojt_logs.imports.bringing import bring, plan_for
from ojt_logs.imports.history import HistoryFile
from ojt_logs.imports.payroll import bring_paid
from ojt_logs.imports.uploads import read as read_hours
from ojt_logs.mails import stop_path
from ojt_logs.models import (
    AttestationLink,
    Disposal,
    ErasureRequest,
    Evidence,
    HoursBatch,
    HoursEntry,
    Notice,
    NoWorkPeriod,
    PaidHours,
    PrivacyReport,
    Scan,
    SignOffRequest,
)
from ojt_logs.models.course_results import Outcome
from ojt_logs.views.imports import Pending
from reports.health import note_heartbeat
from reports.models import ReportRun
from reports.prints import proof_of
from tests.access import METHODS, Walkers, in_anas_place, letter, nobodys_id, walk
from tests.acts import attested_by_somebody, reviewed
from tests.canaries import NOT_SAID, plant, rows_of
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.test_files import photo
from tests.standing import own_caches, standing

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SOURCES = Path(__file__).parent / "data"
NOBODY, ANYBODY = "L555555555", "5555555555"


def page(get: str = "", post: str = "") -> dict[str, str]:
    """A page of ours: what is not stated is answered with 405, to a visitor with the sign-in page."""
    other = NOBODY if (get or post).startswith("L") else ANYBODY
    stated = {"GET": get, "HEAD": get, "POST": post}
    return {method: stated.get(method) or other for method in METHODS}


def rest(get: str = "", post: str = "", patch: str = "", delete: str = "", put: str = "") -> dict[str, str]:
    """An address of the API: 401 for a visitor; OPTIONS tells everybody else what may be sent."""
    public = (get or post).startswith(("o", "4", "b"))
    other, told = (ANYBODY, "oooooooooo") if public else ("u555555555", "uooooooooo")
    stated = {"GET": get, "HEAD": get, "OPTIONS": told, "POST": post, "PATCH": patch, "DELETE": delete}
    stated["PUT"] = put
    return {method: stated.get(method) or other for method in METHODS}


def allauth(get: str, post: str, options: str = "", put: str = "", patch: str = "") -> dict[str, str]:
    """A page of django-allauth: a form answers PUT as POST."""
    other = NOBODY if get.startswith("L") else ANYBODY
    stated = {"GET": get, "HEAD": get, "OPTIONS": options or get, "POST": post, "PUT": put or post}
    return {method: stated.get(method) or patch or other for method in METHODS}


EVERYBODY, SIGNED_IN, MOVED_ON = "oooooooooo", "Looooooooo", "Lxxxxxxxxx"

#             order of people: visitor ana ben marcus lena priya nora ruth ivy olga
MATRIX: dict[str, dict[str, str]] = {
    "home": page("oxxxxxxxxx"),
    "healthz": page(EVERYBODY),
    "readyz": page(EVERYBODY),
    "operations": page("L444444444"),  # superusers alone: tests/reports/test_operations.py
    "operations-build-again": page(post="L444444444"),
    "manifest": page(EVERYBODY),
    "service-worker": page(EVERYBODY),
    "offline": page(EVERYBODY),
    "offline-device": page(EVERYBODY),
    "offline-logbook": page(EVERYBODY),
    "programs": page("Looooooooo"),
    "search": page(EVERYBODY),
    "tour": page("4444444444"),
    "demo-mails": page("4444444444"),
    "first-steps": page("L44444o4oo"),
    "first-steps-put-away": page(post="L33333x344"),
    "program": page("L33333oo44"),
    "worth-a-look": page("L33333o344"),
    "for-registration": page("L33333o344", post="L33333b344"),
    "classes": page("L3333ooo44"),
    "coverage": page("Looooooo44"),
    "coverage-places": page(post="L3333xx344"),
    "coverage-course": page("L3333oo344", post="L3333xx344"),
    "class-new": page("L33333o344", post="L33333o344"),
    "class": page("L4444ooo44", post="L44443o344"),
    "class-attendance": page(post="L4444b3344"),
    "class-results": page(post="L4444b3344"),
    "course-result": page("Lo4o4ooo44", post="L3434b3344"),
    "enrol": page("L33333o344", post="L33333o344"),
    "enrol-list": page("L33333o344", post="L33333o344"),
    "apprentice-invite": page(post="L34343k344"),
    "registration": page("Lo4343oo44"),
    "registration-history": page("Lo4343oo44"),
    "registration-facts": page("L34343o344", post="L34343o344"),
    "registration-elections": page("L34343o344", post="L34343x344"),
    "mentor-assign": page("L34343o344", post="L34343o344"),
    "stand-in": page("L34343o344", post="L34343o344"),
    "mentor-end": page("L34343o344", post="L34343o344"),
    "probation": page("L34343k344", post="L34343k344"),
    "status-change": page("L34343o344", post="L34343o344"),
    "log-for-whom": page("Looxxxxoox"),
    "log-for": page("L33oooo344", post="L33oooo344"),
    "hours-dispute": page(post="Lx43443344"),
    "hours-settle": page(post="Lk43443344"),
    "hours-import": page("L33333o344", post="L33333b344"),
    "hours-import-look": page("L33333o344", post="L33333o344"),
    "history-start": page("L33333o344", post="L33333b344"),
    "history-workbook": page("L33333o344"),
    "history-look": page("L33333o344", post="L33333b344"),
    "payroll": page("L33333oo44", post="L33333b344"),
    "payroll-look": page("L33333o344", post="L33333o344"),
    "paid-hours": page("L44444oo44", post="L44444o344"),
    "hours-batch": page("L44444oo44"),
    "hours-batch-undo": page(post="L44444x344"),
    "scans-add": page(post="L44444x344"),
    "scan": page("Lo4o44oo44"),
    "people": page("L33333oo44"),
    "invitations": page("L33333oo44"),
    "keeping": page("L33333oo44"),
    "keeping-years": page(post="L33333b344"),
    "erasure": page("Looooooooo", post="Looooooooo"),
    "erasure-for": page("L34343o344", post="L34343o344"),
    "erasure-request": page("Lo4444oo44", post="L34444o344"),
    "disposal-propose": page(post="L33333b344"),
    "disposal": page("L44444oo44"),
    "disposal-confirm": page(post="L444443344"),
    "disposal-withdraw": page(post="L44444x344"),
    "about-you": page("Lo43433344", post="Lx43433344"),
    "agency-form": page("Lo43433344", post="Lo43433344"),
    "equal-opportunity": page("L33333oo44"),
    "confided-export": page(post="L333333344"),
    "hold": page("L34343o344", post="L34343o344"),
    "hold-sponsor": page("L33333o344", post="L33333o344"),
    "hold-lift": page("L44444o344", post="L44444o344"),
    "people-invite": page("L33333o344", post="L33333o344"),
    "membership": page("L44444oo44", post="L44444o344"),
    "hand-over": page("L44444o344", post="L44444o344"),
    "membership-end": page(post="L44444x344"),
    "invitation-again": page(post="L44444o344"),
    "invitation-withdraw": page(post="L44444x344"),
    "employers": page("L33333oo44", post="L33333o344"),
    "employer": page("L44444o344", post="L44444o344"),
    "program-new": page("L33333o3oo", post="L33333o3oo"),
    "program-settings": page("L33333oo44", post="L33333o344"),
    "program-elections": page("L33333oo44", post="L33333x344"),
    "program-amend": page("L33333o344", post="L33333o344"),
    "amendment": page("Lo4444oo44", post="Lx44443344"),
    "amendment-withdraw": page(post="L34444x344"),
    "reports": page("Looooooooo"),
    "report": page("Lo44444444"),
    "report-start": page(post="Lbbbbbbbbb"),
    "report-preview": page("Lbbbbbbbbb"),
    "report-file": page("Lk44444444"),
    "record": page("Lo4o43oo44"),
    "verify": page(EVERYBODY),
    "public-keys": page(EVERYBODY),
    "report-retry": page(post="Lk44444444"),
    "standards": page(EVERYBODY),
    "schedule": page("4ooooooo44"),
    "standards-upload": page("L33333o3oo", post="L33333o3oo"),
    "standards-look": page("L44444o444", post="L44444o444"),
    "schedule-adapt": page("L33333o344", post="L333334344"),
    "schedule-differences": page("4ooooooo44"),
    "schedule-approve": page("L33333o344", post="L33333o344"),
    "schedule-retire": page("L33333o344", post="L33333o344"),
    "schedule-letter": page("Looooooo44"),
    "draft": page("L44333o344"),
    "draft-about": page("L44333o344", post="L44333o344"),
    "draft-same": page(post="L44333b344"),
    "draft-finish": page("L44333o344", post="L44333o344"),
    "draft-discard": page(post="L44333x344"),
    "draft-topics": page("L44333o344", post="L44333k344"),
    "draft-add": page("L44333o344", post="L44333o344"),
    "draft-change": page("L44333o344", post="L44333o344"),
    "draft-move": page(post="L44333x344"),
    "draft-remove": page("L44333o344", post="L44333k344"),
    "framework": page(EVERYBODY),
    "schedule-file": page("4ooooooo44"),
    "framework-file": page(EVERYBODY),
    "case-documents": page(EVERYBODY),
    "case-document": page(EVERYBODY),
    "case-package": page(EVERYBODY),
    "case-item": page(EVERYBODY),
    "case-item-associations": page(EVERYBODY),
    "case-association": page(EVERYBODY),
    "case-association-grouping": page(EVERYBODY),
    "case-rubric": page("4444444444"),
    "case-item-types": page(EVERYBODY),
    "case-concepts": page(EVERYBODY),
    "case-subjects": page(EVERYBODY),
    "case-license": page(EVERYBODY),
    "case-discovery": page(EVERYBODY),
    "case-nothing": page("4444444444"),
    "statement": page(EVERYBODY),
    "resource-add": page(post="L3333oo3oo"),
    "resource-pin": page(post="L3333xx344"),
    "library": page(SIGNED_IN),
    "library-import": page("L3333oo344", post="L3333oo344"),
    "study": page("Lo4o43oo44"),
    "study-done": page(post="Lx43433344"),
    "study-send": page(post="Lx43433344"),
    "crosswalk": page("4ooooooo44"),
    "crosswalk-decide": page(post="L333344344"),
    "crosswalk-suggest": page(post="L333344344"),
    "glossary": page(EVERYBODY),
    "signup-closed": page(EVERYBODY),
    "invitation": page("4444444444", post="4444444444"),
    "profile": page(SIGNED_IN, post=SIGNED_IN),
    "consent": page(SIGNED_IN, post="Lbbbbbbbbb"),
    "consent-withdraw": page(SIGNED_IN, post=MOVED_ON),
    "session-end": page(post="L444444444"),
    "sessions-end-others": page(post=MOVED_ON),
    "usersessions_list": dict.fromkeys(METHODS, MOVED_ON),
    "tokens": page(SIGNED_IN),
    "token-new": dict.fromkeys(METHODS, MOVED_ON),
    "token-revoke": page(post="Lx44444444"),
    "notices": page(SIGNED_IN),
    "notices-read": page(post=MOVED_ON),
    "notice-settings": page(SIGNED_IN, post=SIGNED_IN),
    "notice-follow": page(post="Lx44444444"),
    "mails-stop": page(EVERYBODY, post=EVERYBODY),
    "week": page("Lo43433344"),
    "day": page("Lo43433344", post="Lo43433344"),
    "week-submit": page(post="Lx43433344"),
    "day-typed": page(post="Lo43433344"),
    "week-typed": page(post="Lo43433344"),
    "week-grid": page("Lo43433344", post="Lo43433344"),
    "period-submit": page(post="Lx43433344"),
    "receipts": page("Lo4o43oo44"),
    "receipt": page("Lo4o44oo44"),
    "hours": page("Lo4o43oo44"),
    "sign-offs": page("Lo4o43oo44"),
    "program-hours": page("L33333oo44"),
    "program-sign-offs": page("L33333oo44"),
    "progress": page("Lo4o43oo44"),
    "competency": page("Lo4o43oo44"),
    "credit": page("Lo4343oo44"),
    "credit-grant": page("L34343o344", post="L34343o344"),
    "credit-take-back": page(post="L34444x344"),
    "wages": page("Lo4343oo44"),
    "wages-decide": page(post="L34343x344"),
    "raises": page("L33333oo44"),
    "why": page("Lo4o43oo44"),
    "ask-for-work": page("Lo4o43oo44"),
    "reviewer": page("L33333oo44"),
    "no-work": page("Lo4343oo44", post="Lo4343o344"),
    "no-work-take-back": page(post="Lx4444x344"),
    "hours-entry": page("Lo4o44oo44"),
    "hours-edit": page("Lo44444444", post="Lo44444444"),
    "hours-correct": page("Lo43443344", post="Lo43443344"),
    "hours-delete": page(post="Lx44444444"),
    "hours-comment": page(post="Lb4b44bb44"),
    "hours-recall": page(post="Lx43443344"),
    "evidence-add": page(post="Lx43443344"),
    "evidence": page("Lo4o44oo44"),
    "evidence-remove": page(post="Lx43443344"),
    "privacy": page(SIGNED_IN),
    "privacy-report": page("Lo4o44oo44", post="Lo4o44oo44"),
    "privacy-one": page("Lo4o44oo44"),
    "privacy-agree": page(post="Lx4x44x344"),
    "privacy-show": page(post="Lo4o44oo44"),
    "waiting": page(SIGNED_IN),
    "review": page(SIGNED_IN),
    "review-two-minutes": page(SIGNED_IN, post=MOVED_ON),
    "review-week": page("L34o4o3344"),
    "review-approve": page(post="L34b4b3344"),
    "review-undo": page(post="Lbbbbbbbbb"),
    "review-return": page(post="L34b4b3344"),
    "sign": page("L34o433344"),
    "sign-competency": page("L34o433344", post="L34b433344"),
    "ask": page("Lo43433344", post="Lo43433344"),
    "sign-off-request": page("Lo4o44oo44"),
    "sign-off-request-withdraw": page(post="Lx43443344"),
    "sign-off-request-decline": page(post="L34b443344"),
    "sign-off": page("Lo4o44oo44"),
    "hand-phone": page("Lo43433344", post="Lb43433344"),
    "paper": page("L34o43o344", post="L34b43b344"),
    "sheet": page("Lo4o43oo44"),
    "periodic-reviews": page("Lo4o43oo44"),
    "periodic-review-new": page("L34o433344", post="L34b433344"),
    "periodic-review": page("Lo4o44oo44"),
    "periodic-review-respond": page(post="Lx43443344"),
    "program-reviews": page("L33333oo44"),
    "attestation-links": page("Lo4o43oo44"),
    "attestation-new": page("L34o43o344", post="L34b43b344"),
    "attestation-link-revoke": page(post="L34x44x344"),
    "attest": page("4444444444", post="4444444444"),
    "attestation": page("Lo4o44oo44"),
    "attestation-accept": page(post="L34b443344"),
    "attestation-decline": page(post="L34b443344"),
    "sign-off-sheet": page(post="L34x443344"),
    "sign-off-comment": page(post="Lb43443344"),
    "sign-off-withdraw": page(post="L34b443344"),
    "sign-ins": page(SIGNED_IN),
    "second-step-needed": page(post="", get=MOVED_ON),
    "second-step": page("L33333oo44"),
    "second-step-set": dict.fromkeys(METHODS, MOVED_ON),
    "second-step-reset": dict.fromkeys(METHODS, MOVED_ON),
    "mfa_index": allauth(SIGNED_IN, NOBODY),
    "mfa_authenticate": dict.fromkeys(METHODS, MOVED_ON),
    "mfa_reauthenticate": dict.fromkeys(METHODS, MOVED_ON),
    "mfa_activate_totp": dict.fromkeys(METHODS, MOVED_ON),
    "mfa_deactivate_totp": dict.fromkeys(METHODS, "L444444444"),
    "mfa_list_webauthn": allauth(SIGNED_IN, NOBODY),
    "mfa_add_webauthn": dict.fromkeys(METHODS, MOVED_ON),
    "mfa_edit_webauthn": dict.fromkeys(METHODS, MOVED_ON),
    "mfa_remove_webauthn": dict.fromkeys(METHODS, MOVED_ON),
    "mfa_reauthenticate_webauthn": dict.fromkeys(METHODS, MOVED_ON),
    "mfa_login_webauthn": allauth(MOVED_ON, MOVED_ON, options="oxxxxxxxxx", patch="5xxxxxxxxx"),
    "mfa_view_recovery_codes": allauth("L444444444", NOBODY, options=SIGNED_IN),
    "mfa_download_recovery_codes": dict.fromkeys(METHODS, "L444444444"),
    "mfa_generate_recovery_codes": dict.fromkeys(METHODS, MOVED_ON),
    "account_login": allauth("oxxxxxxxxx", "oxxxxxxxxx", patch="5xxxxxxxxx"),
    "account_logout": allauth("xooooooooo", "xxxxxxxxxx", options=EVERYBODY, put=ANYBODY),
    "account_inactive": allauth(EVERYBODY, ANYBODY),
    "account_signup": dict.fromkeys(METHODS, "oxxxxxxxxx"),
    "account_reauthenticate": allauth(SIGNED_IN, SIGNED_IN),
    "account_email": allauth(SIGNED_IN, MOVED_ON),
    "account_email_verification_sent": allauth(EVERYBODY, ANYBODY),
    "account_change_password": allauth(SIGNED_IN, SIGNED_IN),
    "account_set_password": dict.fromkeys(METHODS, MOVED_ON),
    "account_reset_password": allauth(EVERYBODY, EVERYBODY),
    "account_confirm_login_code": dict.fromkeys(METHODS, MOVED_ON),
    "account_confirm_email": allauth(EVERYBODY, "4444444444", put=ANYBODY),
    "account_reset_password_from_key": dict.fromkeys(METHODS, EVERYBODY),
    "account_reset_password_from_key_done": allauth(EVERYBODY, ANYBODY),
    "account_reset_password_done": allauth(EVERYBODY, ANYBODY),
    "api-nothing": dict.fromkeys(METHODS, "4444444444"),
    "api-schema": rest(EVERYBODY),
    "api-docs": page(EVERYBODY),
    "api-schedules-list": rest(EVERYBODY),
    "api-schedules-detail": rest("4ooooooo44"),
    "api-attendance-list": rest(post="ubbbbbbbbb"),
    "api-hours-files-list": rest(post="u33333m3mm"),
    "api-hours-files-undo": rest(post="u44444o344"),
    "api-imports-list": rest(post="u33333m3mm"),
    "api-schedules-versions": rest("4ooooooo44"),
    "api-schedules-differences": rest("4ooooooo44"),
    "api-frameworks-list": rest(EVERYBODY),
    "api-frameworks-detail": rest(EVERYBODY),
    "api-alignments-list": rest("bbbbbbbbbb"),
    "api-resources-list": rest(EVERYBODY),
    "api-resources-detail": rest("4ooooooo44"),
    "api-waiting": rest("uooooooooo"),
    "api-me": rest("uooooooooo"),
    "api-programs-list": rest("uooooooooo"),
    "api-programs-detail": rest("uooooooo44"),
    "api-apprentices-list": rest("uooooooooo"),
    "api-apprentices-detail": rest("uo4o4ooo44"),
    "api-progress": rest("uo4o43oo44"),
    "api-verification": rest("uo4o43oo44"),
    "api-hours-list": rest("uooooooooo", post="ubbbbbbbbb"),
    "api-hours-batch": rest(post="ubbbbbbbbb"),
    "api-hours-move": rest(post="ubbbbbbbbb"),
    "api-hours-behalf": rest(post="ubbbbbbbbb"),
    "api-hours-evidence": rest("uo4o44oo44", post="um43443344"),
    "api-files-detail": rest("uo4o44oo44", delete="un43443344"),
    "api-files-content": rest("uo4o44oo44"),
    "api-due": rest("uo43433344"),
    "api-submit": rest(post="ub43433344"),
    "api-week": rest("uo43433344", put="ub43433344"),
    "api-hours-detail": rest("uo4o44oo44", patch="uk43443344", delete="uk43443344"),
    "api-hours-submit": rest(post="uk43443344"),
    "api-hours-dispute": rest(post="ub4b44bb44"),
    "api-hours-settle": rest(post="uk43443344"),
    "api-hours-correct": rest(post="ub43443344"),
    "api-hours-comments": rest("uo4o44oo44", post="ub4b44bb44"),
    "api-hours-recall": rest(post="uo43443344"),
    "api-hours-approve": rest(post="u34o443344"),
    "api-hours-undo": rest(post="u34k443344"),
    "api-hours-return": rest(post="ub4b44bb44"),
    "api-reports-list": rest("uooooooooo", post="ubbbbbbbbb"),
    "api-reports-detail": rest("uo44444444"),
    "api-reports-file": rest("uk44444444"),
    "api-credits-list": rest("uooooooooo", post="ubbbbbbbbb"),
    "api-credits-detail": rest("uo4444oo44"),
    "api-credits-withdraw": rest(post="ub4444bb44"),
    "api-wages": rest("uo4343oo44", post="u34343b344"),
    "api-receipts-list": rest("uooooooooo"),
    "api-receipts-detail": rest("uo4o44oo44"),
    "api-no-work-list": rest("uooooooooo", post="ubbbbbbbbb"),
    "api-no-work-detail": rest("uo4444oo44"),
    "api-no-work-withdraw": rest(post="ub4444bb44"),
    "api-sign-offs-list": rest("uooooooooo", post="u333333333"),
    "api-sign-offs-detail": rest("uo4o44oo44"),
    "api-sign-offs-withdraw": rest(post="u333333333"),
    "api-classes-list": rest("uooooooooo"),
    "api-classes-detail": rest("u4444ooo44"),
    "api-course-results-list": rest("uooooooooo", post="u333333333"),
    "api-course-results-detail": rest("uo4o4ooo44"),
    "api-course-results-withdraw": rest(post="u333333333"),
    "api-sign-offs-comments": rest("uo4o44oo44", post="ub4b44bb44"),
    "api-attestations-list": rest("uooooooooo"),
    "api-attestations-detail": rest("uo4o44oo44"),
    "api-attestations-accept": rest(post="u333333333"),
    "api-attestations-decline": rest(post="u34b443344"),
    "api-attestation-links-list": rest("uooooooooo", post="ubbbbbbbbb"),
    "api-attestation-links-detail": rest("uo4o44oo44"),
    "api-attestation-links-revoke": rest(post="u34o44o344"),
    "api-notices-list": rest("uooooooooo"),
    "api-notices-read": rest(post="uooooooooo"),
    "api-amendments-list": rest("uooooooooo"),
    "api-amendments-detail": rest("uo4444oo44"),
    "api-amendments-acknowledge": rest(post="uo44443344"),
    "api-amendments-withdraw": rest(post="u34444o344"),
    "api-privacy-reports-list": rest("uooooooooo", post="ubbbbbbbbb"),
    "api-privacy-reports-detail": rest("uo4o44oo44"),
    "api-periodic-reviews-list": rest("uooooooooo", post="u333333333"),
    "api-periodic-reviews-detail": rest("uo4o44oo44"),
    "api-periodic-reviews-respond": rest(post="ub43443344"),
    "api-sign-off-requests-list": rest("uooooooooo", post="ubbbbbbbbb"),
    "api-sign-off-requests-detail": rest("uo4o44oo44"),
    "api-sign-off-requests-withdraw": rest(post="uo43443344"),
    "api-sign-off-requests-decline": rest(post="ub4b44bb44"),
}

ONE_CLICK = "mails-stop"
"""A mail program posts there by itself (RFC 8058); the signed link says for whom and what."""

LISTS = ("program-hours", "program-sign-offs", "raises", "reviewer")
SETTINGS = ("program-settings", "program-elections")

Arguments = dict[str, Any]
OF_REGISTRATION = (
    "registration",
    "registration-history",
    "probation",
    "registration-facts",
    "registration-elections",
    "mentor-assign",
    "apprentice-invite",
    "no-work",
    "credit",
    "credit-grant",
    "wages",
    "wages-decide",
    "ask-for-work",
)


@dataclass(frozen=True)
class World:
    """Everybody, with something of every kind on Ana's record, and as much on that of the other sponsor's
    apprentice, where every text has the word that nobody else may read. No test changes it."""

    cast: Cast
    of: Callable[[str], Arguments]
    walkers: Walkers
    caches: dict[str, object]
    planted: set[str]
    refused: set[str]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    prefix = f"{settings.REDIS_PREFIX}-access"
    with standing(django_db_blocker, prefix=prefix) as cast:
        fill(cast)
        of, theirs = arguments(cast), in_anas_place(cast)
        fill(theirs)
        arguments(theirs)
        planted, refused = plant(rows_of((cast.harbor, cast.olga, cast.dara, cast.chen_user)))
        yield World(cast, of, Walkers(cast), own_caches(prefix), planted, refused)


@pytest.fixture(autouse=True)
def _as_it_stands(settings: Any, world: World, _own_cache: None) -> None:
    """Here it is asked who may, not how often: sixty requests of one address in a second are too many."""
    settings.CACHES, settings.ACCOUNT_RATE_LIMITS = world.caches, False


def of_case() -> dict[str, Arguments]:
    """What the CASE service is asked for: the public schedule, which prints no rating scale."""
    public = WorkProcessSchedule.objects.get(sponsor=None)
    function = public.job_functions.all()[0]
    titles = {"case-item-types": ("CFItemTypes", "Job Function"), "case-concepts": ("CFConcepts", "Core")}
    shared = {name: vocabulary.BY_TITLE[title].uid for name, title in titles.items()}
    ids = {
        **dict.fromkeys(("case-document", "case-package", "case-rubric"), public.uid),
        **dict.fromkeys(("case-item", "case-item-associations"), function.uid),
        "case-association": derived(function.uid, "isChildOf"),
        "case-association-grouping": vocabulary.VERSIONS.uid,
        "case-subjects": public.occupation.uid,
        "case-license": vocabulary.LICENSE.uid,
        **shared,
    }
    return {
        **{name: {"version": "v1p1", "id": uid} for name, uid in ids.items()},
        "case-documents": {"version": "v1p0"},
        "case-discovery": {"version": "v1p0", "file": "imscasev1p0_openapi3_v1p0.json"},
        "case-nothing": {"version": "v1p1", "rest": "CFThings"},
    }


def uploaded(cast: Cast) -> UUID:
    """The number of a file that Nora brought and has not stored yet."""
    schedule = read((SOURCES / "occupation-standards-template.xlsx").read_bytes(), name="template.xlsx")
    return keep(Waiting("template.xlsx", tuple(schedule)), user=cast.nora)


def another(cast: Cast) -> str:
    """Ben's address, whose things are asked for as little as can be; Ana's where he is not of the program."""
    return (cast.ben if cast.ben.program_id == cast.program.pk else cast.ana).user.email


def of_hours(cast: Cast) -> Pending:
    """A file of Ben's hours that Nora looks at."""
    text = f"E-mail,Date,Hours\n{another(cast)},2026-11-02,8\n".encode()
    upload = read_hours(text, name="payroll.csv", kind="hours")
    return Pending(upload, plan_for(upload, sponsor=cast.lakeside))


def from_paper(cast: Cast) -> HistoryFile:
    """History of Ben's that Nora looks at."""
    cells = {"email": another(cast), "date": "2026-03-02", "hours": "8"}
    return HistoryFile("history.xlsx", sha256(b"history").hexdigest(), {"hours": [(2, cells)]})


def of_payroll(cast: Cast) -> Pending:
    """A payroll that Nora looks at."""
    text = f"E-mail,Period start,Period end,Hours\n{another(cast)},2026-11-02,2026-11-08,8\n".encode()
    upload = read_hours(text, name="paid.csv", kind="payroll")
    return Pending(upload, plan_for(upload, sponsor=cast.lakeside))


def paid(cast: Cast) -> PaidHours:
    """What Ben was paid by it."""
    file = of_payroll(cast)
    return bring_paid(file.upload, file.plan, sponsor=cast.lakeside, by=cast.nora, now=NOW).paid.get()


def scanned(cast: Cast, batch: HoursBatch | None) -> UUID:
    """A page of Ana's papers, kept with this batch."""
    page = Clean(b"page", "image/jpeg", "jpg")
    return Scan.keep(page, name="p.jpg", by=cast.nora, now=NOW, batch=batch, apprentice=cast.ana).uid


PEOPLE_OF = ("people", "people-invite", "invitations", "employers")


KEEPING = (
    *("keeping", "keeping-years", "hold-sponsor", "disposal-propose"),
    *("equal-opportunity", "confided-export"),
)


def asked_to_forget(cast: Cast) -> ErasureRequest:
    """That Ana asks to be forgotten."""
    return disposing.ask(cast.ana_user, cast.lakeside, by=cast.ana_user, now=NOW)


def to_dispose(cast: Cast) -> Disposal:
    """What Nora proposed, and nobody confirmed."""
    return Disposal.objects.create(sponsor=cast.lakeside, proposed_by=cast.nora, proposed_at=NOW)


def held_by_law(cast: Cast) -> LegalHold:
    """A legal hold on Ana's record."""
    return LegalHold.objects.place(cast.lakeside, apprentice=cast.ana, by=cast.nora, now=NOW, reason="Case 7")


def arguments(cast: Cast) -> Callable[[str], Arguments]:
    """How each address is asked for: Ana's hours, signatures and so on, or somebody's of another sponsor."""
    week = {"uid": cast.ana.uid, "monday": monday_of(TODAY)}
    entry = HoursEntry.objects.get(apprentice=cast.ana, kind="ojt", status="submitted").uid
    unsent = HoursEntry.objects.get(apprentice=cast.ana, status="draft").uid
    approved = HoursEntry.objects.get(apprentice=cast.ana, status="approved").uid
    file, hidden = (picture(cast, entry) for _ in range(2))
    reported = PrivacyReport.objects.report("evidence", hidden, by=cast.marcus, now=NOW, why="A name").uid
    signature = cast.ana.sign_offs.all()[0].uid
    table = of_hours(cast)
    brought = bring(table.upload, table.plan, sponsor=cast.lakeside, by=cast.nora, now=NOW).batch
    batch = brought.uid if brought else None
    token, _ = ApiToken.objects.issue(cast.ana_user, name="her own", scopes=["read"], days=9, now=NOW)
    framework = Framework.objects.get().uid
    statement = FrameworkStatement.objects.filter(kind="statement")[0]
    resource = LearningResource.objects.keep(
        cast.lakeside, by=cast.nora, now=NOW, title="A book", address="https://example.org/book"
    )
    resource.use_for(statement)
    report = ReportRun.objects.get(requested_by=cast.ana_user).uid
    employer, _ = Employer.objects.get_or_create(sponsor=cast.lakeside, name="North Clinic")
    draft = begin_draft(cast.program.schedule, sponsor=cast.lakeside)
    drafted = {"uid": draft.uid, "kind": "job-function", "pk": draft.job_functions.get(number=1).pk}
    waiting, _ = Invitation.objects.issue(
        "eli@example.org", now=timezone.now(), sponsor=cast.lakeside, role="mentor"
    )
    proposal = amended(cast).uid
    named = {"by": cast.marcus, "now": NOW, "competencies": [cast.competency("2g")], "way": "code"}
    link, _ = AttestationLink.objects.issue(cast.ana, **named)
    attested = attested_by_somebody(cast).uid
    held = reviewed(cast).uid
    asked = SignOffRequest.objects.ask(
        cast.ana, by=cast.ana_user, now=NOW, competencies=[cast.competency("3a")]
    ).uid
    special: dict[str, Arguments] = {
        **{
            key: {"uid": report}
            for key in ("report", "report-file", "report-retry", "operations-build-again")
        },
        **{
            key: {"uid": cast.ana.uid}
            for key in ("week", "hours", "progress", "sign", "sign-offs", "ask", "sheet")
        },
        "review-two-minutes": {},
        **{f"sign-off-request{act}": {"uid": asked} for act in ("", "-withdraw", "-decline")},
        "day": {"uid": cast.ana.uid, "day": TODAY},
        "competency": {"uid": cast.ana.uid, "code": "2g"},
        **{f"evidence{act}": {"uid": file.uid} for act in ("", "-remove")},
        "evidence-add": {"uid": entry},
        "privacy-report": {"about": "entry", "uid": entry},
        **{f"privacy-{act}": {"uid": reported} for act in ("one", "agree", "show")},
        "notice-follow": {"uid": Notice.objects.filter(person=cast.ana_user)[0].uid},
        "mails-stop": {"token": stop_path(cast.ana_user, about="").split("/")[-2]},
        **{key: {"uid": cast.ana.uid, "code": "2g"} for key in ("sign-competency", "hand-phone", "paper")},
        "hours-edit": {"uid": unsent},
        "hours-delete": {"uid": unsent},
        "hours-correct": {"uid": approved},
        **{
            key: {"uid": cast.program.uid}
            for key in (
                "program",
                "for-registration",
                "worth-a-look",
                "enrol",
                "enrol-list",
                "classes",
                "class-new",
                *LISTS,
                *SETTINGS,
            )
        },
        **{key: {"uid": cast.ana.uid} for key in OF_REGISTRATION},
        **{key: {"uid": cast.klass.uid} for key in ("class", "class-results", "class-attendance")},
        "course-result": {"uid": cast.ana.course_results.get().uid},
        **{key: {"uid": cast.ana.mentorships.get().uid} for key in ("mentor-end", "stand-in")},
        "first-steps-put-away": {"uid": cast.lakeside.uid},
        **{key: {"uid": cast.lakeside.uid} for key in ("second-step", "second-step-set")},
        "status-change": {"uid": cast.ana.uid, "to": "suspended"},
        **{key: {"uid": cast.lakeside.uid} for key in (*PEOPLE_OF, *KEEPING)},
        **{key: {"uid": cast.ana.uid} for key in ("hold", "erasure-for", "about-you", "agency-form")},
        "erasure-request": {"uid": asked_to_forget(cast).uid},
        **{f"disposal{act}": {"uid": to_dispose(cast).uid} for act in ("", "-confirm", "-withdraw")},
        "hold-lift": {"uid": held_by_law(cast).uid},
        **{
            key: {"uid": cast.marcus.memberships.get().uid}
            for key in ("membership", "membership-end", "hand-over", "second-step-reset")
        },
        **{key: {"uid": waiting.uid} for key in ("invitation-again", "invitation-withdraw")},
        "employer": {"uid": employer.uid},
        **{key: {"uid": proposal} for key in ("amendment", "amendment-withdraw")},
        "program-amend": {"uid": cast.program.uid},
        **{
            f"schedule{act}": {"uid": cast.program.schedule.uid}
            for act in ("", "-adapt", "-differences", "-approve", "-retire")
        },
        "schedule-letter": {"uid": attached(cast).uid},
        "standards-look": {"uid": uploaded(cast)},
        "log-for": {"uid": cast.program.uid},
        "hours-import": {"uid": cast.lakeside.uid},
        **{key: {"uid": cast.lakeside.uid} for key in ("payroll", "history-start", "history-workbook")},
        "history-look": {"uid": cast.lakeside.uid, "file": keep(from_paper(cast), user=cast.nora)},
        "payroll-look": {"uid": cast.lakeside.uid, "file": keep(of_payroll(cast), user=cast.nora)},
        "paid-hours": {"uid": paid(cast).uid},
        "hours-import-look": {"uid": cast.lakeside.uid, "file": keep(of_hours(cast), user=cast.nora)},
        **{key: {"uid": batch} for key in ("hours-batch", "hours-batch-undo", "scans-add")},
        "scan": {"uid": scanned(cast, brought)},
        **{f"draft{act}": {"uid": draft.uid} for act in ("", "-about", "-same", "-finish", "-discard")},
        "draft-topics": {"uid": draft.uid, "pk": drafted["pk"]},
        "draft-add": {"uid": draft.uid, "kind": "job-function"},
        **{f"draft-{act}": drafted for act in ("change", "move", "remove")},
        **{f"crosswalk{act}": {"uid": cast.program.schedule.uid} for act in ("", "-decide", "-suggest")},
        "framework": {"uid": framework},
        "schedule-file": {"uid": cast.program.schedule.uid, "form": "case-1.1"},
        "framework-file": {"uid": framework, "form": "ctdl-asn"},
        "statement": {"uid": statement.uid},
        "resource-add": {"uid": statement.uid},
        "resource-pin": {"uid": statement.uid, "resource": resource.uid},
        "library-import": {"uid": cast.lakeside.uid},
        **{f"coverage{act}": {"uid": cast.program.uid} for act in ("", "-places")},
        "coverage-course": {"uid": cast.program.uid, "course": cast.klass.course.uid},
        "study": {"uid": cast.ana.uid, "code": "2e"},
        **{
            f"study-{act}": {"uid": cast.ana.uid, "code": "2e", "resource": resource.uid}
            for act in ("done", "send")
        },
        **{f"{place}-typed": {"uid": cast.ana.uid, "first": TODAY} for place in ("day", "week")},
        "period-submit": {"uid": cast.ana.uid, "first": TODAY},
        "receipts": {"uid": cast.ana.uid},
        "receipt": {"uid": cast.ana.receipts.all()[0].uid},
        "credit-take-back": {"uid": cast.ana.credits.get().uid},
        "why": {"uid": cast.ana.uid, "name": "percent"},
        "no-work-take-back": {"uid": cast.ana.no_work_periods.get().uid},
        "api-resources-detail": {"id": resource.uid},
        **{key: {"uid": cast.ana.uid} for key in ("attestation-links", "attestation-new")},
        **{key: {"uid": cast.ana.uid} for key in ("periodic-reviews", "periodic-review-new")},
        **{key: {"uid": held} for key in ("periodic-review", "periodic-review-respond")},
        "program-reviews": {"uid": cast.program.uid},
        **{f"api-periodic-reviews-{part}": {"id": held} for part in ("detail", "respond")},
        "api-hours-files-undo": {"id": batch},
        "api-privacy-reports-detail": {"id": reported},
        **{f"api-amendments-{part}": {"id": proposal} for part in ("detail", "acknowledge", "withdraw")},
        **{f"api-attestations-{part}": {"id": attested} for part in ("detail", "accept", "decline")},
        **{f"api-attestation-links-{part}": {"id": link.uid} for part in ("detail", "revoke")},
        "attestation-link-revoke": {"uid": link.uid},
        "attest": {"token": "unknown"},
        "record": {"uid": cast.ana.uid},
        "verify": {"code": proof_of(cast.ana.uid).code},
        **{f"attestation{act}": {"uid": attested} for act in ("", "-accept", "-decline")},
        "token-revoke": {"uid": token.uid},
        "invitation": {"token": "unknown"},
        "session-end": {"pk": 1},
        "mfa_edit_webauthn": {"pk": 1},
        "mfa_remove_webauthn": {"pk": 1},
        "account_confirm_email": {"key": "unknown"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "un-known"},
        **of_case(),
        "api-programs-detail": {"id": cast.program.uid},
        **{key: {} for key in ("api-hours-batch", "api-hours-move", "api-hours-behalf")},
        **{f"api-files-{part}": {"id": file.uid} for part in ("detail", "content")},
        "api-week": {"id": cast.ana.uid, "monday": monday_of(TODAY)},
        "api-classes-detail": {"id": cast.klass.uid},
        **{
            f"api-schedules-{part}": {"id": cast.program.schedule.uid}
            for part in ("detail", "versions", "differences")
        },
        "api-frameworks-detail": {"id": framework},
    }
    families: list[tuple[tuple[str, ...], Arguments]] = [
        (("week-submit", "week-grid", "review-"), week),
        (("api-hours-", "hours-"), {"id": entry}),
        (("api-sign-offs-",), {"id": signature}),
        (("api-course-results-",), {"id": cast.ana.course_results.get().uid}),
        (("api-sign-off-requests-",), {"id": asked}),
        (("api-reports-",), {"id": report}),
        (("api-credits-",), {"id": cast.ana.credits.get().uid}),
        (("api-receipts-",), {"id": cast.ana.receipts.all()[0].uid}),
        (("api-no-work-",), {"id": cast.ana.no_work_periods.get().uid}),
        (("api-apprentices-", "api-progress", "api-wages", "api-due", "api-submit"), {"id": cast.ana.uid}),
        (("api-verification",), {"id": cast.ana.uid}),
    ]

    def of(name: str) -> Arguments:
        if name in special:
            return special[name]
        if name.startswith("hours-"):
            return {"uid": entry}
        if name.startswith("sign-off"):
            return {"uid": signature}
        if name.endswith("-list"):
            return {}
        return next((found for starts, found in families if name.startswith(starts)), {})

    return of


def picture(cast: Cast, entry: UUID) -> Evidence:
    """A photo on hours of Ana's."""
    data = photo()
    row = HoursEntry.objects.select_related("apprentice__program").get(uid=entry)
    return Evidence.objects.attach(
        row, by=cast.ana_user, now=NOW, file=BytesIO(data), size=len(data), name="desk.jpg"
    )


def amended(cast: Cast) -> Amendment:
    """Ana is asked to learn by another version."""
    after = adopt(cast.program.schedule, sponsor=cast.lakeside, now=NOW, minimum_ri_minutes=6000)
    return Amendment.objects.propose(cast.ana, after, effective_on=TODAY, by=cast.nora, now=NOW)


def attached(cast: Cast) -> VersionStep:
    """The agency's letter about the program's schedule."""
    content = b"%PDF-1.7"
    return VersionStep.objects.create(
        schedule=cast.program.schedule,
        status="published",
        on=TODAY,
        letter=ContentFile(content, name="letter.pdf"),
        letter_hash=sha256(content).hexdigest(),
        by=cast.nora,
        at=NOW,
    )


def fill(cast: Cast) -> None:
    """Something of every kind on Ana's record, and as much on that of another sponsor's apprentice."""
    cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ri())
    cast.approved(cast.ana, cast.ojt("1a", minutes=60))
    cast.log(cast.ana, cast.ojt("1b", minutes=60))
    cast.sign(cast.ana, "2g")
    cast.grade(Outcome(cast.ana, passed=True))
    seen = {"evidence": "Transcript", "decided_on": TODAY, "wage_step": None}
    Credit.objects.grant(cast.ana, [CreditLine(600)], **seen, by=cast.nora, now=NOW)
    days = {"first_day": TODAY, "last_day": TODAY}
    NoWorkPeriod.objects.record(cast.ana, "leave", **days, by=cast.ana_user, now=NOW)
    ReportRun.objects.start(by=cast.ana_user, document="schedule", now=timezone.now(), apprentice=cast.ana)
    note_heartbeat()


def test_every_address_has_its_line() -> None:
    ours = {name for name in walk() if not name.startswith("admin:")}
    assert ours - MATRIX.keys() == set(), "write a line for these addresses"
    assert MATRIX.keys() - ours == set(), "these lines have no address"


def test_every_text_of_the_other_sponsor_has_the_word(world: World) -> None:
    """So what the matrix asks for would show any of them. New fields come in by themselves."""
    assert world.refused == NOT_SAID
    assert len(world.planted) > 100 and {"HoursEntry.note", "SignOff.note", "User.email"} <= world.planted


@pytest.mark.parametrize("name", MATRIX)
def test_everybody_gets_what_the_matrix_says(world: World, name: str) -> None:
    assert world.walkers.answers(name, world.of(name)) == MATRIX[name]


def test_the_admin_is_nobodys_of_the_cast(world: World) -> None:
    names = {name for name in walk() if name.startswith("admin:")} - {"admin:login", "admin:jsi18n"}
    assert len(names) > 20
    for who in world.walkers.browsers:
        found = {
            letter(world.walkers.ask(who, "GET", path))
            for path in (reverse("admin:index"), "/admin/ledger/entry/")
        }
        assert found <= {"L", "x"}


def test_every_unsafe_request_of_a_page_needs_its_csrf_token(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.cast.ana_user)
    for name in MATRIX:
        if name.startswith("api-") or name == ONE_CLICK:
            continue
        response = client.post(reverse(name, kwargs=world.of(name)))
        assert response.status_code in (403, 405), f"{name} took a request without its CSRF token"


def test_another_sponsors_things_answer_like_what_does_not_exist(world: World) -> None:
    """Chen's things and ids of nobody get the same answer from everybody at Lakeside."""
    foreign = {"uid": world.cast.chen.uid, "id": world.cast.chen.uid}
    ours = ("week", "hours", "progress", "sign", "registration", "mentor-assign")
    for name in (*ours, "api-progress", "api-apprentices-detail"):
        key = "id" if name.startswith("api-") else "uid"
        theirs = world.walkers.answers(name, {key: foreign[key]})
        nobodys = world.walkers.answers(name, {key: nobodys_id()})
        lakeside = slice(1, 8)
        assert {method: row[lakeside] for method, row in theirs.items()} == {
            method: row[lakeside] for method, row in nobodys.items()
        }
