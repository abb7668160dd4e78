"""Invented people with records that look like those of a real roster: partly filled, dates known to the month, a few 离休 of great age."""

from datetime import date
from random import Random

from apps.accounts.models import Organization
from apps.cadres.columns import prepare_many
from apps.cadres.models import Cadre, Relative
from apps.core.id_numbers import make_id
from apps.core.personal_data import mask_phone
from apps.dashboard.demo.names import draw
from apps.dashboard.demo.particulars import emergency, particulars

AREAS = {"36": "360499", "23": "230299"}
STREETS = ("人民路", "滨江东路", "庐山大道", "浔阳西路", "建设街", "和平巷", "新桥头", "长虹大道")
POSTS = ("局长", "副局长", "主任科员", "科长", "副科长", "工会主席", "高级教师", "主任医师", "科员", "所长")
SKILLS = ("书法", "党史宣讲", "太极拳", "园艺", "二胡", "摄影", "中医", "法律咨询", "", "", "", "")


def count_for(code: str) -> int:
    """How many people a region gets: most where the demo logins work."""
    if code == "360403":
        return 130
    if code == "360400":
        return 40
    return 42 if code.startswith("36") else 16


def make_people(units: dict[str, list[Organization]], *, today: date, random: Random) -> int:
    """Register everybody with their families; returns how many."""
    rows, serial, more = [], {}, Random(2027)
    for code, offices in sorted(units.items()):
        for number in range(count_for(code)):
            area = AREAS[code[:2]]
            serial[area] = serial.get(area, 0) + 1
            org, values = _person(offices[number % len(offices)], area, serial[area], today, random)
            rows.append((org, values | particulars(values, code, more)))
    families = [_family(values, random) for _, values in rows]
    columns = prepare_many([values | emergency(family, more) for (_, values), family in zip(rows, families, strict=True)])
    people = Cadre.objects.bulk_create([Cadre(org=org, org_path=org.path, **column) for (org, _), column in zip(rows, columns, strict=True)], batch_size=500)
    _make_relatives(people, families)
    return len(rows)


def _person(org: Organization, area: str, serial: int, today: date, random: Random) -> tuple[Organization, dict]:
    lixiu = random.random() < 0.05
    sex = "1" if random.random() < 0.68 else "2"
    age = random.randint(93, 99) if lixiu else min(96, max(56, int(random.gauss(74, 9))))
    born = date(today.year - age, random.randint(1, 12), random.randint(1, 28))
    started = date(random.randint(1945, 1948), random.randint(1, 12), 1) if lixiu else date(born.year + random.randint(18, 24), random.choice((3, 7, 9)), 1)
    retired = date(born.year + (60 if sex == "1" else 55), born.month, 1)
    if retired > today:
        retired = date(today.year - (serial % 2), min(6, today.month), 1)
    values = {
        "name": draw(random, sex),
        "sex": sex,
        "id_number": make_id(area, born, serial % 500 * 2 + (1 if sex == "1" else 0)),
        "born_on": born,
        "ethnicity": "01" if random.random() < 0.96 else random.choice(("03", "11", "08")),
        "retire_kind": "lixiu" if lixiu else "retired",
        "work_started_on": started,
        "work_started_precision": "month",
        "revolution_started_on": started if lixiu else None,
        "revolution_started_precision": "month",
        "retired_on": retired,
        "retired_precision": "month",
        "political_status": "01" if random.random() < 0.82 else "13",
        "education": random.choice(("20", "30", "41", "61", "71")),
        "rank": random.choice(("131", "132", "141", "141", "142", "142", "150", "199")),
        "treatment_level": random.choice(("131", "132")) if lixiu else "",
        "unit_nature": "institution" if "教育" in org.name or "卫生" in org.name else "organ",
        "original_unit": org.name,
        "original_post": random.choice(POSTS),
        "party_branch": f"{org.name}离退休干部党支部",
        "phone": f"12{random.randint(0, 999999999):09d}" if random.random() < 0.92 else None,
        "address": f"{random.choice(STREETS)} {random.randint(1, 180)} 号 {random.randint(1, 12)} 栋 {random.randint(1, 6)}0{random.randint(1, 4)}",
        "skills": random.choice(SKILLS),
    }
    return org, values | _condition(age, random)


def _condition(age: int, random: Random) -> dict:
    """Health and living, worse with age; a few settled elsewhere."""
    frail = random.random() < (0.06 if age < 75 else 0.2 if age < 88 else 0.45)
    away = random.random() < 0.03
    self_care = random.choice(("dependent", "partly")) if frail else "full"
    health = "3" if frail or random.random() < 0.3 else random.choice(("1", "1", "2"))
    if frail and random.random() < 0.2:
        health = "serious"
    living = random.choices(("spouse", "children", "nanny", "alone", "empty_nest", "care_home", ""), (42, 22, 5, 7, 14, 3, 7))[0]
    return {
        "self_care": self_care,
        "health": health,
        "living": living,
        "marital": "30" if living in ("children", "alone", "nanny") else "20",
        "resettled": away,
        "resettled_place": random.choice(("南昌市东湖区", "广东省深圳市", "上海市浦东新区")) if away else "",
        "residence_kind": "province" if away else "county",
    }


def _family(values: dict, random: Random) -> list[dict]:
    found = []
    if values["marital"] == "20":
        found.append(_relative(values, "配偶", random, phone=random.random() < 0.5))
    if random.random() < 0.6:
        found.append(_relative(values, random.choice(("长子", "长女", "次子", "次女")), random, phone=True))
    return found


def _relative(values: dict, relation: str, random: Random, *, phone: bool) -> dict:
    number = f"12{random.randint(0, 999999999):09d}" if phone else None
    spouse = relation == "配偶"
    woman = values["sex"] == "1" if spouse else relation in ("长女", "次女")
    return {
        "relation": relation,
        "name": draw(random, "2" if woman else "1"),
        "born_year": values["born_on"].year + (2 if spouse else 27),
        "phone": number,
        "phone_masked": mask_phone(number),
        "lives_with": values["living"] in (("spouse", "empty_nest") if spouse else ("children",)),
    }


def _make_relatives(people: list[Cadre], families: list[list[dict]]) -> None:
    rows = [Relative(cadre=person, org_id=person.org_id, org_path=person.org_path, **one) for person, family in zip(people, families, strict=True) for one in family]
    Relative.objects.bulk_create(rows, batch_size=500)
