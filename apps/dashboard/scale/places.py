"""Units below every county of a province or city, and the staff who serve them."""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from psycopg2.extras import execute_values

from apps.accounts.models import Level, Membership, Organization, User
from apps.accounts.permissions import Role
from apps.cadres.columns import search_vector
from apps.core.refusal import Refused
from apps.core.scope import upper_bound

OFFICES = str.split(
    "教育体育局 卫生健康委员会 农业农村局 公安局 水利局 机关事务服务中心 财政局 民政局 自然资源局 住房和城乡建设局 交通运输局 人力资源和社会保障局 "
    "市场监督管理局 统计局 审计局 林业局 文化广电旅游局 应急管理局 发展和改革委员会 人民法院 人民检察院 总工会 妇女联合会 供销合作社联合社 "
    "人民医院 第一中学 党校 档案馆 粮食和物资储备局 工业和信息化局"
)
FEWEST = 12
PER_WORKER = 500
"""People one worker answers for; a county has at least two workers."""


@dataclass(frozen=True)
class County:
    """A county, how many people it gets, and its units: rows of the table ``scale_unit`` from ``first_unit`` on."""

    org: Organization
    people: int
    first_unit: int
    units: int


def counties_of(top: str) -> tuple[Organization, list[Organization]]:
    """The region whose code begins with ``top`` ("36", "3604", "360403") and the counties in force at or below it. ``Refused`` without any."""
    org = Organization.objects.filter(code=top.ljust(6, "0"), valid_to=None).first()
    if org is None:
        raise Refused(f"没有代码为 {top} 的地区。请先载入行政区划（load_reference）。")
    below = Organization.objects.filter(path__gte=org.path, path__lt=upper_bound(org.path), level=Level.COUNTY, valid_to=None)
    if not (found := list(below.order_by("path"))):
        raise Refused(f"{org.name}下没有县级行政区划。")
    return org, found


def make_places(counties: list[Organization], cadres: int) -> list[County]:
    """Between ``FEWEST`` and all of ``OFFICES`` as units of each county; people are shared out by the number of units."""
    sizes = [FEWEST + index * 7 % (len(OFFICES) - FEWEST + 1) for index in range(len(counties))]
    made, before, whole = [], 0, sum(sizes)
    for org, size in zip(counties, sizes, strict=True):
        people = cadres * (before + size) // whole - cadres * before // whole
        made.append(County(org, people, before, size))
        before += size
    _insert_units(made)
    return made


def _insert_units(counties: list[County]) -> None:
    """Make the units and number them from 0 in ``scale_unit``, each with its part of the search vector."""
    whole = sum(county.units for county in counties)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('accounts_organization', 'id')) FROM generate_series(1, %s)", [whole])
        keys = [key for (key,) in cursor.fetchall()]
        rows = []
        for county in counties:
            for order, office in enumerate(OFFICES[: county.units]):
                key = keys[len(rows)]
                path = f"{county.org.path}u{key}/"
                rows.append(Organization(pk=key, parent=county.org, name=f"{county.org.name}{office}", level=Level.UNIT, path=path, order=order))
        Organization.objects.bulk_create(rows, batch_size=1000)
        cursor.execute('CREATE TEMP TABLE scale_unit (n int PRIMARY KEY, org_id bigint, org_path text COLLATE "C", name text, search tsvector) ON COMMIT DROP')
        units = [(n, org.pk, org.path, org.name, search_vector("", "", org.name)) for n, org in enumerate(rows)]
        execute_values(cursor, "INSERT INTO scale_unit VALUES %s", units, page_size=1000)


def make_staff(top: Organization, counties: list[County], today: date) -> int:
    """A 领导 (``scale_top``) and a 县区干事 at the top, and in every county a 县区干事 (``scale_<code>``), a 领导 and workers. Nobody can sign in with a password.

    Leaves ``scale_county``: code, path, how many people, units, and the keys of the workers. Returns how many users were made.
    """
    places = [("scale_top", top, Role.LEADER), ("scale_office", top, Role.COUNTY_OFFICER)]
    for county in counties:
        code = county.org.code
        places += [(f"scale_{code}", county.org, Role.COUNTY_OFFICER), (f"scale_{code}_l", county.org, Role.LEADER)]
        places += [(f"scale_{code}_{n}", county.org, Role.WORKER) for n in range(max(2, county.people // PER_WORKER))]
    users = [
        User(username=name, display_name=f"{org.label}{role.label}{name.split('_')[-1]}"[:40], password="!", is_demo=True, must_change_password=False) for name, org, role in places
    ]
    users = User.objects.bulk_create(users, batch_size=1000)
    start = today.replace(month=1, day=1)
    Membership.objects.bulk_create([Membership(user=user, org=org, role=role, starts_on=start) for user, (_, org, role) in zip(users, places, strict=True)], batch_size=1000)
    workers: dict[int, list[int]] = {}
    for user, (_, org, role) in zip(users, places, strict=True):
        if role == Role.WORKER:
            workers.setdefault(org.pk, []).append(user.pk)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE scale_county (code text, people int, first_unit int, units int, workers bigint[]) ON COMMIT DROP")
        rows = [(one.org.code, one.people, one.first_unit, one.units, workers[one.org.pk]) for one in counties]
        execute_values(cursor, "INSERT INTO scale_county VALUES %s", rows, template="(%s, %s, %s, %s, %s::bigint[])")
    return len(users)
