"""One box: a name or part of it, pinyin, a unit, the last four or all of an ID number, a phone.

Under row-level security PostgreSQL uses an index only through leakproof operators. ``@@`` isn't one, so the GIN index serves only whoever
sees the whole deployment; everybody else reads ``cadre_list`` — ordered by place, with the vector inside — within the range of his
own place, without touching the table. ID numbers and phones are found by plain equality, which every role may use.
"""

import re
import unicodedata
from functools import reduce
from operator import and_, or_

from django.contrib.postgres.search import SearchVectorField
from django.db.models import F, Func, Lookup, Q, QuerySet
from django.db.models.fields import BooleanField

from apps.accounts.models import Organization
from apps.cadres.columns import id_index, phone_index
from apps.cadres.models import Cadre, Standing
from apps.core.id_numbers import clean_id
from apps.core.pinyin import search_prefix
from apps.core.scope import Scope, upper_bound

MOST_WORDS = 4
MOST_UNITS = 30
LONGEST = 60
_DIGITS = re.compile(r"\d{3}[\dXx]")
_PHONE = re.compile(r"1\d{10}")


@SearchVectorField.register_lookup
class HasPrefix(Lookup):
    """``search__has_prefix="sxf"``: a lexeme begins with the text, which is taken literally."""

    lookup_name = "has_prefix"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        left, params = self.process_lhs(compiler, connection)
        literal = "'" + str(self.rhs).replace("\\", "\\\\").replace("'", "''") + "':*"
        return f"{left} @@ %s::tsquery", [*params, literal]


def matching(scope: Scope, text: str) -> QuerySet:
    """People in the scope whom the typed text may mean; everybody for a blank one, nobody for text that can't be a name."""
    people = Cadre.objects.visible_to(scope).exclude(standing=Standing.MERGED)
    text = unicodedata.normalize("NFKC", text or "").strip()[:LONGEST]
    return people.filter(condition(scope, text)) if text else people


def by_id_number(scope: Scope, number: str) -> QuerySet:
    """The person with exactly this clean 18-character number, as far as the scope reaches."""
    return Cadre.objects.visible_to(scope).filter(id_index=id_index(number))


def condition(scope: Scope, text: str) -> Q:
    """What a row must satisfy to be found by ``text`` (not blank)."""
    compact = re.sub(r"[\s\-]", "", text).upper()
    if number := clean_id(compact).value:
        return Q(id_index=id_index(number))
    if _PHONE.fullmatch(compact):
        return Q(phone_index=phone_index(compact))
    if _DIGITS.fullmatch(compact):
        return Q(id_last4=compact)
    words = [word for word in (search_prefix(part) for part in _parts(text)[:MOST_WORDS]) if word]
    return reduce(and_, (_word(scope, word) for word in words), Q()) if words else Q(pk__in=[])


def _parts(text: str) -> list[str]:
    """Words between spaces; neighbouring Latin ones are one (shan xiao fang is typed pinyin)."""
    return re.sub(r"(?<=[!-~])\s+(?=[!-~])", "", text).split()


def _word(scope: Scope, word: str) -> Q:
    ranges = (Q(org_path__gte=path, org_path__lt=upper_bound(path)) for path in _units(scope, word))
    return reduce(or_, ranges, Q(search__has_prefix=word))


def _units(scope: Scope, word: str) -> list[str]:
    """Paths of units in the scope whose name holds the word; a Latin letter or single character names no unit."""
    if word.isascii() or len(word) < 2:
        return []
    found = Organization.objects.visible_to(scope).filter(Q(name__contains=word) | Q(short_name__contains=word)).order_by("path")
    paths: list[str] = []
    for path in found.values_list("path", flat=True)[:MOST_UNITS]:
        if not (paths and path.startswith(paths[-1])):
            paths.append(path)
    return paths


class RowCompare(Func):
    """``ROW(a, b) > ROW(x, y)``: the first half of the expressions against the second; what paging by key asks."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, left: list, operator: str, right: list) -> None:
        super().__init__(*[F(one) if isinstance(one, str) else one for one in left], *right)
        self.operator, self.width = operator, len(left)

    def as_sql(self, compiler, connection, **extra):
        compiled = [compiler.compile(one) for one in self.source_expressions]
        sides = [", ".join(sql for sql, _ in part) for part in (compiled[: self.width], compiled[self.width :])]
        return f"(ROW({sides[0]}) {self.operator} ROW({sides[1]}))", [value for _, params in compiled for value in params]
