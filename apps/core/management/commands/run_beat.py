"""The scheduler process: `manage.py run_beat`. Start as many as there are machines; one works, the others stand by."""

import time

from django.core.management.base import BaseCommand

from apps.core.beat import BeatLock, SharedScheduler
from cadre_portal.celery import app


class Command(BaseCommand):
    help = "Sends scheduled tasks; waits while another beat holds the lock."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--wait", type=float, default=5.0, help="seconds between two attempts to become the working beat")

    def handle(self, *args, wait: float, **options) -> None:
        lock = BeatLock()
        lock.acquire(pause=lambda: time.sleep(wait))
        self.stdout.write("This beat holds the lock and schedules.")
        SharedScheduler.lock = lock
        try:
            app.Beat(loglevel="INFO", scheduler=SharedScheduler, quiet=True, redirect_stdouts=False, remote_control=False).run()
            lock.check()
        finally:
            lock.release()
