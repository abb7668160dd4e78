"""The first screen of whoever visits: who is due, why, since when, and the button that settles it."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.activity import audit
from apps.care.reminders import counts, horizon, page_of_duties, stands_in_for
from apps.care.selectors import codes, due
from apps.care.selectors.plans import count_up_to, undecided
from apps.core.context import badge
from apps.core.offline import CARRIED_UNTIL
from apps.core.templatetags.portal import date_zh
from apps.dashboard import worklist

PAGE, PRINTED, CARRIED = 50, 200, 60
PROMISES = 8


def _asked(request) -> dict:
    """``who`` (mine, all), ``when`` (late, today, coming, ""), ``kind`` (visit, contact, ""); nonsense falls back to the default."""
    mine = Right.CARE_VISIT in request.rights
    who = request.GET.get("who", "")
    return {
        "who": who if who in ("mine", "all") else "mine" if mine else "all",
        "when": request.GET["when"] if request.GET.get("when") in (worklist.LATE, worklist.TODAY, worklist.COMING) else "",
        "kind": request.GET["kind"] if request.GET.get("kind") in worklist.KINDS else "",
    }


def _whose(request, asked: dict) -> dict:
    """Mine includes what nobody answers for in my place, and what those owe whom I stand in for; asked once per page."""
    return {"worker": request.user, "unassigned": True, "away": _away(request, asked)} if asked["who"] == "mine" else {}


def _away(request, asked: dict) -> dict[int, str]:
    """Key → name of those I stand in for today."""
    if "away" not in asked:
        asked["away"] = stands_in_for(request.user, request.today) if asked["who"] == "mine" else {}
    return asked["away"]


def _which(request, asked: dict, last_day) -> dict:
    today = request.today
    span = {
        worklist.LATE: {"until": today - timedelta(days=1)},
        worklist.TODAY: {"since": today, "until": today},
        worklist.COMING: {"since": today + timedelta(days=1), "until": last_day},
        "": {"until": last_day},
    }[asked["when"]]
    return {**_whose(request, asked), **span, "only": worklist.KINDS.get(asked["kind"], ())}


def _duties(request, asked: dict, limit: int):
    """A page of duties; a cursor spoilt on the way counts as none."""
    last_day = horizon(request.today)
    which = _which(request, asked, last_day)
    try:
        return page_of_duties(request.scope, today=request.today, after=request.GET.get("after", ""), limit=limit, **which), last_day
    except ValueError:
        return page_of_duties(request.scope, today=request.today, limit=limit, **which), last_day


@requires(Right.CARE_VIEW)
def index(request):
    asked = _asked(request)
    page, last_day = _duties(request, asked, PAGE)
    days = (last_day - request.today).days
    found = counts(request.scope, today=request.today, until=last_day, **_whose(request, asked))
    if asked["who"] == "mine":
        request.duties_waiting = found.overdue + found.today
    away = _away(request, asked)
    context = asked | {
        "groups": worklist.grouped(worklist.rows(request.scope, page.duties, request.today, away), days), "away": list(away.values()),
        "after": page.after, "first": not request.GET.get("after"),
        "counts": {worklist.LATE: found.overdue, worklist.TODAY: found.today, worklist.COMING: found.coming}, "total": found.total,
        "names": codes.names(), "can_log": Right.CARE_VISIT in request.rights,
    }  # fmt: skip
    if request.htmx:
        return render(request, "dashboard/_worklist_table.html", context)
    return render(request, "dashboard/worklist.html", context | _around(request, asked, found, days))


def _around(request, asked: dict, found, days: int) -> dict:
    today, here = request.today, reverse("worklist")
    worker = request.user if asked["who"] == "mine" else None
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    seen = f"{reverse('care:visits')}?since={quarter:%Y-%m-%d}" + (f"&worker={request.user.pk}" if worker else "")
    figures = [
        {"label": "已逾期", "value": found.overdue, "unit": "项", "url": f"{here}?who={asked['who']}&when=late", "tone": "late" if found.overdue else ""},
        {"label": "今天到期", "value": found.today, "unit": "项", "url": f"{here}?who={asked['who']}&when=today"},
        {"label": f"未来 {days} 天", "value": found.coming, "unit": "项", "url": f"{here}?who={asked['who']}&when=coming"},
        {"label": "本季度已记走访", "value": _many(due.visits_since(request.scope, quarter, worker=worker)), "unit": "次", "url": seen},
    ]
    promised = due.promises(request.scope, workers=[worker, *_away(request, asked)] if worker else None, until=today + timedelta(days=days))
    to_decide, more = count_up_to(undecided(request.scope, today.year))
    return {
        "sub": f"{date_zh(today, 'week')} · {'我负责' if worker else '本单位'} {_many(due.in_care(request.scope, worker=worker))} 人", "figures": figures,
        "promises": promised[:PROMISES], "to_decide": to_decide if Right.CARE_PLAN in request.rights else 0, "to_decide_more": more,
        "tabs": _tabs(asked, here) if Right.CARE_VISIT in request.rights else [],
    }  # fmt: skip


def _many(found) -> str:
    """A number as text; "10,000 以上" where counting on would make the page wait."""
    number, more = count_up_to(found)
    return f"{number:,}" + (" 以上" if more else "")


def _tabs(asked: dict, here: str) -> list[dict]:
    kept = "".join(f"&{name}={asked[name]}" for name in ("when", "kind") if asked[name])
    return [{"label": label, "url": f"{here}?who={who}{kept}", "active": asked["who"] == who} for who, label in (("mine", "我负责的和未指定的"), ("all", "本单位全部"))]


@requires(Right.CARE_VIEW)
def sheet(request):
    """走访单: the list on paper, with room to write. Told to the audit."""
    asked = _asked(request)
    page, last_day = _duties(request, asked, PRINTED)
    found = worklist.rows(request.scope, page.duties, request.today)
    audit.record("cadre.printed", by=request.user, note=f"走访单 {len(found)} 人")
    return render(request, "dashboard/worklist_sheet.html", asked | {"rows": found, "last_day": last_day, "names": codes.names(), "cut": bool(page.after), "limit": PRINTED})


@requires(Right.CARE_VISIT)
@require_POST
def carry(request):
    """带着走访: the list as it stands here, without menus, and the addresses of its visit forms, for a phone to keep (static/js/carry.js).

    Masked like every list. Told to the audit; the session then lives until ``until`` without a line, narrowed once its idle time is over.
    """
    if not settings.OFFLINE_HOURS:
        raise Http404
    asked, now = _asked(request), timezone.localtime()
    page, last_day = _duties(request, asked, CARRIED)
    away = _away(request, asked)
    found = worklist.rows(request.scope, page.duties, request.today, away)
    until = now + timedelta(hours=settings.OFFLINE_HOURS)
    request.session[CARRIED_UNTIL] = int(until.timestamp())
    audit.record("cadre.carried", by=request.user, note=f"走访单 {len(found)} 人，可离线查看至 {until:%m-%d %H:%M}")
    context = {"groups": worklist.grouped(found, (last_day - request.today).days), "names": codes.names(), "today": request.today, "cut": bool(page.after), "limit": CARRIED}
    answer = JsonResponse({
        "list": reverse("worklist"), "html": render_to_string("dashboard/_worklist_carried.html", context, request), "forms": [form_of(row) for row in found],
        "people": len(found), "fetched": now.timestamp() * 1000, "until": until.timestamp() * 1000, "elder": request.user.elder_mode,
    })  # fmt: skip
    answer["Cache-Control"] = "no-store"
    return answer


def form_of(row) -> str:
    """Address of the form that settles a row."""
    return f"{reverse('care:visit_log')}?cadre={row.cadre.pk}" + ("&way=phone" if row.act == "call" else "")


@badge("worklist")
def waiting(request) -> int:
    """What is late or due today for the person who signed in; nothing for those who don't visit."""
    if Right.CARE_VISIT not in request.rights:
        return 0
    if (known := getattr(request, "duties_waiting", None)) is not None:
        return known
    found = counts(request.scope, today=request.today, until=request.today, worker=request.user, unassigned=True)
    return found.overdue + found.today
