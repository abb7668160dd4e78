"""Code tables of the registry as published, with their sources; ``load()`` puts them into ``Code`` rows that an office may then edit.

National standards: GB/T 2261.1 sex, GB/T 2261.2 marital status, GB/T 2261.3 health, GB/T 3304 ethnic groups, GB/T 4762 political
status, GB/T 4658 education, GB/T 12407 ranks. The other tables follow what provincial retiree systems use; values of our own say so.
``aliases`` are spellings seen in offices' sheets. Comparing ignores spaces and the kind of brackets (``plain``).
"""

import unicodedata
from dataclasses import dataclass

from django.apps import apps

OWN = "本平台补充"
PRACTICE = "各地老干部信息系统通用口径"


@dataclass(frozen=True)
class Table:
    """``rows`` are (code, name, aliases separated by spaces); ``own`` names codes that no published source has."""

    title: str
    source: str
    rows: tuple[tuple[str, str, str], ...]
    own: frozenset[str] = frozenset()


_ETHNIC = str.split(
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 "
    "毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺"
)

_GRADES = (
    ("101", "正国级", "国家级正职 正国"),
    ("102", "副国级", "国家级副职 副国"),
    ("111", "正省（部）级", "省部级正职 正省部级 正省级 正部级 正省 正部"),
    ("112", "副省（部）级", "省部级副职 副省部级 副省级 副部级 副省 副部"),
    ("121", "正厅（局）级", "厅局级正职 正地（局）级 正地厅级 正厅局级 正地级 正厅级 正局级 正地 正厅 正局 地师级 正师级"),
    ("122", "副厅（局）级", "厅局级副职 副地（局）级 副地厅级 副厅局级 副地级 副厅级 副局级 副地 副厅 副局 副师级"),
    ("131", "正县（处）级", "县处级正职 正县处级 正处级 正县级 正处 正县 县团级 正团级"),
    ("132", "副县（处）级", "县处级副职 副县处级 副处级 副县级 副处 副县 副团级"),
    ("141", "正乡（科）级", "乡科级正职 正乡科级 正科级 正乡级 正科 正营级"),
    ("142", "副乡（科）级", "乡科级副职 副乡科级 副科级 副乡级 副科 副营级"),
)
_PARALLEL = str.split("一级巡视员 二级巡视员 一级调研员 二级调研员 三级调研员 四级调研员 一级主任科员 二级主任科员 三级主任科员 四级主任科员 一级科员 二级科员")
_MEDICAL_GRADES = (("112", "副省（部）级", "副省部级 副部级"), ("121", "正厅（局）级", "正厅局级 正地厅级"), ("122", "副厅（局）级", "副厅局级 副地厅级"))


def _medical():
    rows = []
    for grade, name, aliases in _MEDICAL_GRADES:
        rows.append((f"care_{grade}", f"{name}医疗待遇", " ".join(f"{alias}医疗待遇" for alias in aliases.split())))
        rows.append((f"pay_{grade}", f"按{name}报销医疗费", " ".join(f"按{alias}报销医疗费" for alias in aliases.split())))
    return (*rows, ("health_object", "市局保健对象", "保健对象"), ("other", "其他", ""))


TABLES: dict[str, Table] = {
    "sex": Table("性别", "GB/T 2261.1", (("1", "男", "男性 男同志 M"), ("2", "女", "女性 女同志 F"), ("0", "未知", ""), ("9", "未说明", "未说明的性别"))),
    "ethnicity": Table(
        "民族",
        "GB/T 3304",
        tuple((f"{n:02d}", f"{name}族", name) for n, name in enumerate(_ETHNIC, 1)) + (("97", "其他", ""), ("98", "外国血统", "外国血统中国籍人士")),
    ),
    "political_status": Table(
        "政治面貌",
        "GB/T 4762",
        (
            ("01", "中共党员", "中国共产党党员 党员 共产党员 中共正式党员 中共"),
            ("02", "中共预备党员", "中国共产党预备党员 预备党员"),
            ("03", "共青团员", "中国共产主义青年团团员 团员"),
            ("04", "民革党员", "民革 民革会员 中国国民党革命委员会会员"),
            ("05", "民盟盟员", "民盟 中国民主同盟盟员"),
            ("06", "民建会员", "民建 中国民主建国会会员"),
            ("07", "民进会员", "民进 中国民主促进会会员"),
            ("08", "农工党党员", "农工党 中国农工民主党党员"),
            ("09", "致公党党员", "致公党 中国致公党党员"),
            ("10", "九三学社社员", "九三学社 九三"),
            ("11", "台盟盟员", "台盟 台湾民主自治同盟盟员"),
            ("12", "无党派人士", "无党派 无党派民主人士"),
            ("13", "群众", "普通公民 普通群众 非党"),
        ),
    ),
    "marital": Table(
        "婚姻状况",
        "GB/T 2261.2",
        (
            ("10", "未婚", ""),
            ("20", "已婚", "有配偶"),
            ("21", "初婚", ""),
            ("22", "再婚", ""),
            ("23", "复婚", ""),
            ("30", "丧偶", "配偶去世 配偶已故"),
            ("40", "离婚", "离异"),
            ("90", "未说明", "其他"),
        ),
    ),
    "health": Table(
        "健康状况",
        "GB/T 2261.3",
        (
            ("1", "健康或良好", "健康 良好 好 较好 身体健康"),
            ("2", "一般或较弱", "一般 较弱 体弱 尚可"),
            ("3", "有慢性病", "慢性病 患慢性病 常年有病 有病"),
            ("6", "残疾", "有残疾"),
            ("serious", "患重大疾病", "重病 大病 重大疾病 患重病 较差 差"),
            ("critical", "病重（病危）", "病重 病危 危重"),
            ("dementia", "失智", "认知障碍 阿尔茨海默病 老年痴呆"),
            ("other", "其他", "其它"),
        ),
        frozenset({"serious", "critical", "dementia", "other"}),
    ),
    "self_care": Table(
        "自理能力",
        PRACTICE,
        (
            ("full", "生活自理", "自理 能自理 完全自理 能够自理 生活能自理 基本自理"),
            ("partly", "部分自理", "半自理 半失能 生活部分自理 部分失能"),
            ("dependent", "不能自理", "生活不能自理 完全不能自理 失能 全失能 不自理 卧床"),
        ),
        frozenset({"partly"}),
    ),
    "education": Table(
        "文化程度",
        "GB/T 4658",
        (
            ("11", "博士研究生", "博士"),
            ("14", "硕士研究生", "硕士 研究生"),
            ("20", "大学本科", "本科 大学"),
            ("30", "大学专科", "大专 专科"),
            ("41", "中等专科", "中专"),
            ("44", "职业高中", "职高"),
            ("47", "技工学校", "技校"),
            ("61", "普通高中", "高中"),
            ("71", "初中", "初级中学"),
            ("81", "小学", "高小 初小"),
            ("90", "其他", "其它"),
            ("00", "文盲或半文盲", "文盲与半文盲 文盲 半文盲"),
        ),
        frozenset({"00"}),
    ),
    "unit_nature": Table(
        "单位性质",
        PRACTICE,
        (("organ", "行政机关", "行政 机关 党政机关"), ("institution", "事业单位", "事业"), ("enterprise", "企业", "国有企业 国企 企业单位"), ("other", "其他", "其它")),
        frozenset({"other"}),
    ),
    "personnel_kind": Table(
        "人员类别",
        PRACTICE,
        (
            ("civil", "公务员（参公）", "公务员 参公 参照公务员法管理 机关公务员"),
            ("institution", "事业单位人员", "事业单位 事业人员 事业"),
            ("enterprise", "企业人员", "企业"),
            ("worker", "工人", "机关工人 工勤"),
        ),
        frozenset({"worker"}),
    ),
    "rank": Table(
        "离退休时职级",
        "GB/T 12407；公务员职务与职级并行规定（2019）",
        (
            *_GRADES,
            *((f"g{n:02d}", name, "") for n, name in enumerate(_PARALLEL, 1)),
            ("150", "科员", "科员级"),
            ("160", "办事员", "办事员级"),
            ("199", "其他", "未定级 其它 副总师"),
        ),
    ),
    "treatment_level": Table(
        "现享受待遇级别",
        PRACTICE,
        (
            *((grade, f"{name}待遇", aliases + " " + name + " " + " ".join(f"{alias}待遇" for alias in aliases.split())) for grade, name, aliases in _GRADES),
            ("111m", "正省（部）级医疗待遇", "正省部级医疗待遇 正部级单项"),
            ("112m", "副省（部）级医疗待遇", "副省部级医疗待遇 副部级单项"),
            ("199", "其他", "其它 无"),
        ),
    ),
    "medical_treatment": Table("享受医疗待遇", PRACTICE, _medical()),
    "living": Table(
        "居住状况",
        PRACTICE,
        (
            ("spouse", "与配偶同住", "夫妻同住 与老伴同住 与配偶居住"),
            ("children", "与子女同住", "随子女居住 与儿子同住 与女儿同住 随子女"),
            ("nanny", "与保姆同住", "保姆照料"),
            ("alone", "独居", "单独居住 一人居住 孤寡独居"),
            ("empty_nest", "空巢", "空巢老人 夫妻空巢"),
            ("care_home", "养老机构", "入住养老机构 养老院 敬老院 福利院 干休所 护理院"),
            ("hospital", "长期住院", "住院 常年住院"),
            ("other", "其他", "其它"),
        ),
        frozenset({"spouse", "care_home", "hospital", "other"}),
    ),
    "residence_kind": Table(
        "居住地类型",
        PRACTICE,
        (
            ("county", "本县（市、区）", "本县市 区内 县内 本地 本县 本区"),
            ("city", "本市其他县（市、区）", "区外市内 市内跨县 本市"),
            ("province", "本省其他市", "市外省内 省内跨市 省内跨县市 省内"),
            ("other_province", "外省", "省外 跨省 外省市"),
            ("hk_mo_tw", "港澳台", "港澳台地区"),
            ("abroad", "国外", "境外 海外"),
        ),
    ),
    "treatment_kind": Table(
        "待遇类别",
        PRACTICE,
        (
            ("political", "政治待遇", "政治"),
            ("living", "生活待遇", "生活"),
            ("medical", "医疗待遇", "医疗"),
            ("allowance", "生活补贴", "离休干部生活补贴"),
            ("nursing", "护理费", "护理补贴"),
            ("transport", "交通费", "交通补贴 用车"),
            ("special", "特需经费", "公用经费 特需费"),
            ("hardship", "困难补助", "帮扶"),
            ("other", "其他", "其它"),
        ),
    ),
    "relation": Table(
        "称谓",
        "GB/T 4761",
        (
            ("10", "配偶", "妻子 丈夫 老伴 夫 妻 爱人 夫人 遗孀 老伴儿"),
            ("20", "儿子", "子 长子 次子 三子 独子 养子 继子 大儿子 二儿子 小儿子"),
            ("30", "女儿", "女 长女 次女 三女 独女 养女 继女 大女儿 二女儿 小女儿"),
            ("27", "儿媳", "媳"),
            ("37", "女婿", "婿"),
            ("40", "孙辈", "孙子 孙女 外孙 外孙女"),
            ("70", "兄弟姐妹", "兄 弟 姐 妹"),
            ("99", "其他", "其它 保姆"),
        ),
    ),
}

FIELD_TABLES: dict[str, str] = {
    name: name
    for name in (
        str.split("sex ethnicity marital education political_status unit_nature personnel_kind rank treatment_level medical_treatment living residence_kind health self_care")
    )
}
"""Field of ``Cadre`` → table. ``Treatment.kind`` uses ``treatment_kind``; ``relation`` only proposes words for a free field."""

_BRACKETS = str.maketrans("()[]【】〔〕", "（）（）（）（）")


def plain(text: str) -> str:
    """How two spellings of a value are compared: NFKC, no spaces, one kind of brackets."""
    return "".join(unicodedata.normalize("NFKC", text or "").split()).translate(_BRACKETS).lower()


def load() -> int:
    """Add the codes that aren't there yet and leave every other row as the office has made it. Returns how many were added."""
    Code = apps.get_model("cadres", "Code")
    known = set(Code.objects.values_list("table", "code"))
    rows = [
        Code(table=key, code=code, name=name, aliases=aliases.split(), order=n * 10, source=OWN if code in table.own else table.source)
        for key, table in TABLES.items()
        for n, (code, name, aliases) in enumerate(table.rows, 1)
        if (key, code) not in known
    ]
    Code.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
