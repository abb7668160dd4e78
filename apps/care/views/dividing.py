"""The people of a campaign: the list behind each figure, and the division among workers by hand."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.permissions import Right, requires
from apps.accounts.selectors import organization
from apps.activity import audit
from apps.cadres.models import Cadre, Survivor
from apps.care.actions import dividing as actions
from apps.care.forms.campaigns import TargetFilter
from apps.care.forms.lists import workers
from apps.care.models import Campaign, ToDo
from apps.care.reminders import planned_part, split
from apps.care.reports import campaign as report
from apps.care.selectors import campaigns as selectors
from apps.care.selectors import codes, due, surveys
from apps.care.selectors.people import names_of, survivors_by_key
from apps.care.views.common import done, or_404, refused
from apps.core.refusal import Refused
from apps.core.scope import Scope
from apps.files.reporting import DOCX
from apps.files.views import exports

PAGE = 50


@dataclass
class Row:
    """A person of the list: planned (``todo`` None) or with a to-do."""

    key: int
    cadre: Cadre
    survivor: Survivor | None
    worker: str
    paired: bool = False
    reason: str = ""
    todo: ToDo | None = None
    answer: int | None = None


class Planned:
    """The planned people of a draft as something a paginator can slice."""

    def __init__(self, scope: Scope, campaign: Campaign, wanted: dict, today) -> None:
        worker = {"worker": 0 if wanted.get("worker") == "none" else int(wanted["worker"])} if wanted.get("worker") else {}
        excluded = {"excluded": wanted["state"] == "closed"} if wanted.get("state") else {}
        self.scope, self.campaign, self.today, self.which = scope, campaign, today, worker | excluded

    def count(self) -> int:
        parts = [part for part in split(self.campaign, today=self.today) if self.which.get("worker") in (None, part.worker_id or 0)]
        asked = {None: lambda part: part.total + part.excluded, True: lambda part: part.excluded, False: lambda part: part.total}
        return sum(asked[self.which.get("excluded")](part) for part in parts)

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, span: slice) -> list[Row]:
        found = planned_part(self.campaign, today=self.today, start=span.start, size=span.stop - span.start, **self.which)
        people = due.people_by_key(self.scope, [one.cadre_id for one in found])
        survivors = survivors_by_key(self.scope, [one.survivor_id for one in found if one.survivor_id])
        names = names_of([one.worker_id for one in found])
        return [
            Row(one.key, people[one.cadre_id], survivors.get(one.survivor_id), names.get(one.worker_id, ""), one.paired, one.reason or "")
            for one in found
            if one.cadre_id in people
        ]


@requires(Right.CARE_VIEW)
@or_404
def targets(request, pk):
    """``?state=&worker=&org=&own=&q=``: the list behind each figure of the campaign."""
    campaign = selectors.campaign(request.scope, pk)
    draft = campaign.state == "draft"
    form = TargetFilter(request.GET, scope=request.scope, today=request.today, draft=draft)
    wanted = form.wanted()
    if draft:
        found = Planned(request.scope, campaign, wanted, request.today)
    else:
        found = selectors.filtered(request.scope, campaign, wanted | _places(request, wanted), request.today)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    surveyed = not draft and surveys.with_survey({campaign.pk})
    rows = list(page) if draft else _rows(request, campaign, list(page))
    may = Right.CARE_CAMPAIGN in request.rights and campaign.state != "ended"
    context = {
        "campaign": campaign, "form": form, "rows": rows, "page": page, "draft": draft, "can_divide": may, "workers": workers(request.scope, request.today) if may else [],
        "can_log": Right.CARE_VISIT in request.rights, "narrowed": bool(wanted), "query": request.GET.urlencode(), "names": codes.names(),
        "can_export": Right.CADRE_EXPORT in request.rights and not draft, "surveyed": bool(surveyed) and campaign.state == "running",
    }  # fmt: skip
    return render(request, "care/_target_table.html" if request.htmx else "care/campaign_targets.html", context)


def _rows(request, campaign: Campaign, found: list[ToDo]) -> list[Row]:
    answers = surveys.answered(request.scope, campaign, found)
    return [
        Row(todo.pk, todo.cadre, todo.survivor, str(todo.worker or ""), todo=todo, reason=todo.result, answer=answers.get((todo.cadre_id, todo.survivor_id)))
        for todo in found
    ]


def _places(request, wanted: dict) -> dict:
    return {name: organization(request.scope, wanted[name]) for name in ("org", "own") if wanted.get(name)}


@require_POST
@requires(Right.CARE_CAMPAIGN)
@or_404
def divide(request, pk):
    """The ticked rows: to somebody else (``assign``), out (``exclude`` with ``reason``), in again (``readmit``)."""
    campaign = selectors.campaign(request.scope, pk)
    if campaign.state == "draft":
        campaign = selectors.own_campaign(request.scope, pk)
    keys = [int(key) for key in request.POST.getlist("row") if key.isdecimal()]
    try:
        sentence = _divided(request, campaign, keys)
    except Refused as problem:
        refused(request, problem, "care:campaign_targets", pk)
    else:
        done(request, sentence, "care:campaign_targets", pk)
    return redirect(f"{reverse('care:campaign_targets', args=[pk])}?{request.GET.urlencode()}".rstrip("?"))


def _divided(request, campaign, keys: list[int]) -> str:
    given = {"scope": request.scope, "campaign": campaign, "keys": keys, "by": request.user}
    if "exclude" in request.POST:
        return f"{actions.exclude(reason=request.POST.get('reason', ''), **given)} 人不列入这次走访。"
    if "readmit" in request.POST:
        return f"{actions.readmit(**given)} 人重新列入。"
    chosen = request.POST.get("worker", "")
    worker = next((user for user in workers(request.scope, request.today) if str(user.pk) == chosen), None)
    if chosen and worker is None:
        raise Refused("请从名单里选一位工作人员。", code="worker_unknown")
    return f"{actions.hand_over(worker=worker, today=request.today, **given)} 人交给{worker or '当地共同负责'}。"


@require_GET
@requires(Right.CARE_VIEW)
@or_404
def campaign_report(request, pk):
    """小结 (.docx) as far as one sees, of a running or ended campaign."""
    campaign = selectors.campaign(request.scope, pk)
    if campaign.state == "draft":
        return refused(request, Refused("还没有启动，没有可小结的内容。"), "care:campaign", pk)
    content, name = report.document(request.scope, campaign, org=request.membership.org, today=request.today, now=timezone.now())
    audit.record("campaign.reported", campaign, by=request.user, org_path=request.membership.org.path)
    return HttpResponse(content, content_type=DOCX, headers={"Content-Disposition": content_disposition_header(True, name)})


target_export = exports.asks("campaign_targets", "care:target_export")
