"""Management of users and their roles, for the 系统管理员."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts import actions, selectors
from apps.accounts.forms import ChangeUserForm, EndMembershipForm, NewUserForm, RoleFields, UserFilter
from apps.accounts.models import Membership, User
from apps.accounts.permissions import Right, requires
from apps.core.refusal import Refused

manages = requires(Right.USER_MANAGE)
OUTSIDE = "此人在您的范围之外还有任职，请由上级系统管理员办理。"


def one(request, pk: int) -> User:
    try:
        return selectors.user(request.scope, pk)
    except User.DoesNotExist as error:
        raise Http404 from error


@manages
def index(request):
    form = UserFilter(request.GET)
    form.is_valid()
    found = selectors.users(request.scope, text=form.cleaned_data.get("q", ""), role=form.cleaned_data.get("role", ""))
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    template = "accounts/_user_table.html" if request.htmx else "accounts/users.html"
    return render(request, template, {"form": form, "page": page, "filtered": any(form.cleaned_data.values())})


@manages
def create(request):
    form = NewUserForm(request.POST or None, orgs=selectors.places_to_work(request.scope, request.today), initial={"starts_on": request.today, "org": request.GET.get("org")})
    if request.method == "POST" and form.is_valid():
        try:
            user, text = actions.create_user(by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            return render(request, "accounts/user_password.html", {"user": user, "text": text, "made": True})
    return render(request, "accounts/user_form.html", {"form": form, "title": "新建用户", "label": "新建", "user": None}, status=422 if form.errors else 200)


@manages
def detail(request, pk):
    user = one(request, pk)
    inside = selectors.is_wholly_inside(request.scope, user, request.today)
    held = user.memberships.select_related("org", "granted_by")
    rows = [{"held": m, "mine": request.scope.covers(m.org.path), "open": m.ends_on is None or m.ends_on >= request.today} for m in held]
    context = {"user": user, "rows": rows, "reason": "" if inside else OUTSIDE, "self": user.pk == request.user.pk}
    return render(request, "accounts/user.html", context)


@manages
def edit(request, pk):
    user = one(request, pk)
    form = ChangeUserForm(request.POST or None, initial={"display_name": user.display_name, "email": user.email, "phone": user.phone})
    if request.method == "POST" and form.is_valid():
        actions.change_user(user=user, by=request.user, org_path=request.membership.org.path, **form.cleaned_data)
        messages.success(request, "已保存。")
        return redirect("accounts:user", user.pk)
    return render(request, "accounts/user_form.html", {"form": form, "title": "修改用户", "label": "保存", "user": user}, status=422 if form.errors else 200)


@manages
@require_POST
def reset_password(request, pk):
    user = one(request, pk)
    if not selectors.is_wholly_inside(request.scope, user, request.today):
        messages.error(request, OUTSIDE)
        return redirect("accounts:user", user.pk)
    text = actions.reset_password(user=user, by=request.user, now=timezone.now())
    return render(request, "accounts/user_password.html", {"user": user, "text": text, "made": False})


@manages
@require_POST
def set_active(request, pk):
    user = one(request, pk)
    try:
        if not selectors.is_wholly_inside(request.scope, user, request.today):
            raise Refused(OUTSIDE)
        actions.set_active(user=user, active=request.POST.get("on") == "1", by=request.user, org_path=request.membership.org.path)
        messages.success(request, "已启用。" if user.is_active else "已停用，此人的登录已全部结束。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("accounts:user", user.pk)


@manages
def grant(request, pk):
    user = one(request, pk)
    form = RoleFields(request.POST or None, orgs=selectors.places_to_work(request.scope, request.today), initial={"starts_on": request.today})
    if request.method == "POST" and form.is_valid():
        try:
            actions.grant_membership(user=user, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, "已授予。")
            return redirect("accounts:user", user.pk)
    return render(request, "accounts/user_form.html", {"form": form, "title": f"给 {user} 增加任职", "label": "授予", "user": user}, status=422 if form.errors else 200)


@manages
def end(request, pk):
    try:
        held = selectors.membership(request.scope, pk)
    except Membership.DoesNotExist as error:
        raise Http404 from error
    form = EndMembershipForm(request.POST or None, initial={"on": request.today})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_membership(membership=held, on=form.cleaned_data["on"], by=request.user)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, "任职已结束。")
            return redirect("accounts:user", held.user_id)
    title = f"结束任职：{held.user} · {held.org} · {held.get_role_display()}"
    return render(request, "accounts/user_form.html", {"form": form, "title": title, "label": "结束任职", "user": held.user}, status=422 if form.errors else 200)
