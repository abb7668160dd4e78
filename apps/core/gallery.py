"""Sample context of the component gallery: long names, no rows, every state. Invented throughout."""

from datetime import date

from django import forms
from django.core.paginator import Paginator
from django.utils import timezone

from apps.core.forms import Chips, DateInput, ManyChips, OnceField, PortalForm

LONG_ORG = "齐齐哈尔市梅里斯达斡尔族区离退休干部服务管理中心（老干部活动中心）"
LONG_NAME = "阿卜杜热合曼·买买提依明"


class SampleForm(PortalForm):
    sections = (("这次走访", ("way", "met", "day", "said")), ("下一步", ("needs", "owner", "agreed")))
    once = OnceField()
    way = forms.ChoiceField(label="方式", choices=[("home", "上门"), ("hospital", "医院"), ("phone", "电话"), ("video", "视频"), ("other", "其他")], widget=Chips, initial="home")
    met = forms.ChoiceField(label="见到本人", choices=[("yes", "见到"), ("no", "没见到")], widget=Chips)
    day = forms.DateField(label="日期", widget=DateInput, help_text="默认今天；补记时改成实际走访的那一天。")
    said = forms.CharField(label="情况", widget=forms.Textarea, max_length=500, help_text="一两句话即可，如：精神尚可，嘱复查心电图。")
    needs = forms.MultipleChoiceField(label="提出的需求", choices=[("doctor", "就医取药"), ("home", "居家照料"), ("paper", "代办证件"), ("study", "学习活动")], widget=ManyChips, required=False)
    owner = forms.ChoiceField(label="交给谁办", choices=[("", "请选择"), ("1", LONG_ORG), ("2", "浔阳区委老干部局")], required=False)
    agreed = forms.BooleanField(label="已经当面答应，办结后回告本人", required=False)


class SampleFilter(PortalForm):
    optional_marks = False
    q = forms.CharField(label="姓名、拼音、单位、身份证号", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    kind = forms.ChoiceField(label="人员类别", choices=[("", "全部"), ("离休", "离休"), ("退休", "退休"), ("遗属", "遗属")], required=False)
    band = forms.ChoiceField(label="年龄段", choices=[("", "全部"), ("80", "80–89 岁")], required=False)


def _people() -> list[dict]:
    return [
        {"name": "王德福", "word": "重点关注", "tone": "key", "about": "男 · 93 岁 · 离休", "place": "浔阳区人民路 18 号", "why": "出院后 7 日内探望", "due": date(2026, 11, 17), "last": "11 月 6 日住院探望，嘱复查心电图"},
        {"name": LONG_NAME, "word": "定期关注", "tone": "reg", "about": "女 · 88 岁 · 遗属", "place": LONG_ORG, "why": "距上次见面 97 天，应每 90 天", "due": date(2026, 11, 14), "last": "答应代办残疾证，尚未办结"},
        {"name": "欧阳国华", "word": "日常跟踪", "tone": "day", "about": "男 · 80 岁 · 退休", "place": "浔阳区湓浦街道", "why": "八十岁生日（农历十月十三）", "due": date(2026, 11, 21), "last": "8 月 3 日电话，想参加书法班"},
        {"name": "刘　伟", "word": "重点关注", "tone": "key", "about": "男 · 76 岁 · 退休", "place": "柴桑区沙河街镇", "why": "独居，距上次见面 29 天", "due": date(2026, 11, 25), "last": ""},
    ]


def _chart(kind: str) -> dict:
    places = ["浔阳区", "濂溪区", "柴桑区", "武宁县", "修水县", "永修县", "德安县", "都昌县", "湖口县", "彭泽县", "瑞昌市", "共青城市", "庐山市"]
    done = [148, 131, 96, 120, 88, 75, 92, 140, 66, 71, None, 133, 90]
    series = [{"name": "已走访", "data": done, "urls": [f"?place={i}" for i in range(13)]}, {"name": "应走访未走访", "data": [3, 12, 61, 21, 36, 46, 16, 4, 32, 25, 8, 5, 39]}]
    return {"kind": kind, "unit": "人", "head": "县区", "categories": places, "series": series}


def _problems() -> list[dict]:
    return [
        {"sheet": "花名册", "row": 12, "column": "D", "title": "公民身份号码", "value": "360499194005120311", "message": "校验位不对，应为 5。请核对原件。", "level": "error", "url": "#"},
        {"sheet": "花名册", "row": 18, "column": "D", "title": "公民身份号码", "value": "3.60499E+17", "message": "按数字保存，末三位已丢失，无法还原。请把该列设为文本后重新填写。", "level": "error", "url": "#"},
        {"sheet": "", "row": 35, "column": "B", "title": "姓名", "value": "", "message": "姓名必填。", "level": "error", "url": ""},
        {"sheet": "花名册", "row": 40, "column": "I", "title": "参加工作时间", "value": "1950.03", "message": "早于入党时间，请再核对一次。", "level": "warning", "url": "#"},
    ]


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
        "people": _people(),
        "form": SampleForm(initial={"day": date(2026, 11, 21)}),
        "wrong": wrong,
        "filter_form": SampleFilter({"kind": "离休"}),
        "chips": [{"label": "类别：离休", "url": "?"}, {"label": f"单位：{LONG_ORG}", "url": "?"}],
        "page": Paginator(range(4190), 50).page(7),
        "tabs": [{"label": "总览", "url": "?", "active": True}, {"label": "一人一策", "url": "?tab=plan", "active": False}, {"label": "走访", "url": "?tab=visits", "count": 1023, "active": False}]
        + [{"label": word, "url": "?", "active": False} for word in ("家庭与遗属", "待遇", "文件", "变更记录")],
        "steps": ["上传", "识别表头", "核对", "确认导入"],
        "events": events,
        "problems": _problems(),
        "running": run,
        "finished": run | {"state": "done", "word": "已完成", "done": 10000, "over": True, "message": "9,988 行已导入，12 行留待修改。"},
        "charts": [("bars", _chart("stack")), ("lines", _chart("line"))],
    }
