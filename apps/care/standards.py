"""Published defaults of plans, visits and reminders as data; ``load`` puts them into the tables and never touches an edited row.

Frequencies, stages and suggestion rules are this platform's proposals (缺省值), not regulation: no published source gives official
criteria of the three classes. The visit once a year for people settled elsewhere (易地安置) is found in a city's published practice.
"""

from datetime import date
from decimal import Decimal

from django.apps import apps as installed
from django.conf import settings

IN_FORCE_FROM = date(2026, 1, 1)
PROPOSAL = "缺省值（本平台建议）"

LATE_AFTER_DAYS = getattr(settings, "VISIT_LATE_AFTER_DAYS", 7)
"""A visit logged more days than this after it took place needs a reason."""
EDIT_WITHIN_DAYS = getattr(settings, "VISIT_EDIT_WITHIN_DAYS", 7)
"""Whoever logged a visit may correct it for so many days; afterwards it can only be voided."""
NEED_DUE_DAYS = getattr(settings, "NEED_DUE_DAYS", 30)
"""Proposed term of a need voiced at a visit."""

SAME_TEXT_HINT = getattr(settings, "SAME_TEXT_HINT", 5)
SAME_TEXT_SAMPLE = getattr(settings, "SAME_TEXT_SAMPLE", 20)
SAME_TEXT_DAYS = getattr(settings, "SAME_TEXT_DAYS", 90)
BURST_VISITS = getattr(settings, "BURST_VISITS", 15)
SAMPLE_SIZE, SAMPLE_SIGNED = getattr(settings, "SAMPLE_SIZE", 10), getattr(settings, "SAMPLE_SIGNED", 5)
"""What makes a visit worth a friendly word, and how many are looked at in a week. The portal's own suggestion, not a regulation."""
ALONE_AGE = getattr(settings, "ALONE_AGE", 80)
ALONE_SILENT_DAYS = getattr(settings, "ALONE_SILENT_DAYS", 14)
"""Somebody of this age living alone is named on a list when nobody has been in touch for so long. The portal's own suggestion, not a regulation."""
LONGEST_ABSENCE_DAYS = getattr(settings, "LONGEST_ABSENCE_DAYS", 180)
"""A deputy stands in no longer than this; whoever stays away longer hands over."""
LONGEST_DELAY_DAYS = getattr(settings, "LONGEST_DELAY_DAYS", 90)
"""A visit or to-do may be put off by so many days at once."""

EVIDENCE_LABEL = "care.todo"
"""Label of stored files that show a to-do was done."""

FREQUENCIES = (("key", 7, 30, 365), ("regular", 30, 90, 365), ("routine", 90, 180, 365))
"""(class, contact every, visit every, visit of those settled elsewhere every), in days."""
STAGES = (("upcoming", -7, "", ""), ("overdue", 1, "", "county_officer"), ("escalated", 15, "leader", ""))
"""(stage, days relative to the due day, role that is told (empty: the person responsible), role told beside it)."""

OCCASIONS = (
    ("daily", "日常走访"),
    ("birthday", "生日看望"),
    ("hospital", "住院看望"),
    ("discharge", "出院回访"),
    ("festival", "节日慰问"),
    ("resettled", "易地安置走访"),
    ("hardship", "困难慰问"),
    ("condolence", "吊唁"),
    ("survivor", "遗属慰问"),
    ("other", "其他"),
)
SURVIVOR_OCCASIONS = ("survivor", "condolence", "festival", "hardship", "daily", "other")
WAYS = (("home", "上门"), ("hospital", "医院"), ("institution", "养老机构"), ("phone", "电话"), ("video", "视频"), ("entrusted", "委托"))
MEETING_WAYS = ("home", "hospital", "institution")
"""Ways in which one meets. All others are contact only, however warm: a telephone call never settles a visit."""
CATEGORIES = (
    ("study", "政治学习"),
    ("medical", "医疗健康"),
    ("living", "生活照料"),
    ("comfort", "精神慰藉"),
    ("emergency", "应急"),
    ("hardship", "困难帮扶"),
    ("teaching", "送学"),
    ("errand", "代办"),
)
AID_KINDS = (("illness", "重大疾病"), ("family", "家庭变故"), ("special", "特殊困难"), ("survivor", "遗属困难补助"))
OCCASION_TABLE, WAY_TABLE, CATEGORY_TABLE, AID_TABLE = "occasion", "visit_way", "item_category", "aid_kind"
CODE_TABLES = {OCCASION_TABLE: OCCASIONS, WAY_TABLE: WAYS, CATEGORY_TABLE: CATEGORIES, AID_TABLE: AID_KINDS}
CODE_TABLE_TITLES = {OCCASION_TABLE: "走访事由", WAY_TABLE: "走访方式", CATEGORY_TABLE: "服务事项类别", AID_TABLE: "困难帮扶类别"}

AID_CEILINGS = tuple((kind, Decimal("5000.00"), 5) for kind, _ in AID_KINDS)
"""(kind, most in 元, days of 公示). Reasons, the sum and once a year are found in the practice of single places (3,000–5,000 元, once a year); they bind
nobody else. The days are this platform's proposal. All of it is edited on the page of standards."""
AID_SOURCE = "缺省值（本平台建议，金额参照个别地方做法），请按本地文件修改"
AID_MOST_PROOFS = 12
AID_FOR_SURVIVORS = "survivor"
"""A kind that only a 遗属 is helped with."""

SIGNALS = {
    "self_care": ("自理能力", ("eq", "in"), "self_care"),
    "living": ("居住状况", ("eq", "in"), "living"),
    "health": ("健康状况", ("eq", "in"), "health"),
    "residence_kind": ("居住地类型", ("eq", "in"), "residence_kind"),
    "marital": ("婚姻状况", ("eq", "in"), "marital"),
    "retire_kind": ("离退休类型", ("eq",), ""),
    "resettled": ("易地安置", ("eq",), ""),
    "born_on": ("年龄", ("age_gte",), ""),
    "in_hospital": ("住院", ("days_gte",), ""),
    "discharged": ("出院", ("within",), ""),
    "widowed": ("丧偶", ("within",), ""),
    "disabled": ("失能认定", ("within",), ""),
    "fell": ("摔伤", ("within",), ""),
}
"""What a suggestion rule may look at: its name, the operators that fit, the code table its values come from."""
EVENT_SIGNALS = ("discharged", "widowed", "disabled", "fell")

SUGGESTIONS = (
    ("cannot_care_for_self", 10, "self_care", "in", ["dependent"], "生活不能自理"),
    ("dementia", 10, "health", "in", ["dementia"], "失智"),
    ("gravely_ill", 10, "health", "in", ["serious", "critical"], "患重大疾病"),
    ("lives_alone", 10, "living", "in", ["alone"], "独居，身边无人照料"),
    ("long_in_hospital", 10, "in_hospital", "days_gte", 30, "住院已满 30 天"),
    ("kept_in_hospital", 10, "living", "in", ["hospital"], "长期住院"),
    ("lately_disabled", 10, "disabled", "within", 365, "一年内认定失能"),
    ("lately_widowed", 10, "widowed", "within", 180, "半年内丧偶"),
    ("lately_discharged", 10, "discharged", "within", 30, "出院未满 30 天"),
    ("partly_cares_for_self", 1, "self_care", "in", ["partly"], "生活部分自理"),
    ("chronic_illness", 1, "health", "in", ["3", "6"], "有慢性病或残疾"),
    ("in_hospital", 1, "in_hospital", "days_gte", 0, "正在住院"),
    ("empty_nest", 1, "living", "in", ["empty_nest"], "空巢"),
    ("in_care_home", 1, "living", "in", ["care_home"], "住养老机构"),
    ("ninety", 1, "born_on", "age_gte", 90, "年满 90 岁"),
    ("resettled", 1, "resettled", "eq", True, "易地安置"),
    ("lives_elsewhere", 1, "residence_kind", "in", ["province", "other_province", "hk_mo_tw", "abroad"], "居住外地"),
)
"""(key, points, signal, operator, value, reason). Ten points make 重点关注 at once, one makes 定期关注; several lighter ones may add up when a place
sets its thresholds so. Signals found in practice: living alone,
empty nest, long hospital stay, 80+ unable to care for oneself, serious illness, family change, residence elsewhere."""
THRESHOLDS = (("key", 10), ("regular", 1))
"""(class, from how many points on)."""


OCCASION_RULES = (
    ("admitted", "住院看望", "event", {"kind": "admitted"}, [], "cadre", 3, 0, True, "hospital"),
    ("discharged", "出院回访", "event", {"kind": "discharged"}, [], "cadre", 7, 0, True, "discharge"),
    ("bereaved", "吊唁慰问家属", "event", {"kind": "deceased"}, [], "survivor", 1, 0, True, "condolence"),
    ("widowed", "丧偶慰问", "event", {"kind": "widowed"}, [], "cadre", 3, 0, True, "hardship"),
    ("disabled", "失能评定后上门", "event", {"kind": "disabled"}, [], "cadre", 7, 0, True, "daily"),
    ("birthday_80", "高龄生日看望", "birthday", {"from_age": 80, "every": 1}, [], "cadre", 0, 7, True, "birthday"),
    ("birthday_round", "逢十生日祝贺", "birthday", {"from_age": 60, "every": 10, "to_age": 70}, [], "cadre", 0, 7, False, "birthday"),
    ("spring_festival", "春节慰问", "festival", {"festival": "spring_festival"}, [["attention_class", "in", ["key"]]], "cadre", 3, 21, True, "festival"),
    (
        "spring_lixiu",
        "春节慰问离休干部",
        "festival",
        {"festival": "spring_festival"},
        [["retire_kind", "eq", "lixiu"], ["attention_class", "in", ["", "regular", "routine"]]],
        "cadre",
        3,
        21,
        True,
        "festival",
    ),
    (
        "party_day",
        "七一走访老党员",
        "festival",
        {"festival": "party_day"},
        [["political_status", "in", ["01", "02"]], ["born_on", "age_gte", 90]],
        "cadre",
        1,
        14,
        True,
        "festival",
    ),
    ("double_ninth", "重阳走访", "festival", {"festival": "double_ninth"}, [["born_on", "age_gte", 80]], "cadre", 1, 14, False, "festival"),
    ("mid_autumn", "中秋慰问", "festival", {"festival": "mid_autumn"}, [["retire_kind", "eq", "lixiu"]], "cadre", 1, 10, False, "festival"),
    ("national_day", "国庆慰问", "festival", {"festival": "national_day"}, [["retire_kind", "eq", "lixiu"]], "cadre", 1, 10, False, "festival"),
    ("heat", "高温送清凉", "season", {"from": "07-15", "to": "08-20"}, [["living", "in", ["alone", "empty_nest"]], ["born_on", "age_gte", 80]], "cadre", 0, 0, False, "daily"),
    ("cold", "寒冬送温暖", "season", {"from": "12-15", "to": "01-20"}, [["living", "in", ["alone", "empty_nest"]], ["born_on", "age_gte", 80]], "cadre", 0, 0, False, "daily"),
    ("alone", "独居老人见面", "rhythm", {"every": 30}, [["living", "in", ["alone"]]], "cadre", 0, 7, True, "daily"),
    ("survivor_festival", "春节慰问遗属", "festival", {"festival": "spring_festival"}, [], "survivor", 3, 21, False, "survivor"),
)
"""(key, name, trigger, setting, whom, concerns, due days, shown days ahead, must meet, occasion). Occasions as found in published practice: illness,
festivals, birthdays, family change, bereavement; days and conditions are this platform's proposals."""
REVIEW_RULES = (
    ("review_quarter", "季度类别复核", "quarter", {}, 0, 30),
    ("review_admitted", "住院后复核类别", "event", {"kind": "admitted"}, 14, 0),
    ("review_widowed", "丧偶后复核类别", "event", {"kind": "widowed"}, 14, 0),
    ("review_fell", "摔伤后复核类别", "event", {"kind": "fell"}, 14, 0),
    ("review_diagnosed", "确诊大病后复核类别", "event", {"kind": "diagnosed"}, 14, 0),
    ("review_disabled", "失能认定后复核类别", "event", {"kind": "disabled"}, 14, 0),
    ("review_residence", "搬迁后复核类别", "event", {"kind": "residence"}, 14, 0),
    ("review_resettled", "易地安置后复核类别", "event", {"kind": "resettled"}, 14, 0),
)
"""(key, name, trigger, setting, due days, shown days ahead): when a decided class is looked at again. Quarterly and on events: this platform's proposal."""
STANDING_RULES = (("service_item", "服务事项", "item", 0, 7), ("doctor_renewal", "家庭医生续约", "contract", 0, 30))
"""(key, name, trigger, due days, shown days ahead): dates of service items, ends of doctors' contracts. Days ahead are this platform's proposal."""


SURVEYS = (
    ("needs", "问需敲门（通用）", (
        ("one", "近来身体怎么样", ["好", "一般", "不太好"], True, "", ""),
        ("yes_no", "看病要不要人陪同、送药上门", [], False, "medical", "陪同就医、送药上门"),
        ("yes_no", "要不要帮您联系家庭医生", [], False, "medical", "联系家庭医生"),
        ("several", "生活上要帮什么", ["保洁", "理发", "家电维修", "助餐", "助浴"], False, "living", "生活照料"),
        ("yes_no", "要不要装一键呼叫", [], False, "emergency", "安装一键呼叫"),
        ("yes_no", "要不要送学上门", [], False, "teaching", "送学上门"),
        ("yes_no", "平时要不要我们多来聊聊", [], False, "comfort", "定期上门陪聊"),
        ("yes_no", "有没有困难想申请帮扶", [], False, "hardship", "了解困难、协助申请帮扶"),
        ("text", "有没有要我们代办的事", [], False, "errand", "代办"),
        ("number", "家里常住几口人", [], False, "", ""),
        ("text", "对我们的工作有什么意见建议", [], False, "", ""),
    )),
    ("heat", "高温关爱", (
        ("yes_no", "空调、风扇好用吗", [], True, "", ""),
        ("several", "降温用电要帮什么", ["维修空调", "检查电线", "送防暑药品", "送菜送药"], False, "living", "防暑降温"),
        ("yes_no", "身体有没有不舒服，要不要联系医生", [], False, "medical", "联系医生看诊"),
        ("text", "还有什么要我们办的", [], False, "errand", "代办"),
    )),
)  # fmt: skip
"""Question sets to begin with: (key, name, ((kind, question, options, required, need category, wording of the need), …)). This platform's proposal:
the services are those found in published practice (保洁, 家电维修, 陪医, 精神慰藉, 理发, 一键呼叫); every office changes them for its own."""
MOST_QUESTIONS, MOST_OPTIONS = 20, 10


def load() -> dict[str, int]:
    """Put what is missing into the tables; returns table → rows added. Repeating it adds nothing."""
    loaders = {
        "codes": _load_codes, "frequencies": _load_frequencies, "stages": _load_stages, "suggestions": _load_suggestions, "thresholds": _load_thresholds,
        "occasions": _load_occasions, "aid": _load_aid,
    }  # fmt: skip
    return {table: loader() for table, loader in loaders.items()}


def _load_codes() -> int:
    model = installed.get_model("cadres", "Code")
    known = set(model.objects.filter(table__in=CODE_TABLES).values_list("table", "code"))
    rows = [
        model(table=table, code=code, name=name, order=order, source=PROPOSAL)
        for table, values in CODE_TABLES.items()
        for order, (code, name) in enumerate(values, 1)
        if (table, code) not in known
    ]
    model.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _load_frequencies() -> int:
    model = installed.get_model("care", "FrequencyRule")
    known = set(model.objects.values_list("attention_class", flat=True))
    rows = [
        model(attention_class=name, contact_days=contact, visit_days=visit, away_visit_days=away, valid_from=IN_FORCE_FROM)
        for name, contact, visit, away in FREQUENCIES
        if name not in known
    ]
    model.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _load_stages() -> int:
    model = installed.get_model("care", "StageRule")
    known = set(model.objects.values_list("stage", flat=True))
    rows = [model(stage=stage, offset_days=days, goes_to=role, also_to=also, valid_from=IN_FORCE_FROM) for stage, days, role, also in STAGES if stage not in known]
    model.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _load_suggestions() -> int:
    model = installed.get_model("care", "SuggestionRule")
    known = set(model.objects.values_list("key", flat=True))
    rows = [
        model(key=key, weight=weight, field=field, operator=operator, value=value, reason=reason, valid_from=IN_FORCE_FROM)
        for key, weight, field, operator, value, reason in SUGGESTIONS
        if key not in known
    ]
    model.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _load_thresholds() -> int:
    model = installed.get_model("care", "ClassThreshold")
    known = set(model.objects.values_list("attention_class", flat=True))
    rows = [model(attention_class=name, points=points, valid_from=IN_FORCE_FROM) for name, points in THRESHOLDS if name not in known]
    model.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _load_occasions() -> int:
    model = installed.get_model("care", "OccasionRule")
    known = set(model.objects.values_list("key", flat=True))
    names = ("key", "name", "trigger", "setting", "whom", "concerns", "due_days", "ahead_days", "meet", "occasion")
    rows = [model(**dict(zip(names, row, strict=True)), valid_from=IN_FORCE_FROM, source=PROPOSAL) for row in OCCASION_RULES if row[0] not in known]
    names = ("key", "name", "trigger", "setting", "due_days", "ahead_days")
    given = {"opens": "review", "meet": False, "valid_from": IN_FORCE_FROM, "source": PROPOSAL}
    rows += [model(**dict(zip(names, row, strict=True)), **given) for row in REVIEW_RULES if row[0] not in known]
    common = {"meet": False, "valid_from": IN_FORCE_FROM, "source": PROPOSAL}
    opens = {"item": "item", "contract": "doctor"}
    for key, name, trigger, due_days, ahead_days in STANDING_RULES:
        if key not in known:
            rows.append(model(key=key, name=name, trigger=trigger, opens=opens[trigger], due_days=due_days, ahead_days=ahead_days, **common))
    model.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _load_aid() -> int:
    model = installed.get_model("care", "AidStandard")
    known = set(model.objects.values_list("kind", flat=True))
    rows = [model(kind=kind, ceiling=ceiling, publicity_days=days, source=AID_SOURCE, valid_from=IN_FORCE_FROM) for kind, ceiling, days in AID_CEILINGS if kind not in known]
    model.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
