"""活动情况统计表: who has handed in, one sheet, filling, the steps, the form as .xlsx."""

import io

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Right, requires
from apps.activity import audit
from apps.branches.actions import sheets as actions
from apps.branches.models import SheetState
from apps.branches.reports import workbook
from apps.branches.selectors import sheets as selectors
from apps.branches.selectors.branches import branch as one_branch
from apps.branches.sheet_forms import LayoutForm, NoteForm, SheetFilter, SheetForm, titled
from apps.branches.views.common import carried_out, done, may_edit, or_404, refused
from apps.branches.workflow import SHEET
from apps.core.calendar import Quarter
from apps.core.refusal import Refused
from apps.core.sheets_out import XLSX

PAGE, SHOWN = 30, 8
NAMES = {"missing": "未报", "submitted": "待审核", "returned": "已退回", "accepted": "已接受"}


@requires(Right.BRANCH_VIEW)
def sheets(request):
    form = SheetFilter(request.GET, today=request.today)
    quarter, state = form.wanted()
    tally, owing, here = selectors.tally(request.scope, quarter), selectors.owing(request.scope, quarter), reverse("branches:sheets")
    page = Paginator(owing.filter(state=state) if state else owing, PAGE).get_page(request.GET.get("page"))
    figures = [{"label": "应报", "value": sum(tally.values()), "unit": "个支部", "url": f"{here}?quarter={quarter}"}]
    for key, label in NAMES.items():
        n = tally.get(key, 0)
        late = key == "missing" and n and request.today > selectors.due_on(quarter)
        figures.append({"label": label, "value": n, "unit": "个", "url": f"{here}?quarter={quarter}&state={key}", "tone": "late" if late else ""})
    sums = selectors.totals(request.scope, quarter)
    shown = [one for one, _ in sums if not one.typed][:SHOWN]
    context = {
        "form": form, "page": page, "rows": selectors.lines(page, quarter), "quarter": quarter, "figures": figures, "names": NAMES,
        "due_on": selectors.due_on(quarter), "narrowed": bool(state),
        "can_export": Right.CADRE_EXPORT in request.rights, "query": request.GET.urlencode(),
        "totals": sums, "columns": shown, "can_rule": Right.TABLES_EDIT in request.rights,
    }  # fmt: skip
    return render(request, "branches/_sheet_table.html" if request.htmx else "branches/sheets.html", context)


def _quarter(year: int, quarter: int) -> Quarter:
    """Raises 404 for what isn't a quarter of our time."""
    if not 2000 <= year <= 2100 or quarter not in (1, 2, 3, 4):
        raise Http404
    return Quarter(year, quarter)


@requires(Right.BRANCH_VIEW)
@or_404
def sheet(request, pk, year, quarter):
    branch, when = one_branch(request.scope, pk), _quarter(year, quarter)
    if when.first > request.today:
        raise Http404
    found = selectors.sheet_of(request.scope, branch, when)
    columns = selectors.columns_of(when)
    values = selectors.values_of(found, columns)
    acts = [
        {"key": key, "label": SHEET.steps[key].label, "back": SHEET.steps[key].back, "reason": SHEET.reason_against(found, key, by=request.user, today=request.today)}
        for key in SHEET.open_to(found, request.rights)
    ]  # fmt: skip
    names = {key: step.label for key, step in SHEET.steps.items()}
    rows = [(titled(one), one.group, values[one.key], found.corrected.get(one.key), found.counted.get(one.key)) for one in columns]
    context = {
        "branch": branch, "quarter": when, "sheet": found, "rows": rows, "acts": acts, "names": names, "steps": selectors.steps(found) if found.pk else [],
        "changed": selectors.changed_since(found), "due_on": selectors.due_on(when),
        "can_edit": may_edit(request) and not branch.dissolved_on and found.state in actions.EDITABLE,
    }  # fmt: skip
    return render(request, "branches/sheet.html", context)


@requires(Right.BRANCH_EDIT)
@or_404
def sheet_edit(request, pk, year, quarter):
    branch, when, status = one_branch(request.scope, pk), _quarter(year, quarter), 200
    if when.first > request.today:
        raise Http404
    found = selectors.sheet_of(request.scope, branch, when)
    if found.state not in actions.EDITABLE:
        return refused(request, Refused(f"这张统计表现在是“{found.get_state_display()}”，不能再改。"), "branches:sheet", pk, year, quarter)
    initial = {"version": found.version if found.pk else 0, "problems": found.problems}
    form = SheetForm(request.POST or None, sheet=found, initial=initial)
    if request.method == "POST":

        def fill():
            return actions.fill_sheet(branch=branch, quarter=when, by=request.user, version=form.cleaned_data["version"] or 0, **form.values())

        saved, status = carried_out(form, fill)
        if saved:
            return done(request, "已保存，核对后报送。", "branches:sheet", pk, year, quarter, draft=f"sheet-{pk}-{when}")
    return render(request, "branches/sheet_form.html", {"form": form, "branch": branch, "quarter": when}, status=status)


@requires(Right.BRANCH_EDIT, Right.BRANCH_INSPECT)
@or_404
def sheet_step(request, pk, year, quarter, step):
    branch, when, rule = one_branch(request.scope, pk), _quarter(year, quarter), SHEET.steps.get(step)
    if rule is None:
        raise Http404
    if not request.rights.intersection(rule.rights):
        raise PermissionDenied(f"您现在的角色不能{rule.label}。")
    found, status = selectors.sheet_of(request.scope, branch, when), 200
    if reason := SHEET.reason_against(found, step, by=request.user, today=request.today):
        return refused(request, Refused(reason), "branches:sheet", pk, year, quarter)
    form = NoteForm(request.POST or None, asks=rule.asks, initial={"version": found.version if found.pk else None})
    if request.method == "POST":
        act = {"branch": branch, "quarter": when, "step": step, "by": request.user, "today": request.today, "now": timezone.now()}
        saved, status = carried_out(form, lambda: actions.take_step(**act, **form.cleaned_data))
        if saved:
            return done(request, rule.done, "branches:sheet", pk, year, quarter)
    back = reverse("branches:sheet", args=[pk, year, quarter])
    context = {"form": form, "title": f"{rule.label}：{when.title}统计表", "label": rule.label, "branch": branch, "back": back}
    return render(request, "branches/form.html", context, status=status)


@requires(Right.TABLES_EDIT)
def layout(request):
    """Which columns the sheet has from a quarter on, and which it had."""
    found, status = list(selectors.layouts()), 200
    form = LayoutForm(request.POST or None, today=request.today, initial={"version": max((one.pk for one in found), default=0)})
    if request.method == "POST":
        made, status = carried_out(form, lambda: actions.change_layout(by=request.user, today=request.today, **form.values()))
        if made:
            return done(request, f"已修订，{made}使用。", "branches:layout", draft="sheet-layout")
    return render(request, "branches/sheet_layout.html", {"form": form, "rows": found}, status=status)


@requires(Right.CADRE_EXPORT)
def sheet_export(request):
    quarter, _ = SheetFilter(request.GET, today=request.today).wanted()
    rows, org, content = selectors.lines(selectors.owing(request.scope, quarter), quarter), request.membership.org, io.BytesIO()
    mark = f"{request.user}（{org.name}）{timezone.localtime():%Y-%m-%d %H:%M} 导出"
    workbook(content, place=org.name, path=org.path, quarter=quarter, rows=rows, mark=mark)
    accepted = sum(line.state == SheetState.ACCEPTED for line in rows)
    audit.record("quarter_sheet.exported", None, by=request.user, title=f"{quarter.title} {org.name}", data={"sheets": accepted})
    content.seek(0)
    return FileResponse(content, as_attachment=True, filename=f"{quarter.title}活动情况统计表（{org.name}）.xlsx", content_type=XLSX)
