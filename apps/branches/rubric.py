"""The default standard 六有六好示范党支部 as data. ``load`` (standards.py) seeds it; offices edit it as a new version.

The six 好 are those of the national opinion of 2022. The six 有 of the model city weren't found in any public paper: those here, and the points of all
items, are this platform's proposal; where a requirement or a deduction follows a published sheet, its ``source`` says so.
"""

OWN = "本平台建议"
WORK, ELECTION, DUES = "支部工作条例", "基层组织选举工作条例", "党费收缴通知"
SHEET = "地方考核表"
CAMPAIGN = "承诺、点评、评议的地方做法"

ITEMS = (
    ("六有", "有班子", 5, "支委会按规模设置，四类委员齐全", "缺一个岗位扣 1 分，没有班子扣 5 分", "批复、分工", WORK, "committee"),
    ("六有", "有阵地", 5, "有自用或共用的活动场所，有党旗、誓词和教育设备", "没有场所不得分，没有教育设备得一半；共用不扣分", "照片", SHEET, ""),
    ("六有", "有制度", 5, "学习、会议、谈心、走访、公开等制度上墙或成册", "缺一项扣 1 分", "制度汇编", SHEET, ""),
    ("六有", "有经费", 5, "年经费有保障，书记补贴落实，党费按规定返还", "经费 3 分、补贴 1 分、返还 1 分", "拨款单", SHEET, ""),
    ("六有", "有活动", 5, "有年度计划，主题党日每月一次", "没有计划扣 1 分，缺一个月扣 0.5 分", "活动记录", WORK, "themes"),
    ("六有", "有台账", 5, "组织生活、党费、奖惩、谈心等台账及时完整", "缺一类扣 0.5 分；弄虚作假一票否决", "台账", SHEET, ""),
    ("组织设置好", "规模合规", 4, "正式党员 3 名以上，一般不超过 50 名，联合党支部一般不超过 5 个单位", "不合规定扣 4 分", "名册", WORK, "size"),
    ("组织设置好", "应纳尽纳", 4, "退休党员都在党支部，流动党员登记并联系", "漏一名扣 1 分", "名册", WORK, "reached"),
    ("组织设置好", "党小组", 2, "人多或分散的设党小组，每月一次会", "缺一次扣 0.5 分", "活动记录", WORK, "groups"),
    ("班子建设好", "按期换届", 4, "任期届满按时换届，延期报批", "逾期扣 4 分", "批复", ELECTION, "term"),
    ("班子建设好", "书记培训", 3, "书记每年培训不少于 56 学时、集中培训不少于一次", "按比例", "证书", SHEET, ""),
    ("班子建设好", "支委会", 3, "每月至少一次", "缺一次扣 0.5 分", "活动记录", WORK, "committees"),
    ("班子建设好", "履职", 2, "分工明确，每年向党员大会报告", "缺一项扣 1 分", "总结", SHEET, ""),
    ("党员队伍好", "党费", 3, "按时足额交纳，没有 6 个月以上不交的", "迟交一人次扣 0.5 分，有 6 个月以上不交的不得分", "党费册", DUES, "dues"),
    ("党员队伍好", "学习", 3, "能参加的每年 32 学时，其余送学上门", "按比例", "签到、送学记录", SHEET, ""),
    ("党员队伍好", "民主评议", 3, "每年一次，优秀不超过三分之一，结果告知本人", "一处不合扣 1 分", "汇总表", WORK, "reviews"),
    ("党员队伍好", "守纪", 3, "没有违纪违法、错误言论、参教信教、参加非法组织", "有一例不得分，并核对是否否决", "证明", SHEET, ""),
    ("学习活动好", "党员大会", 4, "每季度至少一次", "缺一次扣 1 分", "活动记录", WORK, "meetings"),
    ("学习活动好", "党课", 3, "每年不少于 2 次，其中书记讲不少于 1 次", "缺一次扣 1.5 分", "讲稿", SHEET, "lectures"),
    ("学习活动好", "到会率", 4, "有主题、有签到、有成效，到会率不低于 70 %", "低于 70 % 的每低 5 个百分点扣 1 分", "签到", OWN, "attendance"),
    ("学习活动好", "形式适宜", 3, "送学上门、联合开展、线上参加", "每种形式 1 分", "活动记录", SHEET, "forms"),
    ("作用发挥好", "志愿服务", 3, "每年不少于 4 次", "缺一次扣 1 分", "活动记录", SHEET, "volunteer"),
    ("作用发挥好", "银发人才", 2, "有专长的党员入银发人才库", "按比例", "人才库", OWN, ""),
    ("作用发挥好", "公开承诺", 3, "承诺公开、每季登记进展、有领导点评", "缺一环扣 1 分", "承诺表", CAMPAIGN, "pledges"),
    ("作用发挥好", "群众满意", 4, "满意率 90 % 以上 4 分，80 % 至 90 % 2 分", "不足 80 % 不得分，并补课整改", "评议结果", CAMPAIGN, "satisfaction"),
    ("制度坚持好", "组织生活会", 3, "每年不少于一次，有问题和整改清单", "缺一项扣 1.5 分", "清单", WORK, "life"),
    ("制度坚持好", "谈心谈话", 2, "每年不少于一次，三类谈话都有", "缺一类扣 0.5 分", "活动记录", WORK, "talks"),
    ("制度坚持好", "整改销号", 3, "检查发现的问题按时销号，回头看没有反弹", "逾期一项扣 1 分", "整改台账", SHEET, "mended"),
    ("制度坚持好", "报表报送", 2, "统计表按季报送", "迟报一次扣 0.5 分", "系统记录", OWN, "sheets"),
)  # fmt: skip
"""(group, name, points, requirement, deduction, evidence, source, fact): ``fact`` names what the books say of it (``apps.branches.selectors.facts``), "" nothing."""
BONUS_CAP = 10
PASS = 90
PUBLICITY_DAYS = 5
"""Working days of 公示. Named from ``PASS`` points on, ripe one by one, no quota."""
HISTORY = ("红旗支部", "五好支部", "示范党支部")
"""Earlier campaigns, in order, kept as names for honours of the past."""
GATES = ("term_over", "too_few", "no_activity")
"""What stands against applying at all: a term that is over, too few members, six months without any activity."""
BANDS = (("好", 90), ("较好", 80), ("一般", 60), ("较差", 0))
"""等次 from so many points on (the published classification of one county)."""
VETOES = ("发生严重违纪违法案件", "组织或参与集体上访", "台账弄虚作假", "六个月以上没有开展活动")
"""一票否决 as published sheets have it, put together by this platform."""
