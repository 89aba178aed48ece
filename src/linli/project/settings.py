"""Settings, read from the environment; every variable is listed in docs/reference/settings.md."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

PACKAGE = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules


def flag(name: str, default: bool = False) -> bool:
    """An on/off variable: 1, true, yes or on (any case) switch it on."""
    return os.environ.get(name, "1" if default else "").lower() in {"1", "true", "yes", "on"}


DATA_DIR = Path(os.environ.get("LINLI_DATA_DIR", "var")).resolve()
DEMO = flag("LINLI_DEMO")
DEBUG = False


def _secret(name: str, size: int) -> bytes:
    """A secret of this installation, made at first use, whole or not there, readable by its owner alone."""
    path = DATA_DIR / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, fresh = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(size))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)  # of two processes that start together, the first one's secret holds
        os.unlink(fresh)
    return path.read_bytes()


SECRET_KEY = os.environ.get("LINLI_SECRET_KEY") or ("tests" if TESTING else _secret("session", 48).hex())
# Encrypts personal fields and keys the blind indexes; losing it loses those fields.
FIELD_KEY = bytes(32) if TESTING else _secret("fields", 32)

ALLOWED_HOSTS = [h for h in os.environ.get("LINLI_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("LINLI_ORIGINS", "").split(",") if o]
SITE_ADDRESS = os.environ.get("LINLI_ADDRESS", "http://127.0.0.1:8000")
HTTPS = SITE_ADDRESS.startswith("https://")
# Addresses of our own proxies, whose X-Forwarded-For and X-Forwarded-Proto are believed.
TRUSTED_PROXIES = [p for p in os.environ.get("LINLI_PROXIES", "").split(",") if p]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
TOWN_NAME = os.environ.get("LINLI_TOWN", "")
TOWN_NAME_EN = os.environ.get("LINLI_TOWN_EN", "")
# Where text messages go, as an Apprise address; `{phone}` in it stands for the number (E.164). Empty: no messages.
NOTICE_URL = os.environ.get("LINLI_NOTICE_URL", "")

INSTALLED_APPS = [
    "linli.project",
    "linli.desk",
    "linli.portal",
    "linli.flows",
    "linli.intake",
    "linli.joint",
    "linli.consultation",
    "linli.followup",
    "linli.responsibility",
    "linli.cases",
    "linli.notices",
    "linli.people",
    "linli.territory",
    "linli.ui",
    "linli.kernel",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_vite",
]

MIDDLEWARE = [
    "linli.kernel.web.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "linli.kernel.web.ProblemMiddleware",
    "linli.ui.middleware.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "linli.ui.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "linli.project.urls"
WSGI_APPLICATION = "linli.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "linli.ui.context.page",
                "linli.project.context.town",
                "linli.desk.context.staff",
            ],
        },
    }
]


def database(url: str) -> dict[str, object]:
    """Django's connection settings for `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST:PORT/NAME`.

    SQLite runs in WAL mode, takes the write lock at BEGIN and syncs every commit (synchronous=FULL), so that
    an acknowledged case survives a power cut; LINLI_SQLITE_SYNC=NORMAL trades that for speed.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        sync = os.environ.get("LINLI_SQLITE_SYNC", "FULL")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path.removeprefix("/")) or str(DATA_DIR / "linli.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 30,
                "transaction_mode": "IMMEDIATE",
                "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={sync};"
                "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
                "PRAGMA secure_delete=ON;",
            },
        }
    options: dict[str, object] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,  # one connection a thread, kept: the server's threads are few and fixed
        "OPTIONS": options,
    }


DATABASES = {"default": database(os.environ.get("LINLI_DATABASE_URL", "sqlite:///"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "linli.people.adapter.AccountAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Linli"
# Passkeys need https; a browser makes an exception for this machine's own addresses alone, and so do we.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS and urlsplit(SITE_ADDRESS).hostname in {
    "localhost",
    "127.0.0.1",
    "::1",
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = os.environ.get("LINLI_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
DJANGO_VITE = {
    "default": {"manifest_path": PACKAGE / "ui/static/dist/manifest.json", "static_url_prefix": "dist"}
}
MEDIA_ROOT = DATA_DIR / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
X_FRAME_OPTIONS = "DENY"
# Nothing runs that is not ours: no inline script or style, no other host, no frame.
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none';"
    " base-uri 'self'; frame-ancestors 'none'; form-action 'self'"
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"codes": {"()": "linli.kernel.logs.WithoutTrackingCodes"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["codes"]}},
    # It names the receiver of what was not delivered; our own job says which notice it was.
    "loggers": {"apprise": {"level": "CRITICAL"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LINLI_LOG", "WARNING")},
}
