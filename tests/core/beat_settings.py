"""Settings of the beats that tests start: one task, hourly, on the services of the data folder named by PORTAL_DATA."""

from cadre_portal.settings.test import *  # noqa: F403

CELERY_BEAT_SCHEDULE = {"hourly": {"task": "tests.hourly", "schedule": 3600.0}}
LOGGING_CONFIG = None
CELERY_BEAT_MAX_LOOP_INTERVAL = 0.3
