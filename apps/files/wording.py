"""Short names of the problems' codes, for headings and figures."""

TITLES = {
    "required_missing": "必填项没有填", "id_checksum": "身份证号校验位不对", "id_length": "身份证号位数不对", "id_characters": "身份证号有多余字符",
    "id_precision_lost": "身份证号末几位已丢失", "id_birth_impossible": "身份证号里的生日不存在", "id_province_unknown": "身份证号开头不对",
    "date_unparseable": "日期看不懂", "date_ambiguous": "日期有两种可能", "date_order": "日期先后矛盾", "date_future": "日期晚于今天", "date_incomplete": "日期要写到日",
    "code_unknown": "不在可选值里", "region_unknown": "地区或单位找不到", "region_out_of_scope": "不在本次导入范围", "retire_kind_conflict": "离退休类型对不上",
    "duplicate_in_file": "文件内重复", "other_unit": "已登记在其他单位", "possible_duplicate": "可能已经登记",
    "alike_elsewhere": "别的单位有同名同龄的人", "phone_unparseable": "电话号码看不懂",
    "number_unparseable": "不是数字", "number_range": "数字不合情理",
    "cell_error": "公式错误", "too_long": "太长", "name_unparseable": "姓名有多余字符", "record_closed": "已去世或已转出",
    "create_not_allowed": "没有导入新增的权限", "update_not_allowed": "没有导入变更的权限",
    "record_changed": "核对之后又有变化", "sex_mismatch": "性别与身份证号不一致", "birth_mismatch": "生日与身份证号不一致", "date_order_unusual": "日期先后少见",
    "id_15_upgraded": "15 位旧身份证号", "id_missing": "没有身份证号", "period_unknown": "参加革命时间没有填", "phone_several": "多个电话号码",
    "phone_unusual": "电话位数少见", "unit_unknown": "单位不在名录里", "unit_differs": "与现在的单位不同", "name_differs": "姓名与登记的不同",
    "death_unregistered": "写有去世日期", "column_unknown": "不认识的列", "column_ambiguous": "两列像是同一项",
    "column_several": "可能是几个项目的列", "note_masked": "附注里的号码已遮盖", "template_old": "旧版模板", "text_shortened": "去掉了看不见的字符",
    "person_missing": "没有写明是谁的", "person_unknown": "册中没有此人", "person_ambiguous": "几人同名", "person_differs": "号码与姓名不符",
    "person_alive": "本人健在", "packed_uneven": "一格几项，数目不等", "person_by_name": "只凭姓名认定", "record_kept": "已有，不改动",
    "standing": "现在的状态办不了", "event_dated": "日期早于出生", "parent_unknown": "上级单位找不到", "parent_loop": "上下级互为上级", "email_shape": "邮箱看不懂",
    "place_of_no_work": "不能任职的地方", "name_taken": "名称已有", "username_taken": "用户名已有人用",
    "username_shape": "用户名不合规", "three_admins_apart": "三员须分开", "self_grant": "不能给自己授权",
    "survivor_unknown": "遗属未登记", "way_assumed": "没有写方式", "worker_unknown": "走访人不是用户",
    "branch_unknown": "找不到党支部", "in_other_branch": "组织关系在别的支部", "not_a_candidate": "不能转入这个支部", "code_taken": "代码已有",
    "column_unused": "不登记的列", "date_first_day": "日期没有写到日",
}  # fmt: skip


def title_of(code: str) -> str:
    return TITLES.get(code, code)
