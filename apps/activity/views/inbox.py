"""The inbox. Opening a message marks it read, therefore it is a POST that leads on."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.permissions import Right, requires
from apps.activity import actions, selectors
from apps.activity.models import Notification
from apps.core.context import badge


@badge("inbox")
def unread(request):
    return selectors.unread(request.user)


@require_GET
@requires(Right.ACCOUNT_OWN)
def index(request):
    unread_only = request.GET.get("show") == "unread"
    page = selectors.inbox(request.user, unread_only=unread_only, after=request.GET.get("after", ""))
    count = unread(request)
    tabs = [
        {"label": "全部", "url": "?", "active": not unread_only},
        {"label": "未读", "url": "?show=unread", "count": count, "active": unread_only},
    ]
    context = {"page": page, "tabs": tabs, "unread_only": unread_only, "unread": count, "newest": page.rows[0].pk if page.rows else 0}
    return render(request, "activity/_messages.html" if request.htmx else "activity/inbox.html", context)


@require_POST
@requires(Right.ACCOUNT_OWN)
def open_message(request, pk: int):
    """Read it and go where it points; ``stay`` keeps the reader in the inbox."""
    try:
        told = actions.mark_read(pk=pk, by=request.user, now=timezone.now())
    except Notification.DoesNotExist as missing:
        raise Http404 from missing
    inside = url_has_allowed_host_and_scheme(told.url, allowed_hosts=None)
    return redirect(told.url if told.url and inside and "stay" not in request.POST else "inbox")


@require_POST
@requires(Right.ACCOUNT_OWN)
def read_all(request):
    up_to = request.POST.get("up_to", "")
    count = actions.mark_all_read(by=request.user, now=timezone.now(), up_to=int(up_to)) if up_to.isdigit() else 0
    messages.success(request, f"已将 {count} 条消息标为已读。")
    return redirect("inbox")
