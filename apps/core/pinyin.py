"""Search keys of personal names: full pinyin and initials, with surnames read as surnames.

pypinyin reads 单 as dan and 查 as cha; ``data/name_readings.csv`` holds what surnames (one to four characters) and some characters
of given names are read as, every accepted reading of each. ü is written v and u alike: 吕 is found by lv, lu and lü.
"""

import csv
import itertools
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "name_readings.csv"
MOST_READINGS = 16  # of one name; 覃乐长 has 2 × 2 × 2
_SEPARATORS = re.compile(r"[\s·•・.．'’`\-]+")


@lru_cache(maxsize=1)
def _table():
    """(surname → readings, given-name character → readings); a reading is a tuple of syllables."""
    surnames, given = {}, {}
    with TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            target = surnames if row["kind"] == "surname" else given
            target[row["text"]] = tuple(tuple(reading.split()) for reading in row["readings"].split("|"))
    return surnames, given


@lru_cache(maxsize=32768)
def _usual(char):
    """The ordinary reading of one character as one-syllable reading; letters and digits stand for themselves."""
    if char.isascii():
        return ((char.lower(),),)
    from pypinyin import Style, pinyin

    syllable = pinyin(char, style=Style.NORMAL, errors="ignore")
    if not syllable:
        return ((char,),)
    return ((unicodedata.normalize("NFC", syllable[0][0]).replace("ü", "v").replace("ê", "e"),),)


@lru_cache(maxsize=4096)
def _surname_length(head):
    surnames = _table()[0]
    return next((size for size in (4, 2) if head[:size] in surnames and len(head) >= size), 1)


@lru_cache(maxsize=32768)
def _given_readings(char):
    return _table()[1].get(char) or _usual(char)


def split_name(name):
    """(surname, given name) after NFKC, with spaces and separators removed; compound surnames of the table stay whole."""
    bare = _SEPARATORS.sub("", unicodedata.normalize("NFKC", name))
    size = _surname_length(bare[:4])
    return bare[:size], bare[size:]


def _readings(name):
    """[(surname syllables, given syllables)], most usual first, at most MOST_READINGS."""
    surname, given = split_name(name)
    if not surname:
        return []
    first = _table()[0].get(surname) or _given_readings(surname)
    rest = [_given_readings(char) for char in given]
    found = []
    for combination in itertools.islice(itertools.product(first, *rest), MOST_READINGS):
        found.append((combination[0], tuple(syllable for (syllable,) in combination[1:])))
    return found


def _spellings(syllables):
    """The joined syllables, with ü as v and as u."""
    joined = "".join(syllables)
    return (joined, joined.replace("v", "u")) if "v" in joined else (joined,)


def _initials(syllables):
    return "".join([syllable[0] for syllable in syllables])


def search_keys(name):
    """Full pinyin and initials of every reading: 单小芳 → ["shanxiaofang", "sxf"]. Blank → []."""
    keys = {}
    for surname, given in _readings(name or ""):
        for key in (*_spellings(surname + given), _initials(surname + given)):
            keys[key] = None
    return list(keys)


@lru_cache(maxsize=4096)
def _surname_forms(surname):
    """Per reading of a surname: its spellings and initials."""
    return tuple((_spellings(syllables), _initials(syllables)) for syllables in _table()[0].get(surname) or _given_readings(surname))


@lru_cache(maxsize=16384)
def _given_forms(given):
    """Per reading of a given name: its spellings and initials; the first ``MOST_READINGS``."""
    readings = itertools.islice(itertools.product(*map(_given_readings, given)), MOST_READINGS)
    joined = [tuple(syllable for (syllable,) in reading) for reading in readings]
    return tuple((_spellings(syllables), _initials(syllables)) for syllables in joined)


def search_tokens(name):
    """What a search may begin with: the name and its tails, pinyin, pinyin of the given name, initials, 全拼姓 + 首字母名.

    单小芳 → 单小芳 小芳 芳 shanxiaofang xiaofang sxf xf shanxf. A text is found when one token starts with it
    (see search_prefix); a token therefore stands for all its beginnings, and its tails make the search one for substrings.
    """
    surname, given = split_name(name or "")
    if not surname:
        return []
    whole = (surname + given).lower()
    tokens = {whole[start:]: None for start in range(len(whole))}
    pairs = itertools.product(_surname_forms(surname), _given_forms(given))
    for (surnames, surname_initials), (givens, initials) in itertools.islice(pairs, MOST_READINGS):
        for full in surnames:
            tokens[full + initials] = None
            for rest in givens:
                tokens[full + rest] = None
        tokens[surname_initials + initials] = None
        if len(given) > 1:
            tokens[initials] = None
        if given:
            tokens.update(dict.fromkeys(givens))
    return list(tokens)


def search_prefix(text):
    """What the user typed, in the form of the tokens: NFKC, lower case, no spaces or dots, ü as v. Blank → ""."""
    bare = unicodedata.normalize("NFKC", text or "").lower().replace("ü", "v").replace("u:", "v")
    return _SEPARATORS.sub("", bare)


def sort_key(name):
    """Most usual reading, a space after the surname and between syllables, then the name: lists sort by it (C collation)."""
    surname, given = split_name(name or "")
    if not surname:
        return ""
    first = (_table()[0].get(surname) or _given_readings(surname))[0]
    return " ".join([*first, *(_given_readings(char)[0][0] for char in given), surname + given])
