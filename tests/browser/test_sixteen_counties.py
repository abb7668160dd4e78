"""一县一品 of a whole city: sixteen counties through a year of it, seven judges one of whom stands back from his own county, four names, a list, four that learn, and a
name that is lost again. Each form is fetched and sent by the browser as the page gives it, by whoever it belongs to; ``test_brand_year`` presses the buttons by hand. The
year is played in minutes: between the quarters, days are set back in the database."""

import base64
import io
import re
from decimal import Decimal

import pytest
from django.utils import timezone
from docx import Document
from PIL import Image

from apps.accounts.demo import DEMO_PASSWORD
from apps.core.calendar import quarter_of
from tests.browser.conftest import Visitor, manage

CITY, COUNTIES, JUDGES = "230200", [f"county{n:02}" for n in range(1, 17)], [f"judge{n}" for n in range(1, 8)]
LATE, RETURNED, AWAY = 3, 5, 6
"""Numbers of counties: whose second report is late, whose second is returned; of the judge who sits in the first county."""
PEOPLE = """
from django.utils import timezone
from apps.accounts.models import Membership, Organization, User
from apps.accounts.permissions import Role
from apps.core.scope import system_scope
with system_scope("browser test"):
    city = Organization.objects.get(code="230200", valid_to=None)
    counties = list(Organization.objects.filter(parent=city, level="county", valid_to=None).order_by("path"))
    assert len(counties) == 16
    seats = [(f"county{n:02}", org, Role.COUNTY_OFFICER) for n, org in enumerate(counties, 1)]
    seats += [("officer", city, Role.COUNTY_OFFICER), ("leader", city, Role.LEADER)]
    seats += [(f"judge{n}", city, Role.LEADER) for n in (1, 2, 3, 4, 5, 7)] + [("judge6", counties[0], Role.COUNTY_OFFICER)]
    for name, org, role in seats:
        user = User(username=name, display_name=f"{org.name} {name}", email=f"{name}@demo.invalid", is_demo=True, must_change_password=False, password_changed_at=timezone.now())
        user.set_password(PASSWORD)
        user.save()
        Membership.objects.create(user=user, org=org, role=role, starts_on=timezone.localdate().replace(month=1, day=1))
"""
BACK_TO_LAST_YEAR = """
from apps.brands.models import Brand
from apps.core.calendar import quarter_of
from apps.core.scope import system_scope
from django.utils import timezone
with system_scope("browser test"):
    first = quarter_of(timezone.localdate()).previous.previous.previous.first
    assert Brand.objects.filter(name__startswith="鹤乡", state="building").update(approved_on=first) == 16
"""
ON_TIME = """
from apps.brands.models import QuarterReport
from apps.core.scope import system_scope
with system_scope("browser test"):
    assert QuarterReport.objects.filter(brand__name__startswith="鹤乡", state="accepted").update(late=False) == 48
    assert QuarterReport.objects.filter(brand__name="鹤乡03", year=YEAR, quarter=QUARTER).update(late=True) == 1
"""
PUBLICITY_OVER = """
from datetime import timedelta
from django.utils import timezone
from apps.brands.models import Brand
from apps.core.scope import system_scope
with system_scope("browser test"):
    day = timezone.localdate()
    assert Brand.objects.filter(name__startswith="鹤乡", state="public").update(public_from=day - timedelta(days=9), public_to=day - timedelta(days=1)) == 4
"""
A_YEAR_LATER = """
from datetime import timedelta
from django.utils import timezone
from apps.brands.models import StudyPlan
from apps.core.scope import system_scope
with system_scope("browser test"):
    day = timezone.localdate() - timedelta(days=366)
    assert StudyPlan.objects.filter(practice__title__startswith="做法", state__in=("adopted", "adapted")).update(started_on=day, ended_on=day) == 3
"""
SEND = """async ([address, given, files, action]) => {
    const asked = await fetch(address);
    const page = new DOMParser().parseFromString(await asked.text(), "text/html");
    const names = [...Object.keys(given), ...Object.keys(files)];
    const form = [...page.querySelectorAll("form[method=post]")].find(one =>
        action ? one.getAttribute("action") === action : !one.getAttribute("action") && names.every(name => one.elements[name]));
    if (!form) return [asked.status, asked.url, "no such form on " + address + ": " + page.body.innerText];
    const data = new FormData(form);
    for (const [name, value] of Object.entries(given)) {
        data.delete(name);
        for (const one of [value].flat()) data.append(name, one);
    }
    for (const [name, [title, kind, content]] of Object.entries(files)) {
        data.append(name, new File([Uint8Array.from(atob(content), one => one.charCodeAt(0))], title, {type: kind}));
    }
    const answer = await fetch(action || address, {method: "POST", body: data});
    return [answer.status, answer.url, await answer.text()];
}"""


class City:
    """One window in which many people work, each with the cookies of the own sign-in."""

    def __init__(self, window: Visitor) -> None:
        self.window, self.context, self.cookies = window, window.context, {}
        window.go("/login/")

    def as_(self, username: str) -> None:
        self.context.clear_cookies()
        if username in self.cookies:
            self.context.add_cookies(self.cookies[username])
            return
        status, _, text = self._sent("/login/", {"username": username, "password": DEMO_PASSWORD})
        assert status == 200, text
        self.cookies[username] = self.context.cookies()

    def _sent(self, address: str, given: dict, files: dict | None = None, action: str = "") -> tuple[int, str, str]:
        return self.window.page.evaluate(SEND, [address, given, files or {}, action])

    def send(self, who: str, address: str, sentence: str, action: str = "", files: dict | None = None, **given) -> str:
        """The form of a page, filled and sent by ``who``; the page afterwards says ``sentence``. Returns where that is."""
        self.as_(who)
        status, url, text = self._sent(address, given, files, action)
        assert sentence in text, (who, address, status, re.sub(r"<[^>]+>|\\s+", " ", text)[-1500:])
        return url.removeprefix(self.window.base_url).split("#")[0]

    def step(self, who: str, brand: int, step: str, sentence: str, **given) -> None:
        self.send(who, f"/brands/{brand}/steps/{step}/", sentence, **given)

    def read(self, who: str, address: str) -> str:
        """What a page says to ``who``."""
        self.as_(who)
        return self.window.page.evaluate("async address => (await fetch(address)).text()", address)

    def open(self, who: str, address: str):
        self.as_(who)
        self.window.go(address)
        return self.window.page


def shell(portal, text: str, **values) -> None:
    head = "".join(f"{name} = {value!r}\n" for name, value in values.items())
    manage(portal.env, "shell", "-v0", "-c", head + text)


def logo() -> dict:
    out = io.BytesIO()
    Image.new("RGB", (120, 120), "#b3261e").save(out, "PNG")
    return {"logo": ("标识.png", "image/png", base64.b64encode(out.getvalue()).decode())}


@pytest.fixture
def city(visitor, portal) -> City:
    shell(portal, PEOPLE, PASSWORD=DEMO_PASSWORD)
    return City(visitor())


def propose(city: City, n: int) -> int:
    """A county's brand, written and put up. Returns its key."""
    words = {
        "name": f"鹤乡{n:02}", "line": ("problem", "service", "role", "inherit")[n % 4], "meaning": "身边事身边办。（演示）", "target_group": "全县离退休干部",
        "problem": "办一件事跑四个部门。（演示）", "carrier": "每月一次现场会。（演示）", "media": "县融媒体中心报道。（演示）",
        "gn_0": "办结难题", "gu_0": "件", "gs_0": "0", "gt_0": str(20 + n), "gn_1": "老同志满意率", "gu_1": "%", "gs_1": "80", "gt_1": "95", "mm_0": "2026-01", "mt_0": "摸清底数",
    }  # fmt: skip
    where = city.send(COUNTIES[n - 1], "/brands/add/", "已保存", files=logo(), **words)
    key = int(re.search(r"/brands/(\d+)/", where)[1])
    city.step(COUNTIES[n - 1], key, "apply", "已申报，等上级审核")
    return key


def hand_in(city: City, n: int, key: int, quarter, so_far: int) -> str:
    """A county's report on a quarter, written and handed in. Returns its address."""
    here = f"/brands/{key}/reports/{quarter.year}/{quarter.q}/"
    goals = re.findall(r'name="(goal_\d+)"', city.read(COUNTIES[n - 1], here + "edit/"))
    words = {"done": f"办了{6 + so_far}场。（演示）", "next_step": "推到第二个社区。（演示）", "activities": str(6 + so_far), "participants": "150", "beneficiaries": "60"}
    city.send(COUNTIES[n - 1], here + "edit/", "已保存，还没有报送", **words, **dict(zip(goals, (str(7 * so_far), str(80 + 5 * so_far)), strict=True)))
    city.send(COUNTIES[n - 1], here + "steps/submit/", "已报送，等审阅")
    return here


def judged_with(n: int, judge: int, most: int) -> int:
    """Points a judge gives the brand of county ``n`` for a criterion: the first four the more, the lower their number; the first judge is harsh, the second is kind."""
    less = min(n, 6) - 1 + {1: 2, 2: -1}.get(judge, 0)
    return max(0, min(most, most - less))


def test_sixteen_counties_through_a_year(city, portal, artifacts):
    last = quarter_of(timezone.localdate()).previous
    quarters = [last.previous.previous, last.previous, last]
    brands = {n: propose(city, n) for n in range(1, 17)}
    for n, key in brands.items():
        city.step("officer", key, "hear", "已列入立项评审")
        city.step("officer", key, "approve", "已立项")
        assert f"/brands/{key}/" not in city.read(COUNTIES[n % 16], "/brands/"), "a neighbour reads it"
    shell(portal, BACK_TO_LAST_YEAR)

    for so_far, quarter in enumerate(quarters, 1):
        for n, key in brands.items():
            here = hand_in(city, n, key, quarter, so_far)
            if so_far == 2 and n == RETURNED:
                city.send("officer", here + "review/", "已退回", step="return", comment_done="满意率怎么问的？", note="请补充。")
                assert "上级意见：满意率怎么问的？" in city.read(COUNTIES[n - 1], here + "edit/")
                hand_in(city, n, key, quarter, so_far)
            city.send("officer", here + "review/", "已接受，列入汇编", step="accept", mark="good")
    shell(portal, ON_TIME, YEAR=quarters[1].year, QUARTER=quarters[1].q)
    page = city.open("officer", f"/brands/reports/?quarter={quarters[1].year}Q{quarters[1].q}&state=late")
    page.get_by_role("link", name="鹤乡03").wait_for()
    with page.expect_download() as download:
        city.open("officer", f"/brands/reports/?quarter={last.year}Q{last.q}&state=accepted").get_by_role("button", name="汇编（Word）").click()
    download.value.save_as(artifacts / "十六县汇编.docx")
    text = "\n".join(one.text for one in Document(artifacts / "十六县汇编.docx").element.body.iter() if one.text)
    assert all(f"鹤乡{n:02}" in text for n in brands)

    assert "按时报送并接受的季度进展有 2 份" in city.read(COUNTIES[LATE - 1], f"/brands/{brands[LATE]}/steps/ask/")
    shown = {n: key for n, key in brands.items() if n != LATE}
    for n, key in shown.items():
        city.step(COUNTIES[n - 1], key, "ask", "已申请评审")
        city.step("officer", key, "shortlist", "初评已通过")
    rounded = hold_showing(city, shown, artifacts)
    names = name_four(city, portal, brands)
    learn(city, portal, brands, names, artifacts)

    for n in names[:3]:
        city.step("officer", brands[n], "keep", "复评结果已登记：保留")
    city.step("officer", brands[names[3]], "rectify", "已要求整改", note="停了半年")
    city.step("leader", brands[names[3]], "remove", "命名已撤销", note="整改不到位")
    assert "已撤销" in city.read(COUNTIES[names[3] - 1], f"/brands/{brands[names[3]]}/")
    board = city.open("leader", "/brands/?look=named")
    assert [board.get_by_role("link", name=f"鹤乡{n:02}").count() for n in names] == [1, 1, 1, 0]
    assert city.read(COUNTIES[0], rounded).count("鹤乡") == 0, "a county reads the city's round"


def hold_showing(city: City, shown: dict[int, int], artifacts) -> str:
    """Fifteen brands before seven judges; the result by the rules. Returns the address of the round."""
    page = city.open("officer", "/brands/rounds/add/")
    boxes = {name: [page.locator(f"[name={name}]").nth(n).get_attribute("value") for n in range(page.locator(f"[name={name}]").count())] for name in ("brands", "judges")}
    wanted = [one for one in boxes["brands"] if int(one) in shown.values()]
    judges = [page.get_by_label(re.compile(f"{name}（")).get_attribute("value") for name in JUDGES]
    assert len(wanted) == 15
    assert "评委至少 3 位" in _try(city, "/brands/rounds/add/", brands=wanted, judges=judges[:2])
    rounded = city.send("officer", "/brands/rounds/add/", "已开始，评委收到消息", brands=wanted, judges=judges)
    entries = {n: entry for n in shown for entry in [_entry(city, rounded, f"鹤乡{n:02}")]}
    desk = rounded.replace("/rounds/", "/judging/")
    assert city.read(JUDGES[AWAY - 1], desk).count("回避") == 1
    for n, entry in entries.items():
        city.send("officer", rounded, "计时开始", action=f"{rounded}entries/{entry}/clock/")
        city.send("officer", rounded, "展示结束", action=f"{rounded}entries/{entry}/clock/")
        for judge, name in enumerate(JUDGES, 1):
            if judge == AWAY and n == 1:
                assert "应当回避" in city.read(name, f"{desk}{entry}/material/")
                continue
            for part in ("material", "stage"):
                sheet = city.read(name, f"{desk}{entry}/{part}/")
                given = {key: str(judged_with(n, judge, int(most))) for key, most in re.findall(r'<input type="number" name="(\w+)"[^>]* max="(\d+)"', sheet)}
                assert not re.search(r'<input type="number"[^>]* value=', sheet), "somebody else's points"
                assert len(given) == (10 if part == "material" else 4), sheet
                city.send(name, f"{desk}{entry}/{part}/", "已提交。", final="1", **given)
        assert 'data-label="总分"' not in city.read("officer", rounded), "points before the result"
    page = city.open("officer", rounded)
    places = page.locator("[name^=place_]")
    page.locator("[name^=place_]").first.fill("1")
    page.fill("[name=others]", "1")
    assert places.count() == 15
    page.get_by_role("button", name="发号码").click()
    codes = [re.sub(r"\D", "", text) for text in page.locator(".slip-code").all_inner_texts()]
    assert len(codes) == 2
    offered = []
    for code in codes:
        city.context.clear_cookies()
        choices = re.findall(r'name="chosen" value="(\d+)"', city.window.page.evaluate(VOTE, [code, None]))
        offered.append(len(choices))
        assert "您的票已收到" in city.window.page.evaluate(VOTE, [code, str(entries[1]) if str(entries[1]) in choices else choices[0]])
    assert offered == [14, 15], "the own county's brand is not to be chosen"
    city.send("officer", rounded, "已出结果", action=f"{rounded}close/")
    page = city.open("officer", rounded)
    ranks = [page.locator("table.cards tbody tr").nth(n).inner_text() for n in range(4)]
    assert [re.search(r"鹤乡(\d+)", row)[1] for row in ranks] == ["01", "02", "04", "05"], ranks
    assert _mean(page, 0) == Decimal(100)
    assert _mean(page, 1) == Decimal(90)
    page.screenshot(path=artifacts / "pages" / "sixteen-round.png", full_page=True)
    with page.expect_download() as download:
        page.get_by_role("link", name="汇总表（Word）").click()
    download.value.save_as(artifacts / "十六县汇总表.docx")
    return rounded


VOTE = """async ([code, chosen]) => {
    const first = await (await fetch("/brand-vote/")).text();
    const data = new FormData(new DOMParser().parseFromString(first, "text/html").querySelector("form[method=post]"));
    data.set("code", code);
    if (chosen) { data.set("step", "choose"); data.append("chosen", chosen); }
    return (await fetch("/brand-vote/", {method: "POST", body: data})).text();
}"""


def _try(city: City, address: str, **given) -> str:
    city.as_("officer")
    return city._sent(address, given)[2]


def _entry(city: City, rounded: str, name: str) -> int:
    """Key of a brand in the round: its clock stands beside its name."""
    text = city.read("officer", rounded)
    return int(re.search(rf"{name}</strong>.*?/entries/(\d+)/clock/", text, re.DOTALL)[1])


def _mean(page, row: int) -> Decimal:
    return Decimal(page.locator("table.cards tbody tr").nth(row).locator("[data-label=材料]").inner_text().strip())


def name_four(city: City, portal, brands: dict[int, int]) -> list[int]:
    """The first four of the result: proposed, made public, named by the leader, spreading. Returns their counties' numbers."""
    first = [1, 2, 4, 5]
    for n in first:
        city.step("leader", brands[n], "propose", "已拟命名")
        city.step("officer", brands[n], "publish", "公示已开始")
    announced = city.read(COUNTIES[15], "/brands/")
    assert all(f"鹤乡{n:02}" in announced for n in first), "公示 is told to every county"
    assert "第二天起才能命名" in city.read("leader", f"/brands/{brands[1]}/steps/name/")
    shell(portal, PUBLICITY_OVER)
    for n in first:
        city.step("leader", brands[n], "name", "已命名", award="model" if n == 1 else "fine", document_no=f"齐老干〔2026〕{n} 号（演示）")
        city.step("officer", brands[n], "spread", "已进入推广")
    return first


def learn(city: City, portal, brands: dict[int, int], names: list[int], artifacts) -> None:
    """A list of four practices; four counties learn one each: taken over, taken over, adapted, dropped; what still works a year later."""
    listed = city.send("officer", "/brands/practices/lists/add/", "已新建，接着写做法", title="第一批（十六县）")
    for n in names:
        words = {"title": f"做法{n:02}", "step1": "登记", "step2": "派单", "step3": "评价", "conditions": "一人", "results": "翻一番", "contact": "演示"}
        city.send("officer", listed + "add/", "已保存", brand=str(brands[n]), **words)
    city.send("officer", listed, "已印发，各县区收到消息", action=f"{listed}issue/")
    found = dict(re.findall(r'/brands/practices/(\d+)/">\d+\. (做法\d+)', city.read(COUNTIES[9], listed)))
    practices = {name: key for key, name in found.items()}
    assert sorted(practices) == [f"做法{n:02}" for n in names]
    plans = {}
    for learner, n, state in zip((9, 10, 11, 12), names, ("adopted", "adopted", "adapted", "dropped"), strict=True):
        who, here = COUNTIES[learner - 1], f"/brands/practices/{practices[f'做法{n:02}']}/"
        assert f"/brands/{brands[n]}/show/" in city.read(who, here)
        assert f"鹤乡{n:02}" in city.read(who, f"/brands/{brands[n]}/show/")
        plan = city.send(who, here, "请改阶段和责任人", action=f"{here}adopt/").removesuffix("edit/")
        city.send(who, plan + "edit/", "已保存", why="一样的难处。（演示）", person="演示")
        city.send(who, plan + "end/", "结果已登记", state=state, outcome="在两个社区试过。（演示）")
        plans[learner] = plan
    shell(portal, A_YEAR_LATER)
    city.send("officer", plans[9] + "check/", "回访已登记", still_works="yes", note="天天有人来。（演示）")
    city.send("officer", plans[10] + "check/", "回访已登记", still_works="no", note="换了人就停了。（演示）")
    page = city.open("officer", "/brands/plans/learned/")
    page.locator(".matrix").first.wait_for()
    page.screenshot(path=artifacts / "pages" / "sixteen-learned.png", full_page=True)
    assert page.locator(".matrix td.has").count() >= 4
