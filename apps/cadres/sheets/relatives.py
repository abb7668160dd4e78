"""亲属表: members of the family. One row each, or one row per person with 称谓, 姓名 … packed alike into parallel cells."""

from apps.cadres.models import Relative, Standing
from apps.cadres.selectors import codebook
from apps.cadres.sheets.cells import WordCell, YearCell
from apps.cadres.sheets.persons import WHOSE, PersonColumns, PersonKind
from apps.files.cells import NameCell, NumberCell, PhoneCell, SheetField, TextCell, YesNoCell, declared_only

_OF = ("家属", "亲属", "家庭成员", "成员", "配偶", "子女", "亲人", "联系人")


def of_family(*what: str) -> str:
    return " ".join(f"{of}{one} {of}/{one}" for of in _OF for one in what)


FAMILY = dict.fromkeys(("name", "born_year", "work", "phone", "own_id", "sex"), ("relation", "name", "age", "born_year", "work", "own_id", "sex"))
"""Columns behind the name of a member of the family are theirs."""


@declared_only
class RelativeSheet(PersonColumns):
    relation = SheetField(
        "relation", "称谓", WordCell("relation", 20), required=True, lacking=True, example="配偶", width=8,
        aliases=f"关系 与本人关系 与干部关系 与老干部关系 与离退休干部关系 家庭关系 与老同志关系 {of_family('称谓', '关系', '与本人关系')}",
    )  # fmt: skip
    name = SheetField("name", "亲属姓名", NameCell(), required=True, aliases=f"姓名 家属 亲属 家庭成员 {of_family('姓名')}", example="李四", width=10)
    sex = SheetField(None, "亲属性别", TextCell(10), aliases=f"性别 {of_family('性别')}")
    own_id = SheetField(None, "亲属身份证号", TextCell(40), aliases=f"身份证号 身份证号码 公民身份号码 身份证 {of_family('身份证号', '身份证号码', '身份证')}")
    born_year = SheetField("born_year", "出生年份", YearCell(), aliases=f"出生年 出生年月 出生日期 出生时间 {of_family('出生年月', '出生日期', '出生年份')}", example="1948")
    age = SheetField(None, "年龄", NumberCell(0, 130, 0), aliases=f"岁数 {of_family('年龄')}", width=6)
    work = SheetField(
        "unit", "单位及职务", TextCell(120), width=24,
        aliases=f"工作单位及职务 工作单位 单位 职务 职业 {of_family('单位', '工作单位', '单位及职务', '工作单位及职务', '职业')}",
    )  # fmt: skip
    phone = SheetField("phone", "电话", PhoneCell(), aliases=f"联系电话 联系方式 手机 手机号 手机号码 {of_family('电话', '联系电话', '手机', '联系方式')}", width=14)
    lives_with = SheetField("lives_with", "同住", YesNoCell(yes=("同住",), no=("不同住",)), aliases="是否同住 与本人同住 是否与本人同住 共同居住")
    note = SheetField("note", "备注", TextCell(200), width=20)

    class Meta:
        model = Relative
        import_id_fields = ("relation", "name")


class Relatives(PersonKind):
    key, title, unit = "relatives", "亲属表", "人"
    resource = RelativeSheet
    essential = (*PersonKind.essential, ("name",), ("relation", "born_year", "age", "work", "phone", "lives_with"))
    standings = (Standing.ACTIVE, Standing.DECEASED)
    packed_by, packed = ("name", "relation"), ("born_year", "age", "work", "phone", "lives_with")
    follows = WHOSE | FAMILY
    unused = PersonKind.unused | {"own_id", "sex"}
    not_in_template = unused | {"age"}

    def natural_columns(self):
        """称谓 by its code (老伴 is 配偶) and the name without marks."""
        return {"relation": codebook().as_sql("relation"), "name": r"regexp_replace({}, '[\s·.]+', '', 'g')"}

    def complete(self, draft, work) -> None:
        """An age tells the year of birth of a new record: the same sheet a year later must change nothing."""
        age = draft.values.get("age")
        if age is not None and "born_year" not in draft.values:
            draft.fresh["born_year"] = work.today.year - int(age)
