"""Numbers of the set-up rules as data, each with its source; ``load`` puts them into the table and never touches an edited row.

``basis`` says how firm a number is: 规定 stands in a published regulation, 地方做法 in the published practice of some place, 缺省值 is this platform's proposal.
Only the first makes a branch 不合规定; the other two are shown as something to look at.
"""

from datetime import date
from decimal import Decimal

from django.apps import apps as installed

from apps.branches import rubric

IN_FORCE_FROM = date(2026, 1, 1)
REGULATION, PRACTICE, PROPOSAL = "regulation", "practice", "proposal"
BASES = [(REGULATION, "规定"), (PRACTICE, "地方做法"), (PROPOSAL, "缺省值（本平台建议）")]

WORK = "《中国共产党支部工作条例（试行）》"
ELECTION = "《中国共产党基层组织选举工作条例》"
DUES = "党费收缴通知（据公开资料，以上级现行文件为准）"
CAMPAIGN_NAME = "六有六好示范党支部"
SHEETS = "党支部考核表的地方做法（据公开资料，以本地文件为准）"
CAMPAIGN = "公开承诺、领导点评、群众评议的地方做法（据公开资料，以本地文件为准）"
OWN = "本平台建议，请按本地文件调整"

RULES = (
    ("min_formal", "成立党支部的正式党员至少", "3", "名", REGULATION, WORK),
    ("max_members", "一个党支部的党员一般不超过", "50", "名", REGULATION, WORK),
    ("joint_units", "联合党支部覆盖单位一般不超过", "5", "个", REGULATION, WORK),
    ("committee_from", "设支部委员会的正式党员数，满", "7", "名", REGULATION, WORK),
    ("committee_min", "支部委员会至少", "3", "人", REGULATION, WORK),
    ("committee_max", "支部委员会一般至多", "5", "人", REGULATION, WORK),
    ("committee_cap", "支部委员会最多", "7", "人", REGULATION, WORK),
    ("term_years", "每届任期", "3", "年", REGULATION, WORK),
    ("term_years_community", "村、社区党支部每届任期", "5", "年", REGULATION, WORK),
    ("postpone_months", "延期或提前换届（须报批）一般不超过", "12", "个月", REGULATION, ELECTION),
    ("surplus", "委员候选人差额不少于应选人数的", "20", "%", REGULATION, ELECTION),
    ("quorum", "选举时到会的有选举权党员不少于应到会的", "80", "%", REGULATION, ELECTION),
    ("term_first", "届满前多少天开始提示", "180", "天", PROPOSAL, OWN),
    ("term_second", "届满前多少天再提示", "90", "天", PROPOSAL, OWN),
    ("term_last", "届满前多少天最后提示", "30", "天", PROPOSAL, OWN),
    ("group_min", "党小组党员至少", "3", "名", PROPOSAL, OWN),
    ("life_meeting", "党员大会每季度至少", "1", "次", REGULATION, WORK),
    ("life_committee", "支部委员会会议每月至少", "1", "次", REGULATION, WORK),
    ("life_group", "党小组会每月至少", "1", "次", REGULATION, WORK),
    ("life_lecture", "党课每半年至少", "1", "次", PRACTICE, SHEETS),
    ("life_theme", "主题党日每月至少", "1", "次", REGULATION, WORK),
    ("life_life", "组织生活会每年至少", "1", "次", REGULATION, WORK),
    ("life_review", "民主评议党员每年至少", "1", "次", REGULATION, WORK),
    ("life_talk", "谈心谈话每年至少", "1", "次", REGULATION, WORK),
    ("life_volunteer", "志愿服务每年至少", "4", "次", PRACTICE, SHEETS),
    ("attendance_least", "组织生活到会率不低于", "70", "%", PROPOSAL, OWN),
    ("ballot_threshold", "群众评议的满意率不低于", "90", "%", PRACTICE, CAMPAIGN),
    ("ballot_least", "收回不足多少票不形成评议结果", "5", "票", PROPOSAL, OWN),
    ("rectify_days", "整改时限，不另定的，天数", "45", "天", PROPOSAL, OWN),
    ("recheck_months", "销号满多少个月可抽查复查", "3", "个月", PROPOSAL, OWN),
    ("pledge_least", "党支部每年公开承诺至少", "1", "项", PROPOSAL, OWN),
    ("dues_limit", "党费分档：月基数不超过", "5000", "元", PRACTICE, DUES),
    ("dues_low", "不超过上述基数的，每月交纳", "0.5", "%", PRACTICE, DUES),
    ("dues_mark", "党费没有登记满多少个月起提示", "3", "个月", PROPOSAL, OWN),
    ("dues_warn", "党费没有登记满多少个月催办", "5", "个月", PROPOSAL, OWN),
    ("dues_red", "连续不交党费须核实处理的月数", "6", "个月", REGULATION, "《中国共产党章程》"),
    ("contact_days", "外出党员多少天没有联系提示", "60", "天", PROPOSAL, OWN),
    ("dues_high", "超过上述基数的，每月交纳", "1", "%", PRACTICE, DUES),
)
"""(key, name, number, unit, basis, source). Sources of the first two bases are named as public copies have them; the office checks them against its own papers."""
BALLOT_QUESTIONS = ("承诺事项兑现", "班子和带头人作用", "组织生活", "服务老党员", "作用发挥", "对党支部工作的总体评价")
"""Proposed by this platform, changed freely per ballot; the last is the verdict as a whole."""
ACTIVITY_PHOTO, RECTIFY_PROOF = "branch-activity-photo", "branch-rectification-proof"
EVIDENCE, ELECTION_PAPER = "branch-application-evidence", "branch-election-paper"
"""Labels of stored files: photos of an activity, proofs of a rectification, evidence of an application, papers of a 换届."""
SHEET_COLUMNS = (
    ("members", "党员数", "人", "党员", ""),
    ("expected", "应到", "人次", "到会", ""),
    ("present", "实到", "人次", "到会", ""),
    ("meeting", "党员大会", "次", "三会一课", ""),
    ("committee", "支委会", "次", "三会一课", ""),
    ("group", "党小组会", "次", "三会一课", ""),
    ("lecture", "党课", "次", "三会一课", ""),
    ("lecture_secretary", "其中书记讲", "次", "三会一课", ""),
    ("theme", "主题党日", "次", "组织生活", ""),
    ("life", "组织生活会", "次", "组织生活", ""),
    ("review", "民主评议", "次", "组织生活", ""),
    ("talk", "谈心谈话", "人次", "组织生活", ""),
    ("home", "送学上门", "人次", "组织生活", ""),
    ("volunteer", "志愿服务", "次", "作用发挥", ""),
    ("volunteer_people", "志愿服务", "人次", "作用发挥", ""),
    ("advice", "建言献策", "条", "作用发挥", "typed"),
    ("visits", "走访慰问", "人次", "作用发挥", "typed"),
    ("news", "信息上报", "条", "作用发挥", "typed"),
)
"""Columns of 《活动情况统计表》: (key, name, unit, group, "typed" where nobody logs it). No official form was found: these columns are this platform's proposal."""
SHEET_DUE_DAY = 5
"""Day of the month after the quarter by which the sheet is due (this platform's proposal)."""
WAYS = ("听汇报", "查台账", "看现场", "座谈", "测评")
"""How an inspection looks at things (the usual order in published schemes)."""
PARTY_MEMBERS = {"01": "formal", "02": "probationary"}
"""Code of 政治面貌 → standing in the branch."""


def load_rubric() -> int:
    """The default standard of ``rubric.py``, where no standard is in force or was; returns items added."""
    standard, item = installed.get_model("branches", "Standard"), installed.get_model("branches", "StandardItem")
    if standard.objects.exists():
        return 0
    made = standard.objects.create(
        campaign=CAMPAIGN_NAME, number=1, state="in_force", total=100, bonus_cap=rubric.BONUS_CAP, pass_score=rubric.PASS, publicity_days=rubric.PUBLICITY_DAYS,
        bands=[list(one) for one in rubric.BANDS], vetoes=list(rubric.VETOES), basis="本平台缺省标准，请按本地文件修订",
    )  # fmt: skip
    names = ("group", "name", "points", "requirement", "deduction", "evidence", "source", "fact")
    rows = [item(standard=made, order=n, **dict(zip(names, row, strict=True))) for n, row in enumerate(rubric.ITEMS, 1)]
    item.objects.bulk_create(rows)
    return len(rows)


def load() -> int:
    """Put what is missing into the tables; returns rows added. Repeating it adds nothing."""
    model = installed.get_model("branches", "BranchRule")
    known = set(model.objects.values_list("key", flat=True))
    names = ("key", "name", "value", "unit", "basis", "source")
    rows = [model(**dict(zip(names, row, strict=True)) | {"value": Decimal(row[2]), "valid_from": IN_FORCE_FROM}) for row in RULES if row[0] not in known]
    model.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows) + load_rubric()
