"""The embedded PostgreSQL on real servers in folders of their own."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from apps.core.embedded import EmbeddedError, database_settings, ensure_postgres, postgres_running, stop_postgres
from apps.core.embedded.cluster import Cluster
from tests.core.embedded_places import ROOT, open_folder, user_who_is_not_root

# One process runs this file, so that its services start once.
pytestmark = pytest.mark.xdist_group("embedded-postgres")


@pytest.fixture(scope="module")
def data():
    """One data folder with a running server, shared by the tests that only look."""
    with open_folder() as folder:
        ensure_postgres(folder / ".data")
        yield folder / ".data"


@pytest.fixture
def own_data():
    with open_folder() as folder:
        yield folder / ".data"


def rows(url: str, *statements: str) -> list[tuple]:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_owner_is_no_superuser_and_may_take_both_roles(data):
    url = ensure_postgres(data)
    assert rows(url, "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user") == [
        (False, False, True, True)
    ]
    for role in ("portal_scoped", "portal_root"):
        assert rows(url, f"SET ROLE {role}", "SELECT current_user") == [(role,)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        rows(url, "SET ROLE postgres")
    inherited = "SELECT bool_or(inherit_option) FROM pg_auth_members WHERE member = 'portal'::regrole AND inherit_option"
    assert rows(url, inherited) == [(None,)]


def test_server_has_the_settings_of_the_house_and_no_network(data):
    url = ensure_postgres(data)
    wanted = {"TimeZone": "Asia/Shanghai", "jit": "off", "fsync": "on", "listen_addresses": "", "max_connections": "100", "server_encoding": "UTF8"}
    found = dict(rows(url, "SELECT name, setting FROM pg_settings"))
    assert {name: found[name] for name in wanted} == wanted
    assert rows(url, "SELECT '县' < '市', upper('é'), '重' ~ '^\\w$'") == [("县".encode() < "市".encode(), "É", True)]


def test_only_the_user_of_the_server_reaches_the_socket_and_the_data(data):
    cluster = Cluster.of(data)
    for folder in (cluster.home, cluster.sockets):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.stat().st_uid != 0 or os.geteuid() == 0
    assert (cluster.home / "postmaster.pid").stat().st_uid != 0


def test_second_start_finds_the_running_server(data):
    before = Cluster.of(data).pid()
    assert ensure_postgres(data) == ensure_postgres(data)
    assert Cluster.of(data).pid() == before is not None


def test_database_on_demand(data, monkeypatch):
    assert rows(ensure_postgres(data, "second_one"), "SELECT current_database()") == [("second_one",)]
    monkeypatch.setenv("PORTAL_DB", "third_one")
    assert rows(ensure_postgres(data), "SELECT current_database()") == [("third_one",)]
    assert database_settings(data)["NAME"] == "third_one"
    with pytest.raises(EmbeddedError, match="no database name"):
        ensure_postgres(data, 'x"; DROP DATABASE portal')


def test_many_processes_start_it_at_once(own_data):
    script = f"from pathlib import Path; from apps.core.embedded import ensure_postgres; print(ensure_postgres(Path({str(own_data)!r}), 'raced'))"
    racers = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(5)]
    answers = {racer.communicate()[0].strip() for racer in racers}
    assert [racer.returncode for racer in racers] == [0] * 5
    assert len(answers) == 1
    assert rows(answers.pop(), "SELECT current_database()") == [("raced",)]


def test_data_survives_kill_and_the_next_start_is_not_blocked(own_data):
    rows(ensure_postgres(own_data), "CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('留')")
    pid = Cluster.of(own_data).pid()
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}").exists() and "State:\tZ" not in Path(f"/proc/{pid}/status").read_text():
        time.sleep(0.01)
    assert not postgres_running(own_data)
    assert rows(ensure_postgres(own_data), "SELECT word FROM kept") == [("留",)]


def test_process_number_given_to_a_stranger_after_a_reboot(own_data):
    ensure_postgres(own_data)
    cluster = Cluster.of(own_data)
    left = (cluster.home / "postmaster.pid").read_text()
    stop_postgres(own_data)
    stranger = subprocess.Popen(["sleep", "600"], cwd="/", **({} if os.geteuid() else {"user": cluster.home.stat().st_uid}))
    try:
        lock = cluster.home / "postmaster.pid"
        lock.write_text("\n".join([str(stranger.pid), *left.split("\n")[1:]]))
        os.chown(lock, cluster.home.stat().st_uid, cluster.home.stat().st_gid)
        assert rows(ensure_postgres(own_data), "SELECT 1") == [(1,)]
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("name", ["d" * 150, "带 空格 的'文件夹"])
def test_deep_and_odd_paths(own_data, name):
    odd = own_data.parent / name / ".data"
    assert rows(ensure_postgres(odd), "SELECT 1") == [(1,)]
    sockets = Cluster.of(odd).sockets
    assert len(str(sockets)) < 90
    assert stop_postgres(odd)
    assert not sockets.exists()
    assert not stop_postgres(odd)


def test_cluster_of_another_major_version_is_refused_with_a_sentence(own_data):
    home = own_data / "pg"
    home.mkdir(parents=True)
    (home / "PG_VERSION").write_text("11\n")
    with pytest.raises(EmbeddedError, match="made by PostgreSQL 11"):
        ensure_postgres(own_data)


def test_closed_parent_folders_stay_closed(own_data):
    """Below a folder of mode 700 (root's home): the cluster goes elsewhere for root, and nothing above is opened."""
    closed = own_data.parent / "closed"
    closed.mkdir(mode=0o700)
    inside = closed / "checkout" / ".data"
    assert rows(ensure_postgres(inside), "SELECT 1") == [(1,)]
    assert (inside / "pg").is_symlink() == (os.geteuid() == 0)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    stop_postgres(inside)
    assert rows(ensure_postgres(inside), "SELECT 1") == [(1,)]


def test_deleted_data_folder_means_a_fresh_start(own_data):
    """`rm -rf .data` while the server runs, both beside the checkout and (for root) with the cluster elsewhere."""
    closed = own_data.parent / "closed"
    closed.mkdir(mode=0o700)
    for place in (own_data, closed / ".data"):
        rows(ensure_postgres(place), "CREATE TABLE old ()")
        outside = (place / "pg").resolve().parent
        shutil.rmtree(place)
        assert rows(ensure_postgres(place), "SELECT to_regclass('old')") == [(None,)]
        assert place.stat().st_uid == os.geteuid()
        assert (place / "pg").resolve().parent == outside


def test_normal_user_starts_it(own_data):
    """As root the test becomes `nobody`; the interpreter may lie in a closed home, then Debian's own takes its place."""
    own_data.mkdir()
    options = user_who_is_not_root()
    if options:
        os.chown(own_data, options["user"], options["group"])
    script = (
        f"from pathlib import Path; from apps.core.embedded import *; d = Path({str(own_data)!r});"
        "print(ensure_postgres(d)); print(ensure_redis(d)); print(stop_postgres(d), stop_redis(d))"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(path for path in sys.path if "site-packages" in path)}
    python = next(name for name in (sys.executable, "/usr/bin/python3.11", "/usr/local/bin/python3.11") if _usable(name, options))
    result = subprocess.run([python, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, **options)
    assert result.stdout.endswith("True True\n"), result.stderr
    assert not (own_data / "pg").is_symlink()


def _usable(python: str, options: dict) -> bool:
    try:
        return subprocess.run([python, "-V"], capture_output=True, check=False, **options).returncode == 0
    except OSError:
        return False
