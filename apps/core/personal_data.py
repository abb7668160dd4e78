"""Classes of personal data, masks, and the scrubbing of log lines.

A model says beside its fields what each one is, and how it is masked::

    PERSONAL = {"name": PersonalClass.INSIDE, "id_number": PersonalClass.MASKED, "illness": PersonalClass.SECRET}
    MASKS = {"id_number": "id"}

Lists, export columns, log scrubbing and demo data all read this one table. Needs no settings: logging is configured with it.
"""

import re
from enum import StrEnum
from functools import lru_cache


class PersonalClass(StrEnum):
    """Ordered from open to closed; compare with ``rank``."""

    PUBLIC = "public"  # may stand in publicity material
    INSIDE = "inside"  # whoever may see the person's organisation
    MASKED = "masked"  # shown masked; opening asks for a reason and is recorded
    SECRET = "secret"  # never in lists; only where a right names it

    @property
    def rank(self):
        return list(PersonalClass).index(self)


def _declared(model):
    found = {}
    for base in reversed(model.__mro__):
        found |= vars(base).get("PERSONAL", {})
    return found


def classes(model):
    """Field name → PersonalClass, those of abstract bases included. ValueError names an entry that isn't a field."""
    found = _declared(model)
    strangers = set(found) - {field.name for field in model._meta.get_fields()}
    if strangers:
        raise ValueError(f"{model.__name__}.PERSONAL names no field: {', '.join(sorted(strangers))}")
    return {name: PersonalClass(value) for name, value in found.items()}


def fields_of_class(model, *wanted):
    """Names of the model's fields in the given classes, in the order of the declaration."""
    return [name for name, value in classes(model).items() if value in wanted]


def fields_up_to(model, highest):
    """Names of the model's fields that are no more closed than ``highest``: what an export of that class may hold."""
    return [name for name, value in classes(model).items() if value.rank <= highest.rank]


def mask_id(value):
    """360402194005120315 → 3604**********0315; anything shorter than ten characters is covered whole."""
    text = (value or "").strip()
    if len(text) < 10:
        return "*" * len(text)
    return text[:4] + "*" * (len(text) - 8) + text[-4:]


def _mask_digits(match):
    run = match.group()
    if len(run) >= 11:
        return run[:-8] + "****" + run[-4:]
    return "*" * (len(run) - 2) + run[-2:]


def mask_phone(value):
    """13812342206 → 138****2206; 0792-8221234 → 0792-*****34; several numbers in one text are each masked."""
    text = (value or "").strip()
    if len(text) == 11 and text.isdecimal():
        return f"{text[:3]}****{text[7:]}"
    masked, count = re.subn(r"\d{5,}", _mask_digits, text)
    return masked if count else "*" * max(len(text) - 2, 0) + text[-2:] if len(text) > 4 else "*" * len(text)


def mask_name(value):
    """王建国 → 王**; a single character is covered."""
    text = (value or "").strip()
    return text[:1] + "*" * (len(text) - 1) if len(text) > 1 else "*" * len(text)


_PLACE = r"[^\W\d_号栋幢弄组室路巷村楼院街]"
_ADDRESS = re.compile(
    rf"(?:{_PLACE}{{2,10}}?(?:省|自治区|特别行政区))?"
    rf"(?:{_PLACE}{{2,10}}?(?:市|自治州|地区|盟|州))?"
    rf"(?:{_PLACE}{{1,10}}?(?:自治县|自治旗|特区|(?<![小社园校厂库])区|县|市|旗))?"
    rf"(?:{_PLACE}{{1,8}}?(?:街道办事处|街道|镇|乡|苏木))?"
)


def mask_address(value):
    """Keeps province to township: 江西省九江市浔阳区甘棠街道庐山南路12号 → 江西省九江市浔阳区甘棠街道****."""
    text = "".join((value or "").split())
    return _ADDRESS.match(text).group() + "****" if text else ""


MASK_KINDS = {
    "id": mask_id,
    "phone": mask_phone,
    "name": mask_name,
    "address": mask_address,
    "all": lambda value: "****" if value else "",
}


def mask(kind, value):
    """Mask a value by kind: id, phone, name, address or all. KeyError for another kind."""
    return MASK_KINDS[kind]("" if value is None else str(value))


def mask_field(model, name, value):
    """The value as a list may show it: unchanged when public or inside, else masked as the model's MASKS says (all by default)."""
    if classes(model).get(name, PersonalClass.PUBLIC).rank < PersonalClass.MASKED.rank:
        return value
    return mask(getattr(model, "MASKS", {}).get(name, "all"), value)


# --- logs -------------------------------------------------------------------------------------------------------------

HIDDEN = "〔已隐去〕"
_OURS = {"timestamp", "request_id", "task_id", "level", "logger"}
_KEYS = """
name full_name former_name real_name id_number id_no idcard id_card phone mobile tel telephone email address home_address
spouse contact birth_date born photo health illness password secret token authorization cookie q search query
姓名 曾用名 身份证 身份证号 身份证号码 公民身份号码 手机 手机号 电话 联系电话 住址 家庭住址 常住地址 出生日期
"""
_PERSONAL_KEYS = frozenset(_KEYS.split())
_KEY_ENDINGS = ("_phone", "_mobile", "_id_number", "_address", "_password", "_token", "_secret", "person_name", "cadre_name", "spouse_name")
_DIGITS = re.compile(
    r"(?<!\d)(?<!\d\.)(?:"
    r"\d{14,18}[\dXxＸｘ]"  # ID numbers of 15 and 18 places, bank cards
    r"|\d{6}[ \-]\d{6,8}[ \-]?\d{3}[\dXxＸｘ]?|(?:\d{4}[ \-]){4}\d[\dXxＸｘ]"  # the same, written in groups
    r"|(?:(?:\+|00)?86[ \-]?)?1\d{2}[ \-]?\d{4}[ \-]?\d{4}"  # mobile
    r"|[0０]\d{2,3}[ \-]?\d{7,8}"  # landline with area code
    r")(?!\d)"
)
_LABELLED = re.compile(r"(姓名|身份证号?码?|公民身份号码|手机号?码?|联系电话|电话|(?:家庭|常住)?[住地]址)(\s*[：:=]\s*)[^\s,，;；。）)]+")
_QUERY = re.compile(r"(?<=[?&])(q|name|search|phone|mobile|id_number|address)=[^&\s\"']*")
_PG_KEY = re.compile(r"(Key \([^=\n]*\)=)\(.*\)")
_PG_ROW = re.compile(r"(Failing row contains )\(.*\)", re.DOTALL)
_PG_COPY = re.compile(r"(COPY \w+, line \d+)(?:, column (\w+))?: \".*\"", re.DOTALL)


@lru_cache(maxsize=1)
def _model_keys():
    from django.apps import apps

    closed = (PersonalClass.MASKED, PersonalClass.SECRET)
    return frozenset(name for model in apps.get_models() for name, value in _declared(model).items() if value in closed)


def _is_personal_key(key):
    from django.apps import apps

    low = str(key).lower()
    return low in _PERSONAL_KEYS or low.endswith(_KEY_ENDINGS) or (apps.models_ready and low in _model_keys())


def clean(text):
    """The text without anything that looks like an ID number, a phone, a labelled personal value or a quoted database row."""
    text = _DIGITS.sub(HIDDEN, text)
    text = _LABELLED.sub(rf"\1\2{HIDDEN}", text)
    text = _QUERY.sub(rf"\1={HIDDEN}", text)
    text = _PG_KEY.sub(rf"\1({HIDDEN})", text)
    text = _PG_ROW.sub(rf"\1({HIDDEN})", text)
    return _PG_COPY.sub(rf"\1: {HIDDEN}", text)


def _clean_value(value, depth):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean(value)
    if depth > 8:
        return HIDDEN
    if isinstance(value, dict):
        return {_clean_value(k, depth + 1): HIDDEN if _is_personal_key(k) else _clean_value(v, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean_value(item, depth + 1) for item in value]
    text = value.decode("utf-8", "replace") if isinstance(value, (bytes, bytearray)) else f"{value}\n{value!r}"
    cleaned = clean(text)
    return cleaned if cleaned != text else value


def scrub(logger, method, event_dict):
    """structlog processor: take personal data out of an event. Stands after format_exc_info and last before the renderer."""
    for key, value in event_dict.items():
        if key.startswith("_") or key in _OURS:
            continue
        event_dict[key] = HIDDEN if _is_personal_key(key) else _clean_value(value, 0)
    return event_dict
