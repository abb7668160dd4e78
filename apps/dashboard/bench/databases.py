"""Databases of the bench's own on the embedded server: one is migrated and serves as mould, the others are cast from it and thrown away."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from django.conf import settings
from django.db import connection
from psycopg2 import sql

from apps.core.refusal import Refused


def prefix() -> str:
    """What the names of the bench's databases begin with: ``PORTAL_DB``, else ``bench``. ``Refused`` where the bench must not run."""
    if not settings.DEMO_ALLOWED or os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        raise Refused("测量会新建和删除数据库，只在开发环境的内置数据库上进行。", code="bench_refused")
    name = os.environ.get("PORTAL_DB") or "bench"
    return "bench" if name == "portal" else name


@contextmanager
def _admin() -> Iterator:
    here = connection.get_connection_params()
    admin = psycopg2.connect(**{**here, "dbname": "postgres"})
    admin.autocommit = True
    try:
        with admin.cursor() as cursor:
            yield cursor
    finally:
        admin.close()


def drop(name: str) -> None:
    """Whoever is still connected is sent away; a vacuum at work there, which we may not send away, goes by itself when a plain ``DROP`` asks."""
    with _admin() as cursor:
        try:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        except psycopg2.errors.InsufficientPrivilege:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def cast(name: str, mould: str) -> None:
    """Make ``name`` anew as a copy of ``mould``, to which nobody may be connected."""
    drop(name)
    with _admin() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(name), sql.Identifier(mould)))


def megabytes(name: str) -> float:
    with _admin() as cursor:
        cursor.execute("SELECT pg_database_size(%s) / 1048576.0", [name])
        return float(cursor.fetchone()[0])
