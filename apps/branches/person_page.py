"""Which branch a person belongs to, on the person's page."""

from apps.accounts.permissions import Right
from apps.branches.checking import dues
from apps.branches.selectors.members import memberships_of
from apps.branches.selectors.rules import rules_in_force
from apps.branches.standards import PARTY_MEMBERS
from apps.cadres.registries import PANELS, Panel


def context(request, cadre) -> dict:
    """Present and former memberships; a link only where the branch lies in one's own place."""
    rows = list(memberships_of(cadre.pk)) if Right.BRANCH_VIEW in request.rights else []
    rules = rules_in_force(request.today) if any(one.dues_base is not None and not one.left_on for one in rows) else {}
    for one in rows:
        one.open = request.scope.covers(one.branch.org_path)
        one.dues = dues(one.dues_base, one.dues_rate, rules) if one.dues_base is not None and not one.left_on else None
    return {"memberships": rows, "party": cadre.political_status in PARTY_MEMBERS and Right.BRANCH_VIEW in request.rights}


PANELS.add("branches", Panel("党支部", "overview", "branches/_person.html", context, order=210))
