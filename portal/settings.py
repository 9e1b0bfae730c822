"""All settings of the portal, read from the environment; docs/operations.md lists the variables."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VERSION = "0.3.0"
# demo: plain HTTP, demo accounts, a banner on every page; service: the real thing.
MODE = env.str("PORTAL_MODE", default="demo")
if MODE not in {"demo", "service"}:
    raise ImproperlyConfigured(f"PORTAL_MODE is «{MODE}»; it must be «demo» or «service».")
DEMO = MODE == "demo"
DEBUG = False

DATA_DIR = Path(env.str("PORTAL_DATA", default=str(BASE_DIR / "var")))
DATA_DIR.mkdir(parents=True, exist_ok=True)


def _secret_key() -> str:
    """In service the key comes from the environment; the demo makes its own once and keeps it beside its data."""
    key = env.str("SECRET_KEY", default="")
    if key:
        return key
    if not DEMO:
        raise ImproperlyConfigured("PORTAL_MODE=service needs SECRET_KEY: a random string of 50 characters or more.")
    path = DATA_DIR / "secret-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key(), encoding="ascii")
    return path.read_text(encoding="ascii")


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if DEMO else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
if not DEMO and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("PORTAL_MODE=service needs ALLOWED_HOSTS: the portal's host names, separated by commas.")
if not DEMO and not env.bool("PORTAL_HTTPS", default=False):
    raise ImproperlyConfigured("PORTAL_MODE=service needs PORTAL_HTTPS=1: the portal is served over HTTPS only.")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # allauth's session list asks for it
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "import_export",
    "django_tasks",
    "django_tasks_db",
    "portal",
    "monitoring",
    "methodical",
    "reports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.sealed_pictures",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "portal.middleware.private_pages",
    "portal.middleware.membership_of_request",
    "portal.middleware.end_idle_sessions",
    "portal.middleware.AccessMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
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
                "portal.context.page",
            ],
        },
    },
]

# SQLite: WAL lets readers go on beside the one writer; FULL means «Сохранено» survives a power cut; IMMEDIATE makes a
# writing transaction take its turn at the start instead of failing in the middle.
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'portal.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    # A file, not memory: the live server of the browser journeys reads it from another thread.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# Rate limits of sign-in are counted here, so every process must see the same counts.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}}

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["portal.accounts.PortalBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
    {"NAME": "portal.accounts.NotOnlyDigits"},
    {"NAME": "portal.accounts.NoWordsOfThePlace"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "portal.accounts.ClosedSignUp"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account is made by the administrator for a known address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_SESSION_REMEMBER = False
# A whole computer class signs in from one address, so the limit per address is wide and the one per account narrow.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,5/5m/key", "invitation": "60/m/ip"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Профориентир"
USERSESSIONS_TRACK_ACTIVITY = False

SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if not DEMO:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # nginx in front sets it; see deploy/
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sid"
    CSRF_COOKIE_NAME = "__Host-csrf"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 600

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

LANGUAGE_CODE = "ru"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Moscow"
USE_THOUSAND_SEPARATOR = False  # it would print the year 2 025; portal/formats.py writes the numbers

vars().update(env.email("EMAIL_URL", default="consolemail://"))
EMAIL_CONFIGURED = bool(env.str("EMAIL_URL", default=""))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="portal@localhost")
# How the portal is reached from outside: letters lead there.
_HOME = "http://127.0.0.1:8000" if DEMO else f"https://{ALLOWED_HOSTS[0].lstrip('.*')}"
PORTAL_URL = env.str("PORTAL_URL", default=_HOME).rstrip("/")

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# What a Job may run, by kind; the sibling apps are named here and imported by nobody.
PORTAL_JOBS = {"report": "reports.tasks.build_report", "import": "monitoring.tasks.carry_import"}
# What the worker does in every round, one after another: dotted names of functions without arguments.
PORTAL_ROUNDS = [
    "portal.jobs.sweep",
    "monitoring.actions.reminders.remind_due",
    "portal.actions.notices.send_digests",
    "portal.actions.send_waiting_mail",
    "monitoring.tasks.check_evidence",
    "monitoring.tasks.forget_drafts",
]
# Parts that the apps put on the portal's own pages: dotted names of functions (request, subject) -> html or None.
PORTAL_HOME_SLOTS = [
    "monitoring.views.slots.home_slot",
    "monitoring.views.roundups.home_slot",
    "reports.views.home_slot",
]
# What the apps do when a school is closed or opened again: dotted names of functions (municipality).
PORTAL_AFTER_CLOSING = ["monitoring.actions.totals.rebuild_all_years"]
PORTAL_SCHOOL_SLOTS = ["monitoring.views.slots.school_slot"]
PORTAL_REGULATION_SLOTS = ["monitoring.views.slots.regulation_slot"]
# Entries of the main menu: (URL name, title, permission that opens it).
PORTAL_NAVIGATION = [
    ("home", "Главная", None),
    ("monitoring:campaigns", "Сбор данных", "see_campaigns"),
    ("monitoring:questions", "Вопросы", "answer_questions"),
    ("monitoring:roundups", "Своды", "see_roundups"),
    ("monitoring:dashboard", "Показатели", "see_dashboard"),
    ("monitoring:region", "Муниципалитеты", "see_region"),
    ("reports:list", "Отчёты", "read_reports"),
    ("schools", "Школы", "see_schools"),
    ("regulations", "НПА", "see_regulations"),
    ("people", "Сотрудники", "see_people"),
    ("monitoring:catalogue", "Каталог", "manage_catalogue"),
]
# Addresses that lie below an entry of the menu without beginning as it does: name of the entry → how they begin.
PORTAL_NAVIGATION_BELOW = {
    "monitoring:dashboard": (
        "/monitoring/indicators/",
        "/monitoring/collected/",
        "/monitoring/passports/",
        "/monitoring/published/",
        "/monitoring/tables/",
        "/monitoring/region-forms/",
    ),
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"fontTools": {"level": "ERROR"}, "weasyprint": {"level": "ERROR"}, "matplotlib": {"level": "WARNING"}},
}
