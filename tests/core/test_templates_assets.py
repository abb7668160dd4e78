"""The stylesheet, the scripts, the icons and the vendored files keep their own rules."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from apps.accounts.navigation import MENU

ROOT = Path(__file__).resolve().parents[2]
CSS = {path.name: path.read_text() for path in sorted((ROOT / "static/css").glob("*.css"))}
JS = sorted((ROOT / "static/js").glob("*.js"))
TEMPLATES = sorted(ROOT.glob("templates/**/*.html"))
TOKENS = dict(re.findall(r"(--[\w-]+):\s*(#[0-9a-f]{3,6});", CSS["tokens.css"]))
TOO_NEW = (":has(", "color-mix(", "oklch(", "@container", "@layer", ":is(", "::details-content")
PAIRS = [
    ("--ink", "--ground"),
    ("--ink-2", "--ground"),
    ("--ink-3", "--ground"),
    ("--ink-3", "--paper-2"),
    ("--link", "--ground"),
    ("--red-strong", "--red-wash"),
    ("--paper", "--red"),
]
PAIRS += [(f"--{name}", f"--{name}-wash") for name in ("ok", "warn", "late", "calm")] + [
    ("--late", "--ground"),
    ("--link", "--calm-wash"),
    ("--late", "--calm-wash"),
    ("--ink-2", "--calm-wash"),
]


def luminance(colour):
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_contrast_of_text_is_at_least_four_and_a_half(front, back):
    low, high = sorted((luminance(TOKENS[front]), luminance(TOKENS[back])))
    assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize("name", CSS)
def test_stylesheet_uses_nothing_old_browsers_lack(name):
    assert not [feature for feature in TOO_NEW if feature in CSS[name]]


def test_every_token_used_is_defined():
    everything = "".join(CSS.values())
    assert set(re.findall(r"var\((--[\w-]+)", everything)) <= set(re.findall(r"(--[\w-]+):", everything))


@pytest.mark.parametrize("path", JS, ids=lambda path: path.name)
def test_scripts_need_no_unsafe_policy(path):
    assert not re.findall(r"\beval\(|new Function|\.innerHTML|\.style\.|document\.write", path.read_text())


def test_every_icon_asked_for_is_drawn():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/img/icons.svg").read_text()))
    asked = {name for path in TEMPLATES for name in re.findall(r'{% icon "([\w-]+)"', path.read_text())}
    assert asked
    assert asked | {entry.icon for entry in MENU} <= drawn


def test_every_static_file_a_template_names_exists():
    named = {name for path in TEMPLATES for name in re.findall(r"{% static ['\"]([^'\"]+)['\"] %}", path.read_text())}
    assert "css/tokens.css" in named
    assert not [name for name in named if not finders.find(name)]


@pytest.mark.parametrize("folder", ["static/vendor/echarts", "tests/vendor/axe"])
def test_vendored_files_are_what_the_manifest_says(folder):
    manifest = json.loads((ROOT / folder / "MANIFEST.json").read_text())
    assert manifest["licence"]
    assert (ROOT / folder / "LICENSE").exists()
    for name, digest in manifest["sha256"].items():
        data = (ROOT / folder / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
        assert b"sourceMappingURL" not in data[-300:]


def test_nothing_comes_from_outside():
    for path in [*TEMPLATES, *(ROOT / "static/css").glob("*.css")]:
        assert not re.findall(r"(?:src|href|action|url\()\s*=?\s*['\"]?(?:https?:)?//", path.read_text()), path.name
