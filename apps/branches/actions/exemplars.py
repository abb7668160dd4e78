"""典型: chosen, described, published and taken down."""

from datetime import date

from django.db import transaction

from apps.activity import audit
from apps.branches.actions.branches import held as held_branch
from apps.branches.models import Branch, Exemplar
from apps.cadres.constraints import as_sentences
from apps.core.calendar import quarter_of
from apps.core.refusal import Refused
from apps.core.workflow import lock


@transaction.atomic
def write_exemplar(*, branch: Branch, title: str, text: str, publish: bool, by, today: date, exemplar: Exemplar | None = None, version: int | None = None) -> Exemplar:
    """Describe ``branch`` as of this quarter, or change what was written; ``publish`` shows it to the city, or takes it down. Raises ``Refused`` (fields ``title``,
    ``text``), ``Stale``."""
    found = held_branch(branch)
    if not title.strip():
        raise Refused("请写标题，说出做法，如：送学上门“四个一”。", code="title_required", field="title")
    if not text.strip():
        raise Refused("请写做法：怎么做的、有什么成效、别人怎么学。", code="text_required", field="text")
    quarter = quarter_of(today)
    made = lock(Exemplar.objects.filter(branch=found), exemplar.pk, version) if exemplar else Exemplar(branch=found, year=quarter.year, quarter=quarter.q, by=by, version=0)
    made.org, made.title, made.text = found.org, title.strip(), text.strip()
    made.published_on = (made.published_on or today) if publish else None
    made.version += 1
    with as_sentences(Exemplar):
        made.save()
    audit.record("exemplar.written", made, by=by, title=str(found), data={"published": publish})
    return made
