"""A machine of one's own: demo data, keys that everybody knows, mail into files."""

import base64
import hashlib

from cadre_portal.settings.base import *  # noqa: F403
from cadre_portal.settings.base import env

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = "not-secret-development-only-" + "x" * 40
ALLOWED_HOSTS = ["*"]
DEMO_ALLOWED = True
FIELD_KEYS = {1: base64.b64encode(hashlib.sha256(b"development field key").digest()).decode()}
INDEX_KEY = base64.b64encode(hashlib.sha256(b"development index key").digest()).decode()
ADMIN_ENABLED = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
