"""Inspections and the ledger of the demo: one visit with findings in each state, a drawn one ahead, an old problem late and under supervision."""

from datetime import date, datetime, timedelta
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.accounts.models import User
from apps.branches.actions.inspections import plan_inspections, record_inspection
from apps.branches.actions.rectifications import change_rectification, open_rectification, take_step
from apps.branches.models import Branch, Rectification

TEAM = "张检查（演示）、李督查（演示）"
PROBLEMS = (("life", "8 月没有开主题党日"), ("team", "党小组会没有记录"), ("rules", "学习制度没有上墙"))


def inspect(officer: User, secretary: User, visited: Branch, lagging: Branch, *, today: date, now: datetime) -> int:
    """Returns how many rectifications there are. ``secretary`` reports, ``officer`` closes."""
    given = {"by": officer, "today": today, "now": now}
    rows, _ = plan_inspections(
        branches=Branch.objects.filter(pk=visited.pk), chosen=[visited.pk], kind="stage", planned_on=today, team=TEAM, org=officer.memberships.first().org, **given
    )  # fmt: skip
    record_inspection(
        inspection=rows[0], inspected_on=today, ways=["听汇报", "查台账", "看现场"], good="组织生活台账齐全，送学上门有记录。", demand="党小组要活动起来。",
        problems=list(PROBLEMS), due_on=today + timedelta(days=30), **given,
    )  # fmt: skip
    one, two, _ = Rectification.objects.filter(inspection=rows[0]).order_by("pk")
    change_rectification(case=two, by=secretary, measure="党小组每月 20 日前开会，组织委员收记录。", owner="组织委员")
    act = {"by": secretary, "today": today, "now": now}
    for case in (one, two):
        take_step(case=case, step="report", result="已补开，记录和照片附后。", proofs=[_picture()], **act)
    take_step(case=one, step="close", note="记录齐全。", **given)
    past = today - timedelta(days=60)
    late = open_rectification(
        branch=lagging, problem="支委会任期届满没有换届", source="other", matter="team", due_on=past + timedelta(days=20), by=officer, today=past, now=now
    )  # fmt: skip
    take_step(case=late, step="supervise", note="超期一个多月，请局领导过问。", **given)
    county = Branch.objects.filter(org_path__startswith="/36/3604/360403/", dissolved_on=None)
    plan_inspections(branches=county, size=2, kind="random", planned_on=today + timedelta(days=6), team=TEAM, org=officer.memberships.first().org, **given)
    return Rectification.objects.count()


def _picture() -> SimpleUploadedFile:
    held = BytesIO()
    Image.new("RGB", (640, 420), "#e9e2d0").save(held, "JPEG")
    return SimpleUploadedFile("记录（演示）.jpg", held.getvalue(), "image/jpeg")
