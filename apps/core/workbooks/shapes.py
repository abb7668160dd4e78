"""One regular expression for a whole row of a sheet, learnt from the rows themselves.

Rows of a table look alike: the same cells with the same attributes. ``RowShape`` collects, per column, the forms its cells have
been seen in and compiles them into one pattern, so that a row costs one match and its values are converted column by column in
C code. That makes reading .xlsx about as fast as a compiled reader and keeps number formats, error values and a flat memory.
A row the pattern does not fit goes through the tolerant reader and, if it is regular enough, teaches the pattern its forms.
"""

import re

from apps.core.workbooks.values import column_index

_CELL = re.compile(
    r'<c r="([A-Z]{1,3})(\d+)"([^<>/]*)(?:/>|>(<v>|<is><t>|<is><t xml:space="preserve">)([^<]*)(</v>|</t></is>)</c>)'
)
_TYPE = re.compile(r'\bt="(\w*)"')
_STYLE = re.compile(r'\bs="(\d{1,6})"')
MOST_COLUMNS, MOST_FORMS, MOST_LESSONS = 400, 16, 20_000


def type_and_style(attributes: str) -> tuple[str, int]:
    """``s="3" t="s"`` → ("s", 3); no style is -1, no type "n"."""
    kind, style = _TYPE.search(attributes), _STYLE.search(attributes)
    return (kind[1] if kind else "n"), (int(style[1]) if style else -1)


class RowShape:
    """Compiled after 1, 2, 4, 8 … lessons, so that a sheet without any order costs little more than without a pattern.

    ``pattern`` fits a row from ``<row`` to its last cell: its first group is the row number, and ``plan`` gives
    (column, type, style) for each further group."""

    def __init__(self) -> None:
        self.forms: dict[int, dict[str, tuple[str, int] | None]] = {}
        self.lessons, self.next_compilation, self.regular = 0, 1, True
        self.pattern = re.compile("(?!)")
        self.plan: list[tuple[int, str, int]] = []

    def learn(self, body: str) -> bool:
        """Add the forms of this row's cells; False when the row is not regular or enough has been learnt."""
        if self.lessons >= MOST_LESSONS or not self.regular:
            return False
        self.lessons += 1
        seen, position, last = [], 0, -1
        for match in _CELL.finditer(body):
            column = _index(match[1])
            if match.start() != position or column <= last:
                return False
            seen.append((column, match))
            position, last = match.end(), column
        if position != len(body) or not seen or last >= MOST_COLUMNS:
            return False
        self.regular = all([self._add(column, match) for column, match in seen])
        if self.regular and self.lessons >= self.next_compilation:
            self.next_compilation = self.lessons * 2
            self._compile()
        return self.regular

    def _add(self, column: int, match: re.Match) -> bool:
        start = f'<c r="{match[1]}[^"<]+"{re.escape(match[3])}'
        if match[4] is None:
            form, group = start + "/>", None
        else:
            form, group = f"{start}>{re.escape(match[4])}([^<]*){match[6]}</c>", type_and_style(match[3])
        forms = self.forms.setdefault(column, {})
        forms[form] = group
        return len(forms) <= MOST_FORMS

    def _compile(self) -> None:
        parts, self.plan = [], []
        for column in sorted(self.forms):
            forms = self.forms[column]
            parts.append(f"(?:{'|'.join(forms)})?")
            self.plan += [(column, *group) for group in forms.values() if group]
        self.pattern = re.compile(r'<row r="(\d{1,7})"[^<>/]*>' + "".join(parts))


def _index(letters: str) -> int:
    try:
        return column_index(letters)
    except ValueError:
        return MOST_COLUMNS
