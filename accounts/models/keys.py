"""Keys for programs: API tokens, and the keys that make a request happen once."""

import json
import secrets
import uuid
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Case, Value, When
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models.invitations import digest
from accounts.models.people import User
from accounts.refusals import Refusal

PREFIX = "jb_"
KEPT = timedelta(days=30)
"""How long the answer to a once-only request is kept: phones stay without signal longer than a day."""


class Scope(models.TextChoices):
    """What a token may do."""

    READ = "read", "Read: see what you see"
    WRITE = "write", "Write: log and move hours as you"
    SIGN = "sign", "Sign: sign off standards as you"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def with_state(self, *, now: datetime) -> "ApiTokenQuerySet":
        """With `state` at the moment `now` (live, expired, revoked), and `place`: those in force first."""
        state = Case(
            When(revoked_at__isnull=False, then=Value("revoked")),
            When(expires_at__lte=now, then=Value("expired")),
            default=Value("live"),
        )
        live = When(revoked_at=None, expires_at__gt=now, then=Value(0))
        return self.annotate(state=state, place=Case(live, default=Value(1)))

    def live(self, *, now: datetime) -> "ApiTokenQuerySet":
        """Those in force at the moment `now`."""
        return self.filter(revoked_at=None, expires_at__gt=now)

    def issue(
        self,
        user: User,
        *,
        name: str,
        scopes: Iterable[str],
        days: int,
        now: datetime,
        second_step: bool = False,
    ) -> tuple["ApiToken", str]:
        """A new token and its secret. The secret is shown once; only its SHA-256 is kept.

        `second_step`: whether the session that makes it was opened with one.
        """
        wanted = [scope for scope in Scope.values if scope in set(scopes)]
        if not wanted or set(scopes) - set(wanted):
            raise Refusal("Choose among the scopes read, write and sign.", code="scope", field="scopes")
        secret = PREFIX + secrets.token_urlsafe(30)
        token = self.create(
            user=user,
            name=name,
            prefix=secret[:9],
            digest=digest(secret),
            password_stamp=user.get_session_auth_hash(),
            scopes=" ".join(wanted),
            created_at=now,
            expires_at=now + timedelta(days=days),
            second_step=second_step,
        )
        return token, secret

    def authenticate(self, secret: str, *, now: datetime) -> "ApiToken | None":
        """The token row of a secret that is in force at `now`, of a person who still may sign in."""
        if not secret.startswith(PREFIX):
            return None
        token = self.select_related("user").filter(digest=digest(secret), revoked_at=None).first()
        if token is None or token.expires_at <= now or not token.user.is_active:
            return None
        if not constant_time_compare(token.password_stamp, token.user.get_session_auth_hash()):
            return None
        if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=5):
            self.filter(pk=token.pk).update(last_used_at=now)
        return token


class ApiToken(models.Model):
    """A key for a program that acts as its owner, within scopes.

    It ends when it expires, when it is revoked, and when its owner's password changes.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    password_stamp = models.CharField(max_length=64, help_text="A new password ends it, as it ends sessions.")
    scopes = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    second_step = models.BooleanField(default=False, help_text="Made after a second step was shown.")
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def allows(self, scope: str) -> bool:
        """Whether the token carries `scope`; `write` and `sign` each include `read`."""
        held = self.scopes.split()
        return scope in held or (scope == "read" and bool(held))

    def revoke(self, *, now: datetime) -> None:
        self.revoked_at = now
        self.save(update_fields=["revoked_at"])


class KeyReused(Refusal):
    """The key of an earlier request came with another one."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for another request. Use a new key.", code="idempotency_mismatch"
        )


def _exchanged(said: Any, words: str, old: str, fields: Container[str]) -> Any:
    if isinstance(said, list):
        return [_exchanged(one, words, old, fields) for one in said]
    if not isinstance(said, dict):
        return said
    return {
        name: words if value == old and name in fields else _exchanged(value, words, old, fields)
        for name, value in said.items()
    }


def _without(said: Any, words: Container[str], instead: str) -> Any:
    if isinstance(said, list):
        return [_without(one, words, instead) for one in said]
    if isinstance(said, dict):
        return {name: _without(value, words, instead) for name, value in said.items()}
    return instead if isinstance(said, str) and said in words else said


class IdempotencyKeyManager(models.Manager["IdempotencyKey"]):
    @contextmanager
    def once(
        self, user: User, *, key: str, method: str, path: str, words: object, now: datetime
    ) -> Iterator["IdempotencyKey"]:
        """One transaction for the effect of a request and its answer, which the caller gives to the row.

        A second request with this key waits for the first and meets its row, `answered`: nothing is to be
        done again. What raises leaves nothing behind. Raises KeyReused where method, path or `words`
        (whatever JSON can say) differ from those of the first.
        """
        row = self.model(user=user, key=key, method=method, path=path[:300], status=0, created_at=now)
        row.body_hash = digest(json.dumps(words, sort_keys=True, default=str))
        with transaction.atomic():
            try:
                with transaction.atomic():
                    row.save(force_insert=True)
            except IntegrityError as error:
                first = self.get(user=user, key=key)
                if first.request != row.request:
                    raise KeyReused from error
                row = first
            yield row

    def put(self, words: str, *, instead_of: str, fields: Container[str], people: models.Q) -> None:
        """Put other words into these `fields` of the answers that are kept for these people, where words had
        to be hidden on a record. Nothing else of an answer changes, whatever the words are."""
        for row in self.filter(people, body__contains=json.dumps(instead_of)).distinct():
            said = _exchanged(json.loads(row.body), words, instead_of, fields)
            self.filter(pk=row.pk).update(body=json.dumps(said))

    def forget(self, words: Container[str], *, about: Iterable[str], instead: str) -> None:
        """Put `instead` in the place of these words (the name and the address of somebody who is to be
        forgotten), where they are all that a field says, in the answers that name one of `about` (what is
        theirs alone)."""
        for mark in about:
            for row in self.filter(body__contains=json.dumps(mark)):
                said = _without(json.loads(row.body), words, instead)
                self.filter(pk=row.pk).update(body=json.dumps(said))

    def outlived(self, *, now: datetime) -> models.QuerySet["IdempotencyKey"]:
        """Those that nobody comes back for, older than KEPT."""
        return self.filter(created_at__lt=now - KEPT)


class IdempotencyKey(models.Model):
    """One request that must have its effect once, with the answer it got.

    Written in the transaction of the effect; unique per person and key, deleted when it is older than KEPT.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = IdempotencyKeyManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["created_at"])]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.key}"

    @property
    def request(self) -> tuple[str, str, str]:
        """What was asked for; the same again gets the same answer."""
        return self.method, self.path, self.body_hash

    @property
    def answered(self) -> bool:
        return self.status > 0

    def answer(self, *, status: int, body: str) -> None:
        """Keep the answer for whoever asks again."""
        self.status, self.body = status, body
        self.save(update_fields=["status", "body"])
