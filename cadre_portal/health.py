"""Is it alive, is it ready: for the container, the proxy and the person on call."""

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from redis import Redis

from apps.accounts.permissions import public
from apps.core.beat import last_heartbeat


@public
def healthz(request):
    return JsonResponse({"status": "ok"})


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _redis() -> str:
    Redis.from_url(settings.REDIS_URL, socket_timeout=2).ping()
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} not applied" if missing else "ok"


def _beat() -> str:
    return "ok" if last_heartbeat() else "not heard"


@public
def readyz(request):
    """200 when database, Redis and migrations are right and the beat was heard lately; else 503. Says which, never why in detail."""
    answers = {}
    for name, ask in (("database", _database), ("redis", _redis), ("migrations", _migrations), ("beat", _beat)):
        try:
            answers[name] = ask()
        except Exception as error:  # noqa: BLE001 - whatever fails here is the answer
            answers[name] = type(error).__name__
    ready = all(answer == "ok" for answer in answers.values())
    return JsonResponse({"status": "ok" if ready else "not ready", **answers}, status=200 if ready else 503)
