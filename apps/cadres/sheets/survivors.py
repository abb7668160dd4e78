"""遗属表: survivors of those whose death is on record."""

from apps.cadres.models import Standing, Survivor
from apps.cadres.sheets.cells import WordCell, YearCell
from apps.cadres.sheets.persons import WHOSE, PersonColumns, PersonKind
from apps.files.cells import NameCell, NumberCell, PhoneCell, SheetField, TextCell, YesNoCell, declared_only

_OF = ("遗属", "遗孀", "家属", "配偶", "未亡人")
OWN = dict.fromkeys(("name", "born_year", "phone", "own_id", "sex", "address"), ("relation", "name", "born_year", "own_id", "sex", "phone"))


def of_survivor(*what: str) -> str:
    return " ".join(f"{of}{one} {of}/{one}" for of in _OF for one in what)


@declared_only
class SurvivorSheet(PersonColumns):
    name = SheetField("name", "遗属姓名", NameCell(), required=True, aliases=f"姓名 遗属 遗孀 {of_survivor('姓名')}", example="李四", width=10)
    relation = SheetField(
        "relation", "与已故干部关系", WordCell("relation", 20), example="配偶",
        aliases=f"关系 称谓 与干部关系 与离休干部关系 与老干部关系 与逝者关系 与死者关系 与本人关系 {of_survivor('关系')}",
    )  # fmt: skip
    sex = SheetField(None, "遗属性别", TextCell(10), aliases=f"性别 {of_survivor('性别')}")
    own_id = SheetField(None, "遗属身份证号", TextCell(40), aliases=f"身份证号 身份证号码 公民身份号码 身份证 {of_survivor('身份证号', '身份证号码')}")
    born_year = SheetField("born_year", "出生年份", YearCell(), aliases=f"出生年 出生年月 出生日期 出生时间 {of_survivor('出生年月', '出生日期')}", example="1948")
    phone = SheetField("phone", "电话", PhoneCell(), aliases=f"联系电话 联系方式 手机 手机号码 {of_survivor('电话', '联系电话', '手机')}", width=14)
    address = SheetField("address", "居住地址", TextCell(200), aliases=f"地址 住址 家庭住址 现住址 家庭地址 {of_survivor('住址', '地址', '家庭住址')}", width=28)
    has_income = SheetField(
        "has_income", "有固定收入", YesNoCell(yes=("有固定收入",), no=("无固定收入", "没有固定收入")), aliases="固定收入 有无固定收入 是否有固定收入 收入情况"
    )
    monthly_subsidy = SheetField(
        "monthly_subsidy", "定期补助（元/月）", NumberCell(), aliases="定期补助 月补助 补助标准 每月补助 遗属补助 生活补助 定期补助金额 补助金额 月补助标准"
    )
    alive = SheetField("alive", "是否健在", YesNoCell(yes=("健在", "在世"), no=("去世", "已去世", "已故", "病故")), aliases="健在 在世情况 遗属是否健在")
    note = SheetField("note", "备注", TextCell(200), width=20)

    class Meta:
        model = Survivor
        import_id_fields = ("name",)


class Survivors(PersonKind):
    key, title, unit = "survivors", "遗属表", "人"
    resource = SurvivorSheet
    essential = (*PersonKind.essential, ("name",), ("relation", "address", "monthly_subsidy", "has_income", "phone", "born_year"))
    standings = (Standing.DECEASED,)
    natural = {"name": r"regexp_replace({}, '[\s·.]+', '', 'g')"}
    follows = WHOSE | OWN
    unused = PersonKind.unused | {"own_id", "sex"}
    not_in_template = unused
