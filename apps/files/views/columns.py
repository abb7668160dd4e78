"""列名记忆: what the portal remembers of columns, seen and forgotten."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.permissions import TAKING_IN, requires
from apps.files import actions, selectors
from apps.files.models import ASIDE, IGNORED, ColumnMemory
from apps.files.sheetkinds import SHEETS, kinds_hidden_from

PAGE = 100


def _line(memory: ColumnMemory) -> dict:
    """A memory in words; it may name a kind or a field that is no more."""
    title, fields = (SHEETS[memory.kind].title, SHEETS[memory.kind].fields) if memory.kind in SHEETS else (memory.kind, {})
    fixed = {ASIDE: "作为附注保留", IGNORED: "不导入"}
    known = fixed.get(memory.field) or (fields[memory.field].column_name if memory.field in fields else "（已没有这一项）")
    return {"memory": memory, "kind": title, "use": known}


@require_GET
@requires(*TAKING_IN)
def memories(request):
    hidden = kinds_hidden_from(request.rights)
    page = Paginator(selectors.memories(request.scope, hidden), PAGE).get_page(request.GET.get("page"))
    above = [_line(one) for one in selectors.memories_above(request.membership.org) if one.kind not in hidden]
    return render(request, "files/memories.html", {"page": page, "lines": [_line(one) for one in page], "above": above})


@require_POST
@requires(*TAKING_IN)
def forget(request, pk: int):
    try:
        found = selectors.memory(request.scope, pk, kinds_hidden_from(request.rights))
    except ColumnMemory.DoesNotExist:
        raise Http404 from None
    actions.forget_column(memory=found, by=request.user)
    messages.success(request, f"已忘记“{found.title}”。下次遇到这一列会重新询问。")
    return redirect("files:memories")
