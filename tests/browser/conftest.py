"""The whole portal as a user meets it: web, worker and beat on real services with demo data, driven in Debian's Chromium."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from apps.accounts.demo import DEMO_PASSWORD
from apps.core.embedded.stack import ROOT, running_stack

AXE = ROOT / "tests" / "vendor" / "axe"
SIZES = {"wide": (1440, 900), "phone": (375, 812)}
DATA = Path(os.environ.get("PORTAL_DATA", ROOT / ".data"))
DATABASE = os.environ.get("PORTAL_BROWSER_DB", "portal_browser")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Browser tests share one portal, so they run in one worker process, in the order they are written."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


def manage(env, *arguments):
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, check=True, capture_output=True, timeout=600)


@pytest.fixture(scope="session")
def artifacts():
    """Where screenshots go: outside the repository's tracked files."""
    folder = Path(os.environ.get("PORTAL_ARTIFACTS", ROOT / "artifacts"))
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def portal(tmp_path_factory):
    """The running stack on a database of its own; yields the Stack (``base_url``, ``env``, ``kill``, ``start``)."""
    scratch = tmp_path_factory.mktemp("portal")
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cadre_portal.settings.dev",
        "PORTAL_DB": DATABASE,
        "PORTAL_REDIS_DB": "7",
        "MEDIA_ROOT": str(scratch / "media"),
    }
    manage(env, "recreate_database")
    manage(env, "migrate", "-v0")
    manage(env, "load_reference")
    manage(env, "seed_demo")
    extra = {key: env[key] for key in ("PORTAL_REDIS_DB", "MEDIA_ROOT")}
    with running_stack(DATA, database=DATABASE, env=extra) as stack:
        yield stack


class Visitor:
    """A signed-in person at a window of one size. Collects whatever the browser complains about."""

    def __init__(self, browser: Browser, base_url: str, size: str) -> None:
        width, height = SIZES[size]
        self.base_url, self.size, self.complaints = base_url, size, []
        self.context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai", has_touch=size == "phone")
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("console", self._heard)

    def _heard(self, message) -> None:
        if message.type == "error" and "status of 4" not in message.text and "net::ERR_INTERNET_DISCONNECTED" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def sign_in(self, username: str, password: str = DEMO_PASSWORD) -> "Visitor":
        self.go("/login/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", password)
        self.page.click("button:has-text('登录')")
        self.page.wait_for_url(lambda url: "/login/" not in url)
        return self

    def go(self, path: str):
        return self.page.goto(self.base_url + path, wait_until="load")

    def axe(self) -> list[str]:
        """What axe-core finds on the page: one line per node. What the browser says about axe itself is no complaint of ours."""
        before = len(self.complaints)
        self.page.evaluate(AXE.joinpath("axe.min.js").read_text())
        self.page.evaluate("locale => axe.configure({locale})", json.loads(AXE.joinpath("zh_CN.json").read_text()))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        del self.complaints[before:]
        return [f"{v['id']}: {v['help']} — {node['target']}" for v in found["violations"] for node in v["nodes"]]

    def overflow(self) -> int:
        """Pixels by which the page is wider than its window."""
        return self.page.evaluate("Math.max(0, document.documentElement.scrollWidth - window.innerWidth)")

    def picture(self, path: Path, full: bool = True) -> Path:
        self.page.screenshot(path=path, full_page=full)
        return path


@pytest.fixture
def visitor(browser, portal):
    """``visitor("demo_worker", "phone")`` signs somebody in; windows are closed afterwards and must have complained of nothing."""
    opened = []

    def open_window(username=None, size="wide"):
        window = Visitor(browser, portal.base_url, size)
        opened.append(window)
        return window.sign_in(username) if username else window

    yield open_window
    complaints = [line for window in opened for line in window.complaints]
    for window in opened:
        window.context.close()
    assert not complaints
