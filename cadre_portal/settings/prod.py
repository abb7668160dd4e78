"""Production: refuses to start without its own secrets; HTTPS in front; no demo account can sign in."""

import base64
import json

from django.core.exceptions import ImproperlyConfigured

from cadre_portal.settings import services
from cadre_portal.settings.base import *  # noqa: F403
from cadre_portal.settings.base import FIELD_KEY_CURRENT, env


def required(name: str, least: int = 1) -> str:
    """The secret ``NAME`` (or the content of ``NAME_FILE``); refuses a missing, short or sample value."""
    value = services.secret(name) or ""
    if len(value) < least or "not-secret" in value or "changeme" in value.lower():
        raise ImproperlyConfigured(f"{name}：生产环境必须设置自己的值（至少 {least} 个字符），也可用 {name}_FILE 指向密钥文件。")
    return value


def field_keys() -> dict[int, str]:
    """``FIELD_KEYS`` as JSON, e.g. {"1": "base64 of 32 bytes"}; the current key must be among them."""
    try:
        keys = {int(number): key for number, key in json.loads(required("FIELD_KEYS", 40)).items()}
        lengths = {len(base64.b64decode(key, validate=True)) for key in keys.values()}
    except (ValueError, AttributeError) as error:
        raise ImproperlyConfigured("FIELD_KEYS 应为 JSON，例如 {\"1\": \"32 字节密钥的 base64\"}。") from error
    if lengths != {32} or FIELD_KEY_CURRENT not in keys:
        raise ImproperlyConfigured("FIELD_KEYS 中每个密钥应为 32 字节，且须含 FIELD_KEY_CURRENT 指定的编号。")
    return keys


DEBUG = False
DEMO_ALLOWED = False
for name in ("DATABASE_URL", "REDIS_URL"):
    required(name)
SECRET_KEY = required("SECRET_KEY", 50)
FIELD_KEYS = field_keys()
INDEX_KEY = required("INDEX_KEY", 40)
ALLOWED_HOSTS = [host for host in required("ALLOWED_HOSTS").split(",") if host]
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS：生产环境不能为 *，请写明域名。")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[f"https://{host}" for host in ALLOWED_HOSTS])
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.smtp.EmailBackend")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
ADMIN_ENABLED = env.bool("ADMIN_ENABLED", default=False)
