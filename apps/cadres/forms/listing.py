"""What narrows the list, and what a look at a closed value must say."""

from django import forms

from apps.cadres.forms.fields import PlainSelect
from apps.cadres.models import AttentionClass, RetireKind, Standing
from apps.cadres.selectors.people import ORDERS
from apps.core.forms import PortalForm

AGES = [("-59", "60 岁以下"), ("60-69", "60–69 岁"), ("70-79", "70–79 岁"), ("80-89", "80–89 岁"), ("90-99", "90–99 岁"), ("100-", "100 岁及以上")]
ANY = ("", "不限")


class FilterForm(PortalForm):
    """Mirror of ``selectors.Filters``: field names are what stands in the URL."""

    q = forms.CharField(
        label="查找",
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "姓名、拼音首字母、单位、身份证号或后四位", "autocomplete": "off", "maxlength": 60}),
    )

    def __init__(self, data, *, book, today, places) -> None:
        super().__init__(data)
        tables = {"residence": "residence_kind", "party": "political_status", "health": "health", "self_care": "self_care", "living": "living"}
        titles = {"residence": "居住地", "party": "政治面貌", "health": "健康", "self_care": "自理", "living": "居住状况"}
        choice = {"kind": ("类型", RetireKind.choices), "class": ("类别", [*AttentionClass.choices, ("none", "未定类别")]), "age": ("年龄", AGES), "org": ("单位", places)}
        choice |= {name: (titles[name], book.choices(table, today)) for name, table in tables.items()}
        choice["party"][1].insert(0, ("member", "中共党员（含预备）"))
        choice["resettled"] = ("易地安置", [("1", "是"), ("0", "否")])
        choice["standing"] = ("状态", [("moved", Standing.MOVED.label), ("deceased", Standing.DECEASED.label), ("all", "全部")])
        for name, (label, options) in choice.items():
            first = ("", "在册") if name == "standing" else ANY
            self.fields[name] = forms.ChoiceField(label=label, required=False, choices=[first, *options], widget=PlainSelect)
        self.fields["sort"] = forms.ChoiceField(label="排序", required=False, choices=[(key, order.title) for key, order in ORDERS.items()], widget=PlainSelect)
        for name in ("unit", "metric", "period"):
            self.fields[name] = forms.CharField(required=False, widget=forms.HiddenInput)


class RevealForm(PortalForm):
    reason = forms.CharField(label="查看理由", min_length=2, max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "如：办理医疗证"}))
