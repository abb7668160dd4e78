"""Forms of aid (困难帮扶): the application, the steps, standards and budgets. They check shapes; what may be done is the actions' business."""

from datetime import date

from django import forms

from apps.care.forms.lists import ANY, ListFilter
from apps.care.forms.plans import Versioned
from apps.care.forms.rules import FromDay
from apps.care.models import Applicant, PayWay
from apps.care.selectors.aid import TABS, budget_places, standards
from apps.care.selectors.codes import AID_TABLE, choices
from apps.care.selectors.people import survivors
from apps.care.standards import AID_FOR_SURVIVORS, AID_MOST_PROOFS
from apps.core.forms import Chips, DateInput, ManyFiles, OnceField, PortalForm
from apps.core.scope import Scope

PAPERS = "PDF、Word、Excel 或 JPG、PNG 图片"


class PapersField(forms.FileField):
    """Any number of papers, as a list."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**{"required": False, "widget": ManyFiles(attrs={"accept": ".pdf,.docx,.xlsx,image/jpeg,image/png"})} | kwargs)

    def clean(self, data, initial=None) -> list:
        return [super(PapersField, self).clean(one, initial) for one in (data or [])]


def money_field(label: str, **kwargs) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=12, decimal_places=2, widget=forms.NumberInput(attrs={"step": "0.01", "min": "0", "inputmode": "decimal"}), **kwargs)


class AidFilter(ListFilter):
    kind = forms.ChoiceField(label="类别", required=False)
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None)
    tab = forms.ChoiceField(required=False, widget=forms.HiddenInput, choices=[ANY, *((key, title) for key, (title, _) in TABS.items())])
    metric = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    period = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    cadre = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, scope: Scope, today: date, **kwargs) -> None:
        super().__init__(*args, scope=scope, today=today, **kwargs)
        self.fields["q"].widget.attrs["placeholder"] = "干部或遗属姓名、拼音"
        self.fields["kind"].choices = [ANY, *choices(today)[AID_TABLE]]
        self.fields["year"].choices = [ANY, *((year, f"{year} 年") for year in range(today.year, today.year - 5, -1))]


class ApplicationForm(PortalForm):
    """``version`` only when changing one; ``survivor`` only for a deceased cadre, ``once`` only for a new one."""

    once = OnceField()
    survivor = forms.ModelChoiceField(label="为哪位遗属申请", queryset=None, widget=Chips, empty_label=None)
    applicant = forms.ChoiceField(label="由谁申请", widget=Chips)
    applicant_name = forms.CharField(label="申请人姓名或单位名称", required=False, max_length=60, help_text="本人申请的不用填。")
    kind = forms.ChoiceField(label="帮扶类别", widget=Chips)
    amount_asked = money_field("申请金额（元）")
    reason = forms.CharField(
        label="困难情况", max_length=1000, widget=forms.Textarea(attrs={"rows": 5}), help_text="什么困难、自付多少、家里收入怎样。只有办理人员能看，不进名单。"
    )
    proofs = PapersField(label="证明材料", help_text=f"如诊断证明、费用单据、社区证明；{PAPERS}，最多 {AID_MOST_PROOFS} 份，加密存放。")
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, cadre, today: date, case=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        gone = bool(cadre.deceased_on)
        in_force = standards(today)
        kinds = [(code, name) for code, name in choices(today)[AID_TABLE] if code in in_force and (gone or code != AID_FOR_SURVIVORS)]
        self.fields["kind"].choices = [(code, f"{name}（最多 {in_force[code].ceiling:,.2f} 元）") for code, name in kinds]
        fitting = (Applicant.SURVIVOR, Applicant.UNIT) if gone else (Applicant.SELF, Applicant.SPOUSE, Applicant.UNIT)
        self.fields["applicant"].choices = [(one.value, one.label) for one in fitting]
        self.fields["applicant"].initial = fitting[0].value
        if gone and case is None:
            people = survivors(cadre)
            self.fields["survivor"].queryset, self.fields["survivor"].initial = people, people.first()
            self.fields["survivor"].label_from_instance = lambda one: f"{one.name}（{one.relation}）"
        else:
            del self.fields["survivor"]
        if case is not None:
            del self.fields["once"]


class StepForm(Versioned):
    """A step that asks for no more than a reason or an opinion."""

    note = forms.CharField(label="意见", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, case, rule, today: date, again=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if rule.asks:
            self.fields["note"].required, self.fields["note"].label = True, "原因"
            self.fields["note"].error_messages["required"] = "请写明原因。"
        self.order_fields([name for name in self.fields if name != "note"] + ["note"])
        self.settle(case, today, again)

    def settle(self, case, today: date, again) -> None:
        """What a step presets."""


class PublishForm(StepForm):
    days = forms.IntegerField(label="公示天数", min_value=1, max_value=60)
    place = forms.CharField(label="公示地点", required=False, max_length=80, help_text="如：单位公示栏、老干部活动中心。")

    def settle(self, case, today, again) -> None:
        least = max(case.standard.publicity_days, 1)
        self.fields["days"].initial, self.fields["days"].help_text = least, f"从今天算起；按标准至少 {least} 天。"


class ApproveForm(StepForm):
    amount = money_field("批准金额（元）")
    document_no = forms.CharField(label="批准文号", required=False, max_length=60)
    exception_reason = forms.CharField(label="再次帮扶的理由", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def settle(self, case, today, again) -> None:
        self.fields["amount"].initial = min(case.amount_asked, case.standard.ceiling)
        self.fields["amount"].help_text = f"申请 {case.amount_asked:,.2f} 元，按标准最多 {case.standard.ceiling:,.2f} 元。"
        if again is None:
            del self.fields["exception_reason"]
        else:
            self.fields["exception_reason"].help_text = f"此人 {case.year} 年已批准过 {again.amount_granted:,.2f} 元；每人每年一次，再次帮扶须写明理由。"


class PayForm(StepForm):
    paid_on = forms.DateField(label="发放日期", widget=DateInput)
    pay_way = forms.ChoiceField(label="发放方式", choices=PayWay.choices, widget=Chips, initial=PayWay.BANK)

    def settle(self, case, today, again) -> None:
        self.fields["paid_on"].initial = today
        self.fields["paid_on"].widget.attrs |= {"min": case.approved_on.isoformat(), "max": today.isoformat()}


class ReceiptForm(StepForm):
    received_by = forms.CharField(label="签收人", max_length=60, help_text="家属代领的，写明关系，如：李秀英（配偶代）。")
    received_on = forms.DateField(label="签收日期", widget=DateInput)
    papers = PapersField(label="回执照片或扫描件", help_text=f"可以直接拍照；{PAPERS}。")

    def settle(self, case, today, again) -> None:
        self.fields["received_on"].initial = today
        self.fields["received_on"].widget.attrs |= {"min": case.paid_on.isoformat(), "max": today.isoformat()}
        self.fields["received_by"].initial = case.survivor.name if case.survivor else case.cadre.name
        self.fields["note"].label = "说明"


FORMS = {"publish": PublishForm, "approve": ApproveForm, "pay": PayForm, "receipt": ReceiptForm}


class StandardForm(FromDay):
    ceiling = money_field("最高金额（元）")
    publicity_days = forms.IntegerField(label="公示天数", min_value=0, max_value=60, help_text="0 表示不公示。")
    source = forms.CharField(label="依据", max_length=120, help_text="文件名和文号。")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].help_text = "最早从明天起。已经提交的申请仍按提交那天的标准。"


class BudgetForm(PortalForm):
    """``version`` only when changing one; then place and year stand."""

    org = forms.ModelChoiceField(label="县区", queryset=None, empty_label="请选择")
    year = forms.TypedChoiceField(label="年度", coerce=int)
    amount = money_field("预算（元）", min_value=0)
    note = forms.CharField(label="说明", required=False, max_length=120, help_text="如：下达文号、追加原因。")
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, scope: Scope, today: date, budget=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if budget is not None:
            del self.fields["org"], self.fields["year"]
            self.fields["amount"].help_text = f"已批准 {budget.spent:,.2f} 元，不能少于这个数。"
            return
        self.fields["org"].queryset = budget_places(scope)
        self.fields["year"].choices = [(year, f"{year} 年") for year in (today.year, today.year + 1)]
