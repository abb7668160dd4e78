"""The project: settings, addresses, background work."""

from cadre_portal.celery import app as celery_app

__all__ = ["celery_app"]
