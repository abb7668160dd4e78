"""The pages shown when something can't be had. A sentence, never a trace."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render


def _page(request, status: int, template: str, sentence: str = "", code: str = ""):
    if request.path.startswith("/api/"):
        return JsonResponse({"code": code or str(status), "message": sentence}, status=status, json_dumps_params={"ensure_ascii": False})
    context = {"sentence": sentence, "request_id": getattr(request, "request_id", "")}
    return render(request, template, context, status=status)


def bad_request(request, exception=None):
    return _page(request, 400, "errors/400.html", "请求不完整或已失效，请返回重试。")


def forbidden(request, exception=None):
    """403 says why: the text of the exception, when it is one of ours."""
    return _page(request, 403, "errors/403.html", str(exception or "") or "您没有打开这一页的权限。")


def not_found(request, exception=None):
    return _page(request, 404, "errors/404.html", "没有这一页，或者它不在您的管理范围内。")


def server_error(request):
    """Rendered without the database, which may be what failed."""
    try:
        return _page(request, 500, "errors/500.html", "系统出错，已经记录。请稍后再试。")
    except Exception:  # noqa: BLE001 - the last page must always come
        return HttpResponse("系统出错，请稍后再试。", status=500, content_type="text/plain; charset=utf-8")


def csrf_failure(request, reason=""):
    return _page(request, 403, "errors/csrf.html", "页面停留过久或登录已变化，提交未被接受。您填的内容仍保存在本机，请重新打开这一页。", "csrf")
