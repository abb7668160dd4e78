"""Forms of plans and items. They check shapes; what may be done is the actions' business."""

from datetime import date

from django import forms

from apps.care.forms.lists import workers
from apps.care.models import AttentionClass, Frequency, ItemState
from apps.care.selectors.codes import CATEGORY_TABLE, choices
from apps.core.forms import Chips, DateInput, PortalForm
from apps.core.scope import Scope


class Versioned(PortalForm):
    """Carries the version the form was made with: two people changing the same thing lose nothing."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class DecideForm(Versioned):
    attention_class = forms.ChoiceField(label="定为", choices=AttentionClass.choices, widget=Chips)
    note = forms.CharField(label="理由", required=False, max_length=200, help_text="与系统建议不同时必填；会记入类别变更历史。", widget=forms.Textarea(attrs={"rows": 2}))


class AssignForm(Versioned):
    worker = forms.ModelChoiceField(label="责任人", queryset=None, required=False, empty_label="（未指定，本县区共同负责）")

    def __init__(self, *args, scope: Scope, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worker"].queryset = workers(scope, today)


class PlanForm(Versioned):
    wishes = forms.CharField(label="本人意愿", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="希望怎样联系、什么时候方便、有什么忌讳。")
    community = forms.CharField(label="社区及联系人", required=False, max_length=80, help_text="印在一人一卡上，如：湓浦社区 王主任 8121234。")
    lunar_birthday = forms.BooleanField(label="过农历生日", required=False, help_text="勾选后，生日看望按农历提醒。")
    away = forms.BooleanField(label="按易地安置规则走访", required=False, help_text="勾选后按每年至少一次的规则计算走访期限。")


class ItemForm(PortalForm):
    """Adding or changing an item; ``version`` only when changing."""

    category = forms.ChoiceField(label="类别", widget=Chips)
    need = forms.CharField(label="需求", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    measure = forms.CharField(label="措施", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    worker = forms.ModelChoiceField(label="责任人", queryset=None, required=False, empty_label="（同方案责任人）")
    lead_unit = forms.CharField(label="牵头单位", required=False, max_length=80)
    frequency = forms.ChoiceField(label="频次", choices=Frequency.choices, widget=Chips, initial=Frequency.ONCE, help_text="按周期办的，到日自动列入待办，每次办完写一句结果。")
    starts_on = forms.DateField(label="首次（开始）日期", required=False, widget=DateInput, help_text="按周期办的必填：从这一天起，每周、每月……各一次。")
    due_on = forms.DateField(label="办结期限（末日）", required=False, widget=DateInput, help_text="只办一次的，到这一天；按周期办的，过了这一天不再列入待办。")
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, scope: Scope, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = choices(today)[CATEGORY_TABLE]
        self.fields["worker"].queryset = workers(scope, today)


class DoctorForm(PortalForm):
    """A term with a family doctor; ``version`` only when correcting."""

    doctor = forms.CharField(label="家庭医生", max_length=40)
    institution = forms.CharField(label="签约机构", max_length=80, help_text="如：湓浦社区卫生服务中心。")
    phone = forms.CharField(label="医生电话", required=False, max_length=30, help_text="印在一人一卡上。")
    starts_on = forms.DateField(label="签约起", widget=DateInput)
    ends_on = forms.DateField(label="签约止", widget=DateInput, help_text="到期前自动列入待办，提醒续约。")
    note = forms.CharField(label="备注", required=False, max_length=200)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class CloseItemForm(Versioned):
    state = forms.ChoiceField(label="结果", choices=[(ItemState.DONE, "已完成"), (ItemState.DROPPED, "不再需要")], widget=Chips, initial=ItemState.DONE)
    result = forms.CharField(label="说明", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="怎么办的、谁办的、本人是否满意。")
