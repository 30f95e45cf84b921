"""Django settings of the room. Everything a team may change comes from the environment (docs/running-a-room.md)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from django.core.management.utils import get_random_secret_key

from dideban.messages import languages, locale
from dideban.room import environment as env

BASE = Path(__file__).resolve().parent
DATA = env.data_folder()

DEBUG = False
"""Never on: an error page with settings on it is a leak."""
SECRET_KEY_PATH = DATA / "secret.key"


def _secret_key() -> str:
    """Return the key that signs sessions; a passing one where the room has not been made yet (check E001 says so)."""
    if given := env.read_text("DIDEBAN_ROOM_SECRET_KEY"):
        return given
    try:
        return SECRET_KEY_PATH.read_text("ascii").strip() or get_random_secret_key()
    except (OSError, UnicodeDecodeError):
        return get_random_secret_key()


SECRET_KEY = _secret_key()
SITE_URL = env.read_text("DIDEBAN_ROOM_URL", "http://127.0.0.1:8765").rstrip("/")
HTTPS = SITE_URL.startswith("https://")


def _port() -> int:
    """Return the port of the address, 0 where it names none that can be ."""
    try:
        return urlsplit(SITE_URL).port or 0
    except ValueError:
        return 0


ALLOWED_HOSTS = env.read_list("DIDEBAN_ROOM_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []
BEHIND_PROXY = env.read_flag("DIDEBAN_ROOM_BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0

INSTALLED_APPS = [
    "dideban.room.members",
    "dideban.room.rooms",
    "dideban.room.sources",
    "dideban.room.posts",
    "dideban.room.findings",
    "dideban.room.past",
    "dideban.room.narratives",
    "dideban.room.cases",
    "dideban.room.responses",
    "dideban.room.sharing",
    "dideban.room.joint",
    "dideban.room.audit",
    "dideban.room.alerts",
    "dideban.room.review",
    "dideban.room.public",
    "dideban.room.newsletter",
    "dideban.room.exercises",
    "dideban.room.ticks",
    "dideban.room.processes",
    "dideban.room.api",
    "dideban.room.board",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "dideban.room.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "dideban.room.middleware.ContentPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "dideban.room.middleware.ApiMarks",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "dideban.room.members.middleware.Devices",
    "dideban.room.members.middleware.SeenSessions",
    "dideban.room.members.middleware.MemberSettings",
    "dideban.room.middleware.Bounded",
    "dideban.room.members.middleware.SecondFactor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dideban.room.middleware.PlainErrors",
]

ROOT_URLCONF = "dideban.room.urls"
WSGI_APPLICATION = "dideban.room.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "board" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dideban.room.board.context.board",
            ]
        },
    }
]

DATABASES = {"default": env.database(env.read_text("DATABASE_URL"), default=DATA / "room.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "room_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
"""Shared by all processes: the counters of the lock-out live in it."""

AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "dideban.room.members.backend.MemberBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "dideban.room.members.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "dideban.room.members.passwords.NoWordsOfTheRoom"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_WORDS = env.read_list("DIDEBAN_ROOM_PASSWORD_WORDS")
"""Words of the team that no password is made of."""
SESSION_IDLE_HOURS = env.read_number("DIDEBAN_ROOM_SESSION_IDLE_HOURS", 72, least=1, most=336)
"""A session that nobody used for so long is over."""
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "dideban.room.members.adapter.RoomAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
"""No mail to addresses that are no one's."""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
MFA_ADAPTER = "allauth.mfa.adapter.DefaultMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
"""Members come by invitation, and a room may have no mail at all: an address never stands between them and a second
factor."""
MFA_TOTP_ISSUER = "Dideban"
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
USERSESSIONS_TRACK_ACTIVITY = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
HOST_ONLY = "__Host-" if HTTPS else ""
"""Browsers keep cookies of such a name for this host alone, and send them over HTTPS alone."""
OF_PORT = "" if HTTPS or _port() in (0, 80, 8765) else f"_{_port()}"
"""Browsers keep no cookies apart by port: rooms on one machine would sign each other's members out."""
SESSION_COOKIE_NAME = f"{HOST_ONLY}sessionid{OF_PORT}"
CSRF_COOKIE_NAME = f"{HOST_ONLY}csrftoken{OF_PORT}"
LANGUAGE_COOKIE_NAME = f"{HOST_ONLY}language{OF_PORT}"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
DEVICE_COOKIE_NAME = f"{HOST_ONLY}dideban_device{OF_PORT}"
SESSION_COOKIE_AGE = 14 * 86_400
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = False
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and env.read_flag("DIDEBAN_ROOM_HSTS_SUBDOMAINS", default=False)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
INCOMING = DATA / "incoming"
FILE_UPLOAD_TEMP_DIR = str(INCOMING)
"""Files under way hold original ids: they never lie where everybody may look."""

LANGUAGES = [(language, locale(language).name) for language in languages()]
LANGUAGE_CODE = env.read_choice("DIDEBAN_ROOM_LANGUAGE", "en", dict(LANGUAGES))
LOCALE_PATHS = [BASE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.read_zone("DIDEBAN_ROOM_TIME_ZONE", "UTC")

STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "dideban.room.board.static_finders.ReportFinder",
    "dideban.room.board.static_finders.LettersFinder",
]
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

EMAIL_BACKEND = env.read_text("DIDEBAN_ROOM_EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
if env.read_text("DIDEBAN_ROOM_EMAIL_HOST"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
HAS_MAIL = not EMAIL_BACKEND.endswith((".dummy.EmailBackend", ".console.EmailBackend"))
"""Without a mail server nothing is sent, and nothing of it is written to a log: it may hold a secret."""
EMAIL_HOST = env.read_text("DIDEBAN_ROOM_EMAIL_HOST", "localhost")
EMAIL_PORT = env.read_number("DIDEBAN_ROOM_EMAIL_PORT", 587, least=1, most=65_535)
EMAIL_HOST_USER = env.read_text("DIDEBAN_ROOM_EMAIL_USER")
EMAIL_HOST_PASSWORD = env.read_text("DIDEBAN_ROOM_EMAIL_PASSWORD")
EMAIL_USE_TLS = env.read_flag("DIDEBAN_ROOM_EMAIL_TLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.read_text("DIDEBAN_ROOM_EMAIL_FROM", "dideban@localhost")

ALLOW_PRIVATE_ADDRESSES = env.read_flag("DIDEBAN_ROOM_ALLOW_PRIVATE_ADDRESSES", default=False)
"""Sources and webhooks may be on this machine or the local network. Off: they are refused."""
FOLDERS = env.read_list("DIDEBAN_ROOM_FOLDERS")
"""Folders that watched-folder sources may read, besides the inbox of each room."""
ENGINE_THREADS = env.read_number("DIDEBAN_ROOM_ENGINE_THREADS", 0, least=0, most=1024)
JOB_THREADS = env.read_number("DIDEBAN_ROOM_JOB_THREADS", 4, least=1, most=64)
SECOND_MEMBER_DAYS = env.read_number("DIDEBAN_ROOM_SECOND_MEMBER_DAYS", 3, least=0, most=3_650)
"""Days an account must be old to agree to what another member asked for."""
JOINT_S = env.read_number("DIDEBAN_ROOM_JOINT_S", 600, least=1, most=86_400)
"""Seconds between two looks at the record of an epoch that another room or a host keeps."""
ANCHORS = env.read_list("DIDEBAN_ROOM_ANCHORS")
"""Files beside the one of the data folder that anchors of the audit trail are kept in: other disks, other machines."""
ANCHOR_MAIL = env.read_list("DIDEBAN_ROOM_ANCHOR_MAIL")
"""Addresses that get an anchor by mail."""
ANCHOR_MAIL_HOURS = env.read_number("DIDEBAN_ROOM_ANCHOR_MAIL_HOURS", 24, least=1, most=24 * 31)
ANCHOR_PEER = env.read_text("DIDEBAN_ROOM_ANCHOR_PEER")
"""Address of another room that keeps anchors of this one: ``https://other.example.org/api/v1/anchors``."""
ANCHOR_PEER_TOKEN = env.read_text("DIDEBAN_ROOM_ANCHOR_PEER_TOKEN")
COMMENTS = env.read_text("DIDEBAN_ROOM_COMMENTS")
"""Folder of the comment process: what its moderators showed stands on the public site."""
COMMENTS_URL = env.read_text("DIDEBAN_ROOM_COMMENTS_URL").rstrip("/")
"""Where readers write comments: ``https://comments.example.org``."""
METRICS_TOKEN = env.read_text("DIDEBAN_ROOM_METRICS_TOKEN")
REVEAL_KEY_PATH = env.read_text("DIDEBAN_ROOM_REVEAL_KEY_PATH")
NEWSLETTER_KEY_PATH = env.read_text("DIDEBAN_ROOM_NEWSLETTER_KEY_PATH")
"""Folder of the keys that open addresses of readers: kept elsewhere, a backup alone opens none."""
QUEUE_PATH = DATA / "queue.sqlite3"
HUEY_IMMEDIATE = env.read_flag("DIDEBAN_ROOM_JOBS_IMMEDIATE", default=False)
SPOOL_LIMIT = env.read_number("DIDEBAN_ROOM_SPOOL_LIMIT", 200_000, least=1, most=100_000_000)
"""Posts that may wait between acknowledgement and the table before intake asks senders to wait."""

LOG_LEVEL = env.read_choice("DIDEBAN_ROOM_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "dideban.room.logs.JsonFormatter"}},
    "filters": {"secrets": {"()": "dideban.room.logs.HideSecrets"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["secrets"]}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "huey": {"level": "WARNING"},
        "websockets": {"level": "WARNING"},
        "_granian": {"level": "WARNING"},
        "trafilatura": {"level": "CRITICAL"},
    },
}
NINJA_PAGINATION_PER_PAGE = 50
NINJA_PAGINATION_MAX_LIMIT = 500
