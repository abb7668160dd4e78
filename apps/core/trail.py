"""The port through which apps below the audit write to it; the audit plugs itself in when it starts."""

from collections.abc import Callable

_recorder: Callable | None = None


def plug(recorder: Callable) -> None:
    """Called once by the audit app."""
    global _recorder
    _recorder = recorder


def record(verb: str, obj=None, **kwargs):
    """As ``apps.activity.audit.record``. Raises ``RuntimeError`` without an audit: nothing is done unrecorded."""
    if _recorder is None:
        raise RuntimeError("no audit is plugged in")
    return _recorder(verb, obj, **kwargs)
