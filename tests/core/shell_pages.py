"""A form and a page after it, with the real sign-in, session and shell around: what the browser tests of the shell talk to."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import path

from apps.accounts.permissions import signed_in
from apps.accounts.views import offline as without_line
from apps.accounts.views import session
from apps.core.forms import Chips, OnceField, PortalForm
from apps.core.outbox import saved
from apps.core.views import gallery

RECEIVED: list[dict] = []
PAGE = '{% extends "base.html" %}{% block title %}记走访{% endblock %}{% block head %}{% page_head title="记走访" %}{% endpage_head %}{% endblock %}{% block content %}'
FORM = PAGE + '{% include "components/form.html" with form=form label="保存" draft="visit-1" offline=offline %}{% endblock %}'
DONE = PAGE + '<p id="done">共 {{ count }} 条</p><button class="btn" id="clash" hx-post="/try/clash/">再存一次</button>{% endblock %}'


class VisitForm(PortalForm):
    once = OnceField()
    way = forms.ChoiceField(label="方式", choices=[("home", "上门"), ("phone", "电话")], widget=Chips, initial="home")
    said = forms.CharField(label="情况", widget=forms.Textarea)
    secret = forms.CharField(label="口令", widget=forms.PasswordInput, required=False)


def _answer(request, text, **context):
    return HttpResponse(engines["django"].from_string(text).render(context, request))


def _form(request, offline):
    form = VisitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        RECEIVED.append(form.cleaned_data)
        messages.success(request, "已记下。")
        return saved(redirect("/try/done/"))
    return _answer(request, FORM, form=form, offline=offline)


@signed_in
def plain(request):
    return _form(request, offline=False)


@signed_in
def offline(request):
    return _form(request, offline=True)


@signed_in
def done(request):
    return _answer(request, DONE, count=len(RECEIVED))


@signed_in
def clash(request):
    return HttpResponse(status=409)


urlpatterns = [
    path("try/plain/", plain),
    path("try/offline/", offline),
    path("try/done/", done, name="home"),
    path("try/clash/", clash),
    path("gallery/", signed_in(gallery)),
    path("login/", session.sign_in, name="login"),
    path("logout/", session.sign_out, name="logout"),
    path("password/", session.password_change, name="password_change"),
    path("elder/", session.elder_mode, name="elder_mode"),
    path("role/", session.choose_membership, name="choose_membership"),
    path("search/", signed_in(done), name="search"),
    path("sw.js", without_line.service_worker, name="service_worker"),
    path("offline/", without_line.page, name="offline"),
    path("offline/key/", without_line.letter_key, name="letter_key"),
    path("keepalive/", session.keepalive, name="keepalive"),
]
