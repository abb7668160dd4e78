"""Sample context of the component gallery: long names, no rows, every state. Invented throughout."""

from datetime import date

from django import forms
from django.core.paginator import Paginator
from django.utils import timezone

from apps.core.forms import Chips, DateInput, ManyChips, OnceField, PortalForm
from apps.core.qr import qr_code

LONG_ORG = "齐齐哈尔市梅里斯达斡尔族区离退休干部服务管理中心（老干部活动中心）"
LONG_NAME = "阿卜杜热合曼·买买提依明"
NEEDS = [("doctor", "就医取药"), ("home", "居家照料"), ("paper", "代办证件"), ("study", "学习活动")]


class SampleForm(PortalForm):
    sections = (("这次走访", ("way", "met", "day", "said")), ("下一步", ("needs", "owner", "agreed")))
    once = OnceField()
    way = forms.ChoiceField(label="方式", choices=[("home", "上门"), ("hospital", "医院"), ("phone", "电话"), ("video", "视频"), ("other", "其他")], widget=Chips, initial="home")
    met = forms.ChoiceField(label="见到本人", choices=[("yes", "见到"), ("no", "没见到")], widget=Chips)
    day = forms.DateField(label="日期", widget=DateInput, help_text="默认今天；补记时改成实际走访的那一天。")
    said = forms.CharField(label="情况", widget=forms.Textarea, max_length=500, help_text="一两句话即可，如：精神尚可，嘱复查心电图。")
    needs = forms.MultipleChoiceField(label="提出的需求", choices=NEEDS, widget=ManyChips, required=False)
    owner = forms.ChoiceField(label="交给谁办", choices=[("", "请选择"), ("1", LONG_ORG), ("2", "浔阳区委老干部局")], required=False)
    agreed = forms.BooleanField(label="已经当面答应，办结后回告本人", required=False)


class SampleFilter(PortalForm):
    optional_marks = False
    q = forms.CharField(label="姓名、拼音、单位、身份证号", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    kind = forms.ChoiceField(label="人员类别", choices=[("", "全部"), ("离休", "离休"), ("退休", "退休"), ("遗属", "遗属")], required=False)
    band = forms.ChoiceField(label="年龄段", choices=[("", "全部"), ("80", "80–89 岁")], required=False)


PEOPLE_KEYS = ("name", "word", "tone", "about", "place", "why", "due", "last")
PEOPLE = (
    ("王德福", "重点关注", "key", "男 · 93 岁 · 离休", "浔阳区人民路 18 号", "出院后 7 日内探望", date(2026, 11, 17), "11 月 6 日住院探望，嘱复查心电图"),
    (LONG_NAME, "定期关注", "reg", "女 · 88 岁 · 遗属", LONG_ORG, "距上次见面 97 天，应每 90 天", date(2026, 11, 14), "答应代办残疾证，尚未办结"),
    ("欧阳国华", "日常跟踪", "day", "男 · 80 岁 · 退休", "浔阳区湓浦街道", "八十岁生日（农历十月十三）", date(2026, 11, 21), "8 月 3 日电话，想参加书法班"),
    ("刘　伟", "重点关注", "key", "男 · 76 岁 · 退休", "柴桑区沙河街镇", "独居，距上次见面 29 天", date(2026, 11, 25), ""),
)
PROBLEM_KEYS = ("sheet", "row", "column", "title", "value", "message", "level", "url")
PROBLEMS = (
    ("花名册", 12, "D", "公民身份号码", "360499194005120311", "校验位不对，应为 5。请核对原件。", "error", "#"),
    ("花名册", 18, "D", "公民身份号码", "3.60499E+17", "按数字保存，末三位已丢失，无法还原。请把该列设为文本后重新填写。", "error", "#"),
    ("", 35, "B", "姓名", "", "姓名必填。", "error", ""),
    ("花名册", 40, "I", "参加工作时间", "1950.03", "早于入党时间，请再核对一次。", "warning", "#"),
)
TABS = (("总览", None), ("一人一策", None), ("走访", 1023), ("家庭与遗属", None), ("待遇", None), ("文件", None), ("变更记录", None))


def _chart(kind: str) -> dict:
    places = ["浔阳区", "濂溪区", "柴桑区", "武宁县", "修水县", "永修县", "德安县", "都昌县", "湖口县", "彭泽县", "瑞昌市", "共青城市", "庐山市"]
    done = [148, 131, 96, 120, 88, 75, 92, 140, 66, 71, None, 133, 90]
    series = [{"name": "已走访", "data": done, "urls": [f"?place={i}" for i in range(13)]}, {"name": "应走访未走访", "data": [3, 12, 61, 21, 36, 46, 16, 4, 32, 25, 8, 5, 39]}]
    return {"kind": kind, "unit": "人", "head": "县区", "categories": places, "series": series}


def sample() -> dict:
    """Everything components/gallery.html shows."""
    wrong = SampleForm({"way": "home", "said": "", "day": "二〇二六年"})
    events = [
        {"when": "11 月 10 日", "text": "出院，九江市第一人民医院", "note": "由此产生：出院后 7 日内探望"},
        {"when": "11 月 6 日", "text": "住院探望，见到本人。精神尚可，嘱复查心电图；希望社区帮忙取药。", "url": "#", "link": "照片 2 张"},
        {"when": "1949 年", "text": "参加革命工作"},
    ]
    run = {"state": "running", "word": "正在核对", "done": 3120, "total": 10000, "refused": 12, "left": "约 40 秒", "over": False, "message": ""}
    return {
        "now": timezone.now(),
        "day": date(2026, 11, 21),
        "long_org": LONG_ORG,
        "figures": [
            {"label": "已逾期", "value": 2, "unit": "人", "url": "#overdue", "tone": "late"},
            {"label": "退休干部", "value": 41906, "unit": "人", "note": "本季 +183", "url": "#retired"},
            {"label": "应访已访", "value": "86.4%", "note": "比上季 +3.1 个百分点", "url": "#done"},
            {"label": "重点关注 30 天未见面", "value": 37, "unit": "人", "note": "分布 9 个县区", "url": "#key", "tone": "late"},
        ],
        "people": [dict(zip(PEOPLE_KEYS, row, strict=True)) for row in PEOPLE],
        "form": SampleForm(initial={"day": date(2026, 11, 21)}),
        "wrong": wrong,
        "filter_form": SampleFilter({"kind": "离休"}),
        "chips": [{"label": "类别：离休", "url": "?"}, {"label": f"单位：{LONG_ORG}", "url": "?"}],
        "page": Paginator(range(4190), 50).page(7),
        "tabs": [{"label": word, "url": "?", "count": count, "active": word == "总览"} for word, count in TABS],
        "steps": ["上传", "识别表头", "核对", "确认导入"],
        "events": events,
        "problems": [dict(zip(PROBLEM_KEYS, row, strict=True)) for row in PROBLEMS],
        "running": run,
        "finished": run | {"state": "done", "word": "已完成", "done": 10000, "over": True, "message": "9,988 行已导入，12 行留待修改。"},
        "slips": [{"group": f"{word}票", "code": code, "qr": qr_code(f"https://portal.example/#{code}")} for word, code in (("党员", "18340 55921"), ("群众", "90277 16438"))],
        "charts": [("bars", _chart("stack")), ("lines", _chart("line"))],
    }
