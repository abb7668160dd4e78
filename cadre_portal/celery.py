"""The Celery application; every task lives in the `tasks.py` of its app, every schedule in `cadre_portal/beat.py`."""

import os
from pathlib import Path

from celery import Celery
from celery.signals import heartbeat_sent, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cadre_portal.settings.dev")
app = Celery("cadre_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def announce(**_):
    """Tell whoever started this worker (`PORTAL_READY_FILE`) that it takes work now."""
    if path := os.environ.get("PORTAL_READY_FILE"):
        Path(path).touch()


@heartbeat_sent.connect
def show_life(**_):
    """Every few seconds, for the container's health check (`PORTAL_ALIVE_FILE`)."""
    if path := os.environ.get("PORTAL_ALIVE_FILE"):
        Path(path).touch()
