"""Pictures for the manual, taken while the tests walk through the job: into the artefacts always, into docs/manual/images with UPDATE_MANUAL=1."""

import os
from pathlib import Path

from PIL import Image

from apps.core.embedded.stack import ROOT

MANUAL = ROOT / "docs" / "manual" / "images"
COLOURS = (128, 64, 32)
LARGEST = 200 * 1024
"""Bytes of one picture in the repository."""


class Album:
    """Takes pictures of the manual; ``album.take(window, "worklist")`` is docs/manual/images/worklist.png."""

    def __init__(self, artifacts: Path) -> None:
        self.folder = artifacts / "manual"
        self.folder.mkdir(parents=True, exist_ok=True)

    def take(self, window, name: str, at: str = "") -> Path:
        """The window as it stands, scrolled to the element ``at``; toasts and waiting are left alone."""
        if at:
            window.page.locator(at).first.scroll_into_view_if_needed()
        else:
            window.page.evaluate("window.scrollTo(0, 0)")
        path = window.picture(self.folder / f"{name}.png", full=False)
        if os.environ.get("UPDATE_MANUAL"):
            reduce(path, MANUAL / path.name)
        return path


def reduce(source: Path, target: Path) -> None:
    """Few colours, so that a page of text takes some tens of kilobytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(source) as picture:
        plain = picture.convert("RGB")
    for colours in COLOURS:
        plain.quantize(colours, dither=Image.Dither.NONE).save(target, optimize=True)
        if target.stat().st_size <= LARGEST:
            return
