"""Every right and every role of the portal, on one page. A right is a string; what it opens says the name."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import models


class Right(StrEnum):
    ACCOUNT_OWN = "account.own"  # one's own password, inbox, reading size, tokens
    CADRE_VIEW = "cadres.view"
    CADRE_EDIT = "cadres.edit"
    CADRE_MERGE = "cadres.merge"
    CADRE_REVEAL = "cadres.reveal"
    CADRE_EXPORT = "cadres.export"
    IMPORT_CREATE = "imports.create"
    IMPORT_UPDATE = "imports.update"
    IMPORT_UNDO = "imports.undo"
    CARE_VIEW = "care.view"
    CARE_VISIT = "care.visit"
    CARE_PLAN = "care.plan"
    PLAN_APPROVE = "care.plan_approve"
    CARE_CAMPAIGN = "care.campaign"
    AID_APPLY = "care.aid_apply"  # write applications, hand the money over, take the receipt
    AID_REVIEW = "care.aid_review"
    AID_APPROVE = "care.aid_approve"
    BRANCH_VIEW = "branches.view"
    BRANCH_EDIT = "branches.edit"
    BRANCH_COMMENT = "branches.comment"
    BRANCH_INSPECT = "branches.inspect"
    BRANCH_NAME = "branches.name"
    BRAND_VIEW = "brands.view"
    BRAND_EDIT = "brands.edit"  # create, report, learn from others
    BRAND_REVIEW = "brands.review"  # of places below one's own
    BRAND_NAME = "brands.name"
    TABLES_EDIT = "tables.edit"
    DASHBOARD_VIEW = "dashboard.view"
    REPORT_VIEW = "reports.view"
    REPORT_BUILD = "reports.build"
    REPORT_PUBLISH = "reports.publish"
    ORG_MANAGE = "accounts.organizations"
    USER_MANAGE = "accounts.users"
    SECURITY_MANAGE = "accounts.security"
    AUDIT_VIEW = "audit.view"


RIGHT_NAMES: dict[Right, str] = {
    Right.ACCOUNT_OWN: "本人账号与消息",
    Right.CADRE_VIEW: "查看一人一档",
    Right.CADRE_EDIT: "建档与修改",
    Right.CADRE_MERGE: "合并重复档案、撤销合并",
    Right.CADRE_REVEAL: "查看身份证号、电话原文（须写理由）",
    Right.CADRE_EXPORT: "导出名单",
    Right.IMPORT_CREATE: "导入表格：新增",
    Right.IMPORT_UPDATE: "导入表格：变更已有档案",
    Right.IMPORT_UNDO: "撤销已导入的批次",
    Right.CARE_VIEW: "查看一人一策与走访",
    Right.CARE_VISIT: "记走访",
    Right.CARE_PLAN: "定类别、订方案",
    Right.PLAN_APPROVE: "审批一人一策方案",
    Right.CARE_CAMPAIGN: "组织集中走访",
    Right.AID_APPLY: "登记困难帮扶申请、发放与回执",
    Right.AID_REVIEW: "困难帮扶初审与公示",
    Right.AID_APPROVE: "困难帮扶审批与预算",
    Right.BRANCH_VIEW: "查看党支部与支部党员",
    Right.BRANCH_EDIT: "维护党支部、支委会与支部党员",
    Right.BRANCH_COMMENT: "点评党支部的公开承诺",
    Right.BRANCH_INSPECT: "检查党支部、开整改、销号、审核支部报表",
    Right.BRANCH_NAME: "示范党支部拟命名、命名、摘牌",
    Right.BRAND_VIEW: "查看一县一品与经验做法",
    Right.BRAND_EDIT: "创建品牌、报季度进展、学习推广",
    Right.BRAND_REVIEW: "评审下级单位的品牌、审阅进展、印发经验做法",
    Right.BRAND_NAME: "品牌拟命名、命名、撤销",
    Right.TABLES_EDIT: "维护代码表与规则表",
    Right.DASHBOARD_VIEW: "看领导驾驶舱",
    Right.REPORT_VIEW: "看统计报告",
    Right.REPORT_BUILD: "生成统计报告",
    Right.REPORT_PUBLISH: "发布统计报告",
    Right.ORG_MANAGE: "管理组织机构",
    Right.USER_MANAGE: "管理用户与任职",
    Right.SECURITY_MANAGE: "解锁账号、结束会话、查看权限分布",
    Right.AUDIT_VIEW: "查看审计记录",
}


class Role(models.TextChoices):
    WORKER = "worker", "工作人员"
    COUNTY_OFFICER = "county_officer", "县区干事"
    BRANCH_SECRETARY = "branch_secretary", "支部书记"
    LEADER = "leader", "领导"
    DATA_ADMIN = "data_admin", "数据管理员"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


SEPARATED = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
"""The three administrators (三员): whoever holds one of these holds no other role at all."""

TAKING_IN = (Right.IMPORT_CREATE, Right.IMPORT_UPDATE, Right.ORG_MANAGE, Right.USER_MANAGE)
"""Whoever may take in some kind of sheet; each kind says which of these it asks for."""
CARRYING = frozenset({Right.ACCOUNT_OWN, Right.CADRE_VIEW, Right.CARE_VIEW, Right.CARE_VISIT})
"""What is left of one's rights when a session lives on past its idle time only because a work list was carried along."""
IMPORTING = (Right.IMPORT_CREATE, Right.IMPORT_UPDATE, Right.IMPORT_UNDO)
_WORK = {Right.ACCOUNT_OWN, Right.CADRE_VIEW, Right.CARE_VIEW, Right.BRANCH_VIEW, Right.BRAND_VIEW}
ROLES: dict[str, frozenset[Right]] = {
    Role.WORKER: frozenset(
        _WORK
        | {Right.CADRE_EDIT, Right.CADRE_REVEAL, Right.CADRE_EXPORT, Right.CARE_VISIT, Right.CARE_PLAN, Right.REPORT_VIEW}
        | {Right.BRANCH_EDIT, Right.BRAND_EDIT, Right.AID_APPLY, Right.AID_REVIEW}
    ),
    Role.COUNTY_OFFICER: frozenset(
        _WORK
        | {Right.CADRE_EDIT, Right.CADRE_MERGE, Right.CADRE_REVEAL, Right.CADRE_EXPORT, *IMPORTING, Right.CARE_VISIT, Right.CARE_PLAN, Right.PLAN_APPROVE, Right.CARE_CAMPAIGN}
        | {Right.DASHBOARD_VIEW, Right.REPORT_VIEW, Right.REPORT_BUILD, Right.BRANCH_EDIT, Right.BRANCH_COMMENT, Right.BRANCH_INSPECT, Right.AID_APPLY, Right.AID_REVIEW}
        | {Right.BRAND_EDIT, Right.BRAND_REVIEW}
    ),
    Role.BRANCH_SECRETARY: frozenset(_WORK | {Right.CARE_VISIT, Right.BRANCH_EDIT, Right.AID_APPLY, Right.AID_REVIEW}),
    Role.LEADER: frozenset(
        _WORK
        | {Right.CARE_PLAN, Right.PLAN_APPROVE, Right.CARE_CAMPAIGN, Right.AID_APPROVE, Right.CADRE_EXPORT, Right.BRANCH_COMMENT, Right.BRANCH_INSPECT, Right.BRANCH_NAME}
        | {Right.DASHBOARD_VIEW, Right.REPORT_VIEW, Right.REPORT_BUILD, Right.REPORT_PUBLISH, Right.BRAND_REVIEW, Right.BRAND_NAME}
    ),
    Role.DATA_ADMIN: frozenset(
        _WORK | {Right.CADRE_EDIT, Right.CADRE_MERGE, Right.CADRE_REVEAL, Right.CADRE_EXPORT, *IMPORTING}
        | {Right.BRANCH_EDIT, Right.TABLES_EDIT, Right.DASHBOARD_VIEW, Right.REPORT_VIEW}
    ),
    Role.SYSTEM_ADMIN: frozenset({Right.ACCOUNT_OWN, Right.ORG_MANAGE, Right.USER_MANAGE}),
    Role.SECURITY_ADMIN: frozenset({Right.ACCOUNT_OWN, Right.SECURITY_MANAGE}),
    Role.AUDIT_ADMIN: frozenset({Right.ACCOUNT_OWN, Right.AUDIT_VIEW}),
}


def requires(*rights: Right) -> Callable:
    """Name the right a view needs (any one of several); kept on the view as ``rights`` for the test that walks every URL."""

    def mark(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.rights.intersection(rights):
                raise PermissionDenied(f"这一页需要「{RIGHT_NAMES[rights[0]]}」的权限，您现在的角色没有。")
            return view(request, *args, **kwargs)

        guarded.rights = rights
        return guarded

    return mark


def public(view):
    """Mark a view that needs no login."""
    view = login_not_required(view)
    view.public = True
    return view


def signed_in(view):
    """Mark a view that whoever is signed in may use, whatever the role: one's own account."""
    view.signed_in = True
    return view
