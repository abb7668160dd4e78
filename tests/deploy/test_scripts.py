"""The scripts of deploy/, run for real where no container engine is needed."""

import http.server
import json
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg2
import pytest

from apps.core.embedded import cluster as clusters
from apps.core.embedded import ensure_postgres
from apps.core.embedded.binaries import install_for
from tests.core.embedded_places import ROOT, open_folder


def run(*command, **environment) -> subprocess.CompletedProcess:
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    env = {**inherited, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **{name: str(value) for name, value in environment.items()}}
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def query(url: str, *statements: str) -> list[tuple]:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_secrets_are_made_once_and_fit_the_production_settings(tmp_path):
    folder = tmp_path / "secrets"
    assert run("sh", "deploy/make_secrets.sh", folder).returncode == 0
    first = {path.name: path.read_text() for path in folder.iterdir()}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(json.loads(first["field_keys"])) == 1
    again = run("sh", "deploy/make_secrets.sh", folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == first
    assert not [line for line in again.stdout.splitlines() if line.startswith("made")]
    assert len({first[name] for name in ("postgres_password", "portal_password", "redis_password", "secret_key", "index_key")}) == 5

    names = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEYS", "INDEX_KEY")
    files = {f"{name}_FILE": folder / name.lower() for name in names}
    settings = {"DJANGO_SETTINGS_MODULE": "cadre_portal.settings.prod", "ALLOWED_HOSTS": "portal.example"}
    checked = run(sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **files, **settings)
    assert checked.returncode == 0, checked.stderr


def test_static_files_are_collected_as_in_the_image(tmp_path):
    result = run("sh", "deploy/collectstatic.sh", DJANGO_SETTINGS_MODULE="tests.deploy.collect_settings", TEST_STATIC_ROOT=tmp_path)
    assert result.returncode == 0, result.stderr
    manifest = json.loads((tmp_path / "staticfiles.json").read_text())
    assert manifest["paths"]
    assert all((tmp_path / name).exists() for name in manifest["paths"].values())


def test_database_container_gets_the_roles_of_the_embedded_server(tmp_path):
    (tmp_path / "password").write_text("it's 'quoted'")
    with open_folder() as folder:
        data = folder / ".data"
        data.mkdir(mode=0o755)
        cluster = clusters.start(data)
        binaries = install_for(cluster.home) / "bin"
        environment = {"PATH": f"{binaries}:{os.environ['PATH']}", "PGHOST": cluster.sockets, "PORTAL_PASSWORD_FILE": tmp_path / "password"}
        result = run("bash", "deploy/postgres/10-roles.sh", **environment)
        assert result.returncode == 0, result.stderr
        roles = "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname LIKE 'portal%' ORDER BY 1"
        made = query(f"host={cluster.sockets} user=portal dbname=portal", roles)
        assert made == [("portal", False, False, True), ("portal_root", False, False, False), ("portal_scoped", False, False, False)]
        members = "SELECT roleid::regrole::text, inherit_option, set_option FROM pg_auth_members WHERE member = 'portal'::regrole AND grantor = 10 AND set_option ORDER BY 1"
        assert query(f"host={cluster.sockets} user=portal dbname=portal", members) == [("portal_root", False, True), ("portal_scoped", False, True)]
        assert query(f"host={cluster.sockets} user=portal dbname=portal", "SHOW timezone") == [("Asia/Shanghai",)]


def test_backup_and_restore_bring_everything_back(tmp_path):
    with open_folder() as folder:
        data = folder / ".data"
        place = {"PORTAL_DATA": data, "MEDIA_ROOT": folder / "media", "DATABASE_URL": "", "REDIS_URL": "", "PORTAL_DB": ""}
        url = ensure_postgres(data, "portal")
        query(
            url,
            "CREATE TABLE fenced (org_path text)",
            "INSERT INTO fenced VALUES ('/36/'), ('/23/')",
            "ALTER TABLE fenced ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE fenced FORCE ROW LEVEL SECURITY",
            "GRANT SELECT ON fenced TO portal_root",
            "CREATE POLICY whole ON fenced TO portal_root USING (true)",
        )
        (folder / "media").mkdir()
        (folder / "media" / "照片.jpg").write_bytes(b"picture")
        backup = run("sh", "deploy/backup.sh", tmp_path, "embedded", **place)
        assert backup.returncode == 0, backup.stderr
        copy = Path(backup.stdout.strip().splitlines()[-1])

        query(url, "DROP TABLE fenced")
        (folder / "media" / "照片.jpg").unlink()
        refused = run("sh", "deploy/restore.sh", copy, "embedded", **place)
        assert refused.returncode == 1
        restored = run("sh", "deploy/restore.sh", copy, "embedded", YES=1, **place)
        assert restored.returncode == 0, restored.stderr
        assert query(url, "SELECT count(*) FROM fenced") == [(0,)], "row-level security is back"
        assert query(url, "SET ROLE portal_root", "SELECT count(*) FROM fenced") == [(2,)]
        assert (folder / "media" / "照片.jpg").read_bytes() == b"picture"

        (copy / "media.tar").write_bytes(b"damaged")
        damaged = run("sh", "deploy/restore.sh", copy, "embedded", YES=1, **place)
        assert damaged.returncode != 0
        assert "media.tar" in damaged.stdout + damaged.stderr


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers 200 to the right host name only."""

    def do_GET(self):
        self.send_response(200 if (self.headers["Host"], self.path) == ("portal.example", "/healthz") else 400)
        self.end_headers()

    def log_message(self, *args):
        """Quiet."""


def test_health_of_the_web_container():
    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    where = {"WEB_PORT": server.server_port, "ALLOWED_HOSTS": "portal.example,other.example"}
    try:
        assert run(sys.executable, "deploy/healthcheck.py", "web", **where).returncode == 0
        assert run(sys.executable, "deploy/healthcheck.py", "web", **{**where, "ALLOWED_HOSTS": "else.example"}).returncode == 1
    finally:
        server.shutdown()
        server.server_close()
    assert run(sys.executable, "deploy/healthcheck.py", "web", **where).returncode == 1


@pytest.mark.parametrize(("age", "code"), [(0, 0), (3600, 1), (None, 1)])
def test_health_of_worker_and_beat(tmp_path, age, code):
    alive = tmp_path / "alive"
    if age is not None:
        alive.touch()
        os.utime(alive, (time.time() - age,) * 2)
    assert run(sys.executable, "deploy/healthcheck.py", "alive", PORTAL_ALIVE_FILE=alive).returncode == code


@pytest.mark.parametrize("script", sorted(path.relative_to(ROOT).as_posix() for folder in ("deploy", "scripts") for path in (ROOT / folder).rglob("*.sh")))
def test_shell_scripts_parse(script):
    shell = "bash" if (ROOT / script).read_text().startswith("#!/bin/bash") else "sh"
    assert run(shell, "-n", script).stderr == ""
