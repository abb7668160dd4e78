"""Management of the organisation tree, for the 系统管理员."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.accounts import actions, selectors
from apps.accounts.forms import MoveOrganizationForm, OrganizationForm, RegionFileForm, RenameOrganizationForm
from apps.accounts.models import Organization
from apps.accounts.permissions import Right, requires
from apps.accounts.regions import read_changes
from apps.core.refusal import Refused

manages = requires(Right.ORG_MANAGE)


def one(request, pk: int) -> Organization:
    try:
        return selectors.organization(request.scope, pk)
    except Organization.DoesNotExist as error:
        raise Http404 from error


@manages
def tree(request):
    """The top of one's own part of the tree, or what a search found."""
    text = request.GET.get("q", "").strip()
    if text:
        found = list(selectors.found_organizations(request.scope, text))
        return render(request, "accounts/organization_found.html", {"found": found, "q": text})
    return redirect("accounts:organization", request.membership.org_id)


@manages
def detail(request, pk):
    org = one(request, pk)
    crumbs = [above for above in selectors.ancestors(org)[:-1] if request.scope.covers(above.path)]
    context = {"org": org, "above": crumbs, "children": selectors.children(request.scope, org), "is_region": org.level in ("country", "province", "city", "county"), "q": ""}
    return render(request, "accounts/organization.html", context)


@manages
def create(request, pk):
    parent = one(request, pk)
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_organization(parent=parent, by=request.user, valid_from=request.today, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, f"已在「{parent}」下新建「{made}」。")
            return redirect("accounts:organization", parent.pk)
    return shown(request, form, org=parent, title="新建下级单位", label="新建")


@manages
def rename(request, pk):
    org = one(request, pk)
    form = RenameOrganizationForm(request.POST or None, initial={"name": org.name, "short_name": org.short_name})
    if request.method == "POST" and form.is_valid():
        actions.change_organization(org=org, by=request.user, **form.cleaned_data)
        messages.success(request, "已保存。")
        return redirect("accounts:organization", org.pk)
    return shown(request, form, org=org, title="修改名称", label="保存")


@manages
def move(request, pk):
    org = one(request, pk)
    form = MoveOrganizationForm(request.POST or None, orgs=selectors.places_to_work(request.scope, request.today))
    if request.method == "POST" and form.is_valid():
        try:
            actions.move_organization(org=org, parent=form.cleaned_data["parent"], by=request.user)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, f"「{org}」及其下的人员、走访等记录已一并调整。")
            return redirect("accounts:organization", org.pk)
    return shown(request, form, org=org, title="调整隶属", label="调整")


@manages
@require_POST
def close(request, pk):
    org = one(request, pk)
    try:
        actions.close_organization(org=org, on=request.today, by=request.user)
        messages.success(request, f"「{org}」已停用。")
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("accounts:organization", org.pk)


@manages
def regions(request):
    """Bring in the yearly changes of GB/T 2260; only where the deployment's top is managed, for the table is everybody's."""
    form = RegionFileForm(request.POST or None, request.FILES or None)
    change = None
    if request.method == "POST" and form.is_valid():
        try:
            if not request.scope.whole:
                raise Refused("区划表为全平台共用，请由平台最高一级的系统管理员导入。", code="not_top")
            rows = read_changes(form.cleaned_data["file"].read())
            change = actions.load_regions(rows=rows, by=request.user, complete=form.cleaned_data["complete"], today=request.today)
        except Refused as refused:
            form.refuse(refused)
    return render(request, "accounts/regions.html", {"form": form, "change": change, "top": request.scope.whole}, status=422 if form.errors else 200)


def shown(request, form, *, org, title, label):
    context = {"form": form, "org": org, "title": title, "label": label}
    return render(request, "accounts/organization_form.html", context, status=422 if form.errors else 200)
