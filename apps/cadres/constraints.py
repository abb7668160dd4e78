"""A rule the database refuses to break reaches the user as a sentence at its field, never as a 500."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, models, transaction

from apps.core.refusal import Refused

FIELDS = {
    "cadre_id_number_once": "id_number",
    "cadre_lixiu_by_1949": "revolution_started_on",
    "cadre_death_has_date": "deceased_on",
    "cadre_born_before_work": "work_started_on",
    "cadre_work_before_retired": "retired_on",
    "cadre_born_before_death": "deceased_on",
    "cadre_retire_kind_known": "retire_kind",
    "treatment_dates_in_order": "ends_on",
    "code_once": "code",
    "code_dates_in_order": "valid_to",
}
SENTENCES = {
    "cadre_id_number_once": "这个身份证号已经登记过。如果不在您的名单里，说明此人登记在其他单位，请联系对方办理调出移交。",
    "cadre_retire_kind_known": "离退休类型只能是「离休」或「退休」。",
    "treatment_dates_in_order": "止日早于起日。",
    "code_once": "这个代码已经有了。",
    "code_dates_in_order": "停用日期早于启用日期。",
}


@contextmanager
def as_sentences(model: type[models.Model]) -> Iterator[None]:
    """Run writes of ``model`` in a savepoint; a broken constraint becomes ``Refused`` with the constraint's name as code."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
        declared = next((one for one in model._meta.constraints if one.name == name), None)
        if declared is None:
            raise
        raise Refused(SENTENCES.get(name) or str(declared.violation_error_message), code=name, field=FIELDS.get(name, "")) from error
