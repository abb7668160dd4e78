"""Strict: unknown template variables fail, passwords hash fast, throttling is out of the way."""

import tempfile
from pathlib import Path

from cadre_portal.settings.dev import *  # noqa: F403
from cadre_portal.settings.dev import REST_FRAMEWORK, TEMPLATES

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
_scratch = Path(tempfile.mkdtemp(prefix="portal-test-"))
MEDIA_ROOT = _scratch / "media"
EMAIL_FILE_PATH = _scratch / "mail"
STATIC_ROOT = _scratch / "static"
STATIC_ROOT.mkdir()
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = "〔未知变量 %s〕"
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"user": "100000/min", "anon": "100000/min"}}
ALLOWED_HOSTS = ["*"]
