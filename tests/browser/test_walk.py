"""Every page a role can reach by links, at both sizes: no accessibility finding, nothing wider than the window, a picture of each."""

from collections import deque
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

WALKERS = ("demo_worker", "demo_county", "demo_secretary", "demo_leader", "demo_import", "demo_sys", "demo_sec", "demo_audit")
NOT_PAGES = {
    "logout", "elder_mode", "choose_membership", "keepalive", "healthz", "readyz", "login", "files:download",
    "files:template", "files:refused", "files:annotated", "files:problems", "care:visit_export", "cadres:export", "cadres:annual_workbook",
    "cadres:ledger_workbook", "files:export_download", "api-schema",
}  # fmt: skip
"""Addresses that answer with a file, with no page, or only to POST; their own tests ask them."""


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
        answer = window.page.goto(base_url + path, wait_until="load")
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


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_every_page_is_in_order(visitor, portal, artifacts, size):
    seen, faults = set(), []
    for username in WALKERS:
        window = visitor(username, size)
        for name, path in walk(window, portal.base_url, seen):
            faults += [f"{name} {path}: {line}" for line in window.axe()]
            if window.overflow() > 1:
                faults.append(f"{name} {path}: wider than the window by {window.overflow()} px")
            window.picture(artifacts / "pages" / f"{name.replace(':', '-')}-{size}.png")
    assert not faults, "\n".join(faults)
    (artifacts / f"walked-{size}.txt").write_text("\n".join(sorted(seen)))
    assert len(seen) > 25


