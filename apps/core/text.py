"""Cleaning of text as it comes out of spreadsheets: invisible characters, widths, names, phones, numbers.

All functions are pure and take any cell value. ``clean_*`` return the cleaned value (``""`` or ``None`` for blank).
"""

import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from apps.core.workbooks.problems import Problem, problem
from apps.core.workbooks.values import CellError, MonthDate, Number, shown

_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0f\ufff9-\ufffb\U000e0000-\U000e0fff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SPACES = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u2800\u3164\uffa0]+")
_LINES = re.compile("[ ]*(?:\r\n|[\r\n\x0b\x0c\x85\u2028\u2029])+[ ]*")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_PUNCTUATION = {ord(mark) for mark in "，；：？！（）"}
_WIDTHS = {wide: narrow for wide, narrow in _FULL_WIDTH.items() if wide not in _PUNCTUATION}
_CLEAN = re.compile("[0-9A-Za-z\u3400-\u4dbf\u4e00-\u9fff，。；：？！（）、“”《》·().,:;/#+%_-]+")
_PURE_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")
_WRAPPED = re.compile(r'^="(.*)"$', re.S)

_HAN = r"\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\ue000-\uf8ff"
_HAN_ONLY = re.compile(f"^[{_HAN}·]+$")
_HAN_GAP = re.compile(f"(?<=[{_HAN}·])[ \n]+(?=[{_HAN}·])")
_NAME_TAIL = re.compile(r"[(（][^()（）]*[)）]$")


def clean_text(value: object) -> str:
    """Readable text: no invisible or control characters, ordinary spaces, half-width letters and digits.

    Full-width Chinese punctuation stays as it is. Line breaks inside a cell become one ``\\n``; runs of spaces one space.
    Whole numbers lose ``.0``; dates become ISO; error values and blanks the empty string.
    """
    if isinstance(value, str):
        return "" if isinstance(value, CellError) else _clean_string(value)
    return "" if value is None else shown(int(value) if isinstance(value, float) and _whole(value) else value)


def _whole(value: float) -> bool:
    return not isinstance(value, Number) and value.is_integer() and abs(value) < 1e15


@lru_cache(maxsize=65_536)
def _clean_string(text: str) -> str:
    if _CLEAN.fullmatch(text):
        return text
    text = unwrap(text)
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFC", text).translate(_WIDTHS)
    text = _LINES.sub("\n", _SPACES.sub(" ", text))
    return text.strip(" \n")


def unwrap(text: str) -> str:
    """Undo what programs do to keep digits as text in a csv: ``="3604…"``, a leading apostrophe, a leading tab."""
    if not text:
        return text
    wrapped = _WRAPPED.match(text.strip())
    if wrapped:
        return wrapped[1].replace('""', '"')
    return text[1:] if text[0] in "'\u2018\u2019\t`" else text


def clean_name(value: object) -> str:
    """A person's name: 王　伟 → 王伟, one ``·`` in the names of minorities, single spaces between Latin words."""
    if isinstance(value, str) and _PURE_HAN.fullmatch(value):
        return value
    return _clean_name_string(clean_text(value))


@lru_cache(maxsize=16_384)
def _clean_name_string(text: str) -> str:
    text = unicodedata.normalize("NFKC", text) if not _HAN_ONLY.match(text) else text
    text = _HAN_GAP.sub("", text.replace("\n", " "))
    text = _SPACES.sub(" ", text).strip(" *＊")
    if re.search(f"[{_HAN}]", text):
        text = re.sub(r" *[·•・‧∙⋅●᛫˙.．。`]+ *", "·", text).strip("· *＊")
    return text


def match_key(name: object) -> str:
    """What two spellings of one name have in common: no spaces, dots or notes in brackets, lower case, NFKC."""
    text = clean_name(name)
    if _PURE_HAN.fullmatch(text):
        return text
    text = unicodedata.normalize("NFKC", text)
    text = _NAME_TAIL.sub("", text)
    return re.sub(r"[\s·•・.'’\-]+", "", text).casefold()


class Phone(NamedTuple):
    """``number`` is digits with an optional area code (``0792-8123456``); ``note`` holds what else the cell said."""

    number: str = ""
    note: str = ""
    problem: Problem | None = None


_PHONE_SPLIT = re.compile(r"[,，;；、/／|\n]+|(?<=\d{7})\s+(?=\d{3})|\s*(?:或|和)\s*")
_MOBILE = re.compile(r"1[1-9]\d{9}")
_LANDLINE = re.compile(r"(01\d|02\d|0[3-9]\d{2})[- ]?([2-9]\d{6,7})(?:(?:-|转|ext\.?|x)(\d{1,6}))?", re.I)
_LOCAL = re.compile(r"[2-9]\d{6,7}")


def clean_phone(value: object) -> Phone:
    """A telephone number from any cell: floats, spaces, dashes, +86; of several the first, the rest in ``note``.

    Problems: ``phone_unparseable`` (error, number empty), ``phone_several`` and ``phone_unusual`` (warnings).
    """
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = str(value) if isinstance(value, int) else clean_text(value)
    return Phone(text) if _MOBILE.fullmatch(text) else _clean_phone_string(text)


@lru_cache(maxsize=16_384)
def _clean_phone_string(text: str) -> Phone:
    if not text or text in {"无", "-", "—", "/", "0", "没有", "暂无"}:
        return Phone()
    text = text.translate(_FULL_WIDTH)
    whole = _one_phone(text)
    if whole:
        return Phone(whole, _note_of(text))
    parts = [part.strip() for part in _PHONE_SPLIT.split(text) if part.strip()]
    found = [(number, _note_of(part)) for part in parts if (number := _one_phone(part))]
    if not found:
        return _unusual(text)
    notes = [found[0][1], *(f"{number}{f'（{note}）' if note else ''}" for number, note in found[1:])]
    notes += [part for part in parts if not _one_phone(part)]
    note = "；".join(note for note in notes if note)
    return Phone(found[0][0], note, problem("phone_several") if len(found) > 1 else None)


def _unusual(text: str) -> Phone:
    digits = re.sub(r"[^\d]", "", text)
    letters = re.search(r"[^\d\s()+\-转]", text)
    if 5 <= len(digits) <= 15 and not letters:
        return Phone(digits, "", problem("phone_unusual"))
    return Phone("", text, problem("phone_unparseable"))


def _note_of(part: str) -> str:
    return re.sub(r"[\d\s()（）+\-:：;；,，/.]|转(?=\d)|^(?:手机|电话|座机|宅电|联系电话|ext)", "", part, flags=re.I)


@lru_cache(maxsize=16_384)
def _one_phone(text: str) -> str:
    """The number in a text that holds exactly one, else the empty string."""
    bare = re.sub(r"[()（）]", "-", re.sub(r"[^\d()（）+\-转extEXT ]", "", text)).strip("- ")
    compact = re.sub(r"[\s\-]", "", bare)
    compact = re.sub(r"^(?:\+|00)?86(?=1[1-9]\d{9}$|0?[1-9]\d{8,})", "", compact)
    compact = compact[1:] if re.fullmatch(r"01[3-9]\d{9}", compact) else compact
    if _MOBILE.fullmatch(compact):
        return compact
    line = _LANDLINE.fullmatch(re.sub(r"-+", "-", re.sub(r"\s+", "", bare.replace("+86", "")).strip("-")))
    if line:
        return f"{line[1]}-{line[2]}" + (f"-{line[3]}" if line[3] else "")
    return compact if _LOCAL.fullmatch(compact) and len(compact) < 9 else ""


_NUMBER = re.compile(r"^[￥¥]?\s*([+-]?\d+(?:\.\d+)?)\s*(?:元|岁|人|个|名|年|平方米|㎡|m2|平米|月|天|次|册|%)?$", re.I)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?:\D|$))")


def clean_number(value: object) -> int | float | None | Problem:
    """A number from a number or text cell (thousands separators, units and currency signs allowed); blank → None."""
    if isinstance(value, (bool, date, datetime)):
        return problem("number_unparseable")
    if isinstance(value, (int, float)):
        return int(value) if float(value).is_integer() else float(value)
    text = clean_text(value)
    if not text or text in {"-", "—", "/", "无"}:
        return None
    text = unicodedata.normalize("NFKC", text).replace("，", ",")
    match = _NUMBER.match(_THOUSANDS.sub("", text))
    if not match:
        return problem("number_unparseable")
    number = float(match[1])
    return int(number) if number.is_integer() else number


__all__ = ["MonthDate", "Phone", "clean_name", "clean_number", "clean_phone", "clean_text", "match_key", "unwrap"]
