from cadre_portal.beat import SCHEDULE
from cadre_portal.celery import app


def test_every_beat_entry_names_a_task():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in SCHEDULE.values()} <= app.tasks.keys()
