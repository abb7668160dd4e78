"""待办 of 一县一品: what is to be done, what came back and why, what waits to be judged."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.shortcuts import render

from apps.accounts.permissions import Right, requires
from apps.brands.selectors import desk as selectors

PAGE, SOON = 50, 14


@requires(Right.BRAND_VIEW)
def desk(request):
    wide = selectors.too_many(request.scope)
    found = [] if wide else selectors.owed_at(request.scope, request.membership.org, request.today)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    today, soon = request.today, request.today + timedelta(days=SOON)
    owed = [one for one in page if one.due_on and not one.came_back]
    groups = [
        ("请您评审", selectors.to_judge(request.user, today)), ("等本级办理", [] if wide else selectors.waiting(request.scope, request.membership.org, request.rights, today)),
        ("退回来的", [one for one in page if one.came_back]), ("已过期", [one for one in owed if one.due_on < today]),
        (f"{SOON} 天内", [one for one in owed if today <= one.due_on <= soon]), ("以后", [one for one in owed if one.due_on > soon]),
    ]  # fmt: skip
    context = {"page": page, "rows": list(page), "groups": [(title, rows) for title, rows in groups if rows], "query": "", "wide": wide, "most": selectors.MOST}
    return render(request, "brands/desk.html", context)
