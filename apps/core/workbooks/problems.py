"""The catalogue of everything that can be wrong with a cell or a row: code, level and sentence, in one place.

``problem("date_unparseable", title="出生日期")`` builds a :class:`Problem`; the caller adds sheet, row, column and value.
A sentence says what is wrong and what to do. Facts in braces have a default, so no fact is obligatory.
"""

from dataclasses import dataclass

DATE_FORMS = "1945-08-15、1945.08、1945年8月、19450815"

ERRORS = {
    "required_missing": "“{title}”没有填写。请补上后再导入。",
    "id_checksum": "身份证号的最后一位不对：按前 17 位推算应为“{expected}”。请与证件核对，看是哪一位抄错了。",
    "id_length": "身份证号应为 18 位（旧号 15 位），这里是 {length} 位。请与证件核对后补全。",
    "id_characters": "身份证号里有不该出现的字符“{found}”。号码只能是数字，最后一位可以是 X，请核对。",
    "id_precision_lost": "身份证号被表格当成数字保存，末尾几位已丢失，无法还原。请先把该列设为“文本”格式，再按证件重新填写。",
    "id_birth_impossible": "身份证号第 7 至 14 位“{found}”不是真实的日期。请与证件核对。",
    "id_province_unknown": "身份证号开头两位“{found}”不是任何省份的代码。请与证件核对。",
    "date_unparseable": "看不懂这个日期。请写成 " + DATE_FORMS + " 之一。",
    "date_ambiguous": "数字 {found} 可能是 {choices}，无法判断。请改写成“{example}”这样的形式。",
    "date_order": "“{later}”早于“{earlier}”，请核对这两个日期。",
    "date_future": "“{title}”晚于今天。请核对年份。",
    "code_unknown": "“{value}”不在“{title}”的可选值里。{hint}",
    "region_unknown": "找不到名为“{value}”的地区或单位。请写全称，或先在机构管理中添加。",
    "region_out_of_scope": "“{value}”不在本次导入的机构范围内，这一行不能导入。请由该地区自行导入。",
    "retire_kind_conflict": "人员类别“{kind}”与“{title}”对不上：{detail}。请核对其中哪一项填错了。",
    "duplicate_in_file": "与本文件{place}重复（{what}相同）。请只保留一行。",
    "other_unit": "此人已登记在{unit}，不会直接改动。如确已转来，请联系对方办理调出移交（调入申请）。",
    "possible_duplicate": "可能与已登记的人员是同一人（姓名、出生年月、单位都相同，但没有身份证号）。请在“待判断”里确认是不是同一人，或补填身份证号。",
    "phone_unparseable": "看不懂这个电话号码。请写 11 位手机号，或“区号-号码”形式的固定电话。",
    "number_unparseable": "“{title}”应填数字。请去掉文字和单位后重填。",
    "number_range": "“{title}”应在 {found} 之间，请核对。",
    "cell_error": "单元格显示的是公式错误 {found}。请改正公式或直接填写内容。",
    "too_long": "“{title}”超过 {limit} 个字。请缩短，或把多出的内容移到备注。",
    "name_unparseable": "姓名里有不该出现的字符“{found}”。请核对。",
    "column_ambiguous": "“{titles}”都可能是“{field}”。请指定用哪一列。",
    "date_incomplete": "请把“{title}”写到日，例如 2024-03-05。",
    "record_closed": "此人在系统中{what}，不能通过导入修改。如属误登，请先在个人档案里更正。",
    "person_missing": "没有写明是哪一位干部的。请填写干部的身份证号，或姓名和出生年月。",
    "person_unknown": "在本次导入的机构范围内没有找到这位干部。请核对身份证号、姓名和出生年月，或先把他登记在册。",
    "person_ambiguous": "登记在册的有 {found} 位同名，无法认定是哪一位。请补填身份证号、出生年月或单位。",
    "person_differs": "这个身份证号登记的是“{found}”，与表中的姓名不同，其中有一个抄错了。请核对。",
    "person_alive": "“{found}”在系统中没有登记去世，没有遗属。请先登记去世。",
    "packed_uneven": "一格里写了几项，但几列的项数对不上（{found}）。请每人写一行。",
    "survivor_unknown": "走访日期在“{found}”去世之后，应是走访遗属；系统里{what}。请先登记遗属，或写明是哪一位。",
    "parent_unknown": "找不到上级单位“{value}”：系统里没有，本表里也没有能建成的这一行（或有几个同名的）。请核对名称，或写上级单位的代码。",
    "place_of_no_work": "“{value}”是乡镇街道或村（社区），不能在这里任职。请写县（市、区）或单位。",
    "parent_loop": "“{value}”和这一行互为上级，请改正其中一行。",
    "username_shape": "用户名只能用字母、数字和 _ . -，最长 60 位。请改正。",
    "username_taken": "用户名“{value}”已是另一个人的。请换一个用户名。",
    "email_shape": "看不懂这个邮箱地址，请核对。",
    "record_changed": "核对之后，此人的档案又被别人改过，这一行没有写入。请重新核对后再导入。",
    "create_not_allowed": "登记库里没有这一行的对象，而上传人的角色不能通过导入新增。请由有新增权限的人导入，或先在页面上登记。",
    "update_not_allowed": "这一行要改动已有的记录，而上传人的角色不能通过导入变更。请由有变更权限的人导入，或在页面上修改。",
}

WARNINGS = {
    "sex_mismatch": "填写的性别与身份证号第 17 位不一致（按证件号应为{expected}）。已按填写的保存，请核对。",
    "birth_mismatch": "填写的出生日期与身份证号中的 {expected} 不一致。已按填写的保存，请以档案为准核对。",
    "date_order_unusual": "“{later}”与“{earlier}”的先后不常见（{detail}）。已保存，请核对。",
    "id_15_upgraded": "15 位旧身份证号已换算为 18 位。请与现用证件核对。",
    "id_missing": "没有身份证号。已保存，以后再导入时可能认不出同一个人，请尽快补填。",
    "period_unknown": "没有填写“{title}”，暂时算不出所属时期。请补填。",
    "phone_several": "单元格里有几个电话号码，已取第一个，其余记入备注。",
    "phone_unusual": "电话号码的位数不常见，已照原样保存。请核对。",
    "text_shortened": "“{title}”里看不见的字符已去掉。",
    "unit_unknown": "单位名录里没有“{value}”，暂放在“{place}”名下，原文已保留。可请系统管理员添加该单位后再调整。",
    "unit_differs": "此人现在“{found}”名下，与表中所写的单位不同。其他内容会更新，管理单位没有改动；如已转走，请登记调动。",
    "death_unregistered": "表中写有去世日期，而系统中此人仍在册。导入不会登记去世，请打开个人档案登记。",
    "alike_elsewhere": "本县（市、区）“{unit}”名下有姓名、出生年月都相同的人，两者之一没有身份证号。将作为另一人新增，请核对是不是同一人。",
    "name_differs": "身份证号与已登记的“{found}”相同，但姓名不同。导入后姓名将改为“{value}”，请确认不是抄错了号码。",
    "column_unused": "“{title}”不在这类表的登记项目里，没有导入。如需登记，请在个人档案里填写。",
    "way_assumed": "没有写走访方式，已按“上门”登记，请核对。",
    "worker_unknown": "“{value}”不是本单位的用户，走访人记为导入人，原文已保留。",
    "person_by_name": "只凭姓名认定为登记在册的“{found}”。请核对，最好补填身份证号或出生年月。",
    "record_kept": "系统里已有这一条，导入不改动它；与表中不同的有：{what}。",
    "date_first_day": "“{title}”没有写到日：新登记的按那一段的第一天记，已有的不改。",
    "column_unknown": "不认识“{title}”这一列，{fate}。如果有对应的项目，请指定。",
    "column_several": "“{title}”可能是“{titles}”，从内容看不出来。请指定。",
    "template_old": "这是旧版模板，已照样读取。与现在的模板相比：{what}。",
    "note_masked": "附注“{title}”有 {count} 格像是身份证号、电话或银行卡号，只保留遮盖后的样子。要保存原文，请指定对应的项目。",
}

DEFAULTS = {
    "title": "这一项", "expected": "?", "length": "?", "found": "?", "value": "?", "hint": "请从下拉选项中选择。",
    "choices": "两个月份", "example": "1945年8月", "earlier": "前一日期", "later": "后一日期", "kind": "?",
    "detail": "内容互相矛盾", "place": "其他行", "what": "关键内容", "limit": "规定", "unit": "其他单位", "titles": "几列", "field": "同一项",
    "fate": "没有导入", "count": "几",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: ``level`` is "error" (the row is refused) or "warning" (it is taken, someone should look)."""

    code: str
    level: str
    message: str

    @property
    def is_error(self) -> bool:
        return self.level == "error"


class _Facts(dict):
    def __missing__(self, key: str) -> str:
        return DEFAULTS[key]


def problem(code: str, level: str = "", **facts: object) -> Problem:
    """Build the problem of a code. ``level`` overrides the catalogue's. Raises KeyError for an unknown code."""
    sentence = ERRORS[code] if code in ERRORS else WARNINGS[code]
    return Problem(code, level or ("error" if code in ERRORS else "warning"), sentence.format_map(_Facts(facts)))
