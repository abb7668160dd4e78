"""Pages of the 系统管理员: robots that write into work groups, and what was sent to whom with what outcome. No business data on either."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.permissions import Right, requires
from apps.accounts.selectors import places_to_work
from apps.activity import actions, selectors
from apps.activity.forms import DeliveryFilter, RobotForm
from apps.activity.models import Delivery, GroupRobot
from apps.activity.robots.words import PER_MINUTE
from apps.core.refusal import Refused

KINDS = {"digest": "每日提醒", "try": "试发"}
"""Beginning of a message's key → what is shown of it; its words stay with whoever it was for."""


def _robot(request, pk: int) -> GroupRobot:
    try:
        return selectors.robot(request.scope, pk)
    except GroupRobot.DoesNotExist:
        raise Http404 from None


@require_GET
@requires(Right.ORG_MANAGE)
def index(request):
    return render(request, "activity/robots.html", {"robots": selectors.robots(request.scope), "per_minute": PER_MINUTE, "now": timezone.now()})


@requires(Right.ORG_MANAGE)
def add(request):
    form = RobotForm(request.POST or None, orgs=places_to_work(request.scope, request.today), initial={"org": request.membership.org_id})
    return _saved(request, form, lambda: actions.add_robot(by=request.user, **form.cleaned_data), title="添加群机器人", label="添加")


@requires(Right.ORG_MANAGE)
def edit(request, pk):
    robot = _robot(request, pk)
    initial = {name: getattr(robot, name) for name in ("name", "kind", "form", "with_names", "is_active")}
    form = RobotForm(request.POST or None, kept=True, initial=initial)
    return _saved(request, form, lambda: actions.change_robot(robot=robot, by=request.user, **form.cleaned_data), title=robot.name, label="保存")


def _saved(request, form, act, *, title: str, label: str):
    if request.method == "POST" and form.is_valid():
        try:
            robot = act()
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, f"「{robot}」已保存。请点「试发」确认群里收得到。")
            return redirect("robots")
    return render(request, "activity/robot_form.html", {"form": form, "title": title, "label": label}, status=422 if form.errors else 200)


@require_POST
@requires(Right.ORG_MANAGE)
def try_out(request, pk):
    robot = _robot(request, pk)
    try:
        problem = actions.try_robot(robot=robot, by=request.user, now=timezone.now())
    except Refused as refused:
        problem = refused.sentence
    if problem:
        messages.error(request, f"「{robot}」没有发成：{problem}")
    else:
        messages.success(request, f"「{robot}」已发出，请到群里看一眼。")
    return redirect("robots")


@require_GET
@requires(Right.USER_MANAGE)
def deliveries(request):
    form = DeliveryFilter(request.GET)
    form.is_valid()
    page = selectors.delivery_page(
        request.scope, state=form.cleaned_data.get("state", ""), channel=form.cleaned_data.get("channel", ""), after=request.GET.get("after", "")
    )
    context = {"form": form, "page": page, "rows": [_shown(row) for row in page.rows], "narrowed": any(form.cleaned_data.values())}
    return render(request, "activity/_deliveries.html" if request.htmx else "activity/deliveries.html", context)


def _shown(row: Delivery) -> dict:
    told = row.notification or row.group_message
    who = row.notification.user if row.notification else row.group_message.org.label
    return {"delivery": row, "who": str(who), "what": KINDS.get(told.key.partition(":")[0], "消息"), "when": row.sent_at or row.claimed_at or told.created_at}


@require_POST
@requires(Right.USER_MANAGE)
def retry(request, pk):
    try:
        row = selectors.delivery(request.scope, pk)
    except Delivery.DoesNotExist:
        raise Http404 from None
    try:
        actions.retry_delivery(delivery=row, by=request.user, org_path=request.membership.org.path)
        messages.success(request, f"已重新排队，一分钟内再发给「{row.address}」。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("deliveries")
