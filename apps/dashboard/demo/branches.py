"""Party branches of the demo: a dozen, sound ones and one with each kind of finding."""

from datetime import date, timedelta

from django.utils import timezone

from apps.accounts.models import Organization, User
from apps.branches.actions.branches import save_area, set_up_branch
from apps.branches.actions.committees import Holder, save_committee
from apps.branches.actions.members import change_member, join_many
from apps.branches.models import Area, Branch, PartyMember
from apps.branches.selectors.members import candidates
from apps.branches.standards import load
from apps.core.scope import Scope
from apps.dashboard.demo.life import hold_activities
from apps.dashboard.demo.naming import name_branches
from apps.dashboard.demo.pledges import set_up_pledges
from apps.dashboard.demo.supervision import inspect

NO_AREA = {"superior": "", "area": None, "founded_on": None, "approval_no": "", "meeting_place": "", "fixed_day": None, "adviser": "", "code": ""}
FULL = ("secretary", "organisation", "publicity", "discipline")
UNITS = (
    ("教育体育局", "第一党支部", 8, FULL, 500, {}),
    ("教育体育局", "第二党支部", 7, ("secretary", "deputy", "other"), 160, {}),
    ("卫生健康委员会", "党支部", 8, FULL, 24, {}),
    ("农业农村局", "党支部", 8, FULL, -40, {}),
    ("公安局", "党支部", 4, (), 0, {}),
    ("水利局", "党支部", 2, ("secretary",), 700, {}),
    ("机关事务服务中心", "党支部", 8, ("secretary", "organisation"), 600, {"eligible": 8, "present": 6, "seats": 3, "candidates": 3}),
)
"""(office, name, members, posts, days until the term ends, election)."""


def set_up_branches(by: dict[str, User], *, today: date) -> int:
    """Returns how many. ``by``: path of a county → who works there."""
    load()
    county = Organization.objects.get(code="360403", valid_to=None)
    officer, scope = by[county.path], Scope((county.path,))
    area = save_area(scope=scope, org=county, by=officer, name="城中片区", head="周建国（演示）", deputy="", note="共用区老干部活动中心")
    made = [_unit(county, scope, officer, area, today, *row) for row in UNITS]
    made.append(_joint(county, scope, officer, today))
    made += [_beside(county, scope, officer, today, kind, name) for kind, name in (("functional", "老年大学书画班功能型党支部"), ("floating", "浔阳区驻海南流动党员党支部"))]
    for code in ("360402", "360400"):
        made.append(_elsewhere(code, by, today))
    set_up_pledges(officer, made[0], made[2], today=today, now=timezone.now())
    secretary, now = User.objects.get(username="demo_secretary"), timezone.now()
    hold_activities(officer, secretary, made[0], made[2], today=today, now=now)
    name_branches(officer, secretary, User.objects.get(username="demo_leader"), made[0], made[2], scope=scope, today=today, now=now)
    inspect(officer, secretary, made[0], made[3], today=today, now=now)
    return len(made)


def _make(scope: Scope, officer: User, today: date, org: Organization, hosts: list[Organization], **values) -> Branch:
    return set_up_branch(scope=scope, org=org, hosts=hosts, by=officer, today=today, **(NO_AREA | {"kind": "branch", "superior": f"{org.name}机关党委"} | values))


def _fill(branch: Branch, scope: Scope, officer: User, today: date, size: int) -> list[PartyMember]:
    keys = list(candidates(scope, branch).values_list("pk", flat=True)[:size])
    return join_many(scope=scope, branch=branch, cadres=keys, by=officer, today=today).members if keys else []


def _elect(branch: Branch, members: list[PartyMember], posts: tuple[str, ...], left: int, officer: User, today: date, **facts) -> None:
    ends = today + timedelta(days=left)
    holders = [Holder(post, members[n].cadre_id) for n, post in enumerate(posts)]
    save_committee(branch=branch, holders=holders, by=officer, today=today, starts_on=ends - timedelta(days=1095), ends_on=ends, elected_on=ends - timedelta(days=1095), **facts)


def _unit(county, scope, officer, area: Area, today: date, office: str, name: str, size: int, posts: tuple, left: int, facts: dict) -> Branch:
    org = Organization.objects.get(parent=county, name=f"{county.name}{office}")
    branch = _make(scope, officer, today, org, [org], name=f"{office}离退休干部{name}", area=area, meeting_place="区老干部活动中心", fixed_day=10)
    members = _fill(branch, scope, officer, today, size)
    for n, one in enumerate(members):
        base = {"dues_base": 4200 + n * 350, "group": "第一党小组" if n < size // 2 else "第二党小组"} if size > 6 else {"dues_base": 4800}
        change_member(member=one, by=officer, today=today, health=("able", "able", "limited", "able", "bedridden")[n % 5], **base)
    if posts and len(members) >= len(posts):
        _elect(branch, members, posts, left, officer, today, **facts)
    return branch


def _joint(county, scope, officer, today: date) -> Branch:
    """Over six units, and with more members than a branch usually has; two live elsewhere, one of them without contact."""
    units = list(Organization.objects.filter(parent=county, level="unit", name__startswith=county.name).order_by("pk")[:6])
    branch = _make(scope, officer, today, county, units, name="区直离退休干部联合党支部", kind="joint", fixed_day=25)
    members = _fill(branch, scope, officer, today, 53)
    for one, contact in zip(members[:2], ("支部书记", ""), strict=False):
        away = today - timedelta(days=230)
        PartyMember.objects.filter(pk=one.pk).update(joined_on=away)
        change_member(member=one, by=officer, today=today, floating_from=away, floating_to="海南三亚", floating_contact=contact)
    if len(members) > 4:
        _elect(branch, members, (*FULL, "deputy"), 420, officer, today, eligible=50, present=40)
    return branch


def _beside(county, scope, officer, today: date, kind: str, name: str) -> Branch:
    branch = _make(scope, officer, today, county, [], name=name, kind=kind)
    members = _fill(branch, scope, officer, today, 6)
    if members and kind == "functional":
        _elect(branch, members, ("secretary",), 300, officer, today)
    return branch


def _elsewhere(code: str, by: dict[str, User], today: date) -> Branch:
    place = Organization.objects.get(code=code, valid_to=None)
    officer, scope = by.get(place.path) or User.objects.get(username="demo_county"), Scope((place.path,))
    org = Organization.objects.filter(parent=place, level="unit").order_by("pk").first()
    branch = _make(scope, officer, today, org, [org], name=f"{org.name}离退休干部党支部")
    members = _fill(branch, scope, officer, today, 9)
    if len(members) >= len(FULL):
        _elect(branch, members, FULL, 800, officer, today)
    return branch
