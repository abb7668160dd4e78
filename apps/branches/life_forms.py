"""Forms of 组织生活. They check shapes; what may be done is the actions' business."""

from datetime import date

from django import forms

from apps.branches.forms import ANY
from apps.branches.models import Activity, ActivityKind, Attendance, HealthClass, Participation
from apps.core.forms import Chips, DateInput, FilesField, ManyChips, OnceField, PortalForm, Versioned

NAMES_AT_ONCE = "点名字，到会的亮起。"


def _people(members: list) -> list[tuple[str, str]]:
    return [(str(one.pk), one.cadre.name) for one in members]


class _Attended(Versioned):
    """Who was there: keys of the branch's members."""

    present = forms.MultipleChoiceField(label="到会党员", required=False, widget=ManyChips(attrs={"data-all": "全部到会"}), help_text=NAMES_AT_ONCE)
    at_home = forms.MultipleChoiceField(label="送学上门", required=False, widget=ManyChips, help_text="没有到会、把学习内容送到家里的；不计入实到。")
    expected = forms.IntegerField(label="应到人数", required=False, min_value=0, max_value=9999, help_text="不填按名册推算，长期卧病的不计。")

    def __init__(self, *args, members: list, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["present"].choices = _people(members)
        if weak := [one for one in members if one.health in (HealthClass.LIMITED, HealthClass.BEDRIDDEN)]:
            self.fields["at_home"].choices = _people(weak)
        else:
            del self.fields["at_home"]

    def attended(self) -> dict:
        given = self.cleaned_data
        keys = {name: [int(pk) for pk in given.get(name, [])] for name in ("present", "at_home")}
        return keys | {"expected": given["expected"]}


class AttendForm(_Attended):
    """A partner of a joint activity names its people."""


class ActivityForm(_Attended):
    """Everything has a default but the theme."""

    once = OnceField()
    kind = forms.ChoiceField(label="类别", choices=ActivityKind.choices, widget=Chips, initial=ActivityKind.THEME)
    held_on = forms.DateField(label="日期", widget=DateInput)
    title = forms.CharField(label="主题", max_length=80, widget=forms.TextInput(attrs={"placeholder": "如：学习全会精神、参观红色教育基地"}))
    minutes = forms.CharField(label="记录", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text="议程、发言要点、议定的事。")
    photos = FilesField(accept="image/jpeg,image/png,image/webp", label="照片", required=False, help_text="最多 9 张，自动压缩并去掉拍摄位置。")
    place = forms.CharField(label="地点", max_length=80, required=False)
    speaker = forms.CharField(label="主讲人、主持人", max_length=60, required=False)
    by_secretary = forms.BooleanField(label="书记讲的党课", required=False)
    group = forms.ChoiceField(label="党小组", required=False, help_text="党小组会选是哪个组。")
    hours = forms.DecimalField(label="学时", max_digits=4, decimal_places=1, min_value=0, max_value=24, required=False)
    guests = forms.IntegerField(label="其他参加人数", min_value=0, max_value=9999, required=False, help_text="党员以外的人，如入党积极分子、群众。")
    partners = forms.MultipleChoiceField(
        label="一起开展的党支部", required=False, widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text="同县区的，选中后在它们的台账里也有这一次，由它们自己点名。电脑上按住 Ctrl 可选几个。",
    )  # fmt: skip

    sections = (
        ("", ("kind", "held_on", "title", "present", "at_home", "minutes", "photos")),
        ("需要时填", ("expected", "place", "speaker", "by_secretary", "group", "hours", "guests", "partners")),
    )

    def __init__(self, *args, today: date, neighbours: list, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_on"].widget.attrs["max"] = today.isoformat()
        self.fields["held_on"].initial = today
        members = kwargs["members"]
        groups = sorted({one.group for one in members if one.group} | ({self.initial["group"]} if self.initial.get("group") else set()))
        if groups:
            self.fields["group"].choices = [("", "（不是党小组会）"), *((name, name) for name in groups)]
        else:
            del self.fields["group"]
        if neighbours:
            self.fields["partners"].choices = [(str(one.pk), one.name) for one in neighbours]
        else:
            del self.fields["partners"]

    def values(self) -> dict:
        """What ``log_activity`` and ``change_activity`` take, photos too."""
        given = self.cleaned_data
        plain = {name: given.get(name, "") for name in ("kind", "held_on", "title", "place", "speaker", "by_secretary", "group", "minutes")}
        more = {"hours": given["hours"], "guests": given["guests"] or 0, "photos": given["photos"], "partners": [int(pk) for pk in given.get("partners", [])]}
        return plain | more | self.attended()


class EditActivityForm(ActivityForm):
    once = None


def attended_initial(row: Participation) -> dict:
    rows = list(Attendance.objects.filter(participation=row).values_list("member", "at_home"))
    return {"present": [str(pk) for pk, home in rows if not home], "at_home": [str(pk) for pk, home in rows if home], "expected": row.expected, "version": row.version}


def activity_initial(activity: Activity, row: Participation, partners: list) -> dict:
    plain = {name: getattr(activity, name) for name in ("kind", "held_on", "title", "minutes", "place", "speaker", "by_secretary", "group", "hours", "guests")}
    return attended_initial(row) | plain | {"version": activity.version, "partners": [str(one.branch_id) for one in partners]}


class RemoveActivityForm(Versioned):
    reason = forms.CharField(label="哪里登记错了", max_length=120, help_text="撤回后不再计数，记录保留可查；一起开展的党支部那边也不再计数。")


class ActivityFilter(PortalForm):
    """GET form of the list; nonsense is ignored."""

    q = forms.CharField(label="主题", required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search", "placeholder": "主题里的字"}))
    kind = forms.ChoiceField(label="类别", choices=[ANY, *ActivityKind.choices], required=False)
    year = forms.TypedChoiceField(label="年度", coerce=int, empty_value=None, required=False)
    month = forms.TypedChoiceField(label="月份", coerce=int, empty_value=None, required=False, choices=[ANY, *((n, f"{n} 月") for n in range(1, 13))])
    look = forms.ChoiceField(label="情况", choices=[ANY, ("unnamed", "联合活动待点名")], required=False)
    branch = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [ANY, *((year, f"{year} 年") for year in range(today.year, today.year - 6, -1))]

    def wanted(self) -> dict:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class MonthInput(forms.DateInput):
    input_type = "month"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m")


class DuesForm(PortalForm):
    members = forms.MultipleChoiceField(label="党员", widget=ManyChips(attrs={"data-all": "全部党员"}))
    first = forms.DateField(label="起月", widget=MonthInput, input_formats=["%Y-%m", "%Y-%m-%d"])
    last = forms.DateField(label="止月", widget=MonthInput, input_formats=["%Y-%m", "%Y-%m-%d"])
    amount = forms.DecimalField(label="每月金额（元）", max_digits=8, decimal_places=2, min_value=0, required=False, help_text="不填按各人的党费基数和比例计算。")
    waived = forms.BooleanField(label="支部决定免交", required=False)
    paid_on = forms.DateField(label="收缴日期", widget=DateInput)

    def __init__(self, *args, members: list, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].choices = _people(members)

    def values(self) -> dict:
        return self.cleaned_data | {"members": [int(pk) for pk in self.cleaned_data["members"]]}


class ExemplarForm(Versioned):
    title = forms.CharField(label="标题", max_length=60, help_text="说出做法，如：送学上门“四个一”。")
    text = forms.CharField(label="做法", max_length=2000, widget=forms.Textarea(attrs={"rows": 10}), help_text="怎么做的、有什么成效、别人怎么学；不写老同志的个人情况。")
    publish = forms.BooleanField(label="发布，全市都能看到", required=False)
