"""集中走访: the list, one campaign with how far it is, and the buttons that carry it on."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.accounts.selectors import organization
from apps.cadres.selectors.codes import CodeBook
from apps.care.actions import campaigns as actions
from apps.care.actions.questions import copy_questions
from apps.care.forms.campaigns import CampaignForm, ChangeCampaignForm, EndForm, ExtendForm, initial_of
from apps.care.reminders import split
from apps.care.selectors import campaigns as selectors
from apps.care.selectors import codes, surveys
from apps.care.selectors.people import names_of
from apps.care.views.common import carried_out, done, or_404, refused
from apps.core.refusal import Refused

PAGE = 20


def manages(request, campaign) -> bool:
    """Whether the campaign may be carried on from here: it lies in one's own place."""
    return Right.CARE_CAMPAIGN in request.rights and request.scope.covers(campaign.org_path)


@requires(Right.CARE_VIEW)
def campaigns(request):
    page = Paginator(selectors.campaigns(request.scope), PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    tallies = selectors.totals(request.scope, rows, request.today)
    for one in rows:
        one.tally = tallies.get(one.pk) or selectors.Tally()
    return render(request, "care/campaign_list.html", {"rows": rows, "page": page, "can_make": Right.CARE_CAMPAIGN in request.rights, "names": codes.names()})


@requires(Right.CARE_CAMPAIGN)
@or_404
def campaign_add(request):
    """``?like=``: an earlier campaign whose people, division and questions it begins with."""
    like = request.GET.get("like", "")
    earlier = selectors.own_campaign(request.scope, int(like)) if like.isdecimal() and len(like) < 19 else None
    initial = {"starts_on": request.today, "org": request.membership.org_id}
    if earlier:
        initial = initial_of(earlier) | {"starts_on": request.today, "ends_on": None}
    form, status = CampaignForm(request.POST or None, scope=request.scope, today=request.today, initial=initial), 200
    if request.method == "POST":
        made, status = carried_out(form, lambda: _make(request, form, earlier))
        if made:
            return done(request, "已存为草稿。看看名单和分工，没有问题就启动。", "care:campaign", made.pk, draft="campaign")
    return render(request, "care/campaign_form.html", {"form": form, "title": "新建集中走访", "draft": "campaign"}, status=status)


def _make(request, form, earlier):
    org = organization(request.scope, form.cleaned_data["org"])
    made = actions.make_campaign(scope=request.scope, org=org, by=request.user, today=request.today, **form.values())
    if earlier:
        copy_questions(campaign=made, like=earlier, by=request.user)
    return made


@requires(Right.CARE_CAMPAIGN)
@or_404
def campaign_edit(request, pk):
    campaign, status = selectors.own_campaign(request.scope, pk), 200
    if campaign.state != "draft":
        return refused(request, Refused("已经启动的走访不能再改条件；可以补充对象、调整分工或结束。"), "care:campaign", pk)
    form = ChangeCampaignForm(request.POST or None, scope=request.scope, today=request.today, initial=initial_of(campaign))
    if request.method == "POST":
        saved, status = carried_out(form, lambda: _change(request, campaign, form))
        if saved:
            return done(request, "已修改。", "care:campaign", pk, draft=f"campaign-{pk}")
    return render(request, "care/campaign_form.html", {"form": form, "title": f"修改：{campaign.title}", "draft": f"campaign-{pk}"}, status=status)


def _change(request, campaign, form):
    org, version = organization(request.scope, form.cleaned_data["org"]), form.cleaned_data["version"]
    return actions.change_campaign(scope=request.scope, campaign=campaign, org=org, by=request.user, today=request.today, version=version, **form.values())


@requires(Right.CARE_VIEW)
@or_404
def campaign(request, pk):
    found = selectors.campaign(request.scope, pk)
    context = {
        "campaign": found, "manages": manages(request, found), "names": codes.names(), "whom": selectors.whom_in_words(found, CodeBook()),
        "can_log": Right.CARE_VISIT in request.rights, "can_export": Right.CADRE_EXPORT in request.rights, "parts": [], "new": 0, "size": 0, "excluded": 0,
        "progress": None, "reasons": [], "mine": 0, "questions": surveys.questions(found).count(), "survey": None,
    }  # fmt: skip
    if context["manages"] and found.state != "ended":
        context |= _planned(request, found)
    if found.state != "draft":
        context |= {"progress": selectors.progress(request.scope, found, request.today), "reasons": selectors.reasons(request.scope, found)}
        context["survey"] = surveys.done_so_far(request.scope, found)
        context["mine"] = selectors.filtered(request.scope, found, {"worker": request.user, "state": "open"}, request.today).order_by().count()
    return render(request, "care/campaign.html", context)


def _planned(request, found) -> dict:
    """The division as starting would make it; of a running campaign: who has come since."""
    parts = split(found, today=request.today)
    names = names_of([part.worker_id for part in parts])
    shown = [{"name": names.get(part.worker_id, "（未指定，由当地共同负责）"), "part": part, "rest": part.total - part.paired} for part in parts if part.total]
    size = sum(part.total for part in parts)
    return {"parts": shown, "size": size, "excluded": sum(part.excluded for part in parts), "new": size if found.state == "running" else 0}


@require_POST
@requires(Right.CARE_CAMPAIGN)
@or_404
def campaign_start(request, pk):
    found = selectors.own_campaign(request.scope, pk)
    try:
        started = actions.start_campaign(campaign=found, by=request.user, today=request.today, now=timezone.now())
    except Refused as problem:
        return refused(request, problem, "care:campaign", pk)
    return done(request, "这次走访已经启动，没有重复开出任务。" if started.again else f"已启动，开出 {started.opened} 项走访任务。", "care:campaign", pk)


@require_POST
@requires(Right.CARE_CAMPAIGN)
@or_404
def campaign_take_in(request, pk):
    found = selectors.own_campaign(request.scope, pk)
    try:
        opened = actions.take_in(campaign=found, by=request.user, today=request.today)
    except Refused as problem:
        return refused(request, problem, "care:campaign", pk)
    return done(request, f"补充了 {opened} 人。" if opened else "没有要补充的人。", "care:campaign", pk)


@requires(Right.CARE_CAMPAIGN)
@or_404
def campaign_extend(request, pk):
    found, status = selectors.own_campaign(request.scope, pk), 200
    form = ExtendForm(request.POST or None, today=request.today, initial={"version": found.version, "ends_on": found.ends_on})
    if request.method == "POST":
        moved, status = carried_out(form, lambda: actions.extend_campaign(scope=request.scope, campaign=found, by=request.user, today=request.today, **form.cleaned_data))
        if moved is not None:
            return done(request, f"截止日期改到 {form.cleaned_data['ends_on']:%Y-%m-%d}，{moved} 人随之改期。", "care:campaign", pk)
    return render(request, "care/campaign_extend.html", {"campaign": found, "form": form}, status=status)


@requires(Right.CARE_CAMPAIGN)
@or_404
def campaign_end(request, pk):
    found, status = selectors.own_campaign(request.scope, pk), 200
    form = EndForm(request.POST or None, initial={"version": found.version})
    if request.method == "POST":
        closed, status = carried_out(form, lambda: actions.end_campaign(scope=request.scope, campaign=found, by=request.user, now=timezone.now(), **form.cleaned_data))
        if closed is not None:
            messages.success(request, f"已结束，{closed} 人不再走访。" if closed else "已结束。")
            return done(request, "可以在下面下载小结。", "care:campaign", pk) if found.state == "running" else done(request, "草稿已作废。", "care:campaigns")
    waiting = selectors.filtered(request.scope, found, {"state": "open"}, request.today).order_by().count() if found.state == "running" else 0
    return render(request, "care/campaign_end.html", {"campaign": found, "form": form, "waiting": waiting}, status=status)
