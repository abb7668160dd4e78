"""The list of initial passwords of the accounts an import has made: given once, stored nowhere."""

import io

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts.permissions import Right, requires
from apps.core.refusal import Refused
from apps.core.sheets_out import XLSX, Column, SheetOut, write_xlsx
from apps.files import actions
from apps.files.views.downloads import delivered
from apps.files.views.imports import batch_or_404

COLUMNS = (Column("用户名", 18), Column("姓名", 12), Column("初始密码", 20))
NOTES = ("第一次登录后须立即修改密码。", "系统里没有留存这份清单，请分别交给本人，用完销毁；遗失的请逐个重置。")


@require_POST
@requires(Right.USER_MANAGE)
def hand_out(request, pk: int):
    found = batch_or_404(request, pk)
    if found.kind != "users":
        raise Http404
    try:
        rows = actions.hand_out_passwords(batch=found, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("files:batch", pk)
    out = io.BytesIO()
    write_xlsx(out, [SheetOut("初始密码", "初始密码清单", COLUMNS, [(user.username, user.display_name, text) for user, text in rows], notes=NOTES)])
    out.seek(0)
    return delivered(out, name="初始密码清单.xlsx", content_type=XLSX)
