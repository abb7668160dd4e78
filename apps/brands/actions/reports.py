"""季度进展: written, handed in, read line by line, accepted with a mark or returned."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.urls import reverse

from apps.accounts.permissions import Right
from apps.activity import audit, notify
from apps.brands.actions.brands import above
from apps.brands.models import LINES, REPORTING, Brand, Goal, GoalFigure, Mark, QuarterReport, ReportState, ReportStep
from apps.brands.selectors import reports as selectors
from apps.brands.standards import REPORT_FILE
from apps.brands.workflow import REPORT
from apps.core.calendar import Quarter
from apps.core.refusal import Refused, Stale
from apps.core.workflow import lock, take
from apps.files.models import StoredFile
from apps.files.storage import accept_documents, discard, save

NUMBERS = ("activities", "participants", "beneficiaries")
WRITABLE = (ReportState.DRAFT, ReportState.RETURNED)
MOST_FILES, MOST_NUMBER = 20, 10_000_000


def _held(brand: Brand, quarter: Quarter, version: int | None) -> QuarterReport:
    """The report under a row lock; made where there is none. Raises ``Refused``, ``Stale``."""
    found = Brand.objects.select_for_update(of=("self",)).select_related("org").get(pk=brand.pk)
    if found.state not in REPORTING:
        raise Refused(f"这个品牌{found.get_state_display()}，不报季度进展。", code="brand_state", status=409)
    if found.approved_on and found.approved_on > quarter.last:
        raise Refused("立项以前的季度不用报。", code="before_approval", status=409)
    report, made = QuarterReport.objects.get_or_create(brand=found, year=quarter.year, quarter=quarter.q, defaults={"org": found.org})
    if made and version:
        raise Stale()
    return lock(QuarterReport.objects.select_related("brand__org", "org", "submitted_by"), report.pk, None if made else version)


@transaction.atomic
def write_report(
    *, brand: Brand, quarter: Quarter, values: dict, figures: dict[int, Decimal | None], by, today: date, files: Iterable = (), version: int | None = None
) -> QuarterReport:  # fmt: skip
    """Write the report of a quarter that has begun. ``values``: columns of ``LINES`` and ``NUMBERS``; ``figures``: goal → where it stands (None: not known yet).
    ``version`` 0 or None: of one not kept yet. Raises ``Refused`` (fields: the column, ``goal_<key>``, ``files``), ``Stale``."""
    if quarter.first > today:
        raise Refused("这个季度还没有开始。", code="quarter_ahead", status=409)
    if not version and QuarterReport.objects.filter(brand=brand, year=quarter.year, quarter=quarter.q).exists():
        raise Stale()
    report = _held(brand, quarter, version)
    if report.state not in WRITABLE:
        raise Refused(f"这份进展现在是“{report.get_state_display()}”，不能再改。", code="report_state", status=409)
    for name in LINES:
        setattr(report, name, (values.get(name) or "").strip())
    for name in NUMBERS:
        if (value := values.get(name)) is not None and not 0 <= value <= MOST_NUMBER:
            raise Refused(f"请填 0 到 {MOST_NUMBER} 的整数。", code="number", field=name)
        setattr(report, name, value)
    _keep(report, files, by)
    _set_figures(report, figures)
    report.version += 1
    report.save()
    audit.record("brand_report.changed", report, by=by, title=str(report.brand), data={"quarter": str(quarter)})
    return report


def _keep(report: QuarterReport, files: Iterable, by) -> None:
    papers = accept_documents(files, most=MOST_FILES, field="files")
    if papers and selectors.files(report).count() + len(papers) > MOST_FILES:
        raise Refused(f"一份进展最多 {MOST_FILES} 份文件。", code="file_count", field="files")
    for one in papers:
        save(one.content, name=one.name, content_type=one.content_type, label=REPORT_FILE, org=report.org, by=by, subject_id=report.pk)


@transaction.atomic
def remove_file(*, report: QuarterReport, stored: StoredFile, by) -> None:
    """Take a file off a report that may still be written. Raises ``Refused``."""
    held = lock(QuarterReport.objects.select_related("brand", "org"), report.pk)
    if held.state not in WRITABLE:
        raise Refused(f"这份进展现在是“{held.get_state_display()}”，不能再改。", code="report_state", status=409)
    held.version += 1
    held.save(update_fields=["version"])
    audit.record("brand_report.changed", held, by=by, note="删除文件", title=str(held.brand), data={"file": stored.name, "sha256": stored.sha256})
    discard(stored)


def _set_figures(report: QuarterReport, figures: dict[int, Decimal | None]) -> None:
    known = {one.pk: one for one in Goal.objects.filter(brand=report.brand)}
    for pk, now in figures.items():
        if pk not in known:
            raise Refused("目标已经改了，请刷新后再填。", code="goal_unknown")
        if now is None:
            GoalFigure.objects.filter(report=report, goal=pk).delete()
        else:
            GoalFigure.objects.update_or_create(report=report, goal=known[pk], defaults={"now": now, "org": report.org, "org_path": report.org_path})


@transaction.atomic
def take_report_step(*, brand: Brand, quarter: Quarter, step: str, by, today: date, now: datetime, note: str = "", version: int | None = None, **given) -> QuarterReport:
    """Move the report by one of ``workflow.REPORT_STEPS``. ``given``: ``comments`` (line → words; accept, return), ``mark`` (accept). Raises ``Refused``, ``Stale``."""
    report = _held(brand, quarter, version)
    take(REPORT, report, step, by=by, today=today, now=now, note=note, effect=EFFECTS.get(step), write=_write, **given)
    Brand.objects.filter(pk=report.brand_id).update(changed_at=now)
    people = above(report.org, today, Right.BRAND_REVIEW) if step == "submit" else [report.submitted_by] if step in ("accept", "return", "reopen") else []
    title = f"“{report.brand.name}”{quarter.title}进展{REPORT.states(report.state).label}"
    url = reverse("brands:report", args=[report.brand_id, quarter.year, quarter.q])
    others = [user for user in people if user and user.pk != by.pk]
    notify.tell(others, title=title, body=note, url=url, key=f"brand_report:{report.pk}:{report.version}", now=now)
    return report


def _write(held: QuarterReport, *, step: str, before: str, note: str, by, at: datetime) -> None:
    ReportStep.objects.create(case=held, org=held.org, step=step, before=before, after=held.state, note=note, by=by, at=at)
    audit.record("brand_report.step", held, by=by, note=note[:100], title=str(held.brand), data={"step": step, "from": before, "to": held.state})


def _submit(held: QuarterReport, *, by, today: date) -> None:
    missing = [str(held._meta.get_field(name).verbose_name) for name in ("done", "next_step") if not getattr(held, name)]
    missing += [str(held._meta.get_field(name).verbose_name) for name in NUMBERS if getattr(held, name) is None]
    told = set(GoalFigure.objects.filter(report=held).values_list("goal", flat=True))
    missing += [one.name for one in Goal.objects.filter(brand=held.brand) if one.pk not in told]
    if missing:
        raise Refused(f"还没有填：{'、'.join(missing)}。没有的填 0。", code="lines_open", field="note")
    if held.submitted_on is None:
        held.late = today > selectors.due_on(Quarter(held.year, held.quarter))
    held.submitted_on, held.submitted_by, held.comments = today, by, {}


def _accept(held: QuarterReport, *, by, today: date, mark: str = "", comments: dict[str, str] | None = None) -> None:
    if mark not in Mark.values:
        raise Refused("请给出评价。", code="mark_required", field="mark")
    held.accepted_on, held.accepted_by, held.mark, held.comments = today, by, mark, _words(comments)


def _back(held: QuarterReport, *, by, today: date, mark: str = "", comments: dict[str, str] | None = None) -> None:
    held.accepted_on, held.accepted_by, held.mark = None, None, ""
    if comments:
        held.comments = _words(comments)


def _words(comments: dict[str, str] | None) -> dict[str, str]:
    return {name: text.strip()[:200] for name, text in (comments or {}).items() if name in LINES and text.strip()}


EFFECTS = {"submit": _submit, "accept": _accept, "return": _back, "withdraw": _back, "reopen": _back}
