"""Every page a role can reach by links, at both sizes: no accessibility finding, nothing wider than the window, a picture of each."""

from collections import deque
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from openpyxl import Workbook
from playwright.sync_api import Error

from apps.core.id_numbers import make_id
from tests.browser.conftest import SIZES, Visitor
from tests.browser.steps import roster
from tests.browser.test_judging import a_roster_without_numbers, upload

WALKERS = ("demo_worker", "demo_county", "demo_secretary", "demo_leader", "demo_import", "demo_sys", "demo_sec", "demo_audit")
NOT_PAGES = {
    "logout", "elder_mode", "choose_membership", "keepalive", "healthz", "readyz", "login", "files:download",
    "files:template", "files:refused", "files:annotated", "files:problems", "care:visit_export", "care:aid_export", "cadres:export", "cadres:annual_workbook",
    "cadres:ledger_workbook", "files:export_download", "api-schema",
}  # fmt: skip
"""Addresses that answer with a file, with no page, or only to POST; their own tests ask them."""


EXPECTED = {
    "worklist", "dashboard", "files:batches", "files:upload", "files:batch", "files:rows", "files:undo", "files:kind", "files:memories", "files:reviews",
    "files:judge", "files:exports", "files:reports", "cadres:list", "cadres:detail", "cadres:edit", "cadres:notes", "cadres:change", "cadres:annual", "cadres:ledger",
    "cadres:differences", "cadres:duplicates", "cadres:merge_choose", "cadres:transfers", "cadres:transfer", "cadres:transfer_new", "care:plans", "care:plan", "care:visits",
    "care:visit", "care:visit_log", "care:cards", "care:card", "care:rules", "care:rule_occasion", "care:todo_move",
    "care:aid", "care:aid_case", "care:aid_apply", "care:aid_step", "care:aid_money", "care:aid_notices",
}  # fmt: skip
"""Pages that the walk must come by: links lead to each, and the demo people fill it."""


def name_of(path: str) -> str:
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return match.view_name


def links_of(page, base_url: str) -> list[str]:
    found = page.evaluate("[...document.querySelectorAll('a[href]:not([download])')].map(a => a.href)")
    return [link[len(base_url) :] for link in found if link.startswith(base_url + "/") and "/static/" not in link]


def walk(window, base_url: str, seen: set[str]):
    """Yield (name, path) of each kind of page once, opened in the window."""
    queue, known = deque(["/"]), set()
    while queue:
        path = queue.popleft()
        try:
            answer = window.page.goto(base_url + path, wait_until="load")
        except Error as fault:
            if "Download is starting" in str(fault):  # a file; its own tests ask it
                continue
            raise
        here = window.page.url[len(base_url) :]
        name = name_of(urlsplit(here).path)
        kind = answer.headers.get("content-type", "") if answer else ""
        if answer is None or "text/html" not in kind:
            continue
        assert answer.status == 200, (path, answer.status)
        for link in links_of(window.page, base_url):
            target = name_of(urlsplit(link).path)
            if target and target not in known and target not in NOT_PAGES:
                known.add(target)
                queue.append(link.split("#")[0])
        if name not in seen:
            seen.add(name)
            yield name, here


def a_small_roster(folder):
    """Four people nobody else registers, the last of them with an impossible date."""
    book = Workbook()
    book.active.append(["姓名", "性别", "身份证号", "离退休类型", "退休时间", "现管单位"])
    for n, name in enumerate(("辛一山", "辛二水", "辛三木", "辛四石")):
        book.active.append([name, "男", make_id("360499", date(1950, 3, 7 + n), 901), "退休", "2010-13" if n == 3 else "2010.03", ""])
    book.save(folder / "走一遍.xlsx")
    return folder / "走一遍.xlsx"


@pytest.fixture(scope="module")
def taken_in(browser, portal, artifacts, tmp_path_factory):
    """Batches to walk through: one of rows to be judged, one whose good rows are written, its bad one left. Returns what is wrong with the check page and its grid."""
    officer, window = (Visitor(browser, portal.base_url, "wide").sign_in(username) for username in ("demo_county", "demo_import"))
    folder = tmp_path_factory.mktemp("walk")
    upload(officer, a_roster_without_numbers(officer, folder))
    roster.upload(window, a_small_roster(folder))
    checked, faults = window.page.url.removeprefix(portal.base_url), []
    for name, path in (("grid", checked + "grid/"), ("check", checked)):
        window.go(path)
        faults += looked_at(window, name, artifacts / "pages" / f"files-{name}")
    window.page.click("button:has-text('导入 3 行，1 行留待修改')")
    window.page.locator("a:has-text('撤销这一批')").wait_for(timeout=90_000)
    officer.context.close()
    window.context.close()
    return faults


def looked_at(window, where: str, picture: Path) -> list[str]:
    """What is wrong with the open page at either size; a picture of each is left beside ``picture``. The window is wide again afterwards."""
    found = []
    for size in ("phone", "wide"):
        width, height = SIZES[size]
        window.page.set_viewport_size({"width": width, "height": height})
        found += [f"{where}, {size}: {line}" for line in window.axe()]
        if window.overflow() > 1:
            found.append(f"{where}, {size}: wider than the window by {window.overflow()} px")
        window.picture(picture.with_name(f"{picture.name}-{size}.png"))
    return found


def test_every_page_is_in_order(visitor, portal, artifacts, taken_in):
    seen, faults = set(), list(taken_in)
    for username in WALKERS:
        window = visitor(username)
        for name, path in walk(window, portal.base_url, seen):
            faults += looked_at(window, f"{name} {path}", artifacts / "pages" / name.replace(":", "-"))
    assert not faults, "\n".join(faults)
    (artifacts / "walked.txt").write_text("\n".join(sorted(seen)))
    assert seen >= EXPECTED, EXPECTED - seen
