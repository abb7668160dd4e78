"""Citizen ID numbers (GB 11643): cleaning, checking, and what they tell about birth and sex.

Weights 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2, sum modulo 11 → ``10X98765432``. Unknown county codes are no error: the codes
of people born before 1980 were given later and many have been withdrawn since.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import mul

from apps.core.text import clean_text
from apps.core.workbooks.problems import Problem, problem
from apps.core.workbooks.values import CellError

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
_ZEROS = ord("0") * sum(WEIGHTS)
PROVINCES = frozenset(
    f"{ten}{one}" for ten, ones in (("1", "12345"), ("2", "123"), ("3", "1234567"), ("4", "123456"), ("5", "01234"), ("6", "12345"), ("7", "1"), ("8", "123"), ("9", "1"))
    for one in ones
)
NOTHING = frozenset({"", "无", "不详", "未知", "没有", "暂无", "未办", "-", "--", "—", "——", "/", "0", "空"})
FIRST_YEAR = 1840


@dataclass(frozen=True, slots=True)
class IdResult:
    """``value`` is the 18-character number, or ``None`` when blank or wrong; ``birth`` and ``sex`` (male, female) follow it."""

    value: str | None = None
    birth: date | None = None
    sex: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Nothing was written: neither a number nor a problem."""
        return self.value is None and not self.problems


def check_character(first17: str) -> str:
    """The 18th character that belongs to 17 digits."""
    return CHECK_CHARACTERS[(sum(map(mul, WEIGHTS, first17.encode("ascii"))) - _ZEROS) % 11]


def clean_id(cell: object) -> IdResult:
    """Read an ID number from any cell. A number that is not certain is never returned.

    Problems: ``id_precision_lost`` (a number cell of more than 15 digits), ``id_length``, ``id_characters``, ``id_checksum``,
    ``id_birth_impossible``, ``id_province_unknown`` (errors) and ``id_15_upgraded`` (warning, value is the 18-digit form).
    """
    if cell is None:
        return IdResult()
    if isinstance(cell, CellError):
        return _wrong(problem("cell_error", found=cell))
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
        return _wrong(problem("id_characters", found=str(cell)))
    if isinstance(cell, str):
        return _checked(cell) if _USUAL.fullmatch(cell) else _from_text(cell)
    if abs(cell) >= 1e15 or not float(cell).is_integer():
        return _wrong(problem("id_precision_lost"))
    return _from_text(str(int(cell)))


def _wrong(*problems: Problem) -> IdResult:
    return IdResult(problems=problems)


_USUAL = re.compile("[0-9]{17}[0-9X]")
_SCIENTIFIC = re.compile(r"[1-9](?:\.\d+)?E\+?1[5-8]|\d{15,18}\.0+", re.I)
_X = str.maketrans("x×хХΧχ✕✖╳", "XXXXXXXXX")


@lru_cache(maxsize=16_384)
def _from_text(cell: str) -> IdResult:
    text = unicodedata.normalize("NFKC", clean_text(cell))
    if text in NOTHING:
        return IdResult()
    if _SCIENTIFIC.fullmatch(text):
        return _wrong(problem("id_precision_lost"))
    text = re.sub(r"^(?:居民)?身份证号?码?[:：]?|[\s'’‘\"“”`,，。、;；_\-—]", "", text).translate(_X)
    if len(text) not in (15, 18):
        return _wrong(problem("id_length", length=len(text)))
    strangers = re.sub(r"\d", "", text[:-1] if text[-1] == "X" and len(text) == 18 else text)
    if strangers or not text.isascii():
        return _wrong(problem("id_characters", found=strangers))
    return _upgraded(text) if len(text) == 15 else _checked(text)


def _upgraded(old: str) -> IdResult:
    first17 = f"{old[:6]}19{old[6:]}"
    return _checked(first17 + check_character(first17), problem("id_15_upgraded"))


@lru_cache(maxsize=16_384)
def _checked(number: str, *notes: Problem) -> IdResult:
    found = []
    if number[:2] not in PROVINCES:
        found.append(problem("id_province_unknown", found=number[:2]))
    birth = _birth(number[6:14])
    if birth is None:
        found.append(problem("id_birth_impossible", found=number[6:14]))
    expected = check_character(number[:17])
    if number[17] != expected:
        found.append(problem("id_checksum", expected=expected))
    if found:
        return _wrong(*found)
    return IdResult(number, birth, "male" if int(number[16]) % 2 else "female", notes)


@lru_cache(maxsize=65_536)
def _birth(digits: str) -> date | None:
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return birth if birth.year >= FIRST_YEAR else None


def make_id(area: str, birth: date, seq: int) -> str:
    """A number with a right check character, for demonstration and tests: six-digit area, birth, sequence 0–999."""
    first17 = f"{area:0>6}{birth:%Y%m%d}{seq:03d}"
    return first17 + check_character(first17)
