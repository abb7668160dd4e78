"""Pages of aid: from the application to the receipt by the browser's forms, figures and lists, the register, the notice, who may see what."""

import io
import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.care import standards
from apps.care.models import AidBudget, AidStandard, HardshipCase
from apps.care.selectors.aid import papers
from apps.core.metrics import METRICS, Period, count
from apps.core.scope import system_scope
from tests.factories import aid as make
from tests.factories import duties


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def people(person):
    return make.staff(person)


@pytest.fixture
def who(places, people, today):
    with system_scope("test"):
        standards.load()
        make.budget(places["浔阳区"], people["leader"], year=today.year, day=today)
        make.budget(places["浔阳区"], people["leader"], year=2026, day=make.DAY) if today.year != 2026 else None
        return duties.cadre(places["浔阳区教育局"], "王德福")


@pytest.fixture
def case(who, people):
    """In public since ``make.DAY``: over long ago."""
    with system_scope("test"):
        return make.bring(make.draft(who, people), "published", people)


@pytest.fixture
def sign_in(client, people):
    def as_one(name):
        client.force_login(people[name])
        return client

    return as_one


def asked(**given):
    return {
        "once": str(uuid.uuid4()), "applicant": "self", "kind": "illness", "amount_asked": "4000", "reason": "住院自付八万元", "proofs": make.proof(), "submit": "1"
    } | given  # fmt: skip


def step(client, case, name, **given):
    return client.post(reverse("care:aid_step", args=[case.pk, name]), {"version": again(case).version} | given)


def again(case):
    with system_scope("test"):
        return make.after(case)


def test_from_the_application_to_the_receipt(sign_in, who, today):
    url = reverse("care:aid_apply") + f"?cadre={who.pk}"
    answer = sign_in("clerk").post(url, asked())
    with system_scope("test"):
        case = HardshipCase.objects.get()
        AidStandard.objects.update(publicity_days=1)
    assert (answer.status_code, case.state, case.year) == (302, "applied", today.year)
    assert step(sign_in("officer"), case, "review", note="情况属实").status_code == 302
    assert step(sign_in("officer"), case, "publish", days=1).status_code == 302
    with system_scope("test"):
        HardshipCase.objects.update(published_on=today - timedelta(days=1), publicity_ends_on=today - timedelta(days=1))
    text = sign_in("leader").get(reverse("care:aid_step", args=[case.pk, "approve"])).content.decode()
    assert "余额 10,000.00 元" in text
    assert step(sign_in("leader"), case, "approve", amount="3000").status_code == 302
    assert step(sign_in("clerk"), case, "pay", paid_on=today, pay_way="bank").status_code == 302
    assert step(sign_in("clerk"), case, "receipt", received_on=today, received_by="王德福", papers=make.proof("回执.pdf")).status_code == 302
    assert again(case).state == "receipted"
    text = sign_in("clerk").get(reverse("care:aid_case", args=[case.pk])).content.decode()
    for known in ("已办结", "情况属实", "回执.pdf", "诊断证明.pdf", "3,000.00 元", "住院自付八万元"):
        assert known in text
    person = sign_in("clerk").get(reverse("cadres:detail", args=[who.pk])).content.decode()
    assert "批准 3,000.00 元" in person


def test_a_draft_is_kept_and_changed_and_handed_in(sign_in, who):
    url = reverse("care:aid_apply") + f"?cadre={who.pk}"
    sign_in("clerk").post(url, {name: value for name, value in asked(proofs="").items() if name != "submit"})
    with system_scope("test"):
        case = HardshipCase.objects.get()
    assert case.state == "draft"
    edit = reverse("care:aid_edit", args=[case.pk])
    answer = sign_in("clerk").post(edit, asked(version=1, proofs=""))
    assert answer.status_code == 422
    assert "证明材料" in answer.content.decode()
    assert again(case).version == 1
    assert sign_in("clerk").post(edit, asked(version=1)).status_code == 302
    assert again(case).state == "applied"
    assert sign_in("clerk").get(edit).status_code == 403


def test_the_same_form_twice_is_one_application(sign_in, who):
    url, sent = reverse("care:aid_apply") + f"?cadre={who.pk}", asked()
    for _ in range(2):
        sent["proofs"] = make.proof()
        assert sign_in("clerk").post(url, sent).status_code == 302
    with system_scope("test"):
        case = HardshipCase.objects.get()
        assert papers(case).count() == 1


def test_pressing_a_step_twice_says_why_the_second_did_nothing(sign_in, case):
    for _ in range(2):
        answer = step(sign_in("leader"), case, "approve", amount="3000")
        assert answer.status_code == 302
    assert "不能批准" in sign_in("leader").get(reverse("care:aid_case", args=[case.pk])).content.decode()
    with system_scope("test"):
        assert AidBudget.objects.get(year=2026).spent == Decimal(3000)


def test_a_refusal_stands_at_its_field_and_keeps_the_words(sign_in, case):
    answer = step(sign_in("leader"), case, "approve", amount="9999", note="写了很久")
    assert answer.status_code == 422
    assert "不能超过申请的" in answer.content.decode()
    assert "写了很久" in answer.content.decode()
    assert step(sign_in("leader"), case, "refuse", note="").status_code == 422


def test_who_lacks_the_right_sees_what_it_waits_for(sign_in, case):
    text = sign_in("clerk").get(reverse("care:aid_case", args=[case.pk])).content.decode()
    assert "等待：领导审批" in text
    assert sign_in("clerk").get(reverse("care:aid_step", args=[case.pk, "approve"])).status_code == 403
    assert sign_in("leader").get(reverse("care:aid_step", args=[case.pk, "fly"])).status_code == 404
    assert "批准</a>" in sign_in("leader").get(reverse("care:aid_case", args=[case.pk])).content.decode()


def test_who_only_reads_sees_neither_need_nor_papers(client, case, person):
    client.force_login(person("浔阳区", Role.DATA_ADMIN))
    text = client.get(reverse("care:aid_case", args=[case.pk])).content.decode()
    assert "住院自付八万元" not in text
    assert "诊断证明" not in text
    with system_scope("test"):
        key = papers(case).get().key
    assert client.get(reverse("files:download", args=[key])).status_code == 403


def test_proofs_open_for_whoever_handles_the_case_and_no_neighbour(sign_in, client, case, person):
    with system_scope("test"):
        url = reverse("files:download", args=[papers(case).get().key])
    answer = sign_in("leader").get(url)
    assert b"".join(answer.streaming_content) == b"%PDF-1.4 proof"
    client.force_login(person("濂溪区", Role.LEADER))
    assert client.get(url).status_code == 404


def test_tabs_and_what_waits_for_me(sign_in, who, case, people):
    url = reverse("care:aid")
    for name, n in (("clerk", 0), ("officer", 0), ("leader", 1)):
        answer = sign_in(name).get(url + "?tab=mine")
        assert len(answer.context["page"].object_list) == n, name
    assert [tab["count"] for tab in answer.context["tabs"]] == [1, 1, 1, 0, 0, 0, 0, 0]
    assert "王德福" in sign_in("leader").get(url + "?tab=waiting&q=王德福").content.decode()
    assert "没有符合条件" in sign_in("leader").get(url + "?q=别人").content.decode()
    assert sign_in("leader").get(url, headers={"HX-Request": "true"}).templates[0].name == "care/_aid_table.html"


def test_a_list_costs_the_same_for_two_and_for_twenty(sign_in, who, people, django_assert_max_num_queries):
    with system_scope("test"):
        for n in range(20):
            make.bring(make.draft(duties.cadre(who.org, f"人{n}"), people), "applied", people)
    client = sign_in("officer")
    client.get(reverse("care:aid"))
    with django_assert_max_num_queries(26):
        assert len(client.get(reverse("care:aid")).context["page"].object_list) == 20


def test_figures_count_what_their_lists_show(sign_in, who, case, people, places, scope_of):
    with system_scope("test"):
        make.bring(make.draft(duties.cadre(who.org, "乙"), people), "paid", people)
        make.bring(make.draft(duties.cadre(who.org, "丙"), people), "applied", people)
        make.bring(make.draft(duties.cadre(who.org, "丁"), people), "withdrawn", people)
    path, org = places["浔阳区"].path, places["浔阳区"].pk
    year = Period(date(2026, 1, 1), date(2026, 12, 31), make.LATER)
    before = Period(date(2026, 3, 1), date(2026, 3, 1), make.LATER)
    wanted = {"aid_waiting": 2, "aid_granted": 1, "aid_unreceipted": 1, "aid_again": 0}
    with system_scope("test"):
        for period, numbers in ((year, wanted), (before, dict.fromkeys(wanted, 0))):
            found = count([METRICS[key] for key in wanted], path, period)
            assert {key: found[key][path] for key in wanted} == numbers
            assert {key: METRICS[key].rows(scope_of("浔阳区"), period).count() for key in wanted} == numbers
        shown = count([METRICS["aid_granted"]], path, Period.parse("2026", timezone.localdate()))["aid_granted"][path]
    answer = sign_in("officer").get(METRICS["aid_granted"].list_url(org, year))
    assert len(answer.context["page"].object_list) == shown == 1
    assert "困难帮扶已批准" in answer.content.decode()


def test_the_leaders_page_tells_of_it(sign_in, case):
    """The money of this year stands beside the quarter's cases."""
    text = sign_in("leader").get(reverse("dashboard")).content.decode()
    assert "困难帮扶办理中" in text
    assert "年预算余额" in text
    assert "10,000.00 元" in text


def test_the_register_leaves_without_what_somebody_is_in_need_of(sign_in, case, people):
    with system_scope("test"):
        make.step(case, "approve", people)
    client = sign_in("officer")
    url = reverse("care:aid_export") + "?year=2026&tab=granted"
    form = client.get(url)
    sent = {"columns": [key for key, _ in form.context["form"].fields["columns"].choices], "reason": "年度台账"}
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.post(url, sent).getvalue()))
    cells = [str(cell) for line in book.get_sheet_by_index(0).to_python() for cell in line]
    for known in ("王德福", "重大疾病", "4000.0", "3000.0", "浔阳区", "待发放"):
        assert known in cells, known
    assert not [cell for cell in cells if "自付" in cell]
    assert _audited("aid.exported")


def _audited(verb):
    with system_scope("test"):
        return AuditEvent.objects.filter(verb=verb).exists()


def test_the_notice_says_who_and_how_much_and_no_more(sign_in, case):
    text = sign_in("officer").get(reverse("care:aid_notice", args=[case.pk])).content.decode()
    for known in ("王德福", "重大疾病", "4,000.00", "3 月 2 日至 3 月 6 日", "浔阳区委老干部局"):
        assert known in text
    assert "自付" not in text
    assert "没有公示中的申请" in sign_in("officer").get(reverse("care:aid_notices")).content.decode()
    assert _audited("aid.printed")


def test_budgets_and_standards_are_edited_by_those_who_may(sign_in, client, who, person, places, today):
    money = reverse("care:aid_money")
    assert "10,000.00" in sign_in("clerk").get(money).content.decode()
    assert sign_in("clerk").get(reverse("care:aid_budget_add")).status_code == 403
    with system_scope("test"):
        held = AidBudget.objects.get(year=today.year)
    url = reverse("care:aid_budget", args=[held.pk])
    assert sign_in("leader").post(url, {"amount": "20000", "note": "追加", "version": held.version}).status_code == 302
    assert sign_in("leader").post(url, {"amount": "1", "note": "旧表单", "version": held.version}).status_code == 409
    taken = {"org": places["浔阳区"].pk, "year": today.year, "amount": "5"}
    assert "已登记过" in sign_in("leader").post(reverse("care:aid_budget_add"), taken).content.decode()
    rule = reverse("care:aid_standard", args=["illness"])
    assert sign_in("leader").get(rule).status_code == 403
    client.force_login(person("浔阳区", Role.DATA_ADMIN))
    sent = {"ceiling": "6000", "publicity_days": "0", "source": "浔老干〔2026〕3 号", "valid_from": today + timedelta(days=1)}
    assert client.post(rule, sent).status_code == 302
    text = client.get(money).content.decode()
    assert "浔老干〔2026〕3 号" in text
    assert "20,000.00" in text


def test_after_a_death_the_page_offers_the_survivor(sign_in, case, who, people, today):
    from apps.cadres.models import Survivor
    from apps.care.actions.aid_following import stop_cases

    with system_scope("test"):
        type(who).objects.filter(pk=who.pk).update(standing="deceased", deceased_on=today)
        widow = Survivor.objects.create(cadre=who, org=who.org, name="李秀英")
        stop_cases(cadre=who, note="本人去世，不再办理", by=people["officer"], now=timezone.now(), survivors=False)
    url = reverse("care:aid_case", args=[case.pk])
    assert "转为李秀英（配偶）的申请" in sign_in("clerk").get(url).content.decode()
    assert sign_in("clerk").post(reverse("care:aid_survivor", args=[case.pk]), {"survivor": "x"}).status_code == 302
    answer = sign_in("clerk").post(reverse("care:aid_survivor", args=[case.pk]), {"survivor": widow.pk})
    with system_scope("test"):
        hers = HardshipCase.objects.get(survivor=widow)
    assert answer.url == reverse("care:aid_edit", args=[hers.pk])
    assert "遗属申请" in sign_in("clerk").get(url).content.decode()
