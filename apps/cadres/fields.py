"""The fields of a person in the order people think of them: the one list behind the form, the API, the page and the export."""

SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("身份", ("name", "former_name", "sex", "id_number", "born_on", "ethnicity", "native_place", "marital", "education", "professional_title")),
    ("离退休", ("retire_kind", "retired_on", "rank", "treatment_level", "medical_treatment", "counts_in_statistics")),
    (
        "工作经历",
        ("work_started_on", "revolution_started_on", "revolution_period_confirmed", "original_unit", "original_post", "unit_nature", "personnel_kind", "honours"),
    ),
    ("政治面貌", ("political_status", "party_joined_on", "party_branch", "party_post")),
    ("居住", ("address", "residence_region", "residence_kind", "living", "resettled", "resettled_place", "receiving_unit")),
    ("联系方式", ("phone", "landline", "emergency_name", "emergency_relation", "emergency_phone")),
    ("健康", ("health", "self_care", "illness", "hospital", "family_doctor")),
    ("特长与备注", ("skills", "hobbies", "note")),
)
EDITABLE: tuple[str, ...] = tuple(name for _, names in SECTIONS for name in names)

MASKED_BESIDE = {"id_number": "id_masked", "phone": "phone_masked", "landline": "landline_masked", "emergency_phone": "emergency_phone_masked"}
"""Encrypted field → the column that holds its mask."""
