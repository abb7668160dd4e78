"""Forms of campaigns: what, when, whom, who goes; and what narrows their list of people."""

from datetime import date

from django import forms

from apps.cadres.models import AttentionClass, RetireKind
from apps.cadres.selectors.codes import CodeBook
from apps.cadres.selectors.places import place_choices
from apps.care.forms.lists import ANY, workers
from apps.care.forms.plans import Versioned
from apps.care.models import Campaign, Share
from apps.care.selectors.campaigns import CODED, TABLES
from apps.care.selectors.codes import OCCASION_TABLE, choices
from apps.core.forms import Chips, DateInput, ManyChips, PortalForm
from apps.core.scope import Scope

STATES = (("open", "还没走访"), ("late", "已逾期"), ("done", "已走访"), ("asked", "应走访"), ("closed", "不再走访"))
NO_MATTER = ("", "不限")
OF_SURVIVORS = ("kind", "unit")
"""Conditions that say something about the family of somebody who has died."""


class CampaignForm(PortalForm):
    """``values`` reads what ``make_campaign`` takes."""

    title = forms.CharField(label="名称", max_length=40, widget=forms.TextInput(attrs={"placeholder": "如：重阳走访"}))
    occasion = forms.ChoiceField(label="走访事由", widget=Chips, initial="festival", help_text="登记这个事由的走访，就算完成。")
    starts_on = forms.DateField(label="开始日期", widget=DateInput)
    ends_on = forms.DateField(label="截止日期", widget=DateInput)
    meet = forms.TypedChoiceField(
        label="怎样算完成", choices=[("1", "须见面"), ("0", "电话也可以")], coerce=lambda value: value == "1", widget=Chips, initial="1"
    )
    note = forms.CharField(label="要求", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text="工作人员会看到，如：带慰问信，问清冬季取暖。")
    concerns = forms.ChoiceField(label="走访谁", choices=Campaign._meta.get_field("concerns").choices, widget=Chips, initial="cadre")
    org = forms.TypedChoiceField(label="开展范围", coerce=int, help_text="下级单位都在内，也都看得到这次走访。")
    kind = forms.ChoiceField(label="离退休类型", choices=[NO_MATTER, *RetireKind.choices], required=False, widget=Chips)
    age = forms.IntegerField(label="多少岁以上", required=False, min_value=0, max_value=130)
    attention = forms.ChoiceField(label="类别", choices=[NO_MATTER, *AttentionClass.choices], required=False, widget=Chips)
    living = forms.MultipleChoiceField(label="居住状况", required=False, widget=ManyChips)
    self_care = forms.MultipleChoiceField(label="自理能力", required=False, widget=ManyChips)
    health = forms.MultipleChoiceField(label="健康状况", required=False, widget=ManyChips)
    residence = forms.MultipleChoiceField(label="居住地", required=False, widget=ManyChips)
    resettled = forms.ChoiceField(label="易地安置", choices=[NO_MATTER, ("1", "是"), ("0", "否")], required=False, widget=Chips)
    party = forms.BooleanField(label="只走访中共党员（含预备）", required=False)
    unit = forms.ChoiceField(label="管理单位", required=False, help_text="只走访其中一个单位（含下级）时选。")
    share = forms.ChoiceField(label="没有结对责任人的怎样分", choices=Share.choices, widget=Chips, initial=Share.WORKERS, help_text="有结对的归责任人；启动前后都可逐个调整。")
    helpers = forms.MultipleChoiceField(label="选定的人", required=False, widget=ManyChips, help_text="选“平均分给选定的人”时才用。")

    sections = (
        ("这次走访", ("title", "occasion", "starts_on", "ends_on", "meet", "note")),
        ("走访哪些人", ("concerns", "org", "unit", "kind", "age", "attention", "living", "self_care", "health", "residence", "resettled", "party")),
        ("谁去", ("share", "helpers")),
    )

    def __init__(self, *args, scope: Scope, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        book, places = CodeBook(), place_choices(scope, today)
        self.fields["occasion"].choices = choices(today)[OCCASION_TABLE]
        self.fields["org"].choices = places
        self.fields["unit"].choices = [NO_MATTER, *((str(key), name) for key, name in places)]
        self.fields["helpers"].choices = [(user.pk, str(user)) for user in workers(scope, today)]
        for name in CODED:
            self.fields[name].choices = book.choices(TABLES.get(name, name), today)
        for name in ("starts_on", "ends_on"):
            self.fields[name].widget.attrs["min"] = today.isoformat() if name == "ends_on" else ""

    def values(self) -> dict:
        given = dict(self.cleaned_data)
        asked = {name: given.pop(name) for name in ("kind", "attention", "age", "party", "resettled", "unit", *CODED)}
        whom = {"kind": asked["kind"], "class": asked["attention"], "resettled": asked["resettled"], "unit": asked["unit"]}
        whom |= {"age": f"{asked['age']}-" if asked["age"] else "", "party": "member" if asked["party"] else ""}
        whom |= {name: ",".join(asked[name]) for name in CODED}
        if given["concerns"] == "survivor":
            whom = {name: whom[name] for name in OF_SURVIVORS}
        given.pop("org"), given.pop("version", None)
        return given | {"whom": {name: value for name, value in whom.items() if value}, "helpers": [int(pk) for pk in given["helpers"]]}


class ChangeCampaignForm(CampaignForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


def initial_of(campaign: Campaign) -> dict:
    """A campaign as its form shows it."""
    plain = {name: getattr(campaign, name) for name in ("title", "occasion", "starts_on", "ends_on", "note", "concerns", "share", "helpers", "version")}
    whom = campaign.whom
    plain |= {"org": campaign.org_id, "meet": "1" if campaign.meet else "0", "kind": whom.get("kind", ""), "attention": whom.get("class", ""), "unit": whom.get("unit", "")}
    plain |= {"age": whom.get("age", "").rstrip("-"), "party": bool(whom.get("party")), "resettled": whom.get("resettled", "")}
    return plain | {name: whom.get(name, "").split(",") if whom.get(name) else [] for name in CODED}


class TargetFilter(PortalForm):
    """GET form of the list of people; nonsense is ignored."""

    q = forms.CharField(label="姓名", required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search", "placeholder": "姓名或拼音"}))
    state = forms.ChoiceField(label="进展", choices=[ANY, *STATES], required=False)
    worker = forms.ChoiceField(label="责任人", required=False)
    org = forms.TypedChoiceField(label="单位", coerce=int, required=False, empty_value=None)
    own = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, scope: Scope, today: date, draft: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worker"].choices = [ANY, ("none", "（未指定）"), *((str(user.pk), str(user)) for user in workers(scope, today))]
        if draft:
            self.fields["state"].choices = [ANY, ("asked", "应走访"), ("closed", "不列入")]
            for name in ("q", "org", "own"):
                del self.fields[name]
        else:
            self.fields["org"].choices = [ANY, *place_choices(scope, today)]

    def wanted(self) -> dict:
        """Cleaned values, blanks and nonsense left out."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class ExtendForm(Versioned):
    ends_on = forms.DateField(label="改到哪一天截止", widget=DateInput)
    note = forms.CharField(label="改期原因", max_length=120, help_text="还没走访的人一起改期，原定日期会保留；单独改过期的不动。")

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"].widget.attrs["min"] = today.isoformat()


class EndForm(Versioned):
    reason = forms.CharField(label="结束说明", required=False, max_length=120, help_text="还有没走访的人时必填，会写到他们的记录上，如：高温已过，未走访的转入日常走访。")
