"""The embedded PostgreSQL: starts it on a Unix socket only, keeps it running, stops it."""

import os
from pathlib import Path
from urllib.parse import quote

import psycopg2

from . import cluster as clusters
from .binaries import install_for
from .errors import EmbeddedError
from .places import locked, prepare, tidy

OWNER = "portal"
MAIN_DATABASE = "portal"


def database_settings(data_dir: Path, database: str | None = None) -> dict:
    """Start PostgreSQL if needed and return the connection part of a Django DATABASES entry (`database` as in `ensure_postgres`)."""
    cluster, name = _ready(data_dir, database)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": OWNER,
        "PASSWORD": "",
        "HOST": str(cluster.sockets),
        "PORT": "",
    }


def ensure_postgres(data_dir: Path, database: str | None = None) -> str:
    """Start PostgreSQL if it isn't running and return a libpq URL of the owner role `portal` (not a superuser).

    `database` defaults to the environment's PORTAL_DB, else `portal`; it is created if missing. Raises EmbeddedError.
    Safe in many processes at once; the server stays up for later commands.
    """
    cluster, name = _ready(data_dir, database)
    return f"postgresql://{OWNER}@/{quote(name)}?host={quote(str(cluster.sockets), safe='')}"


def postgres_running(data_dir: Path) -> bool:
    """Does the PostgreSQL of this data folder run?"""
    folder = Path(data_dir).resolve()
    return folder.exists() and clusters.Cluster.of(folder).pid() is not None


def superuser_access(data_dir: Path) -> dict[str, str]:
    """For backup and restore (row-level security binds the owner, so a dump needs the superuser): programs and addresses; starts the server."""
    cluster, _ = _ready(data_dir, MAIN_DATABASE)
    host = quote(str(cluster.sockets), safe="")
    return {
        "PG_BIN": str(install_for(cluster.home) / "bin"),
        "PG_SUPERUSER_URL": f"postgresql://postgres@/{MAIN_DATABASE}?host={host}",
        "PG_MAINTENANCE_URL": f"postgresql://postgres@/postgres?host={host}",
    }


def session_count(data_dir: Path) -> int:
    """How many client sessions are open, in all databases; 0 when the server is down."""
    folder = Path(data_dir).resolve()
    if not folder.exists() or not _opens(cluster := clusters.Cluster.of(folder), MAIN_DATABASE):
        return 0
    count = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    return _execute(cluster, "postgres", "postgres", [count]).pop()


def stop_postgres(data_dir: Path) -> bool:
    """Stop PostgreSQL, sessions ended and data written; True when it was running."""
    folder = Path(data_dir).resolve()
    if not folder.exists():
        return False
    with locked(folder, "postgres"):
        cluster = clusters.Cluster.of(folder)
        if cluster.pid() is None:
            return False
        clusters.stop(cluster)
        tidy(cluster.sockets)
        return True


def _ready(data_dir: Path, database: str | None) -> tuple[clusters.Cluster, str]:
    name = database or os.environ.get("PORTAL_DB") or MAIN_DATABASE
    folder = prepare(data_dir)
    cluster = clusters.Cluster.of(folder)
    if _opens(cluster, name):
        return cluster, name
    with locked(folder, "postgres"):
        cluster = clusters.Cluster.of(folder)
        if not _opens(cluster, MAIN_DATABASE):
            cluster = clusters.start(folder)
            _bootstrap(cluster)
        if not _opens(cluster, name):
            _execute(cluster, OWNER, MAIN_DATABASE, [f'CREATE DATABASE "{_checked(name)}"'])
    return cluster, name


def _checked(name: str) -> str:
    if not name.replace("_", "").replace("-", "").isalnum() or len(name) > 63:
        raise EmbeddedError(f"{name!r} is no database name: use letters, digits and underscores (PORTAL_DB).")
    return name


def _opens(cluster: clusters.Cluster, name: str) -> bool:
    if not cluster.answers():
        return False
    try:
        psycopg2.connect(host=str(cluster.sockets), user=OWNER, dbname=name, connect_timeout=30).close()
    except psycopg2.OperationalError:
        return False
    return True


def _bootstrap(cluster: clusters.Cluster) -> None:
    """Roles and database, once: `portal` owns the data but is no superuser, so that row-level security binds it too."""
    if _opens(cluster, MAIN_DATABASE):
        return
    existing = _execute(cluster, "postgres", "postgres", ["SELECT rolname FROM pg_roles"])
    statements = []
    if OWNER not in existing:
        statements.append(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE NOSUPERUSER NOBYPASSRLS")
    for role in ("portal_scoped", "portal_root"):
        if role not in existing:
            statements.append(f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS")
        statements.append(f"GRANT {role} TO {OWNER} WITH INHERIT FALSE, SET TRUE")
    statements.append(f"CREATE DATABASE {MAIN_DATABASE} OWNER {OWNER}")
    _execute(cluster, "postgres", "postgres", statements)


def _execute(cluster: clusters.Cluster, user: str, database: str, statements: list[str]) -> set:
    """Run statements one by one outside a transaction; returns the first column of the last one's rows."""
    connection = psycopg2.connect(host=str(cluster.sockets), user=user, dbname=database)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return {row[0] for row in cursor.fetchall()} if cursor.description else set()
    finally:
        connection.close()
