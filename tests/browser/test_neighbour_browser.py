"""What an officer of 浔阳区 sees, her neighbour of 濂溪区 does not: pages, lists, fragments, documents, writing."""

import pytest

from tests.browser.steps.roster import ROSTER


@pytest.fixture
def here(visitor):
    return visitor("demo_county")


@pytest.fixture
def neighbour(visitor):
    return visitor("demo_neighbour")


def first(window, path: str, link: str) -> str:
    """Address of the first link of a list."""
    window.go(path)
    return window.page.locator(f"main {link}").first.get_attribute("href")


def test_addresses_one_was_told_open_nothing(here, neighbour):
    person = first(here, "/cadres/", "a[data-open]")
    plan = first(here, "/care/plans/", "a.who")
    visit = first(here, "/care/visits/", "a[data-open]")
    paths = [person, person + "edit/", person + "card/", person + "?tab=visits", plan, visit, f"/care/visits/log/?cadre={person.split('/')[2]}"]
    assert all(here.go(path).status == 200 for path in paths)
    name = here.go(person) and here.page.inner_text("main h1").split()[0]
    for path in paths:
        assert neighbour.go(path).status == 404, path
        assert name not in neighbour.page.inner_text("main")


def rows_of(window, path: str) -> str:
    """What a list tells of its people; who paid a visit may well come from elsewhere."""
    assert window.go(path).status == 200
    return "\n".join(window.page.locator("main tbody :is(td, th):not([data-label=走访人])").all_inner_texts())


def test_search_and_lists_show_nobody_of_the_other_county(here, neighbour):
    for path in ("/cadres/?standing=all", "/search/?q=浔阳区教育体育局", "/care/plans/", "/care/visits/", "/worklist/?who=all", "/dashboard/"):
        assert "浔阳区" in rows_of(here, path), path
        assert "浔阳区" not in rows_of(neighbour, path), path
    assert "濂溪区" in rows_of(neighbour, "/cadres/")


def test_a_roster_for_another_county_cannot_be_uploaded(neighbour):
    neighbour.go("/files/imports/new/")
    offered = neighbour.page.locator("[name=org] option").all_inner_texts()
    assert offered
    assert not any("柴桑区" in one or "浔阳区" in one for one in offered)
    neighbour.page.evaluate("document.querySelector('[name=org] option').value = '1'")
    neighbour.page.set_input_files("[name=file]", ROSTER)
    neighbour.page.click("button:has-text('上传并核对')")
    neighbour.page.locator(".field.bad:has([name=org])").wait_for()


def test_writing_to_an_address_one_was_told_changes_nothing(here, neighbour):
    plan = first(here, "/care/plans/", "a.who")
    here.go(plan)
    before = here.page.inner_text("main")
    neighbour.go("/care/plans/")
    status = neighbour.page.evaluate(
        """async path => {
            const data = new URLSearchParams({attention_class: "key", note: "从邻县写来", version: "1"});
            const headers = {"X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content};
            return (await fetch(path + "class/", {method: "POST", body: data, headers})).status;
        }""",
        plan,
    )
    assert status == 404
    here.go(plan)
    assert here.page.inner_text("main") == before
