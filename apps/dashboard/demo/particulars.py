"""What most records say besides the roster's columns: whom to call, which doctor, when somebody joined the party; and a few treatments."""

from datetime import date
from random import Random

from apps.cadres.actions.family import save_treatment
from apps.cadres.models import Cadre, RetireKind

HOSPITALS = {"36": ("九江市第一人民医院", "九江市中医医院", "九江学院附属医院"), "23": ("齐齐哈尔市第一医院", "齐齐哈尔市中医医院")}
CLINICS = ("金鸡坡", "人民路", "甘棠", "湓浦", "白水湖", "滨江")
DOCTORS = "陈李熊刘胡吴"
ILLNESSES = ("高血压", "冠心病", "2 型糖尿病", "慢性支气管炎", "膝关节退行性病变", "脑梗死后遗症")
GRANTED = (("nursing", "护理费", 0.9), ("medical", "医药费据实报销", 0.7), ("special", "特需经费", 0.6), ("transport", "就医用车", 0.3))
JOINED_WITHIN = 5
"""Years between beginning to work and joining the party, at most."""


def particulars(values: dict, code: str, random: Random) -> dict:
    """Further fields of a person of region ``code``; blank for some, as in a real register."""
    found = {"residence_region": code if random.random() < 0.9 else "", "hospital": random.choice(HOSPITALS[code[:2]]) if random.random() < 0.7 else ""}
    if random.random() < 0.85:
        found["family_doctor"] = f"{random.choice(CLINICS)}社区卫生服务中心 {random.choice(DOCTORS)}医生"
    if values["health"] == "3" and random.random() < 0.8:
        found["illness"] = random.choice(ILLNESSES)
    if values["political_status"] == "01" and random.random() < 0.9:
        found["party_joined_on"] = date(values["work_started_on"].year + random.randint(1, JOINED_WITHIN), random.choice((6, 7, 12)), 1)
        found["party_joined_precision"] = "month"
    return found


def emergency(family: list[dict], random: Random) -> dict:
    """The member of the family who is called first, usually a child; nobody for some."""
    reachable = [one for one in family if one["phone"]]
    if not reachable or random.random() < 0.06:
        return {}
    first = reachable[-1]
    return {"emergency_name": first["name"], "emergency_relation": first["relation"], "emergency_phone": first["phone"]}


def grant_treatments(by: dict, *, today: date, random: Random) -> int:
    """What 离休干部 are granted, as a rule, with its paper; ``by``: path of a place → who looks after it. Returns how many."""
    made = 0
    for cadre in Cadre.objects.filter(retire_kind=RetireKind.LIXIU).select_related("org__parent").order_by("pk"):
        for kind, content, share in GRANTED:
            if random.random() >= share:
                continue
            day = date(today.year - random.randint(1, 4), random.randint(1, 12), 1)
            values = {"kind": kind, "content": content, "approved_on": day, "starts_on": day, "document_no": f"演示老干〔{day.year}〕{random.randint(1, 40)} 号"}
            save_treatment(cadre=cadre, values=values, by=by[cadre.org.parent.path])
            made += 1
    return made
