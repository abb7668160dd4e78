"""Production settings whose static files go to a folder of the test."""

import os
from pathlib import Path

from cadre_portal.settings.prod import *  # noqa: F403

STATIC_ROOT = Path(os.environ["TEST_STATIC_ROOT"])
# Compressing takes minutes on a busy machine and finds nothing more than the manifest does.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}  # noqa: F405
