"""Cases that move by steps: the table, taking one step, the trail that stays, the drawing of it.

A module ``workflow.py`` in an app holds its table; ``apps.core.workflow.WORKFLOWS`` knows them all, so that one test walks every state × step and one command
draws ``docs/workflows/``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db import models

from apps.core.refusal import Refused, Stale
from apps.core.registry import Registry

Against = Callable[..., str]
"""``(case, key, *, by, today)`` → what speaks against the step now, as a sentence; "" when nothing does."""


@dataclass(frozen=True)
class Step:
    """One row of the table. ``rights``: any one of them. ``asks``: a reason must be given. ``back``: it takes something back, or ends the case.
    ``done``: the sentence shown afterwards. ``actor``: who takes it, in the words of the office, for the drawing."""

    label: str
    sources: tuple[str, ...]
    target: str
    rights: tuple[str, ...]
    done: str
    asks: bool = False
    back: bool = False
    actor: str = ""


@dataclass(frozen=True)
class Workflow:
    """``states``: the TextChoices of the case's ``state``; ``noun``: how a sentence names a case; ``against``: further conditions, asked in order once the state fits;
    ``terms``: those conditions in words, step → what must hold, for the drawing."""

    name: str
    noun: str
    states: type[models.TextChoices]
    steps: dict[str, Step]
    against: tuple[Against, ...] = ()
    terms: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, step in self.steps.items():
            unknown = {*step.sources, step.target} - set(self.states.values)
            if unknown:
                raise ValueError(f"{self.name}: step {key} names unknown states {sorted(unknown)}")

    def reason_against(self, case, key: str, *, by, today: date) -> str:
        """Why ``by`` can't take this step today, as a sentence; "" when it can be taken. Rights are the view's business."""
        step = self.steps[key]
        if case.state not in step.sources:
            return f"{self.noun}现在是“{self.states(case.state).label}”，不能{step.label}。"
        return next((sentence for asked in self.against if (sentence := asked(case, key, by=by, today=today))), "")

    def open_to(self, case, rights) -> list[str]:
        """Steps that lead on from where the case stands and that one of ``rights`` allows, in the order of the table."""
        return [key for key, step in self.steps.items() if case.state in step.sources and set(step.rights) & set(rights)]


WORKFLOWS: Registry[Workflow] = Registry("workflow")


class Trail(models.Model):
    """Who took which step, when, from where to where, and why. Concrete tables add ``case``, their place and the triggers that let nobody alter a row."""

    step = models.CharField("步骤", max_length=16, db_collation="C")
    before = models.CharField("原状态", max_length=16, blank=True)
    after = models.CharField("现状态", max_length=16)
    note = models.CharField("意见", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="办理人", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        abstract = True


def lock(found: models.QuerySet, pk: int, version: int | None = None):
    """The case under a row lock. Raises ``Stale`` when it isn't the version the form was made with."""
    held = found.select_for_update(of=("self",)).get(pk=pk)
    if version is not None and held.version != version:
        raise Stale()
    return held


def take(flow: Workflow, held, key: str, *, by, today: date, now: datetime, note: str = "", effect: Callable | None = None, write: Callable, **given) -> str:
    """Move ``held``, a case under ``lock``, by the step ``key`` and return the state it came from.

    ``effect(held, by=, today=, **given)`` sets what the step brings along; ``write(held, step=, before=, note=, by=, at=)`` puts the line into the trail (and the
    audit). Raises ``Refused``: 409 when something speaks against it, field ``note`` when a reason is missing.
    """
    step, note = flow.steps[key], note.strip()
    if sentence := flow.reason_against(held, key, by=by, today=today):
        raise Refused(sentence, code="step_refused", status=409)
    if step.asks and not note:
        raise Refused("请写明原因。", code="note_required", field="note")
    before = held.state
    if effect:
        effect(held, by=by, today=today, **given)
    held.state, held.version = step.target, held.version + 1
    held.save()
    write(held, step=key, before=before, note=note[:300], by=by, at=now)
    return before


def drawn(flow: Workflow) -> str:
    """The table as a Markdown page: a state diagram (Mermaid) and the steps one by one."""
    numbers = {state: f"s{n}" for n, state in enumerate(flow.states.values)}
    lines = [f"# {flow.name}", "", "Drawn from the table by `python manage.py draw_workflows`; don't edit.", "", "```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{label}" as {numbers[state]}' for state, label in flow.states.choices]
    lines += [f"    {numbers[source]} --> {numbers[step.target]}: {step.label}" for step in flow.steps.values() for source in step.sources]
    lines += ["```", "", "| step | from | to | who | what must hold |", "|---|---|---|---|---|"]
    for key, step in flow.steps.items():
        sources = "、".join(flow.states(one).label for one in step.sources)
        terms = "；".join(part for part in (flow.terms.get(key, ""), "写明原因" if step.asks else "") if part)
        who = step.actor or "、".join(str(right) for right in step.rights)
        lines.append(f"| {step.label} `{key}` | {sources} | {flow.states(step.target).label} | {who} | {terms or '—'} |")
    return "\n".join(lines) + "\n"
