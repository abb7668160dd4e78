"""PostgreSQL and Redis of our own, for trial, test and development, run from the binaries two Python wheels carry.

`database_settings(data_dir)` and `redis_urls(data_dir)` are what the Django settings call when no `DATABASE_URL` / `REDIS_URL` is set:
they start what isn't running yet and leave it running for the next command. Nothing here imports Django.
"""

from .errors import EmbeddedError
from .postgres import database_settings, ensure_postgres, postgres_running, stop_postgres
from .redis import RedisUrls, ensure_redis, redis_running, redis_urls, stop_redis

__all__ = [
    "EmbeddedError",
    "RedisUrls",
    "database_settings",
    "ensure_postgres",
    "ensure_redis",
    "postgres_running",
    "redis_running",
    "redis_urls",
    "stop_postgres",
    "stop_redis",
]
