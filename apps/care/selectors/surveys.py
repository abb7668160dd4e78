"""Surveys of campaigns: questions, answers in words, needs and what became of them, results by question and by unit."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Avg, Count, Exists, IntegerField, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from apps.accounts.models import Organization
from apps.care.models import Campaign, NeedTaken, QuestionKind, Source, SurveyAnswer, SurveyQuestion, ToDo, ToDoState
from apps.care.selectors.campaigns import base_of, todos
from apps.care.selectors.people import people_named
from apps.core.scope import Scope, upper_bound

YES_NO = (("yes", "是"), ("no", "否"))


def questions(campaign: Campaign) -> QuerySet:
    return SurveyQuestion.objects.filter(campaign=campaign)


def question(pk: int) -> SurveyQuestion:
    """Raises ``SurveyQuestion.DoesNotExist``; whose campaign it is the caller looks up in the scope."""
    return SurveyQuestion.objects.select_related("campaign").get(pk=pk)


def with_survey(campaign_ids: set[int]) -> set[int]:
    """Which of these campaigns ask anything."""
    return set(SurveyQuestion.objects.filter(campaign__in=campaign_ids).values_list("campaign", flat=True))


def asking(scope: Scope, todo_ids: list[int]) -> set[int]:
    """Which of these to-dos belong to a campaign that asks something their person hasn't answered yet; no query for none."""
    same = Q(survivor=OuterRef("survivor")) | Q(survivor=None)
    known = SurveyAnswer.objects.filter(same, campaign=OuterRef("subject_id"), cadre=OuterRef("cadre"))
    found = ToDo.objects.visible_to(scope).filter(~Exists(known), pk__in=todo_ids, source=Source.CAMPAIGN, subject_id__in=SurveyQuestion.objects.values("campaign"))
    return set(found.values_list("pk", flat=True))


def answers(scope: Scope, campaign: Campaign) -> QuerySet:
    return SurveyAnswer.objects.visible_to(scope).filter(campaign=campaign).select_related("cadre", "survivor", "org", "by")


def answer(scope: Scope, pk: int) -> SurveyAnswer:
    """Raises ``SurveyAnswer.DoesNotExist`` outside the scope."""
    return SurveyAnswer.objects.visible_to(scope).select_related("cadre", "survivor", "org", "by", "campaign").get(pk=pk)


def answer_of(scope: Scope, todo: ToDo) -> SurveyAnswer | None:
    """What the person of a campaign's to-do has answered."""
    return SurveyAnswer.objects.visible_to(scope).filter(campaign=todo.subject_id, cadre=todo.cadre_id, survivor=todo.survivor_id).select_related("by").first()


def answered(scope: Scope, campaign: Campaign, rows: list[ToDo]) -> dict[tuple, int]:
    """(person, survivor) → answer, for the rows of one page."""
    found = SurveyAnswer.objects.visible_to(scope).filter(campaign=campaign, cadre__in=[row.cadre_id for row in rows])
    return {(cadre, survivor): pk for cadre, survivor, pk in found.values_list("cadre", "survivor", "pk")}


def answers_of(scope: Scope, cadre_id: int) -> QuerySet:
    """Everything one person has answered, with the questions, latest first."""
    found = SurveyAnswer.objects.visible_to(scope).filter(cadre=cadre_id).select_related("campaign", "survivor", "by")
    return found.prefetch_related("campaign__questions").order_by("-answered_on", "-pk")


def todo_of(scope: Scope, found: SurveyAnswer) -> ToDo | None:
    """The campaign's to-do an answer belongs to."""
    return todos(scope, found.campaign).filter(cadre=found.cadre_id, survivor=found.survivor_id).first()


def words(row: SurveyQuestion, given: dict) -> str:
    """An answer as one reads it; "" where nobody asked."""
    value = given.get(row.key)
    if value in (None, ""):
        return ""
    if row.kind == QuestionKind.YES_NO:
        return dict(YES_NO).get(value, str(value))
    return "、".join(value) if isinstance(value, list) else str(value)


def need_of(row: SurveyQuestion, given: dict) -> str:
    """The need an answer voices, as an item would put it; "" for none."""
    value = given.get(row.key)
    if not row.category or value in (None, "", [], "no"):
        return ""
    return (row.wording if value == "yes" else f"{row.wording}：{words(row, given)}")[:200]


@dataclass(frozen=True)
class Need:
    """A need of one answer and what became of it (None: nothing yet)."""

    question: SurveyQuestion
    words: str
    taken: NeedTaken | None


def needs(found: SurveyAnswer, rows: list[SurveyQuestion]) -> list[Need]:
    taken = {one.question_id: one for one in NeedTaken.objects.filter(answer=found).select_related("item__worker", "todo__worker", "by")}
    return [Need(row, said, taken.get(row.pk)) for row in rows if (said := need_of(row, found.answers))]


def voiced(row: SurveyQuestion) -> Q:
    """Answers that voice a need at this question."""
    name = f"answers__{row.key}"
    return Q(**{name: "yes"}) if row.kind == QuestionKind.YES_NO else Q(**{f"{name}__isnull": False})


def filtered(scope: Scope, campaign: Campaign, rows: list[SurveyQuestion], wanted: dict) -> QuerySet:
    """Answers narrowed by ``question`` (its key) with ``value`` ("" any), ``waiting`` (a need nobody has taken), ``org``, ``own`` and ``q``."""
    found, by_key = answers(scope, campaign), {row.key: row for row in rows}
    if org := wanted.get("org"):
        found = found.filter(org_path__gte=org.path, org_path__lt=upper_bound(org.path))
    if own := wanted.get("own"):
        found = found.filter(org_path=own.path)
    if text := (wanted.get("q") or "").strip():
        found = found.filter(cadre__in=people_named(scope, text))
    asked = by_key.get(wanted.get("question") or "")
    if asked:
        value = wanted.get("value") or ""
        found = found.filter(_said(asked, value) if value else Q(**{f"answers__{asked.key}__isnull": False}))
    if wanted.get("waiting"):
        still = Q(pk__in=[])
        for row in [asked] if asked else rows:
            if row.category:
                still |= voiced(row) & ~Exists(NeedTaken.objects.filter(answer=OuterRef("pk"), question=row))
        found = found.filter(still)
    return found.order_by("org_path", "cadre__name_sort", "pk")


def _said(row: SurveyQuestion, value: str) -> Q:
    return Q(**{f"answers__{row.key}__contains": [value]}) if row.kind == QuestionKind.SEVERAL else Q(**{f"answers__{row.key}": value})


@dataclass
class Choice:
    value: str
    label: str
    count: int
    share: float | None


@dataclass
class Result:
    """One question: how many answered and what. ``texts``: some of the latest, ``mean`` of numbers; ``need``: how many voiced one, ``waiting`` of them untaken."""

    question: SurveyQuestion
    answered: int = 0
    choices: list[Choice] = field(default_factory=list)
    texts: list[tuple[SurveyAnswer, str]] = field(default_factory=list)
    mean: float | None = None
    need: int = 0
    waiting: int = 0


@dataclass
class UnitNeeds:
    """A unit's row of the table of needs: how many voiced each, in the order of the questions."""

    label: str
    query: str
    answered: int
    counts: list[tuple[SurveyQuestion, int]]


@dataclass
class Asked:
    """How many of those still in the campaign (``asked``) have answered."""

    asked: int
    answered: int

    @property
    def share(self) -> float | None:
        return min(self.answered / self.asked, 1) if self.asked else None


@dataclass
class Results(Asked):
    waiting: int
    results: list[Result]
    units: list[UnitNeeds]

    @property
    def of_needs(self) -> list[Result]:
        return [result for result in self.results if result.question.category]


def _choices(row: SurveyQuestion) -> list[tuple[str, str]]:
    return list(YES_NO) if row.kind == QuestionKind.YES_NO else [(option, option) for option in row.options]


def results(scope: Scope, campaign: Campaign, rows: list[SurveyQuestion], texts: int = 5) -> Results:
    """Everything counted in one statement; texts, units and what nobody has taken yet in a few more."""
    found, wanted = answers(scope, campaign).order_by().select_related(None), {"n": Count("pk")}
    for row in rows:
        wanted[f"{row.key}_any"] = Count("pk", filter=Q(**{f"answers__{row.key}__isnull": False}))
        wanted |= {f"{row.key}_{n}": Count("pk", filter=_said(row, value)) for n, (value, _) in enumerate(_choices(row))}
        if row.kind == QuestionKind.NUMBER:
            wanted[f"{row.key}_mean"] = Avg(Cast(KeyTextTransform(row.key, "answers"), IntegerField()))
        if row.category:
            wanted[f"{row.key}_need"] = Count("pk", filter=voiced(row))
    counted = found.aggregate(**wanted)
    made = []
    for row in rows:
        any_ = counted[f"{row.key}_any"]
        choices = [Choice(value, label, n := counted[f"{row.key}_{place}"], n / any_ if any_ else None) for place, (value, label) in enumerate(_choices(row))]
        need = counted.get(f"{row.key}_need", 0)
        waiting = filtered(scope, campaign, rows, {"question": row.key, "waiting": True}).order_by().count() if need else 0
        made.append(Result(row, any_, choices, _texts(scope, campaign, row, texts), counted.get(f"{row.key}_mean"), need, waiting))
    return Results(done_so_far(scope, campaign).asked, counted["n"], sum(result.waiting for result in made), made, _units(scope, campaign, [row for row in rows if row.category]))


def done_so_far(scope: Scope, campaign: Campaign) -> Asked:
    return Asked(todos(scope, campaign).exclude(state=ToDoState.CLOSED).count(), answers(scope, campaign).count())


def _texts(scope: Scope, campaign: Campaign, row: SurveyQuestion, most: int) -> list[tuple[SurveyAnswer, str]]:
    if row.kind != QuestionKind.TEXT or not most:
        return []
    found = answers(scope, campaign).filter(**{f"answers__{row.key}__isnull": False}).order_by("-at", "-pk")[:most]
    return [(one, one.answers[row.key]) for one in found]


def _units(scope: Scope, campaign: Campaign, rows: list[SurveyQuestion]) -> list[UnitNeeds]:
    base, parts = base_of(scope, campaign), defaultdict(lambda: [0] * (len(rows) + 1))
    counts = {f"n{n}": Count("pk", filter=voiced(row)) for n, row in enumerate(rows)}
    for one in answers(scope, campaign).order_by().select_related(None).values("org_path").annotate(n=Count("pk"), **counts):
        rest = one["org_path"].removeprefix(base).strip("/")
        part = parts[base + rest.split("/")[0] + "/" if rest else base]
        for place, name in enumerate(("n", *counts)):
            part[place] += one[name]
    places = {org.path: org for org in Organization.objects.filter(path__in=parts)}
    made = []
    for path in sorted(parts):
        org, (total, *rest) = places[path], parts[path]
        own = path == base
        made.append(UnitNeeds(f"{org.label}（本级）" if own else org.label, f"{'own' if own else 'org'}={org.pk}", total, list(zip(rows, rest, strict=True))))
    return made


