"""Text files with separated columns: encoding and separator are found out, quoted line breaks kept."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from apps.core.text import unwrap
from apps.core.workbooks.limits import UnreadableWorkbook
from apps.core.workbooks.sniffing import utf16_without_mark

SEPARATORS = ",\t;|，"
SAMPLE, BATCH = 65_536, 500
LONGEST_FIELD, LONGEST_LINE = 131_072, 2**20
LAST_LINE = "\x00"
_LEADING = re.compile("^[=\t'\u2018\u2019`]")


def read_delimited(path: Path) -> Iterator[dict]:
    """The messages of the child process for one text file, whose single sheet has the name ""."""
    encoding = find_encoding(path)
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(encoding=encoding, newline="") as stream:
        sample = stream.read(SAMPLE)
        separator = find_separator(sample)
        stream.seek(0)
        yield {"book": {"format": "csv", "encoding": encoding, "separator": separator}}
        yield {"sheet": {"name": "", "merged": []}}
        yield from _blocks(csv.reader(_lines(stream), delimiter=separator))


def _lines(stream: io.TextIOBase) -> Iterator[str]:
    """Lines of bounded length and a last one of our own. Excel's first line ``sep=;`` becomes an empty row; NUL characters go."""
    first = True
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise UnreadableWorkbook("too_large", limit=f"每行 {LONGEST_LINE:,} 个字")
        if first and re.match(r"^\ufeff?sep=.\r?\n", line):
            line = "\n"
        first = False
        if not line.endswith(("\n", "\r")):
            line += "\n"
        yield line.replace("\x00", "") if "\x00" in line else line
    yield LAST_LINE


def _blocks(reader) -> Iterator[dict]:
    numbers: list[int] = []
    lines: list[list] = []
    for number, fields in enumerate(_records(reader), start=1):
        if any(fields):
            line = [_field(text) if text and not text[0].isalnum() else text or None for text in fields]
            if any(line):
                numbers.append(number)
                lines.append(line)
        if len(lines) >= BATCH:
            yield {"n": numbers, "r": lines}
            numbers, lines = [], []
    if lines:
        yield {"n": numbers, "r": lines}


def _records(reader) -> Iterator[list[str]]:
    """Raises UnreadableWorkbook for a quotation mark that swallows the rest of the file: our last line must come as a record of its own."""
    while True:
        begun = reader.line_num + 1
        try:
            fields = next(reader)
        except csv.Error as fault:
            raise _misread(reader.line_num > begun, begun) from fault
        if fields == [LAST_LINE]:
            return
        if fields and fields[-1].endswith(LAST_LINE):
            raise UnreadableWorkbook("open_quote", line=begun)
        yield fields


def _misread(several_lines: bool, line: int) -> UnreadableWorkbook:
    return UnreadableWorkbook("open_quote", line=line) if several_lines else UnreadableWorkbook("too_large", limit=f"每格 {LONGEST_FIELD:,} 个字")


def _field(text: str) -> str | None:
    return (unwrap(text) if _LEADING.match(text) else text.lstrip("\ufeff")) or None


def find_encoding(path: Path) -> str:
    """utf-8-sig, utf-8, utf-16, utf-16-le/-be or gb18030, whichever the whole file is valid in."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if unmarked := utf16_without_mark(head):
        return unmarked
    for encoding in ("utf-8", "gb18030"):
        if _valid(path, encoding):
            return encoding
    raise UnreadableWorkbook("unknown_encoding")


def _valid(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as stream:
            while data := stream.read(2**20):
                decoder.decode(data)
            decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def find_separator(sample: str) -> str:
    """The separator that gives most lines of the sample the same number of columns; a comma when there is none."""
    named = re.match(r"^\ufeff?sep=(.)\r?\n", sample)
    if named:
        return named[1]
    best, best_score = ",", 0.0
    for separator in SEPARATORS:
        widths = [len(fields) for fields in _sample_rows(sample, separator) if any(fields)]
        wide = [width for width in widths if width > 1]
        if wide:
            usual = max(set(wide), key=wide.count)
            score = wide.count(usual) / len(widths) * min(usual, 8) + usual / 1000
            if score > best_score:
                best, best_score = separator, score
    return best


def _sample_rows(sample: str, separator: str) -> list[list[str]]:
    lines = io.StringIO(sample.replace("\x00", ""), newline="")
    try:
        rows = [row for row, _number in zip(csv.reader(lines, delimiter=separator), range(100), strict=False)]
    except csv.Error:
        return []
    return rows[:-1] if len(rows) > 1 and len(sample) >= SAMPLE and len(rows) < 100 else rows
