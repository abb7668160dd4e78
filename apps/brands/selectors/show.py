"""The brand page for visitors: at its own place, and wherever a list of practices carries what it learned."""

from apps.brands.models import Brand
from apps.brands.selectors.brands import brands, files_of, places, standing
from apps.brands.selectors.practices import learners_of, shown_to
from apps.brands.selectors.reports import course
from apps.core.scope import Scope, system_scope

MOST_PICTURES = 6


def shown(scope: Scope, pk: int) -> dict:
    """Everything ``brands/show.html`` tells; ``inside``: whether the reader may open the brand itself. Raises ``Brand.DoesNotExist``."""
    inside = brands(scope).filter(pk=pk).exists()
    with system_scope("a brand shown where its practice is read"):
        found = (Brand.objects if inside else shown_to(scope)).select_related("org", "logo").get(pk=pk)
        rungs = places(found)
        return {
            "brand": found, "inside": inside, "pictures": files_of(found).pictures[:MOST_PICTURES], "goals": standing(found), "places": rungs, "chart": course(found),
            "reached": sum(one.people for _, rows in rungs for one in rows if not one.ended_on), "learners": learners_of(found),
        }  # fmt: skip
