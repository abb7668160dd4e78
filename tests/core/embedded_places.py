"""Data folders for the tests of the embedded services: outside pytest's private folder, stopped and removed afterwards."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from apps.core.embedded import stop_postgres, stop_redis

ROOT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A folder everybody may pass through, as a checkout usually is."""
    folder = Path(tempfile.mkdtemp(prefix="portal-place-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for data in [folder, *folder.rglob(".data")]:
            stop_redis(data)
            stop_postgres(data)
            _remove_outside(data)
        shutil.rmtree(folder)


def _remove_outside(data: Path) -> None:
    link = data / "pg"
    if link.is_symlink():
        shutil.rmtree(link.resolve().parent)


def user_who_is_not_root() -> dict:
    """subprocess options that make the child a normal user: nothing to do unless we are root."""
    return {} if os.geteuid() else {"user": 65534, "group": 65534, "extra_groups": []}
