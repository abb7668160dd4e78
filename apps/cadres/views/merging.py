"""疑似重复 and 合并档案: what looks like one person kept twice, the comparison, the merge and its way back."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from apps.accounts.permissions import Right, requires
from apps.cadres import actions, selectors
from apps.cadres.selectors.history import title_of
from apps.cadres.selectors.places import place_name
from apps.cadres.values import shown
from apps.cadres.views.common import or_404
from apps.core.refusal import Refused

PAGE = 50


@require_GET
@requires(Right.CADRE_MERGE)
def duplicates(request):
    """Pairs that look like one person; ``?page=``."""
    text = request.GET.get("page", "1")
    page = max(int(text), 1) if text.isdecimal() and len(text) < 6 else 1
    pairs, more = selectors.duplicates(request.scope, offset=(page - 1) * PAGE, limit=PAGE)
    lines = [{"pair": pair, "places": (place_name(pair.one.org), place_name(pair.other.org))} for pair in pairs]
    return render(request, "cadres/duplicates.html", {"lines": lines, "page": page, "more": more})


@require_GET
@requires(Right.CADRE_MERGE)
@or_404
def choose(request, pk: int):
    """Whom to merge a record with: others of the same name, or whoever the search box finds."""
    cadre, text = selectors.cadre(request.scope, pk), request.GET.get("with", "").strip()
    people = selectors.found_for_merging(request.scope, text, cadre) if text else selectors.alike(request.scope, cadre)
    lines = [{"cadre": one, "place": place_name(one.org)} for one in people]
    return render(request, "cadres/merge_choose.html", {"cadre": cadre, "lines": lines, "text": text})


@requires(Right.CADRE_MERGE)
@or_404
def merge(request, pk: int, other: int):
    """GET compares field by field; POST ``keep`` (whose record stays) and ``field:NAME`` = kept | absorbed, or ``distinct`` says they are two people."""
    kept, absorbed = selectors.cadre(request.scope, pk), selectors.cadre(request.scope, other)
    status = 200
    if request.method == "POST":
        try:
            with transaction.atomic():
                return _told_apart(request, kept, absorbed) if request.POST.get("distinct") else _merged(request, kept, absorbed)
        except Refused as refused:
            messages.error(request, refused.sentence)
            status = 409 if refused.status == 409 else 422
            kept, absorbed = selectors.cadre(request.scope, pk), selectors.cadre(request.scope, other)
    book, chosen = selectors.codebook(), actions.better(kept, absorbed)
    fields = [
        {"name": name, "title": title_of(name), "kept": shown(kept, name, book), "absorbed": shown(absorbed, name, book), "chosen": request.POST.get(f"field:{name}", chosen[name])}
        for name in actions.differing(kept, absorbed)
    ]
    fields.sort(key=lambda field: not (field["kept"] and field["absorbed"]))
    context = {
        "kept": kept, "absorbed": absorbed, "fields": fields, "places": (place_name(kept.org), place_name(absorbed.org)),
        "reason": actions.reason_against_merging(kept, absorbed), "two_numbers": bool(kept.id_number and absorbed.id_number),
    }  # fmt: skip
    return render(request, "cadres/merge.html", context, status=status)


def _told_apart(request, kept, absorbed):
    actions.say_distinct(one=kept, other=absorbed, by=request.user, scope=request.scope, now=timezone.now())
    messages.success(request, "已记下不是同一人，以后不再提示。")
    return redirect("cadres:duplicates")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _merged(request, kept, absorbed):
    choices = {name.removeprefix("field:"): side for name, side in request.POST.items() if name.startswith("field:") and side in ("kept", "absorbed")}
    record = actions.merge_cadres(
        kept=kept, absorbed=absorbed, versions=(_number(request.POST.get("kept", "")), _number(request.POST.get("absorbed", ""))), choices=choices,
        by=request.user, scope=request.scope, today=request.today, now=timezone.now(), note=request.POST.get("note", "").strip(),
    )  # fmt: skip
    messages.success(request, f"已合并。原有的两份档案现在是一份；如合并错了，可以在“变更记录”里撤销（第 {record.pk} 号合并）。")
    return redirect("cadres:detail", kept.pk)


@requires(Right.CADRE_MERGE)
@or_404
def record(request, pk: int):
    """What a merge has done; POST takes it back."""
    found = selectors.merge(request.scope, pk)
    status = 200
    if request.method == "POST":
        try:
            with transaction.atomic():
                done = actions.unmerge_cadres(record=found, by=request.user, scope=request.scope, today=request.today, now=timezone.now())
            messages.success(request, "已撤销合并，两份档案各自恢复。" + (f"有 {len(done.left)} 项没有恢复，见下。" if done.left else ""))
            return redirect("cadres:merge_record", pk)
        except Refused as refused:
            messages.error(request, refused.sentence)
            status = refused.status
    titles = [title_of(name) for name in found.fields]
    stays, reason = [], ""
    try:
        stays = [] if found.undone_at else actions.what_stays(found)
    except Refused as refused:
        reason = refused.sentence
    context = {"record": found, "titles": titles, "stays": stays, "reason": reason, "moved": selectors.moved_words(found)}
    return render(request, "cadres/merge_record.html", context, status=status)

