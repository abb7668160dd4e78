"""The manual keeps its promises: each picture and link is there, none lies about unused, and none is heavy."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
MANUAL = ROOT / "docs" / "manual"
PAGES = [*sorted(MANUAL.glob("*.md")), ROOT / "README.md"]
PICTURES = sorted((MANUAL / "images").iterdir())
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
WIDTHS = {1440, 375}
LARGEST = 200 * 1024


def links(page: Path) -> list[tuple[bool, str, str]]:
    return [(mark == "!", words, target) for mark, words, target in LINK.findall(page.read_text()) if "://" not in target]


def place(page: Path, target: str) -> Path:
    return (page.parent / unquote(target.split("#")[0])).resolve()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_picture_is_there(page):
    missing = [target for _, _, target in links(page) if not place(page, target).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_picture_says_what_it_shows(page):
    assert all(words for picture, words, _ in links(page) if picture)


def test_no_picture_is_unused():
    used = {place(page, target) for page in PAGES for picture, _, target in links(page) if picture}
    assert not [path.name for path in PICTURES if path.resolve() not in used]


def test_every_chapter_is_in_the_contents():
    listed = {place(MANUAL / "README.md", target).name for _, _, target in links(MANUAL / "README.md")}
    assert {path.name for path in MANUAL.glob("0*.md")} <= listed


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_pictures_are_of_the_two_sizes_and_light(path):
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.width in WIDTHS
    assert path.name.isascii()
    assert path.stat().st_size <= LARGEST
