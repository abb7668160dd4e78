"""Exports: what a list asks before it leaves, its page while it is made, one's own exports, and the download."""

import json
import tempfile
from functools import partial

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.permissions import Right, requires
from apps.activity import audit
from apps.core.forms import Chips, PortalForm
from apps.core.refusal import Refused
from apps.core.sheets_out import XLSX
from apps.files import selectors, storage, tasks
from apps.files.exporting import running
from apps.files.exporting.kinds import EXPORTS, ExportKind
from apps.files.exporting.writing import Wanted, write
from apps.files.models import UNDER_WAY, ExportRun, ExportState
from apps.files.views.downloads import delivered, unavailable

PAGE = 20
PAGING = ("sort", "after", "before", "page")


class AskForm(PortalForm):
    """Columns, masked or in the clear, and what for."""

    columns = forms.MultipleChoiceField(label="列", widget=forms.CheckboxSelectMultiple, error_messages={"required": "请至少选一列。", "invalid_choice": "没有“%(value)s”这一列。"})
    full = forms.ChoiceField(
        label="证件号码和电话", choices=[("", "遮盖（如 3604**********0018）"), ("1", "原文")], required=False, widget=Chips, help_text="导出原文须写明用途，会记入审计。"
    )
    reason = forms.CharField(label="用途", required=False, max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "如：办理医疗证"}))

    def __init__(self, data, *, kind: ExportKind, rights, count: int, **kwargs) -> None:
        super().__init__(data, **kwargs)
        self.fields["columns"].choices = [(column.key, column.title) for column in kind.columns()]
        if kind.reveal is None or not any(column.closed for column in kind.columns()):
            self.fields.pop("full")
        elif kind.reveal not in rights:
            self.fields["full"].choices = self.fields["full"].choices[:1]
        if count > settings.EXPORT_REASON_ABOVE:
            self.fields["reason"].help_text = f"超过 {settings.EXPORT_REASON_ABOVE} {kind.unit}，须写明用途；会印在表头，并记入审计。"
        else:
            self.fields["reason"].help_text = "写了会印在表头，并记入审计。"


def ask(request, key: str):
    """GET shows what would leave; POST answers with the workbook, or queues a large one. The view of the list's app names the right."""
    kind = EXPORTS[key]
    query = {name: value for name, value in request.GET.items() if value and name not in PAGING}
    count = kind.count(request.scope, query, request.today, settings.EXPORT_MOST + 1)
    usual = selectors.columns_chosen(request.user, key) or [column.key for column in kind.columns() if column.usual]
    form = AskForm(request.POST or None, kind=kind, rights=request.rights, count=count, initial={"columns": usual})
    if request.method == "POST" and form.is_valid():
        try:
            return _started(request, kind, query, count, form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
    picked = set(form.data.getlist("columns") if form.is_bound else usual)
    context = {
        "kind": kind, "form": form, "count": count, "back": f"{reverse(kind.back)}?{request.GET.urlencode()}", "query": request.GET.urlencode(),
        "groups": _groups(kind, picked), "most": settings.EXPORT_MOST, "over": count > settings.EXPORT_MOST, "background": count > settings.EXPORT_BACKGROUND_ABOVE,
        "kept": settings.EXPORT_KEPT_DAYS,
    }  # fmt: skip
    return render(request, "files/export_ask.html", context, status=422 if form.errors else 200)


def _groups(kind: ExportKind, picked: set[str]) -> list[dict]:
    groups: dict[str, list] = {}
    for column in kind.columns():
        groups.setdefault(column.group, []).append({"key": column.key, "title": column.title, "closed": column.closed, "picked": column.key in picked})
    return [{"title": title, "columns": columns} for title, columns in groups.items()]


def _started(request, kind: ExportKind, query: dict, count: int, data: dict):
    columns, full, reason = data["columns"], bool(data.get("full")), data["reason"].strip()
    running.check(kind=kind, columns=columns, full=full, reason=reason, count=count, rights=request.rights)
    running.remember(kind=kind, columns=columns, by=request.user)
    org = request.membership.org
    if count > settings.EXPORT_BACKGROUND_ABOVE:
        run = running.request_run(kind=kind, query=query, columns=columns, full=full, reason=reason, count=count, org=org, by=request.user)
        transaction.on_commit(partial(tasks.build_export.delay, run.pk))
        return redirect("files:export", run.pk)
    wanted = Wanted(kind, query, columns, full, reason, request.user, org, timezone.now())
    out = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        write(wanted, request.scope, count, out)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return delivered(out, name=wanted.name, content_type=XLSX)


EXPORTING = (Right.CADRE_EXPORT,)


@require_GET
@requires(*EXPORTING)
def exports(request):
    """One's own, newest first."""
    page = Paginator(selectors.exports_of(request.user, request.scope), PAGE).get_page(request.GET.get("page"))
    return render(request, "files/exports.html", {"page": page, "rows": [_shown(request, run) for run in page]})


def _shown(request, run: ExportRun) -> dict:
    kind = next((one for key, one in EXPORTS.items() if key == run.kind), None)
    over = run.state == ExportState.READY and run.file.expires_on and run.file.expires_on < request.today
    expired = over or run.state == ExportState.EXPIRED
    return {"run": run, "title": kind.title if kind else run.kind, "unit": kind.unit if kind else "行", "expired": expired}


def _run(request, pk: int) -> ExportRun:
    try:
        return selectors.exports_of(request.user, request.scope).get(pk=pk)
    except ExportRun.DoesNotExist:
        raise Http404 from None


@require_GET
@requires(*EXPORTING)
def export(request, pk: int):
    """The page of one export; htmx asks for its body every two seconds until it is over."""
    run = _run(request, pk)
    if run.kind not in EXPORTS:
        raise Http404
    kind, over = EXPORTS[run.kind], run.state not in UNDER_WAY
    progress = {"state": run.state, "word": run.get_state_display(), "done": running.progress(run), "total": run.total, "over": over}
    again = f"{reverse(AGAIN[run.kind])}?{_encoded(run)}" if run.kind in AGAIN else ""
    titles = [column.title for column in kind.chosen(run.columns)]
    context = _shown(request, run) | {"kind": kind, "over": over, "progress": progress, "columns": titles, "again": again}
    return render(request, "files/_export.html" if request.htmx else "files/export.html", context)


AGAIN: dict[str, str] = {}
"""Kind → URL name of the page that asks; written by ``asks``."""


def asks(key: str, url_name: str):
    """The view that asks for exports of this kind, under a URL of the list's own app."""
    AGAIN[key] = url_name

    @requires(*EXPORTING)
    def view(request):
        if EXPORTS[key].right not in request.rights:
            raise PermissionDenied("您现在的角色不能导出这份名单。")
        return ask(request, key)

    return view


def _encoded(run: ExportRun) -> str:
    return urlencode(json.loads(run.query))


@require_POST
@requires(*EXPORTING)
def export_cancel(request, pk: int):
    if running.cancel(run=_run(request, pk), by=request.user, now=timezone.now()):
        messages.success(request, "已取消，没有留下文件。")
    return redirect("files:export", pk)


@require_GET
@requires(*EXPORTING)
def export_download(request, pk: int):
    """Only for the one who asked, while it is kept, and while the rights it was made with are still held."""
    run = _run(request, pk)
    if run.state not in (ExportState.READY, ExportState.EXPIRED) or run.kind not in EXPORTS:
        raise Http404
    if reason := running.reason_against(run, EXPORTS[run.kind], request.today):
        raise PermissionDenied(reason)
    if run.state == ExportState.EXPIRED or run.file.expires_on < request.today:
        messages.error(request, "这份导出已经过期删除，请重新导出。")
        return redirect("files:export", pk)
    try:
        storage.verify(run.file)
        content = storage.opened(run.file)
    except storage.NotToBeHad as gone:
        return unavailable(request, run.file, gone)
    audit.record("file.opened", run.file, by=request.user, title="导出的名单", data={"label": run.file.label, "subject": run.pk})
    response = delivered(content, name=run.file.name, content_type=run.file.content_type)
    response["Content-Length"] = run.file.size
    return response
