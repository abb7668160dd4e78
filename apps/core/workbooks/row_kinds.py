"""What a row below the titles is: a person's data, or one of the many other things people put there."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from apps.core.workbooks.titles import as_title, normal_title
from apps.core.workbooks.values import Row

if TYPE_CHECKING:
    from apps.core.workbooks.headers import Header

_TOTAL = re.compile(r"^(?:总?合\s*计|小\s*计|总\s*计|共\s*计|累\s*计|汇\s*总|本页(?:合|小)计|以上(?:合|共)计|合计人数|总人数|共\s*\d+\s*人)(?:[:：(（\s\d].*)?$")
_NOTE = re.compile(
    r"^(?:[(（]?\d*[)）.、]?\s*)?(?:注|备注|附注|说\s*明|填\s*表\s*说\s*明|填\s*报\s*说\s*明|注意事项|注意|温馨提示|提示|填写说明|填写要求"
    r"|填\s*(?:表|报)\s*人|审\s*核\s*人?|审\s*批\s*人?|复\s*核\s*人?|制\s*表\s*人?|经\s*办\s*人|联\s*系\s*人|单\s*位\s*负\s*责\s*人|负\s*责\s*人|分管领导|主管领导|领导签字|签\s*字|盖\s*章"
    r"|填\s*(?:表|报)\s*(?:单\s*位|日\s*期|时\s*间)|单位[(（]盖?章?[)）]|单位盖章|报送日期|报送单位|制表日期|统计时间|截止日期|截至)"
    r"\s*(?:[(（][^()（）]*[)）])?\s*(?:[:：]|$)"
)
_NOTE_START = re.compile(r"^(?:注|备注|说明|填表说明|填报说明|注意|★|※|\*{1,3})\s*[:：.、]|^[※★]")
_EXAMPLE = re.compile(
    r"^[(（【\[]?\s*(?:示\s*例|样\s*例|举\s*例|例\s*如|范\s*例|填[写报]示例|填写样例|样表|example|sample)\s*\d*\s*(?:[)）】\]:：].*|行|数据|[,，(（].*)?$", re.I
)
_UNIT = re.compile(
    r"(?:填\s*(?:报|表)\s*单\s*位|报\s*送\s*单\s*位|编\s*报\s*单\s*位|上\s*报\s*单\s*位|单\s*位\s*名\s*称|单\s*位)\s*(?:[(（]\s*(?:盖?\s*章|公\s*章|签\s*章)\s*[)）])?\s*[:：]\s*(.*)"
)
_UNIT_END = re.compile(r"\s*(?:填\s*(?:报|表)\s*(?:日\s*期|时\s*间|人)|制\s*表|日\s*期|时\s*间|单\s*位\s*[:：]\s*人|联系|审核|负责人|\d{4}\s*年|\d{4}[-./]\d).*$")
_CODE_WORD = re.compile(r"^[A-Za-z][A-Za-z0-9_.]*$")
NOTE_CELLS = 6
_NAME = re.compile("[\u3400-\u9fff·]{2,15}")
_SPECIAL = re.compile(r"\s*$|[\s(（【\[\d.、)）]*(?:[总合小共累汇本以注备附说填温提审复制经联单负分主领签盖报统截示样举例范★※*]|ex|sam)", re.I)
_SENTENCE = re.compile("[\\d。；，：:;]")


def reporting_unit(text: str) -> str:
    """The unit in a line such as 填报单位（盖章）：某某县委老干部局　填报日期：…; "" when the line holds none."""
    match = _UNIT.search(text)
    if not match:
        return ""
    unit = _UNIT_END.sub("", match[1].strip())
    return "" if unit in ("人", "元", "万元", "个") else unit.strip(" 　_()（）:：")


def kind_of_row(
    row: Row, header: "Header", *, options: frozenset[str] = frozenset(), key_fields: Sequence[str] = ("name",)
) -> str:
    """data, blank, total, note, example, options, codes or header (titles repeated on a further page).

    ``options``: words of code tables; a row without any of ``key_fields`` whose few values are all such words is a drop-down
    list hanging below the table. A row that holds anything else is data, even when its name is missing.
    """
    if _plainly_a_person(row.cells, header, key_fields):
        return "data"
    values = [(index, as_title(value)) for index, value in enumerate(row.cells) if value is not None]
    values = [(index, text) for index, text in values if text]
    if not values:
        return "blank"
    first = values[0][1]
    if any(_EXAMPLE.match(text) for _index, text in values[:3]):
        return "example"
    if any(_TOTAL.match(text) for _index, text in values[:3]) and _is_total(values, header, key_fields):
        return "total"
    if _is_note(values, first, header, key_fields):
        return "note"
    if _repeats_titles(values, header.titles):
        return "header"
    if len(values) >= 3 and all(_CODE_WORD.match(text) for _index, text in values):
        return "codes"
    if _is_numbering(values, header):
        return "codes"
    return "options" if _hangs_below(values, header, options, key_fields) else "data"


def _plainly_a_person(cells: Sequence, header: "Header", key_fields: Sequence[str]) -> bool:
    """The short way for nearly every row: a name of Chinese characters, and nothing among the first cells that calls for a look."""
    column = header.fields.get(key_fields[0]) if key_fields else None
    if column is None or column >= len(cells):
        return False
    name = cells[column]
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name in header.titles[column] or _SPECIAL.match(name):
        return False
    seen = 0
    for value in cells:
        if value is None:
            continue
        if isinstance(value, str) and _SPECIAL.match(value):
            return False
        seen += 1
        if seen == 3:
            return True
    return True


def _named(values: Sequence[tuple[int, str]], header: "Header", key_fields: Sequence[str]) -> list[str]:
    """What stands in the key columns."""
    wanted = {header.fields[name] for name in key_fields if name in header.fields}
    return [text for index, text in values if index in wanted]


def _is_total(values: Sequence[tuple[int, str]], header: "Header", key_fields: Sequence[str]) -> bool:
    """A total may stand in the name column; a person next to one of the words may not be lost."""
    names = [text for text in _named(values, header, key_fields) if not _TOTAL.match(text)]
    return not names or all(re.fullmatch(r"[\d.,%人\s]+", text) for text in names)


def _is_note(values: Sequence[tuple[int, str]], first: str, header: "Header", key_fields: Sequence[str]) -> bool:
    """Few cells, a label such as 注 or 填表人 first (or with a colon anywhere), and nothing that could be a name."""
    names = [text for text in _named(values, header, key_fields) if text != first and not _labelled(text) and not _SENTENCE.search(text)]
    if len(values) <= NOTE_CELLS and not names:
        if _labelled(first):
            return True
        if not _named(values, header, key_fields) and any(_labelled(text) and re.search("[:：]", text) for _index, text in values):
            return True
    return len(values) == 1 and len(first) > 30 and bool(re.search("[。；：]", first))


def _labelled(text: str) -> bool:
    return bool(_NOTE.match(text) or _NOTE_START.match(text))


def _repeats_titles(values: Sequence[tuple[int, str]], titles: dict[int, str]) -> bool:
    same = sum(1 for index, text in values if index in titles and normal_title(text) in normal_title(titles[index]).split("/"))
    return same >= 3 and same * 2 >= len(values)


def _is_numbering(values: Sequence[tuple[int, str]], header: "Header") -> bool:
    """A row that only numbers the columns: 1 2 3 … or 甲 乙 1 2."""
    numbers = [text for _index, text in values if text not in ("甲", "乙", "丙", "丁")]
    if len(values) < 4 or len(values) * 2 < len(header.columns) or not numbers:
        return False
    return all(text.isdecimal() for text in numbers) and all(
        int(after) == int(before) + 1 for before, after in zip(numbers, numbers[1:], strict=False)
    )


def _hangs_below(
    values: Sequence[tuple[int, str]], header: "Header", options: frozenset[str], key_fields: Sequence[str]
) -> bool:
    if _named(values, header, key_fields):
        return False
    number = header.fields.get("number")
    rest = [text for index, text in values if index != number]
    return bool(rest) and bool(options) and all(text in options for text in rest)
