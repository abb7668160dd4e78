"""Where the embedded services keep their files: folders, lock, and a socket folder whose path is short enough."""

import contextlib
import fcntl
import hashlib
import os
import re
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from .errors import EmbeddedError

# sockaddr_un.sun_path holds 107 bytes; "/.s.PGSQL.5432.lock" takes 19 of them.
LONGEST_SOCKET_FOLDER = 85
SAFE_IN_A_URL = re.compile(r"[A-Za-z0-9/._-]+")


def prepare(data_dir: Path) -> Path:
    """Make the data folder if missing (closed to other users; root keeps it passable for the database's user) and return it resolved."""
    folder = Path(data_dir).resolve()
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    if not os.access(folder, os.W_OK):
        raise EmbeddedError(f"{folder} belongs to another user: run the command as that user, or set DATABASE_URL and REDIS_URL.")
    return folder


def digest(data_dir: Path) -> str:
    """Short name of a data folder, equal in every process."""
    return hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]


@contextlib.contextmanager
def locked(data_dir: Path, name: str) -> Iterator[None]:
    """Only one process at a time starts or stops the service `name`."""
    handle = os.open(data_dir / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def socket_folder(data_dir: Path, name: str, *, inside: bool = True) -> Path:
    """The folder of the socket of `name`: `.data/run/<name>` where that is short and plain enough, else `/tmp/cp-<digest>-<name>`."""
    near = data_dir / "run" / name
    if inside and len(os.fsencode(near)) <= LONGEST_SOCKET_FOLDER and SAFE_IN_A_URL.fullmatch(str(near)):
        return near
    return Path("/tmp") / f"cp-{digest(data_dir)}-{name}"


def make_private(folder: Path, uid: int, gid: int) -> Path:
    """Make `folder` (mode 700, owned by `uid`); raises EmbeddedError when someone else already holds the name."""
    if folder.parent.name == "run":
        folder.parent.mkdir(mode=0o711, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, uid, gid)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise EmbeddedError(f"{folder} is not a private folder of user number {uid}: remove it and try again.")
    return folder


def tidy(folder: Path) -> None:
    """Remove the empty socket folder of a stopped service where it lies in /tmp."""
    if folder.parent == Path("/tmp"):
        with contextlib.suppress(OSError):
            folder.rmdir()


def process_in(pid: int, folder: Path) -> bool:
    """Is process `pid` alive and working in `folder`? A reused process number of a stranger answers no."""
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve()
    except OSError:
        return False


def end_strays(folder: Path, patience: float = 5.0) -> None:
    """End servers whose folder was deleted under them (`rm -rf .data` while they ran); they work in a folder that is no more.

    Returns when they are gone: on their way out they remove their socket by its name, which a new server is about to take.
    """
    for number in (signal.SIGINT, signal.SIGKILL):
        end = time.monotonic() + patience
        strays = _working_in(f"{folder} (deleted)")
        for pid in strays:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        while strays and _working_in(f"{folder} (deleted)") and time.monotonic() < end:
            time.sleep(0.02)


def _working_in(folder: str) -> list[int]:
    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and os.readlink(process / "cwd") == folder:
                found.append(int(process.name))
    return found
