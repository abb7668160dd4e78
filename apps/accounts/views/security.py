"""Account safety, for the 安全管理员: lock-outs, sessions, who may do what."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts import actions, selectors
from apps.accounts.models import User
from apps.accounts.permissions import RIGHT_NAMES, ROLES, Right, Role, requires

guards = requires(Right.SECURITY_MANAGE)


@guards
def index(request):
    """Who failed to sign in lately, and the rules in force."""
    text = request.GET.get("q", "").strip()
    rules = [
        ("连续失败后锁定", f"{settings.AXES_FAILURE_LIMIT} 次"),
        ("锁定时长", f"{settings.AXES_COOLOFF_TIME * 60:g} 分钟"),
        ("无操作自动退出", f"{settings.SESSION_IDLE_SECONDS // 60} 分钟"),
        ("密码最短", f"{settings.PASSWORD_MIN_LENGTH} 位，至少 {settings.PASSWORD_MIN_KINDS} 类字符"),
        ("密码有效期", f"{settings.PASSWORD_MAX_DAYS} 天" if settings.PASSWORD_MAX_DAYS else "不限"),
        ("不得重复", f"最近 {settings.PASSWORD_REMEMBERED} 次"),
    ]
    locked = [{**row, "locked": row["failures"] >= settings.AXES_FAILURE_LIMIT} for row in selectors.locked_names(request.scope, timezone.now())]
    people = list(selectors.users(request.scope, text=text)[:20]) if text else []
    return render(request, "accounts/security.html", {"locked": locked, "rules": rules, "people": people, "q": text})


@guards
@require_POST
def unlock(request):
    username = request.POST.get("username", "")
    if username not in {row["username"] for row in selectors.locked_names(request.scope, timezone.now())}:
        raise Http404
    actions.unlock(username=username, by=request.user, org_path=request.membership.org.path)
    messages.success(request, f"「{username}」已解锁，可以立即登录。")
    return redirect("accounts:security")


@guards
@require_POST
def end_sessions(request, pk):
    try:
        user = selectors.user(request.scope, pk)
    except User.DoesNotExist as error:
        raise Http404 from error
    ended = actions.end_sessions(user=user, by=request.user, org_path=request.membership.org.path)
    messages.success(request, f"「{user}」的 {ended} 处登录已结束，接口令牌也已失效。")
    return redirect("accounts:security")


@guards
def rights(request):
    """Which role holds which right, and who holds the role."""
    held = selectors.holders_by_role(request.scope, request.today)
    table = [{"name": RIGHT_NAMES[right], "cells": [right in ROLES[role] for role in Role.values]} for right in Right]
    roles = [{"label": role.label, "people": held[role.value]} for role in Role]
    return render(request, "accounts/rights.html", {"table": table, "roles": roles})
