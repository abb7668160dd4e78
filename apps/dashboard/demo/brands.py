"""一县一品 of the demo: the sixteen brands of 齐齐哈尔市 by their four lines, with a year of reports, three of them named; two of 九江市, so that the logins have
something to write, to read and to learn. Names and lines are public; every other word and figure is invented."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from apps.accounts.models import Organization, User
from apps.brands.actions import brands, practices, reports, reviews
from apps.brands.actions.brands import GoalRow, MonthRow
from apps.brands.models import Brand, ThemeLine
from apps.brands.selectors.brands import goals, planned
from apps.brands.selectors.reviews import barred, entries
from apps.brands.standards import WEIGHTS
from apps.core.calendar import Quarter, quarter_of
from apps.dashboard.demo.pictures import picture

P, S, R, I = ThemeLine.PROBLEM, ThemeLine.SERVICE, ThemeLine.ROLE, ThemeLine.INHERIT  # noqa: E741 - the four lines
QIQIHAR = (
    ("铁锋", "夕阳逐梦鹤乡红", P), ("富拉尔基", "夕阳照亮小区党建", P), ("拜泉", "四进讲堂", P), ("依安", "互联智慧诊疗", S), ("富裕", "三围绕三到户", S), ("龙江", "三走进", S),
    ("梅里斯", "人才工作体系", R), ("建华", "三个融入", R), ("讷河", "秋水银辉", R), ("克东", "五助力", R), ("克山", "三红", R), ("昂昂溪", "古城秀美银发同行", R),
    ("碾子山", "银耀山城", R), ("泰来", "文化养老", I), ("甘南", "老刘调解室", I), ("龙沙", "智慧养老", I),
)  # fmt: skip
"""County, brand, line: 3 / 3 / 7 / 3."""
NAMED, LATE, RETURNED, ASKING = ("依安", "讷河", "甘南"), ("克山",), ("泰来",), ("龙沙", "建华")
TEXTS = {
    P: ("老同志反映的难事没有人牵头，件件要跑几个部门。", "每月一次现场会，把难题列成清单，逐个认领、逐个销号。", "办结难题"),
    S: ("行动不便的老同志看病、办事要家属请假陪同。", "医疗、社保和社区三方上门，能在家里办的不出门。", "上门服务"),
    R: ("有经验、有威望的老同志想做事，找不到合适的岗位。", "建专长名册，按街道的需要派单，老同志自愿接单。", "志愿活动"),
    I: ("好传统散在各处，年轻人不知道。", "把故事和手艺整理成课，进学校、进社区。", "传承课堂"),
}
PRACTICES = {
    "依安": (
        "互联网门诊进老干部家",
        ("选三名责任医生，建一个群，老同志和家属都在群里", "每周二固定视频问诊，慢病开药由社区送到家", "每季由医院出一张健康变化单，交老干部局备案"),
    ),
    "讷河": ("银发专长派单", ("逐人登记专长和意愿，编成名册", "街道每月报需求，老干部局配对派单", "做完由用人单位评价，年底凭评价表扬")),
    "甘南": ("一间调解室，十位老同志", ("请威望高的老同志轮值，司法所派一名干部做记录", "小事当天调，难事约定日子再调，一事一档", "每季把常见纠纷写成提醒，印发到村")),
}


def set_up_brands(by: dict[str, User], *, today: date) -> int:
    """Returns how many. ``by``: path of a county or city → who works there."""
    made = 0
    city = Organization.objects.get(code="230200", valid_to=None)
    last = quarter_of(today).previous
    quarters = [last.previous.previous, last.previous, last]
    named = []
    for county, name, line in QIQIHAR:
        org = Organization.objects.filter(parent=city, name__startswith=county, valid_to=None).first()
        if org is None or org.path not in by:
            continue
        made += 1
        brand = _approved(org, name, line, by[org.path], by[city.path], quarters[0].first, made)
        _tick(brand, by[org.path], quarters[-1].first if county in LATE else today)
        for n, quarter in enumerate(quarters, 1):
            _report(brand, quarter, n, by[org.path], by[city.path], late=county in LATE and n == 2, accept=not (county in RETURNED and n == 3))
        if county in NAMED:
            named.append((county, _shortlisted(brand, by[org.path], by[city.path], quarters[-1].last + timedelta(days=8))))
        elif county in ASKING:
            brands.take_step(brand=brand, step="ask", by=by[org.path], today=today, now=_at(today))
    if named:
        _judged(city, [brand for _, brand in named], by, quarters[-1].last + timedelta(days=8))
        day = quarters[-1].last + timedelta(days=9)
        named = [(county, _named(brand, by[brand.org.path], by[city.path], day, n)) for n, (county, brand) in enumerate(named, 1)]
        _list(city, named, by, quarters[-1].last + timedelta(days=20), today)
    return made + _jiujiang(by, last, today)


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(10)))


def _write(org: Organization, name: str, line: str, officer: User, first: date, n: int) -> Brand:
    problem, carrier, goal = TEXTS[line]
    values = {
        "name": name, "line": line, "slogan": f"{name}，老有所为（演示）",
        "logo_meaning": "圆形是团圆，红色是初心。（演示）", "meaning": "老同志在身边，经验在手边，服务在门边。（演示）",
        "background": "全县离退休干部居住分散，高龄的多。（演示）",
        "problem": problem, "target_group": "全县离退休干部", "carrier": carrier, "effect": "一年见效，两年成制度。（演示）",
        "spread_plan": "先在一个社区试，成了再到全县。（演示）", "leader": "局长（演示）", "contact": f"演示联系人{n}", "people": "老干部局、社区、志愿者（演示）",
        "group": "组长：县委常委、组织部部长；办公室设在老干部局（演示）", "budget": "年度预算内安排", "media": "县融媒体中心报道两次。（演示）",
        "starts_on": first, "ends_on": first.replace(year=first.year + 2),
    }  # fmt: skip
    rows = [GoalRow(goal, "次", Decimal(0), Decimal(40 + n)), GoalRow("老同志满意率", "%", Decimal(80), Decimal(95))]
    quarter = quarter_of(first)
    months = [MonthRow(quarter.first, "摸清底数、定方案"), MonthRow(quarter.next.first, "试点开张"), MonthRow(quarter.next.next.first, "总结推开")]
    return brands.write_brand(org=org, values=values, goals=rows, months=months, by=officer, now=_at(first), logo=picture(name[:1], n))


def _approved(org: Organization, name: str, line: str, officer: User, above: User, first: date, n: int) -> Brand:
    brand, day = _write(org, name, line, officer, first, n), first + timedelta(days=9)
    for step, who in (("apply", officer), ("hear", above), ("approve", above)):
        brand = brands.take_step(brand=brand, step=step, by=who, today=day, now=_at(day))
    place = {"rung": "pilot", "place": f"{org.name}第一社区", "since": day, "people": 60 + n, "evidence": "试点方案（演示）"}
    brands.add_place(brand=brand, by=officer, today=day, **place)
    brands.add_meeting(brand=brand, held_on=day, subject="启动创建", decisions="定试点、定责任人、每季听一次进展。（演示）", by=officer, today=day)
    return brand


def _tick(brand: Brand, officer: User, day: date) -> None:
    """Months of the plan that were over by the day are done."""
    for step in planned(brand):
        if step.month < day:
            brands.tick_step(step=step, by=officer, today=day)


def _report(brand: Brand, quarter: Quarter, n: int, officer: User, above: User, late: bool, accept: bool) -> None:
    day = quarter.last + timedelta(days=16 if late else 5)
    values = {
        "planned": "走访摸底，办好试点。（演示）", "done": f"第{n}个季度办了{8 + n}场，老同志来得比上季多。（演示）", "problems": "场地偏小。（演示）" if n < 3 else "",
        "next_step": "扩大到第二个社区。（演示）", "activities": 8 + n, "participants": 150 + 40 * n, "beneficiaries": 60 + 15 * n,
    }  # fmt: skip
    first, second = goals(brand)
    figures = {first.pk: Decimal(12 * n), second.pk: Decimal(80 + 5 * n)}
    reports.write_report(brand=brand, quarter=quarter, values=values, figures=figures, by=officer, today=day)
    reports.take_report_step(brand=brand, quarter=quarter, step="submit", by=officer, today=day, now=_at(day))
    read = {"by": above, "today": day + timedelta(days=2), "now": _at(day + timedelta(days=2)), "brand": brand, "quarter": quarter}
    if accept:
        reports.take_report_step(step="accept", mark="good" if n > 1 else "fair", comments={"done": "有数字，好。"} if n == 2 else {}, **read)
    else:
        reports.take_report_step(step="return", note="满意率怎么来的请写明。", comments={"done": "请写调查了多少人、怎么问的。"}, **read)


def _shortlisted(brand: Brand, officer: User, above: User, day: date) -> Brand:
    for step, who in (("ask", officer), ("shortlist", above)):
        brand = brands.take_step(brand=brand, step=step, by=who, today=day, now=_at(day))
    return brand


def _judged(city: Organization, found: list[Brand], by: dict[str, User], day: date) -> None:
    """A showing before six judges, one of them of a county that takes part; five votes."""
    own = {brand.org.path for brand in found}
    people = [by[city.path], by[found[0].org.path]] + [user for path, user in by.items() if path.startswith(city.path) and path not in own and path != city.path][:4]
    made = reviews.open_round(org=city, title=f"{day.year} 年一县一品展评（演示）", brands=found, judges=people, weights=dict(WEIGHTS), by=by[city.path], today=day, now=_at(day))
    for entry in entries(made):
        start = _at(day) + timedelta(minutes=15 * entry.order)
        reviews.clock_entry(entry=entry, by=by[city.path], now=start)
        reviews.clock_entry(entry=entry, by=by[city.path], now=start + timedelta(seconds=430 + 25 * entry.order))
    for entry in entries(made):
        for n, user in enumerate(people):
            if not barred(user, entry.brand, day):
                for part in ("material", "stage"):
                    points = {one["key"]: max(0, one["points"] - (n + entry.order + len(one["key"])) % 4) for one in made.criteria[part]}
                    points |= {"time": 5} if part == "stage" else {}
                    words = {"comment": "做法实在，数字清楚。（演示）" if not n else "", "final": True, "today": day}
                    reviews.score_entry(entry=entry, user=user, part=part, points=points, **words)
    for n, (_, code) in enumerate(reviews.issue_codes(found=made, wanted={None: 5}, by=by[city.path])):
        reviews.vote(code=code, chosen=[entries(made)[(n * n) % len(found)].pk], address="demo")
    reviews.close_round(found=made, by=by[city.path], today=day)


def _named(brand: Brand, officer: User, above: User, day: date, n: int) -> Brand:
    for step, who in (("propose", above), ("publish", above)):
        brand = brands.take_step(brand=brand, step=step, by=who, today=day, now=_at(day))
    day = brand.public_to + timedelta(days=1)
    brand = brands.take_step(brand=brand, step="name", by=above, today=day, now=_at(day), document_no=f"齐老干〔{day.year}〕{n} 号（演示）", award="model" if n == 1 else "fine")
    brand = brands.take_step(brand=brand, step="spread", by=above, today=day, now=_at(day))
    place = {"rung": "own", "place": f"{brand.org.name}各街道", "since": day, "people": 300, "evidence": "推广通知（演示）"}
    brands.add_place(brand=brand, by=officer, today=day, **place)
    return brand


def _list(city: Organization, named: list[tuple[str, Brand]], by: dict[str, User], day: date, today: date) -> None:
    """A list of the three, issued; neighbours learn: one taken over, one adapted, one dropped, one running."""
    listed = practices.begin_list(org=city, title="第一批可复制的经验做法（演示）", by=by[city.path], today=day)
    made = []
    for county, brand in named:
        title, steps = PRACTICES[county]
        given = {"conditions": "一名专职干部、每年两万元。（演示）", "results": "半年内办件翻一番，满意率由 80 % 到 95 %。（演示）"}
        given |= {"contact": brand.contact, "fit_for": ["county", "community"]}
        made.append(practices.write_practice(listed=listed, brand=brand, title=title, steps=list(steps), by=by[city.path], **given))
    practices.issue_list(listed=listed, by=by[city.path], today=day, now=_at(day))
    learners = [one for one in Organization.objects.filter(parent=city, valid_to=None).order_by("path") if one.path in by and one.pk not in {brand.org_id for _, brand in named}]
    outcomes = (("adopted", "在两个街道用上了。（演示）"), ("adapted", "人手少，改为每月一次。（演示）"), ("dropped", "没有合适的场地。（演示）"), ("", ""))
    for n, (org, (state, outcome)) in enumerate(zip(learners[:8], outcomes * 2, strict=False)):
        practice = made[n % len(made)]
        practice.refresh_from_db()
        plan = practices.adopt(practice=practice, org=org, by=by[org.path], today=day + timedelta(days=6))
        practices.note_progress(plan=plan, text="到来源县看了一天。（演示）", by=by[org.path], now=_at(day + timedelta(days=12)), today=day + timedelta(days=12))
        if state and day + timedelta(days=20) <= today:
            practices.end_plan(plan=plan, state=state, outcome=outcome, by=by[org.path], today=day + timedelta(days=20))
    asked = practices.ask(practice=made[0], org=learners[0], text="视频问诊的费用谁出？", by=by[learners[0].path], today=day, now=_at(day))
    owner = named[0][1].org
    practices.answer(question=asked, org=owner, text="门诊费走医保，设备由卫健部门配。（演示）", by=by[owner.path], today=day, now=_at(day))


def _jiujiang(by: dict[str, User], last: Quarter, today: date) -> int:
    """浔阳区 is building one and owes the last quarter's report; 濂溪区 has applied."""
    city = Organization.objects.get(code="360400", valid_to=None)
    xunyang, lianxi = Organization.objects.get(code="360403", valid_to=None), Organization.objects.get(code="360402", valid_to=None)
    brand = _approved(xunyang, "银龄先锋站", R, by[xunyang.path], by[city.path], last.previous.first, 1)
    _tick(brand, by[xunyang.path], last.first)
    _report(brand, last.previous, 1, by[xunyang.path], by[city.path], late=False, accept=True)
    other = _write(lianxi, "庐山脚下故事会", I, by[lianxi.path], last.first, 2)
    brands.take_step(brand=other, step="apply", by=by[lianxi.path], today=today, now=_at(today))
    return 2
