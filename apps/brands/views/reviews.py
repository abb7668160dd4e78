"""展评: rounds for those who hold them, the judge's desk, the sheet on a tablet, the result; the vote for anybody with a code."""

from axes.helpers import get_client_ip_address
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, public, requires
from apps.activity import audit
from apps.brands.actions import reviews as actions
from apps.brands.documents import result_document
from apps.brands.forms.reviews import ChoiceForm, ReviewCodesForm, RoundForm, RulesForm, SheetForm, round_initial, weights_initial
from apps.brands.selectors import reviews as selectors
from apps.brands.views.common import carried_out, document, done, may_review, or_404, refused
from apps.core.forms import CodeForm
from apps.core.qr import qr_code
from apps.core.refusal import Refused
from apps.core.web import site

PAGE = 30


@requires(Right.BRAND_VIEW)
def rounds(request):
    page = Paginator(selectors.rounds(request.scope), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": list(page), "judging": selectors.rounds_judged(request.user), "can_open": may_review(request), "query": request.GET.urlencode()}
    return render(request, "brands/rounds.html", context)


@requires(Right.BRAND_REVIEW)
def round_add(request):
    org, status = request.membership.org, 200
    offered = list(selectors.may_be_entered(request.scope))
    form = RoundForm(request.POST or None, brands=offered, judges=selectors.possible_judges(org, request.today), initial=round_initial(selectors.last_rules(org), request.today))
    if request.method == "POST":
        act = {"org": org, "by": request.user, "today": request.today, "now": timezone.now()}
        made, status = carried_out(form, lambda: actions.open_round(**act, **form.values()))
        if made:
            return done(request, "已开始，评委收到消息。", "brands:round", made.pk)
    explain = "" if offered else "现在没有初评通过的品牌。"
    context = {"form": form, "title": "组织展评", "label": "开始", "back": reverse("brands:rounds"), "explain": explain}
    return render(request, "brands/form.html", context, status=status)


@requires(Right.BRAND_VIEW)
@or_404
def review_round(request, pk):
    found = selectors.review_round(request.scope, pk)
    results = [] if found.open else selectors.results_kept(found)
    entries = selectors.entries(found)
    holds = may_review(request) and found.org.path.startswith(request.membership.org.path)
    words = selectors.suggested([one.rank for one in results])
    context = {
        "round": found, "entries": entries, "results": list(zip(results, words, strict=True)), "awards": selectors.awards(len(results)) if results else (0, 0),
        "progress": selectors.progress(found, request.today) if found.open else [], "judges": selectors.judges(found), "criteria": selectors.criteria(found),
        "can_hold": holds, "can_change": holds and found.open and not selectors.begun(found),
        "codes_form": ReviewCodesForm(places=[one.brand.org for one in entries]) if found.open and found.weights["vote"] else None, "slips": selectors.slips(found),
        "unused": selectors.unused(found), "address": site(request) + reverse("brand_vote"), "comments": selectors.comments(found) if not found.open else [],
    }  # fmt: skip
    return render(request, "brands/round.html", context)


@requires(Right.BRAND_REVIEW)
@or_404
def round_rules(request, pk):
    """What the round is judged by, as tables to change."""
    found, status = selectors.review_round(request.scope, pk), 200
    if not found.open or selectors.begun(found):
        return refused(request, Refused("已有评委打分，评分标准不能再改。"), "brands:round", pk)
    form = RulesForm(request.POST or None, found=found, initial=weights_initial(found) | {"version": found.version})
    if request.method == "POST":
        saved, status = carried_out(form, lambda: actions.write_rules(found=found, by=request.user, **form.values()))
        if saved:
            return done(request, "评分标准已保存，下一次展评沿用。", "brands:round", pk, draft=f"rules-{pk}")
    return render(request, "brands/rules.html", {"form": form, "round": found}, status=status)


@requires(Right.BRAND_REVIEW)
@require_POST
@or_404
def round_codes(request, pk):
    """The codes as slips to print and cut: this page is the only place they ever stand in clear."""
    found = selectors.review_round(request.scope, pk)
    form = ReviewCodesForm(request.POST, places=[one.brand.org for one in selectors.entries(found)])
    codes, status = carried_out(form, lambda: actions.issue_codes(found=found, wanted=form.wanted() or {None: 0}, by=request.user))
    if not codes:
        context = {"form": form, "title": "发号码", "label": "发号码", "back": reverse("brands:round", args=[pk])}
        return render(request, "brands/form.html", context, status=status)
    address = site(request) + reverse("brand_vote")
    slips = [{"group": f"{place}代表", "code": f"{code[:5]} {code[5:]}", "qr": qr_code(f"{address}#{code}")} for place, code in codes]
    response = render(request, "brands/slips.html", {"round": found, "slips": slips, "told": f"扫码，或打开 {address} 输入号码。出结果前有效，只能用一次。"})
    response["Cache-Control"] = "no-store"
    return response


@requires(Right.BRAND_REVIEW)
@require_POST
@or_404
def round_clock(request, pk, key):
    found = selectors.review_round(request.scope, pk)
    try:
        entry = actions.clock_entry(entry=selectors.entry(found, key), by=request.user, now=timezone.now())
    except Refused as problem:
        return refused(request, problem, "brands:round", pk)
    return done(request, "展示结束。" if entry.ended_at else "计时开始。", "brands:round", pk)


@requires(Right.BRAND_REVIEW)
@require_POST
@or_404
def round_close(request, pk):
    try:
        actions.close_round(found=selectors.review_round(request.scope, pk), by=request.user, today=request.today)
    except Refused as problem:
        return refused(request, problem, "brands:round", pk)
    return done(request, "已出结果。", "brands:round", pk)


@requires(Right.BRAND_VIEW)
@or_404
def round_docx(request, pk):
    found = selectors.review_round(request.scope, pk)
    if found.open:
        raise Http404
    names = [one.user.display_name for one in selectors.judges(found)]
    content, name = result_document(found=found, results=selectors.results_kept(found), judges=names, today=request.today, now=timezone.now())
    audit.record("brand.exported", found, by=request.user, title=found.title, note="展评汇总表")
    return document(content, name)


@requires(Right.BRAND_VIEW)
def judging(request):
    """Rounds one is a judge of."""
    return render(request, "brands/judging.html", {"rounds": selectors.rounds_judged(request.user)})


@requires(Right.BRAND_VIEW)
@or_404
def judge_desk(request, pk):
    return render(request, "brands/judge_desk.html", {"desk": selectors.desk(request.user, pk, request.today)})


@requires(Right.BRAND_VIEW)
@or_404
def judge_sheet(request, pk, key, part):
    """One sheet: the brand's material beside the criteria."""
    desk, status = selectors.desk(request.user, pk, request.today), 200
    row = next((one for one in desk.rows if one[0].pk == key), None)
    if row is None or part not in dict(desk.parts):
        raise Http404
    entry, stands_back, own = row
    sheet = own.get(part)
    if stands_back or not desk.round.open or (sheet and sheet.final):
        why = "本县区的品牌，评委应当回避。" if stands_back else "这一张已经提交，不能再改。"
        return refused(request, Refused(why), "brands:judge_desk", pk)
    form = SheetForm(request.POST or None, criteria=desk.round.criteria[part], points=sheet.points if sheet else {}, initial={"comment": sheet.comment if sheet else ""})
    if request.method == "POST":
        final = request.POST.get("final") == "1"
        act = {"entry": entry, "user": request.user, "part": part, "final": final, "today": request.today}
        saved, status = carried_out(form, lambda: actions.score_entry(**act, **form.values()))
        if saved:
            return done(request, "已提交。" if final else "已保存，还没有提交。", "brands:judge_desk", pk, draft=f"sheet-{key}-{part}")
    context = {"form": form, "desk": desk, "entry": entry, "part": part, "part_name": dict(desk.parts)[part], "back": reverse("brands:judge_desk", args=[pk])}
    return render(request, "brands/sheet.html", context | selectors.material(entry), status=status)


def _bare(request, template: str, context: dict, status: int = 200):
    response = render(request, template, context | {"elder": True}, status=status)
    response["Cache-Control"] = "no-store"
    return response


@public
def brand_vote(request):
    """Anybody with a code: GET asks for it (the script takes it from behind ``#``); POST with it shows the brands, with some of them chosen it votes."""
    form = CodeForm(request.POST or None)
    if request.method != "POST":
        return _bare(request, "brands/vote.html", {"form": form})
    address = get_client_ip_address(request) or "-"
    offered, status = carried_out(form, lambda: actions.choices_of(code=form.cleaned_data["code"], address=address))
    if not offered:
        return _bare(request, "brands/vote.html", {"form": form}, status)
    found, entries = offered
    filled = "step" in request.POST
    choice = ChoiceForm(request.POST if filled else None, entries=entries, initial={"code": form.cleaned_data["code"]})
    status = 200
    if filled:
        voted, status = carried_out(choice, lambda: _voted(choice, address))
        if voted:
            return redirect("brand_voted")
    return _bare(request, "brands/vote.html", {"form": choice, "round": found}, status)


def _voted(form, address: str) -> bool:
    actions.vote(code=form.cleaned_data["code"], chosen=form.cleaned_data["chosen"], address=address)
    return True


@public
def brand_voted(request):
    return _bare(request, "brands/voted.html", {})
