"""Family doctors, recurring services and a group robot of the demo. The robot is off and its address leads nowhere."""

from datetime import date, timedelta

from apps.accounts.models import Organization, User
from apps.activity.models import GroupRobot
from apps.cadres.models import Cadre
from apps.care.actions.doctors import sign_doctor
from apps.care.actions.items import add_item
from apps.care.models import ServicePlan
from apps.core.calendar import quarter_of

DOCTORS = (("周医生", "湓浦社区卫生服务中心"), ("吴医生", "白水湖社区卫生服务中心"), ("郑医生", "金鸡坡社区卫生服务中心"))
RHYTHMS = (("weekly", "medical", "量血压", "社区护士上门"), ("monthly", "living", "理发、打扫", "志愿者上门"), ("quarterly", "teaching", "送学上门", "学习资料读给老同志听"))


def serve(worker: User, officer: User, county: Organization, *, today: date) -> int:
    """Returns how many contracts were signed; a third of them end in this quarter."""
    plans = list(ServicePlan.objects.filter(worker=worker, state="active").select_related("cadre").order_by("pk")[30:48])
    people = [plan.cadre for plan in plans if plan.cadre.standing == "active"]
    for n, cadre in enumerate(people):
        ends = min(today + timedelta(days=5 + n), quarter_of(today).last) if n % 3 == 0 else today + timedelta(days=120 + n)
        _sign(cadre, n, ends, worker, today)
    for (frequency, category, need, measure), plan in zip(RHYTHMS, plans, strict=False):
        add_item(
            plan=plan, category=category, need=need, measure=measure, by=worker, today=today, frequency=frequency, starts_on=today - timedelta(days=20),
            due_on=date(today.year, 12, 31),
        )  # fmt: skip
    GroupRobot.objects.create(
        org=county, name="浔阳区老干部工作群（演示）", kind="wecom", url="https://robot.demo.invalid/cgi-bin/webhook/send?key=demo", is_active=False, created_by=officer
    )  # fmt: skip
    return len(people)


def _sign(cadre: Cadre, n: int, ends: date, by: User, today: date) -> None:
    doctor, institution = DOCTORS[n % len(DOCTORS)]
    sign_doctor(cadre=cadre, doctor=doctor, institution=institution, starts_on=ends - timedelta(days=364), ends_on=ends, by=by, today=today)
