"""换届: its papers one after the other, each with its day, number and file."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from apps.activity import audit
from apps.branches.actions.branches import held as held_branch
from apps.branches.actions.committees import present_term
from apps.branches.models import Committee, ElectionPaper, ElectionStep
from apps.branches.standards import ELECTION_PAPER
from apps.cadres.constraints import as_sentences
from apps.core.refusal import Refused
from apps.files.storage import accept_documents, save

MOST_FILES = 9


def _held(term: Committee) -> Committee:
    """Under the branch's lock. Raises ``Refused`` where it isn't the present one any more."""
    branch = held_branch(term.branch)
    if (now := present_term(branch)) is None or now.pk != term.pk:
        raise Refused("新一届已经登记，这一届的换届材料不再改。", code="term_over", status=409)
    return now


@transaction.atomic
def register_paper(*, term: Committee, step: str, done_on: date, by, today: date, document_no: str = "", note: str = "", files: Iterable = ()) -> ElectionPaper:
    """Register a paper of the 换届 after ``term``; the one before it must be there. Raises ``Refused`` (fields ``done_on``, ``files``)."""
    held = _held(term)
    known = {one.step: one for one in ElectionPaper.objects.filter(term=held)}
    place = ElectionStep.values.index(step)
    last = known.get(ElectionStep.values[place - 1]) if place else None
    if place and last is None:
        raise Refused(f"请先登记“{ElectionStep(ElectionStep.values[place - 1]).label}”。", code="order", status=409)
    if done_on > today:
        raise Refused("日期不能晚于今天。", code="date_future", field="done_on")
    if last and done_on < last.done_on:
        raise Refused(f"不能早于上一份材料的 {last.done_on:%Y-%m-%d}。", code="date_order", field="done_on")
    if done_on <= held.starts_on:
        raise Refused(f"应在现任一届开始的 {held.starts_on:%Y-%m-%d} 以后。", code="date_order", field="done_on")
    accepted = accept_documents(files, most=MOST_FILES, field="files")
    made = ElectionPaper(term=held, org=held.org, step=step, done_on=done_on, document_no=document_no.strip(), note=note.strip(), by=by)
    with as_sentences(ElectionPaper):
        made.save()
    for one in accepted:
        save(one.content, name=one.name, content_type=one.content_type, label=ELECTION_PAPER, org=held.org, by=by, subject_id=made.pk)
    audit.record("election.paper", held, by=by, title=str(held.branch), note=made.get_step_display(), data={"step": step, "day": str(done_on)})
    return made


@transaction.atomic
def remove_paper(*, paper: ElectionPaper, by) -> None:
    """Registered by mistake; only the last one. Raises ``Refused``."""
    held = _held(paper.term)
    last = ElectionPaper.objects.filter(term=held).order_by("-pk").first()
    if last is None or last.pk != paper.pk:
        raise Refused("请从最后登记的一份撤起。", code="not_last", status=409)
    audit.record("election.paper", held, by=by, title=str(held.branch), note=f"撤回{paper.get_step_display()}")
    last.delete()
