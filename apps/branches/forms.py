"""Forms of branches. They check shapes; what may be done is the actions' business."""

from datetime import date

from django import forms

from apps.accounts.forms import FigureFilter
from apps.branches.actions.committees import Holder
from apps.branches.models import Area, Branch, BranchKind, BranchRule, Committee, HealthClass, LeftReason, MemberStanding, Post
from apps.branches.selectors.branches import areas
from apps.cadres.selectors.places import place_choices
from apps.core.forms import Chips, DateInput, FilesField, ManyChips, PortalForm, Versioned
from apps.core.scope import Scope

ANY = ("", "全部")
PAPERS = "image/jpeg,image/png,image/webp,application/pdf,.docx,.xlsx"
LOOKS = (
    ("wrong", "不合规定"), ("look", "有需要核对的"), ("term", "届满或将届满"), ("size", "党员人数"), ("committee", "支委会"), ("units", "依托单位数"),
    ("life", "组织生活缺项"), ("dues", "党费没有登记"), ("setup", "组织设置"), ("team", "班子建设"), ("people", "党员队伍"), ("study", "学习活动"),
    ("role", "作用发挥"), ("system", "制度坚持"),
)  # fmt: skip
"""The last six are those of 六好."""
TERM_FIELDS = ("starts_on", "ends_on", "elected_on", "approval_no", "eligible", "present", "seats", "candidates")
NAMED = (Post.SECRETARY, Post.DEPUTY, Post.ORGANISATION, Post.PUBLICITY, Post.DISCIPLINE)


class BranchFilter(FigureFilter):
    """GET form of the list; nonsense is ignored."""

    q = forms.CharField(label="名称", required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search", "placeholder": "党支部名称或代码"}))
    look = forms.ChoiceField(label="核对情况", choices=[ANY, *LOOKS], required=False)
    kind = forms.ChoiceField(label="类型", choices=[ANY, *BranchKind.choices], required=False)
    area = forms.ModelChoiceField(label="片区", queryset=None, required=False, empty_label="全部")
    org = forms.ModelChoiceField(label="县区", queryset=None, required=False, empty_label="全部")
    state = forms.ChoiceField(label="状态", choices=[("", "现有"), ("dissolved", "已撤销"), ("all", "全部")], required=False)

    def __init__(self, *args, scope: Scope, **kwargs) -> None:
        super().__init__(*args, scope=scope, **kwargs)
        self.fields["area"].queryset = areas(scope)


class BranchForm(Versioned):
    """``values`` reads what ``set_up_branch`` takes."""

    name = forms.CharField(label="党支部名称", max_length=80)
    kind = forms.ChoiceField(
        label="类型", choices=BranchKind.choices, widget=Chips, initial=BranchKind.BRANCH, help_text="党员的组织关系只在党支部、联合党支部；其余类型是另外参加。"
    )  # fmt: skip
    org = forms.TypedChoiceField(label="管理单位", coerce=int, help_text="党员的管理单位应是这个单位或它的下级。")
    hosts = forms.MultipleChoiceField(
        label="依托单位", required=False, widget=forms.SelectMultiple(attrs={"size": 6}), help_text="联合党支部把覆盖的单位都选上（电脑上按住 Ctrl 可选几个）。"
    )  # fmt: skip
    superior = forms.CharField(label="上级党组织", max_length=80, required=False)
    area = forms.ModelChoiceField(label="片区", queryset=None, required=False, empty_label="（不分片区）")
    code = forms.CharField(label="代码", max_length=30, required=False)
    founded_on = forms.DateField(label="成立时间", required=False, widget=DateInput)
    approval_no = forms.CharField(label="批准文号", max_length=60, required=False)
    meeting_place = forms.CharField(label="活动场所", max_length=80, required=False)
    fixed_day = forms.IntegerField(label="固定活动日（每月几日）", min_value=1, max_value=31, required=False)
    adviser = forms.CharField(label="党建指导员", max_length=60, required=False)

    sections = (
        ("设置", ("name", "kind", "org", "hosts", "superior", "area", "code", "founded_on", "approval_no")),
        ("活动", ("meeting_place", "fixed_day", "adviser")),
    )

    def __init__(self, *args, scope: Scope, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        places = place_choices(scope, today)
        self.fields["org"].choices, self.fields["hosts"].choices = places, places
        self.fields["area"].queryset = areas(scope)

    def values(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if name not in ("org", "hosts", "version")}


def branch_initial(branch: Branch) -> dict:
    plain = {name: getattr(branch, name) for name in BranchForm.base_fields if name not in ("org", "hosts", "area")}
    return plain | {"org": branch.org_id, "hosts": [unit.pk for unit in branch.hosts.all()], "area": branch.area_id}


class DissolveForm(Versioned):
    on = forms.DateField(label="撤销时间", widget=DateInput)
    reason = forms.CharField(label="撤销原因", max_length=120, help_text="写明批准文号。撤销后只供查阅。")


class AreaForm(Versioned):
    name = forms.CharField(label="片区名称", max_length=40)
    org = forms.TypedChoiceField(label="管理单位", coerce=int)
    head = forms.CharField(label="片区长", max_length=60, required=False)
    deputy = forms.CharField(label="副片区长", max_length=60, required=False)
    note = forms.CharField(label="说明", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, scope: Scope, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].choices = place_choices(scope, today)

    def values(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("name", "head", "deputy", "note")}


def area_initial(area: Area) -> dict:
    return {name: getattr(area, name) for name in ("name", "head", "deputy", "note", "version")} | {"org": area.org_id}


class CommitteeForm(Versioned):
    """A term and its posts; people are the branch's present members."""

    after = forms.IntegerField(required=False, widget=forms.HiddenInput)
    starts_on = forms.DateField(label="任期起", widget=DateInput)
    ends_on = forms.DateField(label="任期止", required=False, widget=DateInput, help_text="不填按规定的任期推算。")
    secretary = forms.ChoiceField(label="书记", required=False)
    secretary_name = forms.CharField(label="书记（不在名册的）", max_length=60, required=False, help_text="在职干部兼任书记等情况，写姓名。")
    deputy = forms.ChoiceField(label="副书记", required=False)
    organisation = forms.ChoiceField(label="组织委员", required=False)
    publicity = forms.ChoiceField(label="宣传委员", required=False)
    discipline = forms.ChoiceField(label="纪检委员", required=False)
    other = forms.MultipleChoiceField(label="其他委员", required=False, widget=ManyChips)
    elected_on = forms.DateField(label="选举日期", required=False, widget=DateInput)
    approval_no = forms.CharField(label="批复文号", max_length=60, required=False)
    eligible = forms.IntegerField(label="有选举权的应到会人数", min_value=0, max_value=9999, required=False)
    present = forms.IntegerField(label="实到会人数", min_value=0, max_value=9999, required=False)
    seats = forms.IntegerField(label="委员应选人数", min_value=0, max_value=99, required=False)
    candidates = forms.IntegerField(label="委员候选人数", min_value=0, max_value=99, required=False)

    sections = (
        ("任期", ("starts_on", "ends_on")),
        ("职务（一人可兼几项）", ("secretary", "secretary_name", "deputy", "organisation", "publicity", "discipline", "other")),
        ("选举", ("elected_on", "eligible", "present", "seats", "candidates", "approval_no")),
    )

    def __init__(self, *args, members, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(one.cadre_id), one.cadre.name) for one in members if one.standing == MemberStanding.FORMAL]
        for post in NAMED:
            self.fields[post.value].choices = [("", "（无）"), *people]
        self.fields["other"].choices = people

    def clean(self):
        found = super().clean()
        if found.get("secretary") and found.get("secretary_name"):
            self.add_error("secretary_name", "书记已从名册里选了，这里请留空。")
        return found

    def holders(self) -> list[Holder]:
        given = self.cleaned_data
        found = [Holder(post.value, int(given[post.value])) for post in NAMED if given[post.value]]
        found += [Holder(Post.OTHER.value, int(pk)) for pk in given["other"]]
        return found + ([Holder(Post.SECRETARY.value, name=given["secretary_name"].strip())] if given["secretary_name"] else [])

    def values(self) -> dict:
        return {name: self.cleaned_data[name] for name in TERM_FIELDS}


def committee_initial(term: Committee) -> dict:
    found = {name: getattr(term, name) for name in (*TERM_FIELDS, "version")}
    present = [one for one in term.posts.all() if one.left_on is None]
    for one in present:
        if one.cadre_id and one.post != Post.OTHER:
            found[one.post] = str(one.cadre_id)
        elif one.post == Post.SECRETARY:
            found["secretary_name"] = one.name
    return found | {"other": [str(one.cadre_id) for one in present if one.post == Post.OTHER]}


class RemoveTermForm(Versioned):
    reason = forms.CharField(label="哪里登记错了", max_length=120, help_text="撤回后这一届不再显示，前一届恢复为现任。正常换届不用撤回，直接登记新一届。")


class PaperForm(PortalForm):
    done_on = forms.DateField(label="日期", widget=DateInput, help_text="请示、报告写上报的日期，批复写文件日期，选举写大会的日期。")
    document_no = forms.CharField(label="文号", max_length=60, required=False)
    files = FilesField(label="扫描件", accept=PAPERS, required=False)
    note = forms.CharField(label="说明", max_length=120, required=False)


class MemberForm(Versioned):
    standing = forms.ChoiceField(label="党员类别", choices=MemberStanding.choices, widget=Chips)
    health = forms.ChoiceField(label="参加活动", choices=[("", "未登记"), *HealthClass.choices], required=False, widget=Chips, help_text="行动不便、长期卧病的，送学上门。")
    group = forms.CharField(label="党小组", max_length=40, required=False)
    joined_on = forms.DateField(label="转入时间", required=False, widget=DateInput)
    floating_from = forms.DateField(label="外出起", required=False, widget=DateInput, help_text="外出居住、组织关系没有转走的填写。")
    floating_to = forms.CharField(label="外出去向", max_length=80, required=False)
    floating_contact = forms.CharField(label="联系人", max_length=60, required=False, help_text="支部里由谁保持联系。")
    contacted_on = forms.DateField(label="最近联系", required=False, widget=DateInput, help_text="电话、视频也算；太久没有联系会提示。")
    dues_base = forms.DecimalField(label="党费月基数（元）", max_digits=10, decimal_places=2, min_value=0, required=False)
    dues_rate = forms.DecimalField(
        label="党费比例（%）", max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False,
        help_text="不填按分档计算；支部决定减免的填减后的比例，免交填 0。",
    )  # fmt: skip
    note = forms.CharField(label="备注", max_length=200, required=False)

    sections = (
        ("党员", ("standing", "health", "group", "joined_on")),
        ("外出", ("floating_from", "floating_to", "floating_contact", "contacted_on")),
        ("党费", ("dues_base", "dues_rate")),
        ("", ("note",)),
    )

    def values(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class LeaveForm(Versioned):
    reason = forms.ChoiceField(label="离开原因", choices=[row for row in LeftReason.choices if row[0] != LeftReason.MERGED], widget=Chips)
    on = forms.DateField(label="离开时间", widget=DateInput)


class RuleForm(PortalForm):
    value = forms.DecimalField(label="数值", max_digits=10, decimal_places=2, min_value=0)
    basis = forms.ChoiceField(label="性质", choices=BranchRule._meta.get_field("basis").choices, widget=Chips, help_text="只有“规定”才会判为不合规定，其余只提示核对。")
    source = forms.CharField(label="依据", max_length=120, help_text="文件名称和文号。")
    valid_from = forms.DateField(label="启用日期", widget=DateInput, help_text="最早明天。")
