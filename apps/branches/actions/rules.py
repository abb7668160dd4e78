"""New versions of the numbers of the set-up rules: from tomorrow at the earliest; what was in force stays readable."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from apps.activity import audit
from apps.branches.models import BranchRule
from apps.core.refusal import Refused


@transaction.atomic
def new_rule(*, key: str, value: Decimal, basis: str, source: str, valid_from: date, by, today: date) -> BranchRule:
    """The number of rule ``key`` from a day on. Raises ``Refused`` (fields ``valid_from``, ``value``, ``source``)."""
    if valid_from <= today:
        raise Refused("新规则最早从明天起启用。", code="start_too_early", field="valid_from")
    if value < 0:
        raise Refused("数值不能小于零。", code="negative", field="value")
    if not source.strip():
        raise Refused("请写明依据：文件名称或文号。", code="source_required", field="source")
    versions = BranchRule.objects.select_for_update().filter(key=key)
    old = max(versions, key=lambda one: one.valid_from)
    if old.valid_from >= valid_from:
        raise Refused("已有从这一天或更晚启用的新规则，请选更晚的日期。", code="start_taken", field="valid_from")
    versions.filter(Q(valid_to=None) | Q(valid_to__gte=valid_from)).update(valid_to=valid_from - timedelta(days=1))
    rule = BranchRule.objects.create(key=key, name=old.name, value=value, unit=old.unit, basis=basis, source=source.strip(), valid_from=valid_from)
    audit.record("rule.changed", rule, by=by, note="支部设置", data={"key": key, "value": str(value), "from": str(valid_from)}, title="支部设置规则")
    return rule
