"""Pages of the shell itself: refusals and errors said in a sentence, and the gallery of components."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

CSRF_SENTENCE = "这个页面打开得太久，安全校验已经失效，刚才的内容没有提交。请返回上一页，刷新后重新提交；已填写的文字会自动恢复。"


def _error(request: HttpRequest, template: str, status: int, **context: object) -> HttpResponse:
    return HttpResponse(render_to_string(template, context, request=None) if status == 500 else render(request, template, context).content, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, "errors/400.html", 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 with the sentence the refusing code gave."""
    return _error(request, "errors/403.html", 403, reason=str(exception or ""))


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error(request, "errors/404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 without a trace; rendered without context processors, which may be what failed. Shows the request id to quote."""
    return _error(request, "errors/500.html", 500, request_id=getattr(request, "request_id", ""))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _error(request, "errors/csrf.html", 403, reason=CSRF_SENTENCE)
