"""The side menu, as a table: group, title, URL name, right needed, icon. Badges are counted by the page's context."""

from dataclasses import dataclass

from apps.accounts.permissions import Right


@dataclass(frozen=True)
class Entry:
    group: str
    title: str
    url_name: str
    right: Right
    icon: str = ""
    elder: bool = True


MENU = (
    Entry("", "工作台", "worklist", Right.CARE_VIEW, "today"),
    Entry("", "领导驾驶舱", "dashboard", Right.DASHBOARD_VIEW, "chart"),
    Entry("服务", "一人一档", "cadres:list", Right.CADRE_VIEW, "person"),
    Entry("服务", "一人一策", "care:plans", Right.CARE_VIEW, "plan"),
    Entry("服务", "走访记录", "care:visits", Right.CARE_VIEW, "visit"),
    Entry("服务", "集中走访", "care:campaigns", Right.CARE_VIEW, "flag"),
    Entry("服务", "困难帮扶", "care:aid", Right.CARE_VIEW, "shield"),
    Entry("服务", "我方承担", "care:parts", Right.CARE_VISIT, "check"),
    Entry("服务", "该关心谁", "care:answers", Right.CARE_VIEW, "info"),
    Entry("服务", "交接与代管", "care:handovers", Right.CARE_VIEW, "swap"),
    Entry("服务", "党支部", "branches:list", Right.BRANCH_VIEW, "org"),
    Entry("服务", "一县一品", "brands:list", Right.BRAND_VIEW, "star"),
    Entry("服务", "调动申请", "cadres:transfers", Right.CADRE_EDIT, "swap", False),
    Entry("数据", "数据导入", "files:batches", Right.IMPORT_CREATE, "import", False),
    Entry("数据", "待判断", "files:reviews", Right.IMPORT_UPDATE, "users", False),
    Entry("数据", "疑似重复", "cadres:duplicates", Right.CADRE_MERGE, "copy", False),
    Entry("数据", "统计报告", "files:reports", Right.REPORT_VIEW, "report"),
    Entry("数据", "年报与台账", "cadres:annual", Right.REPORT_VIEW, "table"),
    Entry("数据", "我的导出", "files:exports", Right.CADRE_EXPORT, "download", False),
    Entry("数据", "代码表", "cadres:codes", Right.TABLES_EDIT, "table", False),
    Entry("数据", "规则表", "care:rules", Right.TABLES_EDIT, "rule", False),
    Entry("数据", "支部规则", "branches:rules", Right.TABLES_EDIT, "rule", False),
    Entry("系统", "组织机构", "accounts:organizations", Right.ORG_MANAGE, "tree", False),
    Entry("系统", "用户与任职", "accounts:users", Right.USER_MANAGE, "users", False),
    Entry("系统", "导入机构与用户", "files:batches", Right.USER_MANAGE, "import", False),
    Entry("系统", "群机器人", "robots", Right.ORG_MANAGE, "bell", False),
    Entry("系统", "发送记录", "deliveries", Right.USER_MANAGE, "clock", False),
    Entry("安全", "账号安全", "accounts:security", Right.SECURITY_MANAGE, "lock", False),
    Entry("安全", "权限分布", "accounts:rights", Right.SECURITY_MANAGE, "key", False),
    Entry("审计", "审计记录", "audit", Right.AUDIT_VIEW, "audit", False),
)

LANDING = ((Right.CARE_VISIT, "worklist"), (Right.IMPORT_CREATE, "files:batches"), (Right.DASHBOARD_VIEW, "dashboard")) + tuple(
    (entry.right, entry.url_name) for entry in MENU
)


def navigation_for(rights: frozenset[Right]) -> list[Entry]:
    return [entry for entry in MENU if entry.right in rights]


def landing_for(role: str, rights: frozenset[Right]) -> str:
    """URL name of the first screen: leaders see the dashboard, data administrators their batches, secretaries what their branches owe, workers who is due."""
    if role == "leader":
        return "dashboard"
    if role == "branch_secretary":
        return "branches:desk"
    if role == "data_admin":
        return "files:batches"
    return next((url_name for right, url_name in LANDING if right in rights), "inbox")
