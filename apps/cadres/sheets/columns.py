"""The roster's columns: what each is and what our own sheets call it. What offices call it stands in ``titles``."""

from apps.cadres import columns as stored
from apps.cadres.models import Cadre
from apps.cadres.sheets.cells import CodeCell, HealthCell, KindCell, RegionCell
from apps.cadres.sheets.titles import TITLES
from apps.files.cells import Cell, DateCell, IdCell, NameCell, PhoneCell, SheetField, SheetResource, TextCell, YesNoCell, declared_only


def column(name: str, title: str, cell: Cell, *, steers: bool = False, **more) -> SheetField:
    """A column that goes into the field ``name`` of ``Cadre``; with ``steers`` it only says where a row goes or what it means."""
    return SheetField(None if steers else name, title, cell, aliases=TITLES.get(name, ""), **more)


@declared_only
class RosterResource(SheetResource):
    """A registry sheet for ``import_data`` and exports; the import pipeline reads the same fields.

    Where a title fits two columns whose values can't decide, the one written first here has it.
    """

    number = column("number", "序号", TextCell(20), steers=True, example="示例", width=6)
    name = column("name", "姓名", NameCell(), required=True, example="张三", width=10)
    retire_kind = column("retire_kind", "离退休类型", KindCell(), required=True, lacking=True, example="退休", width=10)
    sex = column("sex", "性别", CodeCell("sex"), example="男", width=6)
    id_number = column("id_number", "身份证号", IdCell(), width=22)
    born_on = column("born_on", "出生日期", DateCell(), example="1945.08")
    ethnicity = column("ethnicity", "民族", CodeCell("ethnicity"), lacking=True, example="汉族", width=8)
    native_place = column("native_place", "籍贯", TextCell(60), example="江西九江")
    former_name = column("former_name", "曾用名", NameCell())
    marital = column("marital", "婚姻状况", CodeCell("marital"))
    education = column("education", "文化程度", CodeCell("education"))
    professional_title = column("professional_title", "职称", TextCell(60))
    political_status = column("political_status", "政治面貌", CodeCell("political_status"), example="中共党员")
    party_joined_on = column("party_joined_on", "入党时间", DateCell(), example="1970.07")
    party_branch = column("party_branch", "所在党支部", TextCell(80), width=20)
    party_post = column("party_post", "党内职务", TextCell(40))
    work_started_on = column("work_started_on", "参加工作时间", DateCell(), example="1965.03")
    revolution_started_on = column("revolution_started_on", "参加革命工作时间", DateCell())
    county = column("county", "县（市、区）", TextCell(80), steers=True)
    unit = column("unit", "现管单位", TextCell(120), steers=True, lacking=True, width=24)
    original_unit = column("original_unit", "原工作单位", TextCell(120), width=24, example="某某局")
    original_post = column("original_post", "原职务", TextCell(80))
    unit_nature = column("unit_nature", "单位性质", CodeCell("unit_nature"))
    personnel_kind = column("personnel_kind", "人员身份", CodeCell("personnel_kind"))
    rank = column("rank", "离退休时职级", CodeCell("rank"))
    honours = column("honours", "主要荣誉", TextCell(200))
    retired_on = column("retired_on", "离退休时间", DateCell(recent=True), example="2005.09")
    treatment_level = column("treatment_level", "现享受待遇级别", CodeCell("treatment_level"))
    medical_treatment = column("medical_treatment", "享受医疗待遇", CodeCell("medical_treatment"))
    residence_region = column("residence_region", "居住地区划", RegionCell())
    address = column("address", "居住地址", TextCell(200), width=28)
    living = column("living", "居住状况", CodeCell("living"))
    residence_kind = column("residence_kind", "居住地类型", CodeCell("residence_kind"))
    resettled = column("resettled", "易地安置", YesNoCell(yes=("异地安置", "易地安置", "异地居住"), no=("属地安置", "本地安置", "就地安置")))
    resettled_place = column("resettled_place", "安置地", TextCell(80))
    receiving_unit = column("receiving_unit", "接受安置单位", TextCell(80))
    phone = column("phone", "手机", PhoneCell(), width=14)
    landline_area = column("landline_area", "固话区号", TextCell(6), steers=True, width=8)
    landline = column("landline", "固定电话", PhoneCell(), width=14)
    emergency_name = column("emergency_name", "紧急联系人", NameCell())
    emergency_relation = column("emergency_relation", "与本人关系", TextCell(20))
    emergency_phone = column("emergency_phone", "紧急联系电话", PhoneCell(), width=14)
    health = column("health", "健康状况", HealthCell("health"))
    self_care = column("self_care", "自理能力", CodeCell("self_care"))
    illness = column("illness", "主要疾病", TextCell(200))
    hospital = column("hospital", "就近医院", TextCell(80))
    family_doctor = column("family_doctor", "家庭医生", TextCell(80))
    skills = column("skills", "特长", TextCell(120))
    hobbies = column("hobbies", "兴趣爱好", TextCell(120))
    counts_in_statistics = column("counts_in_statistics", "计入年报统计", YesNoCell())
    alive = column("alive", "是否在世", YesNoCell(yes=("健在", "在世"), no=("去世", "已去世", "已故", "病故", "逝世")), steers=True)
    deceased_on = column("deceased_on", "去世日期", DateCell(recent=True))
    note = column("note", "备注", TextCell(2000), width=24)

    class Meta:
        model = Cadre
        import_id_fields = ("id_number",)

    def before_save_instance(self, instance, row, **kwargs):
        """The columns that follow from others, for ``import_data``."""
        given = {name: getattr(instance, name) for name in (*stored.SEARCHED, "id_number", "phone", "emergency_phone")}
        for name, value in stored.prepare(given, instance).items():
            setattr(instance, name, value)
