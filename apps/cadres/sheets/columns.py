"""The roster's columns: what each is, and the titles offices give it."""

from import_export import resources

from apps.cadres import columns as stored
from apps.cadres.models import Cadre
from apps.cadres.sheets.cells import CodeCell, HealthCell, KindCell, RegionCell
from apps.files.cells import DateCell, IdCell, NameCell, PhoneCell, SheetField, TextCell, YesNoCell, declared_only


@declared_only
class RosterResource(resources.ModelResource):
    """A registry sheet for ``import_data`` and exports; the import pipeline reads the same fields."""

    number = SheetField(None, "序号", TextCell(20), aliases="序 编号 NO No. 行号", example="示例", width=6)
    name = SheetField(
        "name",
        "姓名",
        NameCell(),
        required=True,
        example="张三",
        width=10,
        aliases="名字 姓名全称 干部姓名 老干部姓名 老同志姓名 离退休干部姓名 离休干部姓名 退休干部姓名 人员姓名 本人姓名 本人/姓名 基本情况/姓名 基本信息/姓名",
    )
    retire_kind = SheetField(
        "retire_kind",
        "离退休类型",
        KindCell(),
        required=True,
        lacking=True,
        example="退休",
        width=10,
        aliases="kind 离退休类别 离退休种类 离退休性质 退休性质 离退类别 离退类型 离/退休 离退休 离休退休 离休或退休 离休/退休 离退休情况 退休类型 退休类别 干部类型 干部类别 人员类型 人员类别 类型 类别",
    )
    sex = SheetField("sex", "性别", CodeCell("sex"), example="男", width=6)
    id_number = SheetField(
        "id_number",
        "身份证号",
        IdCell(),
        example="",
        width=22,
        aliases="身份证号码 身份证 公民身份号码 公民身份证号码 公民身份证号 居民身份证号 居民身份证号码 居民身份证 身份号码 身份证件号 身份证件号码 证件号 证件号码 有效身份证号",
    )
    born_on = SheetField("born_on", "出生日期", DateCell(), aliases="出生年月 出生年月日 出生时间 出生 生日 生年 出生日", example="1945.08")
    ethnicity = SheetField("ethnicity", "民族", CodeCell("ethnicity"), lacking=True, example="汉族", width=8)
    native_place = SheetField("native_place", "籍贯", TextCell(60), aliases="祖籍 籍贯地", example="江西九江")
    former_name = SheetField("former_name", "曾用名", NameCell(), aliases="别名 曾用姓名")
    marital = SheetField("marital", "婚姻状况", CodeCell("marital"), aliases="婚姻 婚姻情况 婚否")
    education = SheetField("education", "文化程度", CodeCell("education"), aliases="学历 最高学历 文化 学历层次 全日制学历 教育程度")
    professional_title = SheetField("professional_title", "职称", TextCell(60), aliases="专业技术职务 专业技术职称 技术职称 专业技术职务任职资格")
    political_status = SheetField("political_status", "政治面貌", CodeCell("political_status"), aliases="政治面目 党派 党派情况 政治身份", example="中共党员")
    party_joined_on = SheetField(
        "party_joined_on", "入党时间", DateCell(), aliases="入党日期 入党年月 入党年月日 参加党派时间 加入中共时间 加入中国共产党时间 加入党组织时间 入党", example="1970.07"
    )
    party_branch = SheetField("party_branch", "所在党支部", TextCell(80), aliases="党支部 所在支部 所属党支部 所属支部 党支部名称 组织关系所在支部 所在党组织", width=20)
    party_post = SheetField("party_post", "党内职务", TextCell(40), aliases="支部职务 党组织职务")
    work_started_on = SheetField(
        "work_started_on", "参加工作时间", DateCell(), aliases="参加工作日期 参加工作年月 参工时间 参工年月 工作时间 参加工作 何时参加工作", example="1965.03"
    )
    revolution_started_on = SheetField(
        "revolution_started_on", "参加革命工作时间", DateCell(),
        aliases="参加革命时间 参加革命工作年月 参加革命工作日期 参加革命年月 参加革命日期 参加革命 革命工作时间 参革时间 何时参加革命",
    )  # fmt: skip
    county = SheetField(
        None, "县（市、区）", TextCell(80),
        aliases="县区 县市区 县(市区) 区县 所属县区 所在县区 所属区县 所属县 县名 地区 所属地区 所在地区 行政区划 所属行政区划 区划 区划代码 行政区划代码 行政区划码 地区代码 县区代码 所在区域 属地 管理地区",
    )  # fmt: skip
    unit = SheetField(
        None, "现管单位", TextCell(120), lacking=True, width=24,
        aliases="管理单位 现管理单位 现管理单位名称 所属单位 主管单位 主管部门 管理部门 单位 单位名称 现所在单位 服务管理单位 所在单位 归口单位 归口管理单位",
    )  # fmt: skip
    original_unit = SheetField(
        "original_unit",
        "原工作单位",
        TextCell(120),
        width=24,
        example="某某局",
        aliases="原单位 工作单位 原工作单位名称 原工作单位及职务 原单位及职务 工作单位及职务 原单位职务 退休前单位 离退休前单位 离退休前工作单位 退休前工作单位 退休前单位及职务 "
        "离退休前单位及职务 离退休时单位 离退休时单位及职务 原任职单位 退休单位 离退休单位 离休单位 所在单位 单位 单位名称 单位及职务",
    )
    original_post = SheetField(
        "original_post", "原职务", TextCell(80), aliases="职务 原任职务 原担任职务 离退休前职务 退休前职务 离退休时职务 退休时职务 离休前职务 任职情况 职务名称"
    )
    unit_nature = SheetField("unit_nature", "单位性质", CodeCell("unit_nature"), aliases="原单位性质 单位类别 单位类型")
    personnel_kind = SheetField("personnel_kind", "人员身份", CodeCell("personnel_kind"), aliases="身份性质 人员性质 个人身份 干部身份 编制性质 人员类别 身份 身份类别")
    rank = SheetField(
        "rank", "离退休时职级", CodeCell("rank"),
        aliases="职级 职务级别 行政级别 级别 退休时职级 离休时职级 离退休职级 离退休时级别 退休时级别 职务职级 原职级 原级别 职别 干部级别 现级别",
    )  # fmt: skip
    honours = SheetField("honours", "主要荣誉", TextCell(200), aliases="荣誉 获奖情况 奖励情况 立功受奖情况 立功受奖 何时受过何种奖励 先模 荣誉称号")
    retired_on = SheetField(
        "retired_on",
        "离退休时间",
        DateCell(recent=True),
        example="2005.09",
        aliases="离休时间 退休时间 离退休日期 离休日期 退休日期 离退休年月 离休年月 退休年月 离(退)休年月 离退时间 办理离退休时间 办理退休时间 批准退休时间 批准离退休时间 退休批准时间 何时离退休",
    )
    treatment_level = SheetField(
        "treatment_level", "现享受待遇级别", CodeCell("treatment_level"),
        aliases="现享受待遇 享受待遇 享受待遇级别 待遇级别 享受何种待遇 现享受级别 待遇 享受级别 政治待遇 享受政治待遇 享受政治生活待遇 级别",
    )  # fmt: skip
    medical_treatment = SheetField("medical_treatment", "享受医疗待遇", CodeCell("medical_treatment"), aliases="医疗待遇 享受医疗待遇情况 医疗待遇级别 享受医疗待遇级别")
    residence_region = SheetField(
        "residence_region", "居住地区划", RegionCell(), aliases="居住地行政区划 居住地区划代码 居住地代码 居住地区 常住地区 常住地行政区划 居住地行政区划代码"
    )
    address = SheetField(
        "address", "居住地址", TextCell(200), width=28,
        aliases="地址 住址 家庭住址 家庭地址 现住址 现住地址 常住地址 现居住地 现居住地址 居住地 常住地 详细地址 详细住址 联系地址 通讯地址 家庭详细住址 居住详细地址 现家庭住址",
    )  # fmt: skip
    living = SheetField("living", "居住状况", CodeCell("living"), aliases="居住情况 居住方式 家庭居住状况 生活状况")
    residence_kind = SheetField("residence_kind", "居住地类型", CodeCell("residence_kind"), aliases="居住类型 居住地类别 居住地分类")
    resettled = SheetField(
        "resettled", "易地安置", YesNoCell(yes=("异地安置", "易地安置", "异地居住"), no=("属地安置", "本地安置", "就地安置")),
        aliases="是否易地安置 异地安置 是否异地安置 异地居住 是否异地居住 安置情况 安置方式 安置类型 易地安置/是否",
    )  # fmt: skip
    resettled_place = SheetField("resettled_place", "安置地", TextCell(80), aliases="易地安置地 异地安置地 安置地点 易地安置地点 安置去向 易地安置/安置地")
    receiving_unit = SheetField("receiving_unit", "接受安置单位", TextCell(80), aliases="接收安置单位 接收单位 安置单位 接受单位 易地安置/接受单位")
    phone = SheetField(
        "phone", "手机", PhoneCell(), width=14,
        aliases="手机号 手机号码 移动电话 联系手机 本人手机 本人手机号 本人电话 本人联系电话 联系电话 联系方式 电话 电话号码 联系号码 联系方式/手机",
    )  # fmt: skip
    landline_area = SheetField(None, "固话区号", TextCell(6), aliases="区号 电话区号 固定电话/区号 固话/区号", width=8)
    landline = SheetField(
        "landline",
        "固定电话",
        PhoneCell(),
        aliases="固话 固话号码 固定电话号码 住宅电话 家庭电话 宅电 座机 座机号 固定电话/号码 固话/号码 联系方式/固定电话 联系电话 电话",
        width=14,
    )
    emergency_name = SheetField(
        "emergency_name", "紧急联系人", NameCell(), aliases="紧急联系人姓名 联系人 联系人姓名 家属姓名 亲属姓名 家属 紧急联系人/姓名 家属/姓名 亲属/姓名 联系人/姓名"
    )
    emergency_relation = SheetField(
        "emergency_relation", "与本人关系", TextCell(20),
        aliases="关系 紧急联系人关系 联系人关系 与老干部关系 与联系人关系 紧急联系人/关系 紧急联系人/与本人关系 家属/关系 联系人/关系 称谓",
    )  # fmt: skip
    emergency_phone = SheetField(
        "emergency_phone",
        "紧急联系电话",
        PhoneCell(),
        width=14,
        aliases="紧急联系人电话 紧急联系人手机 紧急电话 家属电话 家属联系电话 亲属电话 联系人电话 联系人手机 紧急联系人/电话 紧急联系人/手机 紧急联系人/联系电话 家属/电话 家属/联系电话 联系人/电话 联系人/联系电话",
    )
    health = SheetField("health", "健康状况", HealthCell("health"), aliases="健康情况 健康状态 身体状况 身体情况 健康")
    self_care = SheetField("self_care", "自理能力", CodeCell("self_care"), aliases="生活自理能力 自理情况 生活自理情况 生活能否自理 是否自理 活动能力")
    illness = SheetField("illness", "主要疾病", TextCell(200), aliases="疾病 疾病情况 患病情况 所患疾病 病情 主要病症")
    hospital = SheetField("hospital", "就近医院", TextCell(80), aliases="就医医院 定点医院 定点医疗机构 就诊医院")
    family_doctor = SheetField("family_doctor", "家庭医生", TextCell(80), aliases="签约医生 家庭签约医生 签约家庭医生")
    skills = SheetField("skills", "特长", TextCell(120), aliases="专长 个人特长 特长专长")
    hobbies = SheetField("hobbies", "兴趣爱好", TextCell(120), aliases="爱好 兴趣")
    counts_in_statistics = SheetField("counts_in_statistics", "计入年报统计", YesNoCell(), aliases="统计标志 是否统计 是否计入统计 纳入统计")
    alive = SheetField(None, "是否在世", YesNoCell(yes=("健在", "在世"), no=("去世", "已去世", "已故", "病故", "逝世")), aliases="是否健在 在世情况 健在")
    deceased_on = SheetField("deceased_on", "去世日期", DateCell(recent=True), aliases="去世时间 离世时间 离世日期 逝世时间 逝世日期 死亡时间 死亡日期 病故时间")
    note = SheetField("note", "备注", TextCell(2000), aliases="附注 备注说明 其他说明 情况说明", width=24)

    problem = SheetField(None, "问题", TextCell(100_000), aliases="导入问题")

    class Meta:
        model = Cadre
        import_id_fields = ("id_number",)

    def before_save_instance(self, instance, row, **kwargs):
        """The columns that follow from others, for ``import_data``."""
        given = {name: getattr(instance, name) for name in (*stored.SEARCHED, "id_number", "phone", "emergency_phone")}
        for name, value in stored.prepare(given, instance).items():
            setattr(instance, name, value)
