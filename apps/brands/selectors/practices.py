"""经验做法: the lists, one practice, who took it over, what was asked about it."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from apps.accounts.models import Organization
from apps.brands.models import HOLDING, TAKEN, Brand, Practice, PracticeList, Question, StudyPlan
from apps.brands.selectors.files import Files, sorted_out
from apps.brands.standards import PRACTICE_FILE
from apps.core.metrics import behind
from apps.core.scope import Scope, above, system_scope
from apps.files.models import StoredFile


def lists(scope: Scope) -> QuerySet:
    """Those of one's own place and below, and what a place above has issued."""
    inside = Q(pk__in=PracticeList.objects.visible_to(scope).values("pk"))
    return PracticeList.objects.filter(inside | Q(org_path__in=above(scope), issued_on__isnull=False)).select_related("org").annotate(n=Count("practices"))


def practice_list(scope: Scope, pk: int) -> PracticeList:
    """Raises ``PracticeList.DoesNotExist``."""
    return lists(scope).get(pk=pk)


def own_list(scope: Scope, pk: int) -> PracticeList:
    """One that may be written: at or below one's own place. Raises ``PracticeList.DoesNotExist``."""
    return PracticeList.objects.visible_to(scope).select_related("org").get(pk=pk)


def practices(scope: Scope) -> QuerySet:
    return Practice.objects.filter(listed__in=lists(scope).order_by().values("pk")).select_related("listed", "owner", "org")


def practice(scope: Scope, pk: int) -> Practice:
    """Raises ``Practice.DoesNotExist``."""
    return practices(scope).get(pk=pk)


def filtered(scope: Scope, wanted: dict, today: date) -> QuerySet:
    """Issued ones, the newest list first; narrowed by ``q``, ``fit`` (of ``FitFor``), ``metric``."""
    found = practices(scope).filter(listed__issued_on__isnull=False)
    if wanted.get("metric"):
        found = behind(found, scope, wanted["metric"], wanted.get("period", ""), today)
    if text := (wanted.get("q") or "").strip():
        found = found.filter(Q(title__icontains=text) | Q(brand_name__icontains=text) | Q(owner__name__icontains=text))
    if wanted.get("fit"):
        found = found.filter(fit_for__contains=[wanted["fit"]])
    return found.order_by("-listed__issued_on", "listed", "number")


def adoptions(found: Iterable[Practice]) -> dict[int, int]:
    """Practice → how many places have taken it over, wherever they lie: the number alone."""
    with system_scope("adoptions of practices"):
        rows = StudyPlan.objects.filter(practice__in=[one.pk for one in found], state__in=TAKEN).order_by().values("practice").annotate(n=Count("org", distinct=True))
        return {row["practice"]: row["n"] for row in rows}


def learners(one: Practice) -> list[tuple[str, str, date]]:
    """(place, state in words, since) of everybody who learns or learned it: that much is told to all who read the list."""
    with system_scope("who learns a practice"):
        plans = StudyPlan.objects.filter(practice=one).select_related("org").order_by("started_on", "pk")
        return [(plan.org.name, plan.get_state_display(), plan.started_on) for plan in plans]


def learners_of(brand: Brand) -> list[tuple[str, str, str]]:
    """(place, practice, state in words) of everybody who learns from the brand, wherever they lie."""
    with system_scope("who learns from a brand"):
        plans = StudyPlan.objects.filter(practice__brand=brand).select_related("org", "practice").order_by("started_on", "pk")
        return [(plan.org.name, plan.practice.title, plan.get_state_display()) for plan in plans]


def questions(one: Practice) -> QuerySet:
    return Question.objects.filter(practice=one).select_related("asker", "answered_by")


def question(one: Practice, pk: int) -> Question:
    """Raises ``Question.DoesNotExist``."""
    return questions(one).get(pk=pk)


def shown_to(scope: Scope) -> QuerySet:
    """Named brands whose practice stands on a list the scope reads: their page is open to it. Ask inside ``system_scope``."""
    return Brand.objects.filter(state__in=HOLDING, practices__in=practices(scope).filter(listed__issued_on__isnull=False).order_by().values("pk")).distinct()


def brand_shown(scope: Scope, one: Practice) -> bool:
    """Whether the page of the brand it comes from is open to the reader."""
    with system_scope("a brand shown where its practice is read"):
        return Brand.objects.visible_to(scope).filter(pk=one.brand_id).exists() or shown_to(scope).filter(pk=one.brand_id).exists()


def files(one: Practice) -> QuerySet:
    """Papers and pictures of the practice, the first first; they lie with the city. Ask where its place is in scope, or inside ``system_scope``."""
    return StoredFile.objects.filter(label=PRACTICE_FILE, subject_id=one.pk).order_by("pk")


def files_read(one: Practice) -> Files:
    """``one`` as the reader has it already; what lies with it is read along."""
    with system_scope("papers of a practice"):
        return sorted_out(files(one))


def file(one: Practice, key: UUID) -> StoredFile:
    """Raises ``StoredFile.DoesNotExist``."""
    return files(one).get(key=key)


def owns(one: Practice, org: Organization) -> bool:
    """Whether ``org`` is the place the practice comes from, or lies above it: may answer."""
    return one.owner.path.startswith(org.path)


def may_be_listed(scope: Scope) -> QuerySet:
    """Brands whose practices may go on a list: named ones."""
    return Brand.objects.visible_to(scope).filter(state__in=HOLDING).select_related("org").order_by("org_path", "pk")
