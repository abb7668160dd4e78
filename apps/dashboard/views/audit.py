"""The audit page, for the 审计管理员: reads and filters, changes nothing, and leaves its own trace."""

from django import forms
from django.shortcuts import render

from apps.accounts.permissions import Right, requires
from apps.activity import audit, chain
from apps.core.forms import DateInput

PAGE = 50


class AuditFilter(forms.Form):
    q = forms.CharField(label="人员、对象或说明", required=False)
    verb = forms.ChoiceField(label="动作", choices=[("", "全部动作"), *audit.VERBS.items()], required=False)
    first = forms.DateField(label="起", required=False, widget=DateInput)
    last = forms.DateField(label="止", required=False, widget=DateInput)
    before = forms.IntegerField(required=False, widget=forms.HiddenInput)


@requires(Right.AUDIT_VIEW)
def index(request):
    form = AuditFilter(request.GET)
    form.is_valid()
    asked = {name: value for name, value in form.cleaned_data.items() if value}
    found = chain.events(request.scope, text=asked.get("q", ""), verb=asked.get("verb", ""), first=asked.get("first"), last=asked.get("last"), before=asked.get("before"))
    rows = list(found[: PAGE + 1])
    context = {
        "form": form,
        "events": [{"row": row, "verb": audit.VERBS.get(row.verb, row.verb)} for row in rows[:PAGE]],
        "next": rows[PAGE - 1].pk if len(rows) > PAGE else "",
        "filtered": bool(asked),
    }
    if not request.htmx:
        audit.record("audit.viewed", by=request.user, data={name: str(value) for name, value in asked.items()})
    return render(request, "dashboard/_audit_table.html" if request.htmx else "dashboard/audit.html", context)


@requires(Right.AUDIT_VIEW)
def verify(request):
    """Recompute the chain now and say what came out."""
    return render(request, "dashboard/_audit_verdict.html", {"verdict": chain.verify()})
