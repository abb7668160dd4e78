"""One workbook of each kind as offices send them: headline, 填报单位, two-row titles, merged persons, totals, signatures, foreign columns."""

import pytest

from apps.accounts.permissions import Role
from apps.cadres import standards as registry_standards
from apps.cadres.models import Relative, Standing, Treatment
from apps.care import standards as care_standards
from apps.care.models import Visit
from apps.core.scope import Scope, entered, system_scope
from apps.files import actions
from apps.files.actions import start_undo, undo_batch
from apps.files.models import BatchState
from tests.cadres.kinds_kit import read
from tests.cadres.sheets_kit import NOW, TODAY, applied, looked_at
from tests.factories import registry
from tests.import_corpus.books import xlsx

SIGNED = ["填表人：张三", None, None, "审核人：李四", None, "填报日期：2026年10月8日"]


@pytest.fixture(autouse=True)
def codes(db):
    registry_standards.load()
    care_standards.load()


@pytest.fixture
def clerk(person):
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture
def county(places):
    return places["浔阳区"]


@pytest.fixture
def people(places, clerk, inside):
    """王德福 alive, 赵远 dead, both of 浔阳区教育局."""
    with inside("浔阳区"):
        wang, zhao = (
            registry.register(places["浔阳区教育局"], clerk, name=name, id_number=registry.number(seq=seq), original_unit="区教育局") for name, seq in (("王德福", 1), ("赵远", 3))
        )
        type(zhao).objects.filter(pk=zhao.pk).update(standing=Standing.DECEASED, deceased_on="2020-03-05")
    return wang, zhao


def taken_back(outcome, by):
    with entered(Scope((outcome.batch.org.path,))):
        start_undo(batch=outcome.batch, by=by, today=TODAY)
    undo_batch(batch_id=outcome.batch.pk, now=NOW)
    return looked_at(outcome.batch)


def count(model) -> int:
    with system_scope("test"):
        return model.objects.count()


def test_relatives(tmp_path, county, clerk, people):
    wang, _ = people
    rows = [
        ["离退休干部家庭成员情况登记表", *[None] * 8], ["填报单位：浔阳区委老干部局", None, None, None, None, "2026年10月"],
        ["序号", "离退休干部", None, None, "家庭成员", None, None, None, "备 注"], [None, "姓 名", "出生年月", "身份证号码", "称谓", "姓名", "出生年月", "联系电话", None],
        [1, "王 德 福", "1940.05", wang.id_number, "老伴", "李　梅", "1948.5", 12012345678.0, "糖尿病"], [None, None, None, None, "长子", "王强", "1975年", "0792-8123456", None],
        ["合计", None, None, None, None, "2人"], SIGNED,
    ]  # fmt: skip
    merged = ("A1:I1", "B3:D3", "E3:H3", "A3:A4", "I3:I4", "A5:A6", "B5:B6", "C5:C6", "D5:D6")
    outcome = read("relatives", xlsx(tmp_path / "家属.xlsx", ("家庭成员", rows), merged={"家庭成员": merged}), county, clerk)
    assert (outcome.tally, outcome.problems) == ((2, 0, 0, 0), [])
    done = applied(outcome, clerk)
    with system_scope("test"):
        found = list(Relative.objects.order_by("pk").values_list("cadre_id", "relation", "name", "born_year", "phone_masked"))
    assert found == [(wang.pk, "老伴", "李梅", 1948, "120****5678"), (wang.pk, "长子", "王强", 1975, found[1][4])]
    assert taken_back(done, clerk).batch.state == BatchState.UNDONE
    assert count(Relative) == 0


def test_survivors(tmp_path, county, clerk, people):
    rows = [
        ["2026年离休干部无固定收入遗属花名册"], ["单位：浔阳区", None, None, None, None, None, None, "单位：元"],
        ["序号", "遗属姓名", "性别", "出生年月", "与离休干部关系", "离休干部姓名", "原工作单位及职务", "去世时间", "现住址", "月补助标准", "联系电话", "备注"],
        [1, "孙桂英", "女", "1932.06", "遗孀", "赵 远", "区教育局 科员", "2020.03", "某路 8 号", "1,650", "12012340000", None],
        ["小计", None, None, None, None, None, None, None, None, 1650],
        ["注：补助标准按赣组发〔2011〕文件执行。"],
    ]  # fmt: skip
    outcome = read("survivors", xlsx(tmp_path / "遗属.xlsx", ("Sheet1", rows)), county, clerk)
    assert (outcome.tally, outcome.errors) == ((1, 0, 0, 0), set()), outcome.problems
    assert {one["title"] for one in outcome.problems if one["code"] == "column_unused"} == {"性别"}


def test_treatments(tmp_path, county, clerk, people):
    wang, _ = people
    rows = [
        ["离退休干部享受待遇情况表"], ["序号", "姓名", "性别", "身份证号", "工作单位", "待遇类别", "享受待遇", "批准时间", "批准文号", "起止时间", None, "备注"],
        [None, None, None, None, None, None, None, None, None, "起", "止", None],
        [1, "王德福", "男", wang.id_number, "区教育局", "医疗", "按副厅级报销医疗费", "2001年3月", "赣组字〔2001〕12号", "2001.3", None, None],
        [2, "王德福", "男", wang.id_number, "区教育局", "护理费", "每月 600 元", None, None, "2018-01-01", "2020-12-31", None], SIGNED,
    ]  # fmt: skip
    outcome = read("treatments", xlsx(tmp_path / "待遇.xlsx", ("待遇", rows), merged={"待遇": ("J2:K2",)}), county, clerk)
    assert (outcome.tally, outcome.errors) == ((2, 0, 0, 0), set()), outcome.problems
    done = applied(outcome, clerk)
    assert count(Treatment) == 2
    with system_scope("test"):
        kept = Treatment.objects.get(kind="nursing")
        kept.note, kept.version = "后来改的", 2
        kept.save()
    assert taken_back(done, clerk).batch.undone_counts["removed"] == 1
    assert count(Treatment) == 1


def test_changes(tmp_path, county, clerk, people):
    wang, _ = people
    rows = [
        ["2026年第三季度离退休干部增减变动情况统计表"], ["填报单位（盖章）：浔阳区委老干部局", None, None, "填报日期：2026.10.8"],
        ["序号", "姓名", "性别", "单位", "增减原因", "变动时间", "备注"], [1, "王德福", "男", "区教育局", "因病去世", "2026年9月1日", "肺炎"], ["合计", 1], SIGNED,
    ]  # fmt: skip
    outcome = read("changes", xlsx(tmp_path / "变动.xlsx", ("三季度", rows)), county, clerk)
    assert (outcome.tally, outcome.errors) == ((1, 0, 0, 0), set()), outcome.problems
    done = applied(outcome, clerk)
    assert done.tally == (1, 0, 0, 0)
    assert "不能整批撤销" in actions.reason_against_undoing(done.batch, clerk, TODAY)


def test_visits(tmp_path, county, clerk, people):
    wang, _ = people
    rows = [
        ["走访慰问离退休干部情况记录表"],
        ["序号", "慰问对象", "原单位", "慰问时间", "类型", "慰问方式", "慰问人员", "陪同人员", "慰问品（金）", "老同志反馈信息", "意见建议", "备注"],
        [1, "王德福", "区教育局", "2026.9.28", "重阳节慰问", "上门", "张局长", "王科长、小李", "慰问金500元", "身体尚好，思路清晰", "希望多组织活动", "已转活动中心"],
        [2, "赵远", "区教育局", "2019.10.7", "生病住院", "医院", "张局长", None, "水果", "术后恢复中", None, None], ["共计", None, None, None, None, None, None, None, "500元"],
    ]  # fmt: skip
    outcome = read("visits", xlsx(tmp_path / "走访.xlsx", ("走访", rows)), county, clerk)
    assert (outcome.tally, outcome.errors) == ((2, 0, 0, 0), set()), outcome.problems
    done = applied(outcome, clerk)
    assert count(Visit) == 2
    undone = taken_back(done, clerk)
    assert (undone.batch.state, count(Visit)) == (BatchState.UNDONE, 0), undone.batch.error
