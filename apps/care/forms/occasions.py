"""The form of an occasion that obliges to a visit: the trigger decides what is asked, the conditions say whom it concerns."""

from datetime import date

from django import forms

from apps.cadres.models import AttentionClass, ChangeKind, RetireKind
from apps.care.forms.rules import FromDay
from apps.care.models import OccasionRule, Trigger
from apps.care.models.rules import STANDING
from apps.care.selectors.codes import OCCASION_TABLE, choices, values_of
from apps.core.calendar import festivals
from apps.core.forms import Chips, ManyChips, PortalForm

EVENTS = (
    ChangeKind.ADMITTED, ChangeKind.DISCHARGED, ChangeKind.DISABLED, ChangeKind.WIDOWED, ChangeKind.FELL, ChangeKind.DIAGNOSED, ChangeKind.DECEASED,
    ChangeKind.RESETTLED, ChangeKind.RESIDENCE,
)  # fmt: skip
DAY_OF_YEAR = r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
MEMBERS = ("01", "02")
"""GB/T 4762: 中共党员, 预备党员."""
UNDECIDED = "none"
FIXED = {
    Trigger.QUARTER: (30, "季末之前多少天要复核完，一般为 0：季末当天。"),
    Trigger.ITEM: (7, "一般为 0：事项的当天。"),
    Trigger.CONTRACT: (30, "到期之前多少天要续约，一般为 0：到期当天。"),
}
"""Triggers that open one kind of to-do only: days ahead, and what the term means."""
ANY = ("", "不限")


class TriggerForm(PortalForm):
    """First step of a new rule: what sets it off."""

    trigger = forms.ChoiceField(label="什么情况下必访", choices=[row for row in Trigger.choices if row[0] not in STANDING], widget=Chips)


class OccasionForm(FromDay):
    """The rest of it. ``setting`` and ``whom`` read what the rule table keeps; every condition given must hold."""

    name = forms.CharField(label="名称", max_length=40, help_text="显示在工作台上，如“高龄生日看望”。")
    opens = forms.ChoiceField(label="要做什么", choices=OccasionRule.OPENS[:2], widget=Chips, initial="occasion", help_text="复核类别：重新确定类别（维持不变也可以）即为办结。")
    occasion = forms.ChoiceField(label="走访事由", required=False, widget=Chips, help_text="登记这一事由的走访，即为办结。复核类别不用选。")
    concerns = forms.ChoiceField(label="走访谁", choices=OccasionRule.CONCERNS, widget=Chips, initial="cadre")
    meet = forms.TypedChoiceField(label="须见到本人", choices=[("1", "须见面"), ("0", "电话也可以")], coerce=lambda value: value == "1", widget=Chips, initial="1")
    due_days = forms.IntegerField(label="期限（天）", min_value=0, max_value=365, initial=0)
    ahead_days = forms.IntegerField(label="提前多少天出现在工作台", min_value=0, max_value=90, initial=7)
    classes = forms.MultipleChoiceField(label="只限类别", choices=[*AttentionClass.choices, (UNDECIDED, "类别待定")], required=False, widget=ManyChips)
    age = forms.IntegerField(label="只限年满（岁）", min_value=40, max_value=120, required=False)
    kind = forms.ChoiceField(label="只限", choices=[ANY, *RetireKind.choices], required=False, widget=Chips)
    party = forms.BooleanField(label="只限党员", required=False)
    living = forms.MultipleChoiceField(label="只限居住状况", required=False, widget=ManyChips)

    def __init__(self, *args, trigger: str, today: date, **kwargs) -> None:
        super().__init__(*args, today=today, **kwargs)
        self.trigger = trigger
        self.fields["occasion"].choices = choices(today)[OCCASION_TABLE]
        self.fields["living"].choices = values_of("living")
        self.fields["due_days"].help_text = {Trigger.EVENT: "发生之后多少天以内。", Trigger.FESTIVAL: "节日之前多少天要走访完。"}.get(trigger, "一般为 0：当天。")
        getattr(self, f"_ask_{trigger}")(today)
        self._settle_purpose()
        self.order_fields(["name", *self.asked, "due_days", "ahead_days", "opens", "occasion", "concerns", "meet", "classes", "age", "kind", "party", "living", "valid_from"])

    def _settle_purpose(self) -> None:
        """A visit or a review after an event, always a review at a quarter's end, else a visit."""
        if self.trigger in FIXED:
            self.fields["ahead_days"].initial, self.fields["due_days"].help_text = FIXED[self.trigger]
            for name in ("opens", "occasion", "concerns", "meet"):
                del self.fields[name]
        elif self.trigger != Trigger.EVENT:
            del self.fields["opens"]

    def _ask(self, **asked: forms.Field) -> None:
        self.asked = tuple(asked)
        self.fields.update(asked)

    def _ask_event(self, today: date) -> None:
        self._ask(event=forms.ChoiceField(label="登记了哪种变动", choices=[(kind.value, kind.label) for kind in EVENTS], widget=Chips))

    def _ask_birthday(self, today: date) -> None:
        self._ask(
            from_age=forms.IntegerField(label="从多少岁起", min_value=40, max_value=120, initial=80),
            every=forms.IntegerField(label="每多少岁", min_value=1, max_value=20, initial=1, help_text="10 表示只在逢十生日。"),
            to_age=forms.IntegerField(label="到多少岁为止", min_value=40, max_value=130, required=False),
        )

    def _ask_festival(self, today: date) -> None:
        self._ask(festival=forms.ChoiceField(label="哪个节日", choices=[(one.code, one.title) for one in festivals(today.year)], widget=Chips))

    def _ask_season(self, today: date) -> None:
        def day(label: str) -> forms.Field:
            return forms.RegexField(regex=DAY_OF_YEAR, label=label, help_text="如 07-15", error_messages={"invalid": "请写成“07-15”的形式。"})

        self._ask(first=day("每年从"), last=day("到"))

    def _ask_rhythm(self, today: date) -> None:
        self._ask(every=forms.IntegerField(label="距上次见面多少天", min_value=1, max_value=365, initial=30))

    def _ask_nothing(self, today: date) -> None:
        self._ask()

    _ask_quarter = _ask_item = _ask_contract = _ask_nothing

    def clean(self):
        found = super().clean()
        for name in ("first", "last"):
            if name in found and not _exists(found[name]):
                self.add_error(name, "没有这一天。")
        return found

    def setting(self) -> dict:
        given = self.cleaned_data
        if self.trigger == Trigger.EVENT:
            return {"kind": given["event"]}
        if self.trigger == Trigger.FESTIVAL:
            return {"festival": given["festival"]}
        if self.trigger in FIXED:
            return {}
        if self.trigger == Trigger.SEASON:
            return {"from": given["first"], "to": given["last"]}
        names = ("from_age", "every", "to_age") if self.trigger == Trigger.BIRTHDAY else ("every",)
        return {name: given[name] for name in names if given[name]}

    def whom(self) -> list:
        given = self.cleaned_data
        found = [["attention_class", "in", ["" if name == UNDECIDED else name for name in given["classes"]]]] if given["classes"] else []
        found += [["born_on", "age_gte", given["age"]]] if given["age"] else []
        found += [["retire_kind", "eq", given["kind"]]] if given["kind"] else []
        found += [["political_status", "in", list(MEMBERS)]] if given["party"] else []
        return found + ([["living", "in", given["living"]]] if given["living"] else [])

    def values(self) -> dict:
        """What ``new_occasion`` takes."""
        fixed = {"opens": "review", "occasion": "", "concerns": "cadre", "meet": False} if self.trigger in FIXED else {}
        names = ("name", "opens", "occasion", "concerns", "meet", "due_days", "ahead_days", "valid_from")
        plain = fixed | {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return {"trigger": self.trigger, "setting": self.setting(), "whom": self.whom(), **plain}


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(f"2026-{day}")
    except ValueError:
        return False
    return True


def initial_of(rule: OccasionRule) -> dict:
    """A rule as the form shows it."""
    setting = rule.setting
    found = {name: getattr(rule, name) for name in ("name", "opens", "occasion", "concerns", "due_days", "ahead_days")} | {"meet": "1" if rule.meet else "0"}
    found |= {"event": setting.get("kind"), "festival": setting.get("festival"), "first": setting.get("from"), "last": setting.get("to")}
    found |= {name: setting.get(name) for name in ("from_age", "every", "to_age")}
    fields = {"attention_class": "classes", "born_on": "age", "retire_kind": "kind", "living": "living", "political_status": "party"}
    found |= {fields[name]: value for name, _, value in rule.whom if name in fields}
    return found | {"classes": [name or UNDECIDED for name in found.get("classes", ())]}
