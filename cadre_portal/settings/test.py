"""Strict: unknown template variables fail, passwords hash fast, throttling is out of the way."""

import os
import tempfile
from pathlib import Path

# Each test process has Redis databases of its own (queue and cache), apart from those of a running portal.
os.environ.setdefault("PORTAL_REDIS_DB", {"gw0": "2", "gw1": "4"}.get(os.environ.get("PYTEST_XDIST_WORKER", ""), "6"))

from cadre_portal.settings.dev import *  # noqa: E402, F403
from cadre_portal.settings.dev import REST_FRAMEWORK, TEMPLATES  # noqa: E402

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
