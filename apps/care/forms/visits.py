"""The form of a visit: half a minute, three taps and a sentence."""

from datetime import date, timedelta

from django import forms

from apps.care.forms.lists import workers
from apps.care.forms.plans import Versioned
from apps.care.models import Source
from apps.care.selectors.codes import CATEGORY_TABLE, OCCASION_TABLE, WAY_TABLE, choices
from apps.care.selectors.people import survivors
from apps.care.standards import NEED_DUE_DAYS, SURVIVOR_OCCASIONS
from apps.core.forms import Chips, DateInput, FilesField, ManyChips, OnceField, PortalForm
from apps.core.scope import Scope


class StillOpen(forms.ModelMultipleChoiceField):
    """Chosen from what was open when the form was made; what somebody else has settled meanwhile is no reason to refuse a visit."""

    def __init__(self, **kwargs) -> None:
        super().__init__(queryset=None, **kwargs)

    def clean(self, value):
        chosen = [key for key in (value or []) if str(key).isdecimal()]
        return self.queryset.filter(pk__in=chosen)


class VisitForm(PortalForm):
    """Everything has a default but the sentence. ``survivor`` stands there only for a deceased person, ``done`` only with open items."""

    once = OnceField()
    visited_on = forms.DateField(label="日期", widget=DateInput)
    way = forms.ChoiceField(label="方式", widget=Chips)
    occasion = forms.ChoiceField(label="事由", widget=Chips)
    survivor = forms.ModelChoiceField(label="走访的遗属", queryset=None, widget=Chips, empty_label=None)
    in_person = forms.TypedChoiceField(label="见到本人", choices=[("1", "见到"), ("0", "没见到")], coerce=lambda value: value == "1", widget=Chips, initial="1")
    situation = forms.CharField(label="情况", max_length=2000, widget=forms.Textarea(attrs={"rows": 4, "placeholder": "一两句话即可，如：精神尚可，嘱复查心电图。"}))
    late_reason = forms.CharField(label="补记原因", required=False, max_length=120, help_text="走访超过一周才登记时必填，如：在外地出差、网络不通。")
    settles = StillOpen(label="这次走访也算", required=False, widget=ManyChips, help_text="可以同时办结几件事；没见到本人的，须见面的事不会办结。")
    done = StillOpen(label="这次办结了", required=False, widget=ManyChips)
    need = forms.CharField(label="新提出的需求", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="写下来就会成为一件有人跟、有期限的事。")
    need_category = forms.ChoiceField(label="需求类别", required=False, widget=Chips, initial="errand")
    need_worker = forms.ModelChoiceField(label="交给谁办", queryset=None, required=False, empty_label="我自己")
    need_due_on = forms.DateField(label="答应的期限", required=False, widget=DateInput)
    promised = forms.CharField(label="当面答应的事", required=False, max_length=80, help_text="到期前会提醒，下次走访时也会看到。")
    promise_due_on = forms.DateField(label="答应的日期", required=False, widget=DateInput)
    next_step = forms.CharField(label="下一步", required=False, max_length=300)
    place = forms.CharField(label="地点", required=False, max_length=80)
    companions = forms.CharField(label="陪同人员", required=False, max_length=80)
    gifts = forms.CharField(label="慰问品", required=False, max_length=80)
    photos = FilesField(accept="image/jpeg,image/png,image/webp", label="照片", required=False, help_text="最多 9 张，自动压缩并去掉拍摄位置。")

    def __init__(self, *args, scope: Scope, today: date, cadre, open_items=None, todos=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        tables, gone = choices(today), bool(cadre.deceased_on) and not self._was_before(cadre.deceased_on)
        self.fields["way"].choices = tables[WAY_TABLE]
        self.fields["occasion"].choices = [row for row in tables[OCCASION_TABLE] if (row[0] in SURVIVOR_OCCASIONS if gone else row[0] != "survivor")]
        self.fields["need_category"].choices = tables[CATEGORY_TABLE]
        self.fields["need_worker"].queryset = workers(scope, today)
        self.fields["visited_on"].widget.attrs["max"] = today.isoformat()
        self.fields["need_due_on"].initial = today + timedelta(days=NEED_DUE_DAYS)
        self._offer_todos(todos)
        self._settle_person(cadre, gone)
        if open_items is None or not open_items.exists():
            del self.fields["done"]
        else:
            self.fields["done"].queryset = open_items
            self.fields["done"].label_from_instance = lambda item: item.need

    def _was_before(self, died_on: date) -> bool:
        """The form was filled in for a visit to the person, on a day when he or she lived, and arrives after the death was registered."""
        if not self.is_bound or self.data.get("survivor"):
            return False
        try:
            return date.fromisoformat(self.data.get("visited_on", "")) <= died_on
        except ValueError:
            return False

    def _offer_todos(self, todos) -> None:
        if todos is None or not todos.exists():
            del self.fields["settles"]
            return
        self.fields["settles"].queryset = todos
        self.fields["settles"].initial = [todo.pk for todo in todos if todo.source != Source.ITEM]  # a service isn't rendered by calling on somebody
        self.fields["settles"].label_from_instance = lambda todo: f"{todo.title}（{todo.due_on:%-m月%-d日}前）"

    def _settle_person(self, cadre, gone: bool) -> None:
        if not gone:
            del self.fields["survivor"]
            return
        people = survivors(cadre)
        self.fields["survivor"].queryset = people
        self.fields["survivor"].initial = people.first()
        self.fields["survivor"].label_from_instance = lambda one: f"{one.name}（{one.relation}）"
        self.fields["in_person"].label = "见到遗属"
        for name in ("need", "need_category", "need_worker", "need_due_on"):
            del self.fields[name]


class EditVisitForm(VisitForm):
    """The same visit again; what became of the need is changed at the item."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("once", "survivor", "done", "need_category", "need_worker", "need_due_on", "settles", "promised", "promise_due_on"):
            self.fields.pop(name, None)
        if "need" in self.fields:
            self.fields["need"].help_text = "已生成的服务事项请在方案里修改。"


class VoidForm(Versioned):
    reason = forms.CharField(label="作废原因", max_length=120, help_text="作废后不再计入走访，记录保留可查。")
