"""The context of the shell and the middleware behind forms sent later."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse

from apps.accounts.models import Membership
from apps.accounts.permissions import Right, Role
from apps.core import context
from apps.core.outbox import FetchRedirectMiddleware

MENU = [
    SimpleNamespace(group="", title="首页", url_name="home", icon="", elder=True),
    SimpleNamespace(group="本人", title="修改密码", url_name="password_change", icon="lock", elder=True),
    SimpleNamespace(group="系统", title="组织机构", url_name="accounts:organizations", icon="tree", elder=True),
    SimpleNamespace(group="系统", title="用户与任职", url_name="accounts:users", icon="users", elder=False),
    SimpleNamespace(group="系统", title="还没有的页", url_name="no-such-page", icon="dot", elder=True),
]


def asked(rf, path="/", **user):
    request = rf.get(path)
    request.user = SimpleNamespace(is_authenticated=True, pk=7, **user)
    request.navigation = list(MENU)
    return request


@pytest.fixture
def badges(monkeypatch):
    counted = {}
    monkeypatch.setattr(context, "BADGES", counted)
    return counted


def entries(shell):
    return [item for group in shell["navigation"]() for item in group["entries"]]


def test_menu_is_grouped_and_knows_where_one_is(rf, badges):
    shell = context.shell(asked(rf, reverse("accounts:users") + "12/"))
    assert [group["title"] for group in shell["navigation"]()] == ["", "本人", "系统"]
    assert [item["label"] for item in entries(shell) if item["active"]] == ["用户与任职"]
    assert len(shell["phone_navigation"]()) == 4
    assert entries(shell)[0]["icon"] == "dot"


def test_large_type_comes_with_a_shorter_menu(rf, badges):
    assert [item["label"] for item in entries(context.shell(asked(rf, elder_mode=True)))] == ["首页", "修改密码", "组织机构"]


def test_badges_are_counted_only_when_shown_and_once(rf, badges):
    calls = []
    badges["inbox"] = lambda request: calls.append(1) or 4
    shell = context.shell(asked(rf))
    assert not calls
    assert (shell["inbox_count"](), shell["inbox_count"]()) == (4, 4)
    assert len(calls) == 1


@pytest.mark.parametrize(("rights", "shown"), [({Right.CADRE_VIEW}, True), ({Right.AUDIT_VIEW}, False), (set(), False)])
def test_search_is_offered_to_those_who_may_use_it(rf, badges, rights, shown):
    request = asked(rf)
    request.rights = frozenset(rights)
    assert context.shell(request)["can_search"] is shown


def test_badge_registers_a_function(badges):
    @context.badge("worklist")
    def due(request):
        return 9

    assert badges["worklist"] is due


def test_nobody_signed_in_still_has_every_variable(rf):
    request = rf.get("/")
    request.user = SimpleNamespace(is_authenticated=False)
    shell = context.shell(request)
    assert shell["shell_user"] == context.NOBODY
    assert shell["session_seconds"] == 0
    assert shell["navigation"]() == []


def test_the_other_roles_one_holds_are_offered(rf):
    def held(pk, role):
        return SimpleNamespace(pk=pk, get_role_display=lambda: role, org=SimpleNamespace(short_name="浔阳区"))

    request = asked(rf)
    request.memberships = [held(1, "工作人员"), held(2, "数据管理员")]
    request.membership = request.memberships[0]
    shell = context.shell(request)
    assert shell["shell_user"]["role"] == "工作人员"
    assert [one["membership"] for one in shell["other_memberships"]] == [2]


@pytest.mark.parametrize(("headers", "status", "location"), [({"X-Portal-Fetch": "1"}, 204, "X-Location"), ({}, 302, "Location")])
def test_a_fetch_is_told_where_to_go_instead_of_being_sent(rf, headers, status, location):
    response = FetchRedirectMiddleware(lambda request: HttpResponseRedirect("/done/"))(rf.post("/", headers=headers))
    assert response.status_code == status
    assert response[location] == "/done/"


def test_a_fetch_that_meets_errors_gets_the_page(rf):
    response = FetchRedirectMiddleware(lambda request: HttpResponse("表单"))(rf.post("/", headers={"X-Portal-Fetch": "1"}))
    assert (response.status_code, response.content.decode()) == (200, "表单")


@pytest.mark.parametrize("name", ["400", "403", "404", "429", "500", "csrf"])
def test_error_pages_need_no_context_and_lead_home(name):
    page = render_to_string(f"errors/{name}.html")
    assert "未知变量" not in page
    assert "<h1>" in page
    assert 'href="/"' in page


def test_refusals_say_why_and_faults_give_their_number():
    assert "需要「导入表格」的权限" in render_to_string("errors/403.html", {"sentence": "这一页需要「导入表格」的权限。"})
    assert "0123abcd" in render_to_string("errors/500.html", {"request_id": "0123abcd"})


@pytest.mark.parametrize("name", ["login", "password_change", "logged_out", "locked_out"])
def test_pages_before_the_login_render(rf, name):
    request = rf.get("/login/")
    request.user = SimpleNamespace(is_authenticated=False)
    page = render_to_string(f"registration/{name}.html", {"form": AuthenticationForm(request)}, request)
    assert "未知变量" not in page
    assert "老干部工作平台" in page


def test_somebody_with_two_roles_changes_between_them(client, person, places):
    user = person("浔阳区", Role.WORKER)
    second = Membership.objects.create(user=user, org=places["濂溪区"], role=Role.DATA_ADMIN, starts_on="2019-01-01")
    client.force_login(user)
    page = client.get("/gallery/").content.decode()
    assert f'name="membership" value="{second.pk}"' in page
    client.post("/role/", {"membership": second.pk})
    assert "数据管理员 · 濂溪区" in client.get("/gallery/").content.decode()
