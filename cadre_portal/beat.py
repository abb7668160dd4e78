"""Every schedule of the portal, in Asia/Shanghai time. Tasks stand here by name only, so that settings can import this file.

Each task looks at a window of days and writes each result once, so a beat that comes late or twice does no harm.
"""

from celery.schedules import crontab

SCHEDULE = {
    "care-open-reminders": {
        "task": "apps.care.tasks.open_reminders",
        "schedule": crontab(hour=7, minute=30),
    },
    "branches-settle-standings": {
        "task": "apps.branches.tasks.settle_standings",
        "schedule": crontab(hour=0, minute=5),
    },
    "branches-tell-what-is-due": {
        "task": "apps.branches.tasks.tell_what_is_due",
        "schedule": crontab(hour=7, minute=40),
    },
    "brands-tell-duties": {
        "task": "apps.brands.tasks.tell_brand_duties",
        "schedule": crontab(hour=7, minute=50),
    },
    "cadres-settle-transfers": {
        "task": "apps.cadres.tasks.settle_transfers",
        "schedule": crontab(hour=7, minute=10),
    },
    "files-build-due-reports": {
        "task": "apps.files.tasks.build_due_reports",
        "schedule": crontab(hour=6, minute=0),
    },
    "files-settle-exports": {
        "task": "apps.files.tasks.settle_exports",
        "schedule": crontab(hour=2, minute=10),
    },
    "files-take-up-dropped": {
        "task": "apps.files.tasks.take_up_dropped",
        "schedule": crontab(minute="*/2"),
        "options": {"expires": 110},
    },
    "files-clear-away": {
        "task": "apps.files.tasks.clear_away",
        "schedule": crontab(hour=3, minute=40),
    },
    "activity-deliver-mail": {
        "task": "apps.activity.tasks.deliver_mail",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    "activity-deliver-to-groups": {
        "task": "apps.activity.tasks.deliver_to_groups",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    "accounts-clear-expired-sessions": {
        "task": "apps.accounts.tasks.clear_expired_sessions",
        "schedule": crontab(hour=3, minute=20),
    },
}
