"""The one settings file: everything that differs between machines is read from the environment.

`.env` beside manage.py is read when it is there; real environment variables win over it.
The README's table and `.env.example` explain every variable; nothing exists only in production.
"""

import re
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlparse

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from apprenticeship import identity_provider
from apprenticeship.record_rules import RULES

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")


def secret(name: str) -> str:
    """The value of a secret that has no default: a site must never run on a known key."""
    value = env.str(name, default="")
    if len(value) < 32:
        raise ImproperlyConfigured(
            f"{name} is missing or shorter than 32 characters. Set it in the environment or in .env "
            "(`make run` writes .env once)."
        )
    return value


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = secret("SECRET_KEY")
# Earlier ones, while sessions and what codes of the second step are made from go over to the new one.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_OLD", default=[])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

_site = urlparse(SITE_URL)
_https = _site.scheme == "https"
# This machine is always answered: health checks come from it.
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", default=[_site.hostname]), "127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]  # asked from beside the process, without TLS
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=False)
# Whether every host below this one speaks https is the operator's to know, so not setting it is no fault.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
CSRF_COOKIE_HTTPONLY = True  # pages and the offline queue are given the token, no script reads the cookie
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
    }
}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "heroicons",
    "js_lib_bootstrap5",
    "rest_framework",
    "template_partials",
    "ledger",
    "accounts",
    "competencies",
    "apprenticeship",
    "ojt_logs",
    "reports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.logs.Requests",
    "accounts.middleware.Readable",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.PersonalPages",
    "accounts.middleware.SecondStep",
    "apprenticeship.standing.AsksOnce",
    "accounts.middleware.Refusals",
]

ROOT_URLCONF = "apprenticeship.urls"
WSGI_APPLICATION = "apprenticeship.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.mail",
                "accounts.context.person",
                "accounts.context.sso",
                "ojt_logs.context.told",
                "ojt_logs.context.demo",
            ],
            "builtins": ["accounts.templatetags.journeybook"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Databases: one line decides. SQLite is for one machine.
_database = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'journeybook.sqlite3'}"
DATABASES = {"default": env.db_url_config(_database)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Both ends ask after half a minute of silence whether the other is there: a machine that is cut off would
    # else hold what it was writing for two hours. What DATABASE_URL says wins.
    # The last of these is for a line that breaks while something is under way.
    _asks = {
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
    }
    _server_asks = [f"-c tcp_{name.removeprefix('tcp_')}={value}" for name, value in _asks.items()]
    _line = {**_asks, "options": " ".join(_server_asks)}
    DATABASES["default"]["OPTIONS"] = {**_line, **DATABASES["default"].get("OPTIONS", {})}
# Pages that only show something may be read from a replica of PostgreSQL (accounts/replica.py).
REPLICA_URL = env.str("REPLICA_URL", default="")
REPLICA_LATE_SECONDS = env.float("REPLICA_LATE_SECONDS", default=10)
if REPLICA_URL:
    _replica = env.db_url_config(REPLICA_URL)
    DATABASES["replica"] = {
        **_replica,
        "CONN_MAX_AGE": DATABASES["default"].get("CONN_MAX_AGE", 0),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 2, **_replica.get("OPTIONS", {})},
    }
    DATABASE_ROUTERS = ["accounts.replica.Router"]
    _behind = MIDDLEWARE.index("django.contrib.auth.middleware.LoginRequiredMiddleware") + 1
    MIDDLEWARE.insert(_behind, "accounts.replica.ReadsFromReplica")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis when there is one; otherwise the database (limits) and a folder (the task queue).
REDIS_URL = env.str("REDIS_URL", default="")
REDIS_PREFIX = env.str("REDIS_PREFIX", default="journeybook")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "accounts.shared_cache.Shared",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": REDIS_PREFIX,
        }
    }
else:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}
    }

# Who may come in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.sign_in.OwnAddress"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.ByInvitation"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_FORMS = {
    "login": "accounts.sign_in.SignIn",
    "reset_password": "accounts.sign_in.ForgottenPassword",
    "reset_password_from_key": "accounts.sign_in.NewPasswordByLink",
    "change_password": "accounts.sign_in.NewPassword",
    "reauthenticate": "accounts.sign_in.PasswordAgain",
    "add_email": "accounts.sign_in.NewAddress",
}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {
    # Beside those of django-allauth: pages that ask for a secret of somebody who is not signed in.
    "attest": "30/m/ip",
    "verify": "30/m/ip",
    "hand_over": "5/m/user,20/h/user",
}
# The second step of signing in (accounts/factors)
MFA_ADAPTER = "accounts.factors.adapter.SecondStep"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "accounts.factors.forms.Code",
    "authenticate_webauthn": "accounts.factors.forms.Passkey",
    "reauthenticate": "accounts.factors.forms.CodeAgain",
    "activate_totp": "accounts.factors.forms.SetUpApp",
    "add_webauthn": "accounts.factors.forms.SetUpPasskey",
    "edit_webauthn": "accounts.factors.forms.NamePasskey",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "100/m/ip"}  # a clinic has one address, and a passkey cannot be guessed
MFA_TOTP_TOLERANCE = 1  # clocks differ; accounts/factors/codes.py takes each code once
# Nobody signs up here, so an address that waits for its confirmation is no reason to refuse a second step.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _https  # browsers offer passkeys without TLS on localhost alone
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Journeybook: "

# Signing in at another organisation, where the operator set it up (accounts/sso.py, docs/deploy.md)
SSO_ISSUER = env.str("SSO_ISSUER", default="").rstrip("/")
SSO_SAML_METADATA = env.str("SSO_SAML_METADATA", default="")
SSO_NAME = env.str("SSO_NAME", default="your organisation")
SSO_DOMAINS = [one.lower() for one in env.list("SSO_DOMAINS", default=[])]
SSO_ID = ""
"""Names of people are kept under this one, so that those of another site never count as these."""
if SSO_ISSUER and SSO_SAML_METADATA:
    raise ImproperlyConfigured("SSO_ISSUER and SSO_SAML_METADATA are two other sites: set one of them.")
if SSO_ISSUER:
    _there = urlparse(SSO_ISSUER)
    SSO_ID = re.sub(r"[^a-z0-9.]+", "-", (_there.netloc + _there.path).lower())
    if not all(find_spec(name) for name in ("jwt", "oauthlib", "requests")):
        raise ImproperlyConfigured("SSO_ISSUER needs the extra “sso” of this package (docs/deploy.md).")
    if _there.scheme != "https" and _there.hostname not in ("localhost", "127.0.0.1"):
        raise ImproperlyConfigured("SSO_ISSUER must begin with https://: who comes in rests on it.")
    INSTALLED_APPS += ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
    _app = {
        "client_id": env.str("SSO_CLIENT_ID"),
        "secret": env.str("SSO_CLIENT_SECRET"),
        "settings": {"server_url": SSO_ISSUER},
    }
    SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [_app]}}
elif SSO_SAML_METADATA:
    if not all(find_spec(name) for name in ("onelogin", "xmlsec")):
        raise ImproperlyConfigured(
            "SSO_SAML_METADATA needs the extra “sso” of this package (docs/deploy.md)."
        )
    SSO_SAML = identity_provider.read(SSO_SAML_METADATA)
    _there = urlparse(SSO_SAML["singleSignOnService"]["url"])
    SSO_ID = "saml-" + sha256(SSO_SAML["entityId"].encode()).hexdigest()
    INSTALLED_APPS += ["allauth.socialaccount", "accounts.saml"]
    _app = {"client_id": SSO_ID}
    SOCIALACCOUNT_PROVIDERS = {"saml": {"APPS": [_app]}}
if SSO_ID:
    if not SSO_DOMAINS:
        raise ImproperlyConfigured("SSO_DOMAINS must name the domains whose addresses the other site proves.")
    _app |= {"provider_id": SSO_ID, "name": SSO_NAME}
    # Browsers follow a form to the other site only where the policy names it.
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += [f"{_there.scheme}://{_there.netloc}"]
    SOCIALACCOUNT_ADAPTER = "accounts.sso.KnownPeople"
    SOCIALACCOUNT_AUTO_SIGNUP = False

# With DEBUG mails go into files, which the demo shows on a page.
_mails = f"filemail:///{VAR_DIR / 'mails'}" if DEBUG else "consolemail://"
EMAIL_CONFIG = env.email("EMAIL_URL", default=_mails)
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="journeybook@localhost")

# Whose calendar says which memberships and assignments are in force; nobody's own time zone does.
AUTHORITY_TIME_ZONE = env.str("AUTHORITY_TIME_ZONE", default="America/Chicago")
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "apprenticeship.fonts.SubsetFonts",
    "apprenticeship.icons.AppIcons",
    "apprenticeship.styles.Stylesheet",
]
# Files of people and of reports: a folder that all processes share, or a bucket (apprenticeship/buckets.py)
MEDIA_ROOT = VAR_DIR / "files"
STORAGE_URL = env.str("STORAGE_URL", default="")
_bucket = {"BACKEND": "apprenticeship.buckets.Bucket", "OPTIONS": {"url": STORAGE_URL}}
STORAGES = {
    "default": _bucket if STORAGE_URL else {"BACKEND": "apprenticeship.storages.Folder"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# Backups: taken each night where a folder is named (reports/backups/)
BACKUP_DIR = env.str("BACKUP_DIR", default="")
BACKUP_KEEP_DAYS = env.int("BACKUP_KEEP_DAYS", default=14)
BACKUP_KEEP_MONTHS = env.int("BACKUP_KEEP_MONTHS", default=12)
BACKUP_PASSPHRASE = env.str("BACKUP_PASSPHRASE", default="")
BACKUP_PASSPHRASE_FILE = env.str("BACKUP_PASSPHRASE_FILE", default="")

# REST
API_REQUESTS_A_MINUTE = env.int("API_REQUESTS_A_MINUTE", default=600)  # of one token
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.ScopePermission"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.throttling.PerToken"],
    "DEFAULT_PAGINATION_CLASS": "accounts.api.Paging",
    "DEFAULT_RENDERER_CLASSES": ["accounts.api.QuickJSON"],
    "DEFAULT_PARSER_CLASSES": ["accounts.api.SmallJSON"],
    "DEFAULT_SCHEMA_CLASS": "accounts.schema.Told",
    "EXCEPTION_HANDLER": "accounts.api.problem",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "PAGE_SIZE": 100,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Journeybook",
    "DESCRIPTION": "Progress, hours and sign-offs of registered apprentices. Durations are integer minutes.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "accounts.schema.add_links",
    ],
    "ENUM_NAME_OVERRIDES": {
        "AlignmentKindEnum": "competencies.models.AlignmentKind",
        "HoursKindEnum": ["ojt", "ri"],
        "AlignmentStatusEnum": "competencies.models.AlignmentStatus",
        "ScheduleStatusEnum": "competencies.models.Status",
    },
}

# What papers call the two kinds of training: the words of the registration agency. Screens say OJT and RI.
PAPER_LABELS = {
    "ojt": env.str("PAPER_OJT", default="on-the-job learning"),
    "ojt_short": env.str("PAPER_OJT_SHORT", default="OJL"),
    "ri": env.str("PAPER_RI", default="related instruction"),
    "ri_short": env.str("PAPER_RI_SHORT", default="RI"),
}

# Where to look for what the library here has none of: name and address, {text} is the statement.
_open_libraries = {
    "OER Commons": "https://oercommons.org/search?f.search={text}",
    "MERLOT": "https://www.merlot.org/merlot/materials.htm?keywords={text}",
}
LEARNING_SEARCHES = list(env.dict("LEARNING_SEARCHES", default=_open_libraries).items())

# The log: JSON without personal data (accounts/logs.py); text, with everything, for one's own eyes alone.
LOG_FORMAT = "text" if DEBUG and env.str("LOG_FORMAT", default="text") != "json" else "json"
_told = "INFO" if LOG_FORMAT == "json" else "WARNING"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "accounts.logs.Lines"}, "text": {"()": "accounts.logs.Text"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        **{
            name: {"level": _told}
            for name in ("accounts", "competencies", "apprenticeship", "ojt_logs", "reports", "celery")
        },
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"level": "ERROR"},  # refusals have their own line
        "gunicorn.error": {"handlers": [], "level": _told, "propagate": True},
        "gunicorn.access": {"level": "CRITICAL"},
        "celery.worker.strategy": {"level": "WARNING"},  # "received": likewise
        "celery.app.trace": {"level": "WARNING"},
    },
}

# The record. Keys are explained in ledger/chain.py; what the database refuses stands in record_rules.py.
LEDGER_KEY_ID = env.str("LEDGER_KEY_ID", default="1")
LEDGER_KEYS = {**env.dict("LEDGER_OLD_KEYS", default={}), LEDGER_KEY_ID: secret("LEDGER_KEY")}
LEDGER_TRIGGERS = RULES
CHECKPOINT_DIR = Path(env.str("CHECKPOINT_DIR", default=str(VAR_DIR / "checkpoints")))

# What people confide about themselves is encrypted with the first of these; the others still open what they
# sealed (accounts/sealed.py). Without one it is not asked for.
PRIVATE_KEYS = [key for key in env.list("PRIVATE_KEYS", default=[]) if key]
if any(len(key) < 32 for key in PRIVATE_KEYS):
    raise ImproperlyConfigured("Each of PRIVATE_KEYS needs at least 32 characters.")

# When /readyz and the page for operators begin to complain.
DISK_LOW_MB = env.int("DISK_LOW_MB", default=2000)
DISK_FULL_MB = env.int("DISK_FULL_MB", default=200)
CHECKPOINT_OLD_HOURS = env.int("CHECKPOINT_OLD_HOURS", default=26)

# Tasks: the row of a report is the record, the queue is only a hint. A worker serves all queues, or those of
# --queues: what the clock sends, papers that somebody waits for, and what may take long.
CELERY_TASK_DEFAULT_QUEUE = "scheduled"
CELERY_TASK_QUEUES = {
    name: {"exchange": name, "routing_key": name} for name in ("scheduled", "interactive", "bulk")
}
CELERY_TASK_ROUTES = {"reports.tasks.back_up": {"queue": "bulk"}}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300  # of tasks that state none of their own
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "reap-reports": {"task": "reports.tasks.reap", "schedule": 60.0},
    "back-up": {"task": "reports.tasks.back_up", "schedule": crontab(hour=7, minute=10)},
    "mail-notices": {"task": "ojt_logs.tasks.mail_notices", "schedule": 60.0},
    "mail-digests": {"task": "ojt_logs.tasks.mail_digests", "schedule": crontab(minute=5)},
    "clear-outlived": {"task": "accounts.tasks.clear_outlived", "schedule": crontab(hour=8, minute=20)},
    "tell-raises": {"task": "ojt_logs.tasks.tell_raises", "schedule": crontab(minute=40)},
    "take-checkpoints": {"task": "ledger.tasks.take_checkpoints", "schedule": crontab(hour=6, minute=10)},
    "mail-checkpoints": {"task": "ojt_logs.tasks.mail_checkpoints", "schedule": crontab(hour=6, minute=40)},
    "compare-totals": {"task": "ojt_logs.tasks.compare_totals", "schedule": crontab(hour=9, minute=10)},
    "clear-notices": {"task": "ojt_logs.tasks.clear_notices", "schedule": crontab(hour=8, minute=25)},
}
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "global_keyprefix": f"{REDIS_PREFIX}:celery:",
        "visibility_timeout": 900,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        # A request does not wait for a queue that is away: the reaper brings its report later.
        "max_retries": 1,
        "interval_start": 0,
        "socket_connect_timeout": 1,
    }
else:
    _queue = VAR_DIR / "queue"
    for _folder in ("messages", "control"):
        (_queue / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost/"
    CELERY_BROKER_TRANSPORT = "apprenticeship.folder_queue:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "control_folder": str(_queue / "control"),
        "polling_interval": 0.02,
    }
