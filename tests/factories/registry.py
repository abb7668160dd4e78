"""People of the registry with everything a page reads; made through the registry's own actions. Call inside a scope."""

from datetime import date

from apps.cadres import actions, standards
from apps.cadres.models import Cadre
from apps.core.dates import parse_date
from apps.core.id_numbers import make_id
from apps.core.scope import current_scope

TODAY = date(2026, 11, 22)
AREA = "360499"


def number(born: str = "1940-05-01", seq: int = 17) -> str:
    """An ID number of a county that doesn't exist; an odd ``seq`` is a man's."""
    return make_id(AREA, date.fromisoformat(born), seq)


def values(name: str = "王德福", **given) -> dict:
    """Clean values; dates may be given as text."""
    found = {"name": name, "retire_kind": "retired", "sex": "1", "born_on": "1940-05-01"} | given
    return {key: parse_date(value) if key.endswith("_on") and isinstance(value, str) else value for key, value in found.items()}


def register(org, by, name: str = "王德福", **given) -> Cadre:
    standards.load()
    return actions.register_cadre(org=org, values=values(name, **given), by=by, scope=current_scope(), today=TODAY)
