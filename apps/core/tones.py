"""State → tone. A tone is a colour, a shape and a place in the stylesheet (``.tag.key``); the word stands beside it.

Tones: key (◆ red), reg (● amber), day (■ blue), ok (✓ green), warn (▲ amber), late (▲ red), calm (○ blue), off (– grey), plain (no shape).
Core knows only states of long work; an app adds its own values in ``AppConfig.ready``: ``tones.add({"key": "key", "regular": "reg"})``.
"""

TONES: dict[str, str] = {
    "draft": "off",
    "queued": "calm",
    "running": "calm",
    "checking": "calm",
    "ready": "ok",
    "done": "ok",
    "applied": "ok",
    "published": "ok",
    "failed": "late",
    "refused": "late",
    "overdue": "late",
    "error": "late",
    "warning": "warn",
    "cancelled": "off",
    "expired": "off",
    "undone": "off",
    "key": "key",
    "regular": "reg",
    "daily": "day",
}


def add(more: dict[str, str]) -> None:
    """Make further state values known; a value already known with another tone raises ValueError."""
    for value, tone in more.items():
        if TONES.setdefault(value, tone) != tone:
            raise ValueError(f"{value!r} already has the tone {TONES[value]!r}")


def tone_of(value: object) -> str:
    """Tone of a state value; ``plain`` when unknown."""
    return TONES.get(str(value), "plain")
