"""Signing in and out, the password, the reading size, the role one acts in."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from apps.accounts import actions
from apps.accounts.forms import NewPasswordForm, SignInForm
from apps.accounts.navigation import landing_for
from apps.accounts.permissions import public, signed_in

sign_in = public(auth_views.LoginView.as_view(authentication_form=SignInForm, redirect_authenticated_user=True))
sign_out = public(auth_views.LogoutView.as_view())


def locked_out(request, credentials=None, *args, **kwargs):
    """Answer to too many failures; axes calls it."""
    return render(request, "registration/locked_out.html", status=429)


def back(request):
    """The page the form was on, when it is one of ours."""
    target = request.POST.get("next", "")
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()) else "home"


@signed_in
def home(request):
    """Nobody lands on a menu: the first screen follows the role."""
    if request.membership is None:
        return render(request, "registration/no_membership.html", status=403)
    return redirect(landing_for(request.membership.role, request.rights))


@signed_in
def password_change(request):
    form = NewPasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = actions.change_password(user=request.user, password=form.cleaned_data["new_password1"], by=request.user, now=timezone.now())
        update_session_auth_hash(request, user)
        messages.success(request, "密码已修改，其他设备上的登录已全部退出。")
        return redirect("home")
    return render(request, "registration/password_change.html", {"form": form, "forced": request.user.must_change_password}, status=422 if form.errors else 200)


@signed_in
@require_POST
def elder_mode(request):
    actions.set_elder_mode(user=request.user, on=request.POST.get("on") == "1")
    return redirect(back(request))


@signed_in
@require_POST
def choose_membership(request):
    """Act in another role one holds; an unknown one is ignored."""
    if (chosen := request.POST.get("membership", "")).isdigit():
        request.session["membership"] = int(chosen)
    return redirect("home")


@signed_in
@require_POST
def keepalive(request):
    """Answers the page's "go on working": the request itself renews the session."""
    return HttpResponse(status=204)
