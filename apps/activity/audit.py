"""The audit: who did or saw what. Written in the transaction of the act itself, so that neither exists without the other."""

from django.db import models

from apps.activity.models import AuditEvent
from apps.core import asking
from apps.core.scope import current_scope, system_scope

VERBS: dict[str, str] = {
    "session.signed_in": "登录",
    "session.failed": "登录失败",
    "session.locked": "登录锁定",
    "session.signed_out": "退出",
    "password.changed": "修改密码",
    "password.reset": "重置密码",
    "user.created": "新建用户",
    "import.passwords_handed_out": "下载初始密码清单",
    "user.changed": "修改用户",
    "user.unlocked": "解锁账号",
    "user.sessions_ended": "结束会话",
    "membership.granted": "授予任职",
    "membership.ended": "结束任职",
    "organization.created": "新建单位",
    "organization.changed": "修改单位",
    "organization.moved": "调整单位隶属",
    "regions.imported": "导入行政区划",
    "cadre.viewed": "查看档案",
    "cadre.revealed": "查看原文",
    "cadre.created": "建档",
    "cadre.changed": "修改档案",
    "cadre.status": "登记变动",
    "cadre.merged": "合并档案",
    "cadre.unmerged": "撤销合并",
    "cadre.distinct": "判断不是同一人",
    "cadre.exported": "导出名单",
    "cadre.printed": "打印档案",
    "relative.changed": "修改家庭成员",
    "survivor.changed": "修改遗属",
    "treatment.changed": "修改待遇",
    "transfer.asked": "申请调入",
    "transfer.confirmed": "确认调出",
    "transfer.refused": "不同意调出",
    "transfer.withdrawn": "撤回调入申请",
    "transfer.expired": "调入申请过期",
    "code.changed": "修改代码表",
    "rule.changed": "修改规则表",
    "import.uploaded": "上传导入文件",
    "import.read_as": "改按另一种表读取",
    "import.columns_remembered": "记住列名对应",
    "import.column_forgotten": "删除列名记忆",
    "import.applied": "导入写入",
    "import.cancelled": "放弃导入",
    "import.judged": "判断导入行",
    "import.corrected": "页面上改导入行",
    "import.given_back": "取回标注表或待修改行",
    "import.expired": "导入过期未确认",
    "import.undone": "撤销导入",
    "plan.opened": "建立方案",
    "plan.changed": "修改方案",
    "plan.classed": "确定类别",
    "item.changed": "修改服务事项",
    "todo.moved": "改期",
    "todo.done": "办结待办",
    "todo.dropped": "取消待办",
    "todo.promised": "登记答应的事",
    "campaign.made": "新建集中走访",
    "campaign.changed": "修改集中走访",
    "campaign.started": "启动集中走访",
    "campaign.taken_in": "补充走访对象",
    "campaign.handed_over": "调整走访分工",
    "campaign.excluded": "不列入集中走访",
    "campaign.readmitted": "重新列入集中走访",
    "campaign.ended": "结束集中走访",
    "campaign.reported": "生成集中走访小结",
    "campaign.exported": "导出集中走访名单",
    "survey.changed": "修改问需问题",
    "survey.answered": "填问需表",
    "survey.taken": "转办需求",
    "survey.exported": "导出问需回答",
    "handover.offered": "提出交接",
    "handover.confirmed": "确认交接",
    "handover.done": "完成交接",
    "handover.refused": "不接收交接",
    "handover.withdrawn": "撤回交接",
    "absence.registered": "登记请假代管",
    "absence.ended": "结束请假代管",
    "branch.made": "建立党支部",
    "branch.changed": "修改党支部",
    "branch.dissolved": "撤销党支部",
    "branch.joined": "转入党支部",
    "branch.member": "修改支部党员",
    "branch.left": "离开党支部",
    "branch.committee": "登记支委会",
    "branch.exported": "导出党支部",
    "area.changed": "修改片区",
    "visit.logged": "记走访",
    "visit.changed": "修改走访",
    "visit.voided": "作废走访",
    "visit.exported": "导出走访记录",
    "aid.applied": "登记困难帮扶申请",
    "aid.changed": "修改困难帮扶申请",
    "aid.step": "办理困难帮扶",
    "aid.budget": "设定困难帮扶预算",
    "aid.printed": "打印困难帮扶公示",
    "aid.exported": "导出困难帮扶台账",
    "report.built": "生成报告",
    "report.published": "发布报告",
    "export.cancelled": "取消导出",
    "statistics.exported": "导出统计表",
    "file.opened": "打开附件",
    "file.unavailable": "附件打不开",
    "file.expired": "文件按期删除",
    "audit.viewed": "查看审计",
    "audit.exported": "导出审计",
    "robot.added": "添加群机器人",
    "robot.changed": "修改群机器人",
    "robot.tried": "试发群机器人",
    "delivery.retried": "重新发送",
    "calendar.changed": "修改工作日历",
    "token.issued": "签发接口令牌",
    "token.revoked": "撤销接口令牌",
}


def record(verb: str, obj: models.Model | None = None, *, by=None, note: str = "", data: dict | None = None, org_path: str = "", title: str = "") -> AuditEvent:
    """Write one event. ``verb`` must stand in ``VERBS`` (else ``KeyError``); ``org_path`` defaults to the object's, then the actor's place, then the top.

    ``data`` holds plain values without personal data in the clear. Outside any scope (signing in) it opens one for itself.
    """
    VERBS[verb]
    asked = asking.current()
    event = AuditEvent(
        verb=verb,
        actor_id=getattr(by, "pk", None),
        actor=str(by) if by is not None else "系统",
        note=note,
        data=data or {},
        org_path=org_path or getattr(obj, "org_path", "") or getattr(obj, "path", ""),
        label=obj._meta.label if obj is not None else "",
        key=str(obj.pk) if obj is not None else "",
        title=title or (str(obj)[:120] if obj is not None else ""),
        role=asked.role,
        address=asked.address,
        request_id=asked.request_id,
    )
    scope = current_scope()
    if not event.org_path:
        event.org_path = scope.roots[0] if scope and scope.roots else "/"
    if scope is None:
        with system_scope("audit"):
            event.save()
    else:
        event.save()
    return event
