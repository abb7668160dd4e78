"""Where PostgreSQL and Redis are: from the environment, else the embedded ones under ``.data/``."""

import os
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

import environ


def secret(name: str, default: str | None = None) -> str | None:
    """Value of ``NAME``, or the content of the file that ``NAME_FILE`` names (container secrets)."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    return os.environ.get(name, default)


def database(root: Path) -> dict:
    """Django's database settings; starts the embedded server when ``DATABASE_URL`` is absent."""
    return {
        **_server(root),
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "TEST": {"NAME": os.environ.get("PORTAL_TEST_DB", "test_portal")},
    }


def _server(root: Path) -> dict:
    if url := secret("DATABASE_URL"):
        return environ.Env.db_url_config(url)
    from apps.core.embedded.postgres import database_settings

    return database_settings(data_dir(root))


def redis_url(root: Path) -> str:
    """A URL redis-py understands, of the broker's database; starts the embedded server when ``REDIS_URL`` is absent.

    The cache takes the database after it (`cache_url`): emptying the cache must never empty the queue.
    """
    url = secret("REDIS_URL")
    if not url:
        from apps.core.embedded.redis import redis_urls

        url = redis_urls(data_dir(root), 2 * int(os.environ.get("PORTAL_REDIS_DB", "0"))).url
    return url


def broker_url(url: str) -> str:
    """The same address as Celery spells it (``unix://`` becomes ``redis+socket://``)."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    return f"redis+socket://{parts.path}?virtual_host={_database_of(url)}"


def cache_url(url: str) -> str:
    """The database after that of ``url``, on the same server."""
    parts = urlsplit(url)
    following = _database_of(url) + 1
    query = urlencode({**dict(parse_qsl(parts.query)), "db": following})
    if parts.scheme == "unix":
        return f"unix://{parts.path}?{query}"
    if "db" in parse_qs(parts.query):
        return urlunsplit(parts._replace(query=query))
    return urlunsplit(parts._replace(path=f"/{following}"))


def _database_of(url: str) -> int:
    parts = urlsplit(url)
    from_path = "" if parts.scheme == "unix" else parts.path.strip("/")
    return int(parse_qs(parts.query).get("db", [from_path or "0"])[0])


def data_dir(root: Path) -> Path:
    return Path(os.environ.get("PORTAL_DATA", root / ".data"))
