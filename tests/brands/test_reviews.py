"""展评: who may score what, blind and whole, by the clock; how points become a rank; the vote without a name."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connections
from django.urls import reverse
from docx import Document

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.brands.actions import reviews as actions
from apps.brands.documents import result_document
from apps.brands.models import JudgeScore, ReviewCode, ReviewRound, ReviewSlip
from apps.brands.selectors import reviews as selectors
from apps.brands.standards import MATERIAL, STAGE, WEIGHTS
from apps.core.refusal import Refused
from apps.core.scope import entered, system_scope
from tests.brands.conftest import TODAY, at

FULL = {one.key: one.points for one in MATERIAL}
SHOWN = {one.key: one.points for one in STAGE}


def refused(act, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as caught, system_scope("test"):
        act(*args, **kwargs)
    return caught.value


@pytest.fixture(autouse=True)
def no_tries(db):
    cache.clear()


def entry_of(found, name):
    with system_scope("test"):
        return next(one for one in selectors.entries(found) if one.brand.name == name)


def score(entry, user, part="material", points=None, final=True, comment=""):
    with system_scope("test"):
        return actions.score_entry(entry=entry, user=user, part=part, points=points or (FULL if part == "material" else SHOWN), comment=comment, final=final, today=TODAY)


def all_in(found, judges, lower=0):
    """Every judge hands in every sheet that is expected; ``lower`` points less for the second entry."""
    for n, entry in enumerate(_entries(found)):
        for user in judges:
            with system_scope("test"):
                back = selectors.barred(user, entry.brand, TODAY)
            if not back:
                score(entry, user, points=FULL | {"idea": 10 - lower * n})
                score(entry, user, "stage")


def _entries(found):
    with system_scope("test"):
        return selectors.entries(found)


def test_criteria_make_a_hundred_and_so_do_weights():
    assert (sum(FULL.values()), sum(SHOWN.values()), sum(WEIGHTS.values())) == (100, 100, 100)
    split = {group: sum(one.points for one in MATERIAL if one.group == group) for group in ("实效性", "创新性", "可操作性")}
    assert split == {"实效性": 50, "创新性": 25, "可操作性": 25}


def test_what_a_round_asks_for(opened, judges, approved, write):
    made = {"title": "x", "judges": judges}
    for change, field in (
        ({"title": " "}, "title"), ({"weights": {"material": 60, "stage": 30, "vote": 9}}, "vote"), ({"weights": {"material": 110, "stage": -20, "vote": 10}}, "vote"),
        ({"brands": []}, "brands"), ({"judges": judges[:2]}, "judges"), ({"judges": judges[:2] + [judges[4]]}, "judges"), ({"brands": [write(name="草稿")]}, "brands"),
    ):  # fmt: skip
        assert refused(opened, **made | change).field == field, change


def test_a_county_holds_no_showing_of_its_own_brand(opened, places, judges, person):
    own = person("浔阳区", Role.COUNTY_OFFICER, username="own")
    given = {"title": "x", "judges": judges, "brands": opened.brands[:1]}
    assert "创建单位任职" in refused(opened, by=own, org=places["浔阳区"], **given).sentence
    assert "创建单位任职" in refused(opened, by=own, **given).sentence
    assert "须由上级单位组织" in refused(opened, org=places["浔阳区"], **given).sentence
    assert "须由上级单位组织" in refused(opened, org=places["齐齐哈尔市"], **given).sentence


def test_an_old_result_names_nobody_who_was_sent_back(opened, shortlisted, step, judges, city):
    found = opened(weights={"material": 100, "stage": 0, "vote": 0})
    for entry in _entries(found):
        for user in judges:
            with system_scope("test"):
                back = selectors.barred(user, entry.brand, TODAY)
            if not back:
                score(entry, user)
    with system_scope("test"):
        actions.close_round(found=found, by=city, today=TODAY)
    brand = opened.brands[0]
    step(brand, "not_yet", note="再做一年")
    later = TODAY + timedelta(days=400)
    step(brand, "ask", by=brand.applied_by, day=later)
    step(brand, "shortlist", day=later)
    assert "还没有展评结果" in refused(step, brand, "propose", day=later).sentence


def test_the_own_county_is_barred_and_others_are_not_judges(opened, judges, person):
    found = opened()
    entry, other = entry_of(found, "银龄先锋站"), entry_of(found, "故事会")
    assert "回避" in refused(score, entry, judges[4]).sentence
    assert score(other, judges[4]).final
    assert score(entry, judges[6]).total == 100
    assert "不是这次展评的评委" in refused(score, entry, person("九江市", Role.LEADER)).sentence
    with system_scope("test"):
        assert len(selectors.expected(found, TODAY)) == 2 * (7 * 2 - 2)


def test_whole_points_within_bounds_and_handed_in_once(opened, judges):
    entry = entry_of(opened(), "银龄先锋站")
    for points, field in (({"idea": 11}, "idea"), ({"idea": -1}, "idea"), ({"idea": 9.5}, "idea"), ({"idea": None}, "idea")):
        assert refused(score, entry, judges[0], points=FULL | points).field == field
    kept = score(entry, judges[0], points={"idea": 9}, final=False)
    assert (kept.total, kept.final) == (9, False)
    score(entry, judges[0])
    assert "已经提交" in refused(score, entry, judges[0], final=False).sentence
    assert refused(score, entry, judges[0], part="vote").code == "part"


def test_over_time_costs_a_point_for_ten_seconds(opened, judges, city):
    entry = entry_of(opened(), "银龄先锋站")
    clock = {"entry": entry, "by": city}
    with system_scope("test"):
        actions.clock_entry(now=at(TODAY), **clock)
        entry = actions.clock_entry(now=at(TODAY) + timedelta(seconds=480 + 21), **clock)
        assert (entry.over, selectors.time_cap(entry, 10)) == (21, 7)
    assert "超时 21 秒，时间最多 7 分" in refused(score, entry, judges[0], "stage").sentence
    assert score(entry, judges[0], "stage", SHOWN | {"time": 7}).total == 97
    with system_scope("test"):
        assert actions.clock_entry(now=at(TODAY), **clock).ended_at is None


def test_means_leave_out_the_ends_above_five():
    assert selectors.mean([80, 90, 100, 70, 60]) == Decimal("80.00")
    assert selectors.mean([0, 80, 80, 80, 80, 100]) == Decimal("80.00")
    assert selectors.mean([90, 91, 91]) == Decimal("90.67")
    assert selectors.mean([]) is None


def test_votes_by_rank_and_equal_ones_share_it():
    assert selectors.by_votes({1: 9, 2: 5, 3: 5, 4: 0}) == {1: 100, 2: 98, 3: 98, 4: 94}


def test_nothing_closes_before_all_is_in(opened, judges, city):
    found = opened()
    entry = entry_of(found, "银龄先锋站")
    score(entry, judges[0])
    close = {"found": found, "by": city, "today": TODAY}
    sentence = refused(actions.close_round, **close).sentence
    assert sentence.startswith("还有 23 张没有提交：")
    all_scores(found, judges)
    assert refused(actions.close_round, **close).sentence == "还没有人投票。"


def all_scores(found, judges):
    for entry in _entries(found):
        for user in judges:
            for part in ("material", "stage"):
                with system_scope("test"):
                    skip = selectors.barred(user, entry.brand, TODAY) or JudgeScore.objects.filter(entry=entry, judge__user=user, part=part, final=True).exists()
                if not skip:
                    score(entry, user, part)


def test_from_scores_and_votes_to_a_rank(opened, judges, city):
    found = opened()
    all_in(found, judges, lower=4)
    first, second = _entries(found)
    with system_scope("test"):
        codes = [code for _, code in actions.issue_codes(found=found, wanted={None: 3}, by=city)]
    for code, chosen in zip(codes, ([second.pk], [second.pk], [first.pk, second.pk]), strict=True):
        actions.vote(code=code, chosen=chosen, address="1")
    with system_scope("test"):
        before = set(ReviewSlip.objects.values_list("pk", flat=True))
        actions.close_round(found=found, by=city, today=TODAY)
        after = list(ReviewSlip.objects.values_list("pk", flat=True))
        assert (len(after), before & set(after)) == (3, set())
        rows = selectors.results_kept(found)
        assert [(one.rank, one.entry.order, one.material, one.stage, one.votes, one.vote, one.total) for one in rows] == [
            (1, 1, 100, 100, 1, 98, Decimal("99.80")), (2, 2, 96, 100, 3, 100, Decimal("97.60")),
        ]  # fmt: skip
        assert not ReviewCode.objects.exists()
        found.refresh_from_db()
        content, name = result_document(found=found, results=rows, judges=["评委0"], today=TODAY, now=at(TODAY))
    document = Document(io.BytesIO(content))
    assert (name, document.tables[0].rows[1].cells[6].text, document.tables[1].rows[1].cells[0].text) == ("2026 年展评汇总表.docx", "99.8", "评委0")
    assert refused(score, first, judges[0]).code == "round_closed"


def test_equal_totals_share_a_rank(opened, judges):
    found = opened(weights={"material": 100, "stage": 0, "vote": 0})
    for entry in _entries(found):
        for user in judges[:4]:
            score(entry, user)
    with system_scope("test"):
        assert [one.rank for one in selectors.results(found)] == [1, 1]


def test_a_code_votes_once_not_for_the_own_county_and_leaves_no_trace(opened, places, city):
    found = opened()
    with system_scope("test"):
        (_, code), = actions.issue_codes(found=found, wanted={places["浔阳区"].pk: 1}, by=city)
    own, other = entry_of(found, "银龄先锋站"), entry_of(found, "故事会")
    _, offered = actions.choices_of(code=code, address="1")
    assert [one.pk for one in offered] == [other.pk]
    for chosen in ([], [own.pk], [other.pk, own.pk], [999]):
        assert refused(actions.vote, code=code, chosen=chosen, address="1").field == "chosen"
    actions.vote(code=f" {code[:5]}-{code[5:]} ", chosen=[other.pk], address="1")
    assert refused(actions.vote, code=code, chosen=[other.pk], address="1").code == "unknown_code"
    with system_scope("test"):
        (slip,) = ReviewSlip.objects.all()
        assert {field.name for field in ReviewSlip._meta.get_fields()} == {"id", "org", "org_path", "round", "choices"}
        assert slip.choices == [other.pk]
        assert not ReviewCode.objects.exists()
        assert not AuditEvent.objects.filter(verb__startswith="review.vote").exists()


@pytest.mark.django_db(transaction=True)
def test_a_code_pressed_six_times_votes_once(opened, city):
    found = opened()
    with system_scope("test"):
        (_, code), = actions.issue_codes(found=found, wanted={None: 1}, by=city)
    entry = _entries(found)[0]

    def press(_):
        try:
            actions.vote(code=code, chosen=[entry.pk], address="1")
            return "voted"
        except Refused:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(press, range(6))) == ["refused"] * 5 + ["voted"]
    with system_scope("test"):
        assert ReviewSlip.objects.count() == 1


def test_a_judge_from_a_county_reads_his_round_and_no_more(opened, judges, scope_of):
    found = opened()
    scope = scope_of("濂溪区")
    with entered(scope):
        assert not ReviewRound.objects.exists()
        desk = selectors.desk(judges[5], found.pk, TODAY)
        assert [back for entry, back, _ in desk.rows if entry.brand.name == "故事会"] == [True]
        other = next(entry for entry, back, _ in desk.rows if not back)
        assert selectors.material(other)["brand"].problem == "没岗位"
        assert [one.pk for one in selectors.rounds_judged(judges[5])] == [found.pk]


def test_pages_from_the_desk_to_the_result(opened, judges, client, city):
    found = opened()
    client.force_login(judges[0])
    assert "请您评审" in client.get(reverse("brands:judging")).content.decode()
    page = client.get(reverse("brands:judge_desk", args=[found.pk])).content.decode()
    assert "银龄先锋站" in page
    entry = entry_of(found, "银龄先锋站")
    sheet = reverse("brands:judge_sheet", args=[found.pk, entry.pk, "material"])
    assert "没岗位" in client.get(sheet).content.decode()
    assert client.post(sheet, FULL | {"idea": "", "final": "1"}).status_code == 422
    assert "还没有提交" in client.post(sheet, {"idea": "9", "final": "0"}, follow=True).content.decode()
    assert "已提交" in client.post(sheet, FULL | {"final": "1", "comment": "好"}, follow=True).content.decode()
    assert "不能再改" in client.get(sheet, follow=True).content.decode()
    client.force_login(judges[4])
    assert "回避" in client.get(sheet, follow=True).content.decode()
    client.force_login(city)
    here = reverse("brands:round", args=[found.pk])
    assert "共 4 张" in client.get(here).content.decode()
    assert client.get(reverse("brands:judge_desk", args=[found.pk])).status_code == 404
    all_scores(found, judges)
    slips = client.post(reverse("brands:round_codes", args=[found.pk]), {"others": 2})
    assert slips.headers["Cache-Control"] == "no-store"
    codes = [slip["code"].replace(" ", "") for slip in slips.context["slips"]]
    client.logout()
    vote = reverse("brand_vote")
    assert "没有这个号码" in client.post(vote, {"code": "1"}).content.decode()
    assert "银龄先锋站" in client.post(vote, {"code": codes[0]}).content.decode()
    assert client.post(vote, {"code": codes[0], "step": "1"}).status_code == 422
    assert "您的票已收到" in client.post(vote, {"code": codes[0], "step": "1", "chosen": [entry.pk]}, follow=True).content.decode()
    client.force_login(city)
    assert "已出结果" in client.post(reverse("brands:round_close", args=[found.pk]), follow=True).content.decode()
    assert "银龄先锋站" in client.get(here).content.decode()
    assert client.get(reverse("brands:round_docx", args=[found.pk])).status_code == 200


@pytest.mark.parametrize(
    ("ranks", "words"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], ["示范"] * 2 + ["优秀"] * 2 + [""] * 6), ([1, 1, 3, 4, 4, 6, 7, 8, 9, 10], ["示范"] * 2 + ["优秀", "待定", "待定"] + [""] * 5),
        ([1, 2, 2, 4, 5, 6, 7, 8, 9, 10], ["示范", "待定", "待定", "优秀"] + [""] * 6), ([1, 2], ["示范", ""]), ([1, 1], ["待定", "待定"]), ([], []),
    ],
)  # fmt: skip
def test_what_a_rank_suggests(ranks, words):
    assert selectors.suggested(ranks) == words
