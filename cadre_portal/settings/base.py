"""Settings shared by dev, test and prod. What an office may want to change is read from the environment."""

from pathlib import Path

import environ
import pghistory

from cadre_portal.beat import SCHEDULE
from cadre_portal.settings import services

env = environ.Env()
ROOT = Path(__file__).resolve().parents[2]
DATA = services.data_dir(ROOT)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "pgtrigger",
    "pghistory",
    "axes",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "import_export",
    "csp",
    "apps.core",
    "apps.accounts",
    "apps.activity",
    "apps.files",
    "apps.cadres",
    "apps.care",
    "apps.branches",
    "apps.brands",
    "apps.dashboard",
]
MIDDLEWARE = [
    "apps.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.core.outbox.FetchRedirectMiddleware",
    "apps.accounts.middleware.TokenUserMiddleware",
    "apps.accounts.middleware.SessionClockMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "apps.accounts.middleware.ScopeMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "cadre_portal.urls"
WSGI_APPLICATION = "cadre_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "apps.core.context.shell",
            ],
            "builtins": ["apps.core.templatetags.portal"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": services.database(ROOT)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = services.redis_url(ROOT)
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": services.cache_url(REDIS_URL)}
}

# Signing in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "apps.accounts.backends.PortalBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
PASSWORD_MIN_LENGTH = env.int("PASSWORD_MIN_LENGTH", default=10)
PASSWORD_MIN_KINDS = env.int("PASSWORD_MIN_KINDS", default=3)
PASSWORD_MAX_DAYS = env.int("PASSWORD_MAX_DAYS", default=90)
PASSWORD_REMEMBERED = env.int("PASSWORD_REMEMBERED", default=5)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "apps.accounts.passwords.KindsValidator"},
    {"NAME": "apps.accounts.passwords.NotReusedValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=5)
AXES_COOLOFF_TIME = env.float("LOGIN_LOCK_HOURS", default=0.5)
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_LOCKOUT_CALLABLE = "apps.accounts.views.session.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = env.int("PROXY_COUNT", default=0)
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = env.int("SESSION_MAX_SECONDS", default=12 * 3600)
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=30 * 60)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
OFFLINE_HOURS = env.int("OFFLINE_HOURS", default=8)  # how long a work list may be carried along without a line; 0 takes all of it away
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "apps.core.errors.csrf_failure"
DEMO_ALLOWED = False

# Personal data: keys come from outside the database. FIELD_KEYS maps a key's number to base64 of 32 bytes.
FIELD_KEY_CURRENT = env.int("FIELD_KEY_CURRENT", default=1)
FIELD_ALGORITHM = env.str("FIELD_ALGORITHM", default="aes-gcm")

# Language, time
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# Files
STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = ROOT / "staticfiles"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(DATA / "media")))
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
TRANSFER_DAYS = env.int("TRANSFER_DAYS", default=30)
TRANSFER_REMIND_DAYS = env.int("TRANSFER_REMIND_DAYS", default=7)
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=200 * 2**20)
IMPORT_KEEP_DAYS = env.int("IMPORT_KEEP_DAYS", default=180)  # uploaded sheets lie encrypted that long, then their bytes are removed
IMPORT_EXPIRE_DAYS = env.int("IMPORT_EXPIRE_DAYS", default=30)  # a checked batch nobody confirms
# Lists going out: a reason from so many rows on, in the background from so many on, never more than so many, kept for so many days.
EXPORT_REASON_ABOVE = env.int("EXPORT_REASON_ABOVE", default=100)
EXPORT_BACKGROUND_ABOVE = env.int("EXPORT_BACKGROUND_ABOVE", default=2_000)
EXPORT_MOST = env.int("EXPORT_MOST", default=200_000)
EXPORT_KEPT_DAYS = env.int("EXPORT_KEPT_DAYS", default=7)
PHOTO_MAX_BYTES = env.int("PHOTO_MAX_BYTES", default=15 * 2**20)

# Where the deployment ends at the top: "/" is the country, "/36/" a province.
PORTAL_TOP = env.str("PORTAL_TOP", default="/")
PORTAL_NAME = env.str("PORTAL_NAME", default="老干部工作平台")
PORTAL_URL = env.str("PORTAL_URL", default="").rstrip("/")  # address written into mails; none, no link

# Mail
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="portal@localhost")
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="apps.activity.mail_file.MailFileBackend")
EMAIL_FILE_PATH = DATA / "mail"
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = services.secret("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 20

# Group robots: hosts one may write to; private addresses (and plain HTTP, other ports) only for a robot server of one's own, and for tests.
ROBOT_HOSTS = env.list("ROBOT_HOSTS", default=["qyapi.weixin.qq.com", "oapi.dingtalk.com"])
ROBOT_PRIVATE_ALLOWED = env.bool("ROBOT_PRIVATE_ALLOWED", default=False)
ROBOT_TIMEOUT = env.float("ROBOT_TIMEOUT", default=5.0)
# On days off nobody gets a digest; what is due is told on the next working day.
REMIND_ON_DAYS_OFF = env.bool("REMIND_ON_DAYS_OFF", default=False)

# Celery
CELERY_BROKER_URL = services.broker_url(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 6 * 3600, "global_keyprefix": f"portal{env.int('PORTAL_REDIS_DB', default=0)}:"}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA / "celerybeat-schedule")

# Security headers
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.accounts.api_auth.RequestUserAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.accounts.api_auth.HasRight"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle", "rest_framework.throttling.AnonRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": env.str("API_RATE", default="600/min"), "anon": "30/min"},
    "EXCEPTION_HANDLER": "apps.accounts.api_auth.refusals_as_json",
}
REST_KNOX = {"TOKEN_TTL": None, "AUTO_REFRESH": False}
SPECTACULAR_SETTINGS = {
    "TITLE": "老干部工作平台 API",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# History
PGHISTORY_APPEND_ONLY = True
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)  # history is read by record or by context, never by unit or author
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(db_index=True)
PGHISTORY_CONTEXT_FIELD = pghistory.ContextForeignKey(db_index=True)
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

SILENCED_SYSTEM_CHECKS = []
ADMIN_ENABLED = False

from cadre_portal.settings.logging import LOGGING  # noqa: E402, F401
