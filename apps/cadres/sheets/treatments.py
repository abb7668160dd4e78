"""待遇表: treatments granted to a person, each with its paper and term."""

from apps.cadres.models import Treatment
from apps.cadres.sheets.cells import CodeCell
from apps.cadres.sheets.persons import PersonColumns, PersonKind
from apps.files.cells import DateCell, SheetField, TextCell, declared_only


@declared_only
class TreatmentSheet(PersonColumns):
    kind = SheetField("kind", "待遇类别", CodeCell("treatment_kind"), required=True, lacking=True, aliases="待遇类型 待遇种类 类别 类型 待遇性质")
    content = SheetField(
        "content", "待遇内容", TextCell(120), required=True, width=24, example="按副厅级报销医疗费",
        aliases="享受待遇 待遇 待遇名称 内容 享受待遇情况 待遇项目 待遇级别 享受何种待遇 现享受待遇",
    )  # fmt: skip
    approved_on = SheetField("approved_on", "批准时间", DateCell(recent=True), aliases="批准日期 审批时间 待遇批准时间 批准年月")
    document_no = SheetField("document_no", "批准文号", TextCell(60), aliases="文号 批准文件 待遇批准文号 依据文号 文件号 依据", width=20)
    starts_on = SheetField(
        "starts_on", "起", DateCell(recent=True), aliases="起始时间 开始时间 起始日期 享受时间 执行时间 起止时间/起 享受起始时间 享受期限/起 何时享受", example="2015.03"
    )
    ends_on = SheetField("ends_on", "止", DateCell(recent=True), aliases="终止时间 截止时间 结束时间 终止日期 起止时间/止 停止时间 享受期限/止")
    note = SheetField("note", "备注", TextCell(200), width=20)

    class Meta:
        model = Treatment
        import_id_fields = ("kind", "content")


class Treatments(PersonKind):
    """One treatment is told from another of its kind by content and by the month it began, if both tell it."""

    key, title, unit = "treatments", "待遇表", "项"
    resource = TreatmentSheet
    essential = (*PersonKind.essential, ("content",), ("kind", "approved_on", "document_no", "starts_on", "ends_on"))
    natural = {"kind": "{}", "content": r"regexp_replace({}, '\s+', '', 'g')", "starts_on": "left({}, 7)"}
    loose = frozenset({"starts_on"})
    in_order = (("starts_on", "ends_on"),)
    tab = "treatments"
