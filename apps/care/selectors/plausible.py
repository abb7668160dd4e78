"""What may be worth a second look at visits, for whoever writes one and as a sample for the head; never a verdict: each sign has ordinary explanations."""

from datetime import date, timedelta

from django.db import connection
from django.db.models import QuerySet

from apps.cadres.models import Cadre
from apps.care.models import Visit, VisitSample
from apps.care.standards import BURST_VISITS, SAME_TEXT_DAYS, SAME_TEXT_HINT, SAME_TEXT_SAMPLE
from apps.core.calendar import quarter_of
from apps.core.metrics import inside
from apps.core.scope import Scope

SIGNS = {
    "same_text": f"情况的写法与 {SAME_TEXT_DAYS} 天内 {SAME_TEXT_SAMPLE} 次以上走访相同",
    "far_apart": "同一天一小时内还登记了在另一个市的见面，可能日期要核一下",
    "burst": f"季末最后一天集中登记了 {BURST_VISITS} 次以上，多为补记",
    "same_photo": "照片与另一次走访的相同，可能选错了",
}
CITY = "COALESCE(NULLIF(left(c.residence_region, 4), ''), split_part(c.org_path, '/', 3))"
SIGNED = f"""
WITH shown AS (
  SELECT v.id, v.worker_id, v.visited_on, v.in_person, v.logged_at, md5(v.situation) AS text, {CITY} AS city, (v.logged_at AT TIME ZONE 'Asia/Shanghai')::date AS logged_on
  FROM care_visit v JOIN cadres_cadre c ON c.id = v.cadre_id
  WHERE v.voided_at IS NULL AND v.logged_at >= %(since)s AND v.logged_at < %(until)s AND {{inside_v}}
), photo AS (
  SELECT p.visit_id, f.sha256 FROM care_visitphoto p JOIN files_storedfile f ON f.id = p.file_id JOIN care_visit v ON v.id = p.visit_id AND v.voided_at IS NULL
  WHERE {{inside_p}}
)
SELECT s.id,
  (SELECT count(*) FROM care_visit o WHERE o.worker_id = s.worker_id AND o.visited_on BETWEEN s.visited_on - %(days)s AND s.visited_on AND o.voided_at IS NULL
     AND md5(o.situation) = s.text) >= %(same)s AS same_text,
  s.in_person AND EXISTS (SELECT FROM shown o WHERE o.worker_id = s.worker_id AND o.id <> s.id AND o.in_person AND o.visited_on = s.visited_on AND o.city <> s.city
     AND o.logged_at BETWEEN s.logged_at - interval '1 hour' AND s.logged_at + interval '1 hour') AS far_apart,
  s.logged_on = ANY(%(ends)s::date[]) AND (SELECT count(*) FROM shown o WHERE o.worker_id = s.worker_id AND o.logged_on = s.logged_on) >= %(burst)s AS burst,
  EXISTS (SELECT FROM photo a JOIN photo b ON b.sha256 = a.sha256 AND b.visit_id <> a.visit_id WHERE a.visit_id = s.id) AS same_photo
FROM shown s ORDER BY s.id
"""


def signs_of_week(scope: Scope, week: date) -> dict[int, list[str]]:
    """Visits logged in the week that begins on ``week`` → their signs; [] where there is none."""
    in_visits, parameters = inside(scope, "v.org_path")
    sql = SIGNED.format(inside_v=in_visits, inside_p=inside(scope, "p.org_path")[0])
    ends = [quarter_of(week + timedelta(days=n)).last for n in (0, 6)]
    given = parameters | {
        "since": f"{week} 00:00:00+08", "until": f"{week + timedelta(days=7)} 00:00:00+08", "days": SAME_TEXT_DAYS, "same": SAME_TEXT_SAMPLE, "burst": BURST_VISITS, "ends": ends,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return {pk: [name for name, found in zip(SIGNS, flags, strict=True) if found] for pk, *flags in cursor.fetchall()}


def hint(*, cadre: Cadre, worker, situation: str, visited_on: date | None, in_person: bool) -> str:
    """A friendly sentence for whoever is writing a visit down; "" when there is nothing to say."""
    own = Visit.objects.filter(worker=worker, voided_at=None)
    if visited_on and situation.strip():
        alike = own.filter(visited_on__gt=visited_on - timedelta(days=SAME_TEXT_DAYS), visited_on__lte=visited_on, situation=situation.strip()).count()
        if alike >= SAME_TEXT_HINT:
            return f"这段话近来已经写过 {alike} 次了，添一句这次的不同，下次来的人更有数。不改也可以保存。"
    if visited_on and in_person:
        for other in own.filter(visited_on=visited_on, in_person=True).exclude(cadre=cadre).select_related("cadre", "cadre__org").order_by("-pk")[:10]:
            if _city(other.cadre) != _city(cadre):
                return f"同一天还记了在外地见{other.cadre.name}，看看日期是不是要改。没有问题就直接保存。"
    return ""


def _city(cadre: Cadre) -> str:
    """As ``CITY`` reads it."""
    parts = cadre.org_path.split("/")
    return (cadre.residence_region or "")[:4] or (parts[2] if len(parts) > 3 else "")


def samples(scope: Scope) -> QuerySet:
    return VisitSample.objects.visible_to(scope).select_related("org", "drawn_by")


def sample(scope: Scope, pk: int) -> VisitSample:
    """Raises ``VisitSample.DoesNotExist`` outside the scope."""
    return samples(scope).get(pk=pk)
