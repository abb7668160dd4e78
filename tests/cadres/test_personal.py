"""Every personal field is classed, and what is closed leaves neither with a list nor with an export."""

import pytest
from django.contrib.contenttypes.fields import GenericForeignKey

from apps.branches.models import CommitteeMember, PartyMember
from apps.cadres.exports import exported_fields
from apps.cadres.models import Cadre, Relative, StatusChange, Survivor, Treatment
from apps.core.personal_data import PersonalClass, classes

TECHNICAL = {
    "id", "org", "org_path", "cadre", "version", "created_at", "created_by", "updated_at", "recorded_at", "recorded_by", "counts_in_statistics",
    "revolution_period_confirmed",
}  # fmt: skip


@pytest.mark.parametrize("model", [Cadre, Relative, Survivor, StatusChange, Treatment, PartyMember, CommitteeMember])
def test_every_field_is_classed(model):
    names = {field.name for field in model._meta.get_fields() if field.concrete and not isinstance(field, GenericForeignKey)}
    personal = {name for name in names if name not in TECHNICAL and not name.endswith("_precision")}
    assert personal <= set(classes(model))


@pytest.mark.parametrize("name", ["id_number", "phone", "landline", "emergency_phone"])
def test_numbers_are_closed(name):
    assert classes(Cadre)[name] == PersonalClass.MASKED


def test_illness_never_leaves_with_a_list():
    assert classes(Cadre)["illness"] == PersonalClass.SECRET
    assert "illness" not in exported_fields()


def test_nothing_of_a_person_is_public():
    assert PersonalClass.PUBLIC not in {value for model in (Cadre, Relative, Survivor, Treatment, StatusChange) for value in classes(model).values()}
