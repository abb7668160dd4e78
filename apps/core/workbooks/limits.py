"""How much a workbook may hold, and the one sentence a person gets when a file cannot be read."""

from dataclasses import dataclass

MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings for one file. ``rows`` and ``columns`` count what holds a value, per visible sheet.

    The reader's memory (its address space) is ``small_memory_bytes`` for a file of up to ``small_file_bytes`` and grows with what is
    larger, because an honest long roster needs it; never beyond ``memory_bytes``. ``message_bytes`` bounds one piece of what is
    read, so that the parent stays small too, and ``growth`` how many times its size a file may become once it is spelt out.
    """

    file_bytes: int = 200 * MEGABYTE
    unzipped_bytes: int = 4096 * MEGABYTE
    rows: int = 1_100_000
    columns: int = 300
    sheets: int = 200
    small_file_bytes: int = 20 * MEGABYTE
    small_memory_bytes: int = 300 * MEGABYTE
    memory_bytes: int = 1536 * MEGABYTE
    memory_growth: int = 12
    message_bytes: int = 16 * MEGABYTE
    growth: int = 100
    growth_from_bytes: int = 128 * MEGABYTE
    cpu_seconds: int = 600

    def memory_for(self, file_bytes: int) -> int:
        """How much memory the reader of a file of this size may take."""
        return min(self.memory_bytes, self.small_memory_bytes + self.memory_growth * max(0, file_bytes - self.small_file_bytes))


SENTENCES = {
    "empty": "文件是空的，没有任何内容。请确认选对了文件。",
    "not_a_workbook": "这不是能读取的表格（看起来是{what}）。请上传 .xlsx、.xls 或 .csv 文件。",
    "encrypted": "文件设了打开密码，系统无法读取。请在 Excel 或 WPS 中取消密码，另存后再上传。",
    "broken": "文件已损坏，无法读取。请用 Excel 或 WPS 打开它，另存为新的 .xlsx 文件后再上传。",
    "too_large": "文件太大（超过{limit}），无法读取。请删去图片和多余的工作表，或分成几个文件上传。",
    "too_many_rows": "工作表“{sheet}”的数据超过 {limit} 行。请分成几个文件上传。",
    "too_many_columns": "工作表“{sheet}”的数据超过 {limit} 列。请删去多余的列后再上传。",
    "too_many_sheets": "文件里的工作表超过 {limit} 张。请只保留需要导入的工作表。",
    "zip_bomb": "文件解压后大得不正常，为安全起见没有读取。请用 Excel 或 WPS 另存为新文件后再上传。",
    "unsafe": "文件里含有不安全的内容，为安全起见没有读取。请用 Excel 或 WPS 另存为新文件后再上传。",
    "timeout": "读取文件用时过长，已停止。请删去空白的格式行、图片和多余的工作表后再上传。",
    "open_quote": "从第 {line} 行起有一个没有配对的英文双引号，后面的内容全部连成了一格。请补上或删去这个双引号，或另存为 .xlsx 文件后再上传。",
    "unknown_encoding": "看不懂这个文本文件的编码。请用 Excel 或 WPS 打开它，另存为 .xlsx 文件后再上传。",
}


class UnreadableWorkbook(Exception):
    """The file cannot be read. ``code`` is a key of SENTENCES, ``sentence`` says in Chinese what to do."""

    def __init__(self, code: str, **facts: object):
        self.code = code
        self.facts = facts
        self.sentence = SENTENCES[code].format_map(_Facts(facts))
        super().__init__(self.sentence)


class _Facts(dict):
    def __missing__(self, key: str) -> str:
        return {"what": "其他类型的文件", "limit": "系统能处理的大小", "sheet": "?", "line": "?"}[key]
