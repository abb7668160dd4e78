"""Column titles as offices write them, brought to a form that can be compared."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from apps.core.workbooks.values import CellError, Number, Value, shown

_BRACKETS = re.compile(r"[(\[【〔{<《（][^()\[\]【】〔〕{}<>《》（）]*[)\]】〕}>》）]")
_OPEN_BRACKET = re.compile(r"[(\[【〔（].*$")
_EXAMPLE = re.compile(r"(?:例如|例|如|示例|格式|填写|请填|必填|选填|必须|单位)\s*[:：].*$")
_NOISE = re.compile(r"[\s*＊★☆※#:：;；,，.。、·•\"'“”‘’_\-—~～|?？!！]+|必填项?$|选填$")
_ORDINAL = re.compile(r"^(?:\d{1,2}[.、．)]|[一二三四五六七八九十]{1,2}、)")
_SPACE = re.compile(r"\s")
_CIRCLED = re.compile("^[①-⑳]")


LONGEST_KEY = 120


def memory_key(text: str) -> str:
    """A title as it is remembered: without spaces and width, remarks kept, since 备注（1） and 备注（2） are two columns."""
    return "".join(unicodedata.normalize("NFKC", re.sub("[\u200b-\u200f\ufeff]", "", text)).split())[:LONGEST_KEY]


@lru_cache(maxsize=16_384)
def normal_title(text: str) -> str:
    """出生 年月*（必填，如1945.08） → 出生年月: no spaces, marks, numbering, units or remarks in brackets; lower case."""
    plain = unicodedata.normalize("NFKC", _CIRCLED.sub("", text))
    plain = re.sub("[\u200b-\u200f\ufeff]", "", plain)
    plain = _ORDINAL.sub("", plain.strip())
    for _depth in range(3):
        plain = _BRACKETS.sub("", plain)
    plain = _EXAMPLE.sub("", _OPEN_BRACKET.sub("", plain) or plain)
    return _NOISE.sub("", plain).casefold()


def as_title(value: Value) -> str:
    """What stands in a title cell, on one line."""
    if value is None or isinstance(value, CellError):
        return ""
    text = shown(int(value) if isinstance(value, Number) and value.is_integer() else value)
    return re.sub(r"\s+", " " if text.isascii() else "", text).strip() if _SPACE.search(text) else text


class AliasIndex:
    """Finds the fields of a title. ``aliases``: field → all the titles it goes by; ``apart``: see ``find_header``."""

    def __init__(self, aliases: Mapping[str, Sequence[str]], apart: Sequence[str] = ()):
        self.fields: dict[str, tuple[str, ...]] = {}
        self.apart = tuple(filter(None, map(normal_title, apart)))
        for field, names in aliases.items():
            for name in names:
                title = normal_title(name) if "/" not in name else _joined(name)
                known = self.fields.get(title, ())
                if title and field not in known:
                    self.fields[title] = (*known, field)

    def find(self, parent: str, child: str) -> tuple[tuple[str, ...], bool]:
        """Fields of a title under a parent title (either may be empty), and whether both levels were needed for them.

        Tried in turn: joined 上级/下级, run together 上级下级, then the child alone unless the parent speaks of someone else.
        """
        up, down = normal_title(parent), normal_title(child)
        if not up or not down or up == down:
            return self.fields.get(down or up, ()), True
        for title in (f"{up}/{down}", f"{up}{down}"):
            if title in self.fields:
                return self.fields[title], True
        return ((), True) if self.is_apart(parent) else (self.fields.get(down, ()), False)

    def is_apart(self, parent: str) -> bool:
        """Whether columns under this title speak of someone else."""
        up = normal_title(parent)
        return any(word in up for word in self.apart)


def _joined(name: str) -> str:
    parent, _, child = name.partition("/")
    return f"{normal_title(parent)}/{normal_title(child)}"
