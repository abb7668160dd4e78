"""The working calendar: what is published, what was entered here, and what is still missing. On days off nobody is reminded."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.care.forms.calendar import DayForm
from apps.care.views.common import carried_out, or_404, tabs
from apps.core import workdays
from apps.core.calendar import published_exceptions

FIRST, LAST = 2004, 2099


def _year(text: str, today) -> int:
    return int(text) if text.isdigit() and FIRST <= int(text) <= LAST else today.year


def _page(year: int) -> str:
    return f"{reverse('care:rule_calendar')}?year={year}"


@requires(Right.TABLES_EDIT)
def calendar(request):
    year = _year(request.GET.get("year", ""), request.today)
    form, status = DayForm(request.POST or None), 200
    if request.method == "POST":
        saved, status = carried_out(form, lambda: workdays.set_day(by=request.user, **form.cleaned_data))
        if saved:
            messages.success(request, f"已记下：{saved}。")
            return redirect(_page(saved.day.year))
    days = workdays.working_days()
    context = {
        "form": form, "year": year, "entered": workdays.exceptions(year), "missing": days.missing(year), "known": days.known(year),
        "published": [{"day": day, "works": works, "name": name} for day, works, name in published_exceptions() if day.year == year],
        "tabs": tabs(*((f"{one} 年", _page(one), one == year) for one in range(request.today.year - 1, request.today.year + 3))),
    }  # fmt: skip
    return render(request, "care/calendar.html", context, status=status)


@require_POST
@requires(Right.TABLES_EDIT)
def fill(request):
    year = _year(request.POST.get("year", ""), request.today)
    made = workdays.fill_statutory(year=year, by=request.user)
    messages.success(request, f"已填入 {made} 天。请再按国务院办公厅的通知补上多放的日子和调休上班的周末。" if made else "法定节假日都已录入。")
    return redirect(_page(year))


@require_POST
@requires(Right.TABLES_EDIT)
@or_404
def remove(request, pk):
    day = workdays.exception(pk)
    workdays.forget_day(day=day, by=request.user)
    messages.success(request, f"已删除 {day.day:%Y-%m-%d} 的调整。")
    return redirect(_page(day.day.year))
