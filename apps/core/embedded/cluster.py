"""One PostgreSQL cluster on disk: where it lies, initdb, start, stop, and what a crash or a reboot may have left behind."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from . import binaries
from .errors import EmbeddedError
from .places import end_strays, make_private, process_in, socket_folder

SECONDS_TO_START = 120

# log_error_verbosity=terse and log_min_error_statement=panic keep row values (personal data) out of the server's log.
CONFIGURATION = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 2GB
fsync = on
synchronous_commit = on
jit = off
timezone = 'Asia/Shanghai'
log_timezone = 'Asia/Shanghai'
lc_messages = 'C'
logging_collector = on
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_error_verbosity = terse
log_min_error_statement = panic
"""


class Cluster(NamedTuple):
    """A cluster folder (`home`) and the folder of its socket."""

    home: Path
    sockets: Path

    @classmethod
    def of(cls, data_dir: Path) -> "Cluster":
        """The cluster of a data folder, whether it exists yet or not; `.data/pg` may be a link to /var/lib/cadre-portal."""
        link = data_dir / "pg"
        return cls(link.resolve(), socket_folder(data_dir, "pg", inside=not link.is_symlink()))

    def pid(self) -> int | None:
        """Process number of the running server of this cluster; None when it is down."""
        try:
            pid = int((self.home / "postmaster.pid").read_text().split("\n")[0])
        except (OSError, ValueError):
            return None
        return pid if process_in(pid, self.home) else None

    def answers(self) -> bool:
        """Does anyone listen on the socket?"""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.sockets / ".s.PGSQL.5432"))
            except OSError:
                return False
        return True


def start(data_dir: Path) -> Cluster:
    """Start the server of `data_dir`, making the cluster first if there is none; returns when it takes connections."""
    runner, install = _settle(data_dir)
    cluster = Cluster.of(data_dir)
    if cluster.pid() is not None:
        if _becomes_ready(cluster, install, runner, seconds=30):
            return cluster
        stop(cluster)
    end_strays(cluster.home)
    make_private(cluster.sockets, runner.uid, runner.gid)
    if not (cluster.home / "PG_VERSION").exists():
        _initdb(cluster, install, runner)
    _clear_leftovers(cluster)
    _launch(cluster, install, runner)
    return cluster


def stop(cluster: Cluster) -> None:
    """Fast shutdown: sessions are ended, data is written; returns when the server is gone."""
    runner = binaries.runner_for(cluster.home)
    install = _reachable(binaries.install_for(cluster.home), cluster, runner)
    result = _run(install / "bin" / "pg_ctl", ["stop", "-D", cluster.home, "-m", "fast", "-w", "-t", "60"], cluster, runner)
    if result.returncode and cluster.pid() is not None:
        raise EmbeddedError(f"PostgreSQL did not stop: {result.stderr.strip()}")


def _settle(data_dir: Path) -> tuple[binaries.Runner, Path]:
    """Decide who runs the server, where the cluster lies and which programs to use."""
    link = data_dir / "pg"
    home = link.resolve()
    runner = binaries.runner_for(home)
    install = binaries.install_for(home)
    if link.is_symlink() or not binaries.can_run(runner, install / "bin" / "postgres", data_dir):
        return runner, _settle_outside(data_dir, install)
    if not home.exists():
        home.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(home, runner.uid, runner.gid)
    return runner, install


def _settle_outside(data_dir: Path, install: Path) -> Path:
    link = data_dir / "pg"
    if os.geteuid() != 0:
        raise EmbeddedError(f"The database of {data_dir} was made by root: run the command as root, or `make clean-data` as root first.")
    if link.exists() and not link.is_symlink():
        raise EmbeddedError(f"The owner of {link} can no longer reach it: restore the permissions of the folders above it.")
    base = link.resolve().parent if link.is_symlink() else binaries.outside_base(data_dir)
    base.mkdir(parents=True, exist_ok=True)
    copy = binaries.copied_install(install, base)
    home = base / "pg"
    runner = binaries.runner_for(home)
    if home.exists() and not link.is_symlink():
        _put_aside(Cluster(home, socket_folder(data_dir, "pg", inside=False)))
    if not home.exists():
        home.mkdir(mode=0o700)
        os.chown(home, runner.uid, runner.gid)
    if not link.is_symlink():
        link.symlink_to(home)
    return copy


def _put_aside(orphan: Cluster) -> None:
    """The data folder that led to this cluster was deleted: whoever makes a new one expects it empty. The old one is kept under another name."""
    if orphan.pid() is not None:
        stop(orphan)
    orphan.home.rename(orphan.home.with_name(f"pg.orphan-{time.strftime('%Y%m%d-%H%M%S')}"))


def _reachable(install: Path, cluster: Cluster, runner: binaries.Runner) -> Path:
    if binaries.can_run(runner, install / "bin" / "pg_ctl", cluster.home):
        return install
    return binaries.copied_install(install, cluster.home.parent)


def _run(program: Path, arguments: list, cluster: Cluster, runner: binaries.Runner) -> subprocess.CompletedProcess:
    """Run a PostgreSQL program as `runner`; output goes through a file because the server would keep a pipe open."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))} | {"LC_ALL": "C"}
    with tempfile.TemporaryFile("w+") as output:
        result = subprocess.run(
            [str(program), *map(str, arguments)],
            cwd=cluster.home,
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            stdout=output,
            stderr=output,
            check=False,
            **runner.popen_options(),
        )
        output.seek(0)
        return subprocess.CompletedProcess(result.args, result.returncode, "", output.read()[-2000:])


def _initdb(cluster: Cluster, install: Path, runner: binaries.Runner) -> None:
    """Make the cluster: UTF8, byte order collation, Unicode character classes, trust on the private socket only."""
    for leftover in cluster.home.iterdir():
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    major = int(re.search(r"\d+", _run(install / "bin" / "postgres", ["--version"], cluster, runner).stderr)[0])
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []
    options = ["-D", cluster.home, "-U", "postgres", "-E", "UTF8", "--locale=C", *locale, "--auth-local=trust", "--auth-host=reject"]
    result = _run(install / "bin" / "initdb", options, cluster, runner)
    if result.returncode:
        raise EmbeddedError(f"The database could not be created: {result.stderr.strip()}")
    settings = cluster.home / "portal.conf"
    settings.write_text(CONFIGURATION)
    settings.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(settings, runner.uid, runner.gid)
    with (cluster.home / "postgresql.conf").open("a") as handle:
        handle.write("\ninclude 'portal.conf'\n")


def _clear_leftovers(cluster: Cluster) -> None:
    """Drop lock files that name a process of somebody else.

    PostgreSQL itself recognises a dead process (and must, to look for children still alive); what it can't recognise is a
    process number that a reboot has given to a stranger.
    """
    for lock in (cluster.home / "postmaster.pid", cluster.sockets / ".s.PGSQL.5432.lock"):
        try:
            pid = int(lock.read_text().split("\n")[0])
        except (OSError, ValueError):
            continue
        if Path(f"/proc/{pid}").exists() and not process_in(pid, cluster.home):
            lock.unlink()


def _launch(cluster: Cluster, install: Path, runner: binaries.Runner) -> None:
    options = ["start", "-D", cluster.home, "-o", f"-k {cluster.sockets}", "-l", cluster.home / "startup.log", "-w", "-t", str(SECONDS_TO_START)]
    end = time.monotonic() + 20
    while True:
        result = _run(install / "bin" / "pg_ctl", options, cluster, runner)
        if result.returncode == 0:
            return
        reason = (cluster.home / "startup.log").read_text()[-1500:] if (cluster.home / "startup.log").exists() else ""
        if "still in use" not in reason or time.monotonic() > end:
            raise EmbeddedError(f"PostgreSQL could not be started: {result.stderr.strip()}\n{reason.strip()}")
        time.sleep(0.2)


def _becomes_ready(cluster: Cluster, install: Path, runner: binaries.Runner, *, seconds: int) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if _run(install / "bin" / "pg_isready", ["-h", cluster.sockets, "-q"], cluster, runner).returncode == 0:
            return True
        time.sleep(0.1)
    return False
