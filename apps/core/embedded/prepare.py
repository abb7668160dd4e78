"""What must be done before the processes start: schema, reference data, demo data on the first start. Works inside Django."""

import sys
import time
from collections.abc import Callable


def prepare_database(*, demo: bool, say: Callable[[str], None]) -> None:
    """Migrate if anything is unapplied, load reference data if it changed and, with `demo`, demo data into an empty portal."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    try:
        if _unapplied():
            _timed("数据库结构 · migrate", lambda: call_command("migrate", verbosity=0, interactive=False), say)
        _timed("基础数据 · reference data", lambda: call_command("load_reference", verbosity=0), say)
        if demo:
            _timed("演示数据 · demo data (first start only)", lambda: call_command("seed_demo", "--if-empty", verbosity=0), say)
    finally:
        connections.close_all()


def demo_logins() -> list[tuple[str, str]]:
    """(user name, role) of the demo accounts that exist; empty where demo data is not allowed or was removed."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.db import connections

    if not settings.DEMO_ALLOWED:
        return []
    logins = _demo("DEMO_LOGINS")
    names = [login[0] for login in logins]
    existing = set(get_user_model().objects.filter(username__in=names, is_active=True).values_list("username", flat=True))
    connections.close_all()
    return [(login[0], login[1]) for login in logins if login[0] in existing]


def demo_password() -> str:
    """The password all demo accounts share."""
    return _demo("DEMO_PASSWORD")


def worker_answers(seconds: float = 1.0) -> bool:
    """Does any Celery worker answer a ping on the configured broker?"""
    from cadre_portal.celery import app

    return bool(app.control.ping(timeout=seconds, limit=1))


def _demo(name: str):
    """A constant of the demo accounts, by its dotted name: core imports no app above it."""
    from django.utils.module_loading import import_string

    return import_string(f"apps.accounts.demo.{name}")


def _unapplied() -> bool:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections["default"])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _timed(title: str, step: Callable[[], None], say: Callable[[str], None]) -> None:
    start = time.monotonic()
    step()
    sys.stdout.flush()
    say(f"  {title}: {time.monotonic() - start:.1f} s")
