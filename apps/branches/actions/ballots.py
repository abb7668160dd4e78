"""群众评议: opening, giving out codes, closing, voiding. What a voter does is in ``voting``."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from apps.activity import audit
from apps.branches.actions.branches import held as held_branch
from apps.branches.actions.rectifications import open_rectification
from apps.branches.models import Application, ApplicationState, Ballot, BallotAnswer, BallotCode, BallotState, Branch, RectifySource, VoterGroup
from apps.branches.selectors.ballots import counted, fingerprint
from apps.branches.selectors.rules import rules_in_force
from apps.cadres.constraints import as_sentences
from apps.core.one_time_codes import fresh_codes, write_anew
from apps.core.refusal import Refused, Stale

MOST_QUESTIONS, MOST_CODES = 20, 500


def held(ballot: Ballot, by, version: int | None = None, *states: str) -> Ballot:
    """The ballot under a row lock; open unless other ``states`` are named. Raises ``Refused``, ``Stale``."""
    found = Ballot.objects.select_for_update(of=("self",)).select_related("org", "branch", "application").get(pk=ballot.pk)
    _apart(found.application, by)
    if found.state not in (states or (BallotState.OPEN,)):
        raise Refused(f"这次评议{found.get_state_display()}，不能再改。", code="ballot_state", status=409)
    if version is not None and found.version != version:
        raise Stale()
    return found


def _apart(case: Application | None, by) -> None:
    """What is asked on the spot is in the hands of those who inspect. Raises ``Refused``."""
    if case and by.pk == case.applied_by_id:
        raise Refused("申报是您提交的，现场测评须由核查组办理。", code="not_apart", status=409)


def _asked(questions: Iterable[str]) -> list[str]:
    found = [line.strip()[:80] for line in questions if line.strip()]
    if not found:
        raise Refused("请至少写一项评议项目。", code="no_question", field="questions")
    if len(found) > MOST_QUESTIONS:
        raise Refused(f"评议项目最多 {MOST_QUESTIONS} 项，多了没有人愿意填。", code="many_questions", field="questions")
    if len(set(found)) < len(found):
        raise Refused("有两项评议项目一样。", code="same_question", field="questions")
    return found


@transaction.atomic
def open_ballot(
    *, branch: Branch, title: str, questions: Iterable[str], closes_on: date, by, today: date, application: Application | None = None
) -> Ballot:  # fmt: skip
    """Open a ballot about ``branch``; threshold and least votes are the rules' of today. ``application``: held on the spot while that one is inspected.
    Raises ``Refused`` (fields ``title``, ``questions``, ``closes_on``)."""
    if application:
        application = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        _apart(application, by)
        if application.branch_id != branch.pk or application.state != ApplicationState.TO_INSPECT:
            raise Refused("现场测评在核查期间办理，这份申报现在不在核查。", code="not_inspecting", status=409)
    found = held_branch(branch)
    if not title.strip():
        raise Refused("请写名称，如：2026 年度群众评议。", code="title_required", field="title")
    if closes_on < today:
        raise Refused("截止日期已经过了。", code="date_past", field="closes_on")
    rules = rules_in_force(today)
    made = Ballot(
        branch=found, org=found.org, application=application, title=title.strip(), year=today.year, questions=_asked(questions), threshold=rules["ballot_threshold"].value,
        least=int(rules["ballot_least"].value), opened_on=today, closes_on=closes_on, created_by=by,
    )  # fmt: skip
    with as_sentences(Ballot):
        made.save()
    audit.record("ballot.opened", made, by=by, title=f"{found}：{made}")
    return made


@transaction.atomic
def issue_codes(*, ballot: Ballot, wanted: dict[str, int], by, version: int | None = None) -> dict[str, list[str]]:
    """Group → fresh codes of ten digits, in no order. They are told this once; the database keeps fingerprints. Raises ``Refused`` (a group's field), ``Stale``."""
    found = held(ballot, by, version)
    counts = {group: n for group, n in wanted.items() if n}
    if not counts:
        raise Refused("请填要发多少个号码。", code="no_codes", field=VoterGroup.MEMBER)
    for group, n in counts.items():
        if n < 0 or found.issued.get(group, 0) + n > MOST_CODES:
            raise Refused(f"一次评议每类最多 {MOST_CODES} 个号码。", code="many_codes", field=group)
    codes = {group: fresh_codes(n) for group, n in counts.items()}
    rows = [
        BallotCode(ballot=found, org=found.org, org_path=found.org_path, digest=fingerprint(code), group=group) for group, made in codes.items() for code in made
    ]  # fmt: skip
    secrets.SystemRandom().shuffle(rows)
    BallotCode.objects.bulk_create(rows)
    found.issued = {group: found.issued.get(group, 0) + counts.get(group, 0) for group in VoterGroup.values}
    found.version += 1
    found.save(update_fields=["issued", "version"])
    audit.record("ballot.codes", found, by=by, title=f"{found.branch}：{found}", data=counts)
    return codes


@transaction.atomic
def withdraw_codes(*, ballot: Ballot, by, version: int | None = None) -> int:
    """Codes nobody has used yet stop working (slips went astray); returns how many. Raises ``Refused``, ``Stale``."""
    found = held(ballot, by, version)
    gone: dict[str, int] = {}
    for group in BallotCode.objects.filter(ballot=found).values_list("group", flat=True):
        gone[group] = gone.get(group, 0) + 1
    BallotCode.objects.filter(ballot=found).delete()
    found.issued = {group: n - gone.get(group, 0) for group, n in found.issued.items()}
    found.version += 1
    found.save(update_fields=["issued", "version"])
    audit.record("ballot.codes_withdrawn", found, by=by, title=f"{found.branch}：{found}", data=gone)
    return sum(gone.values())


@transaction.atomic
def extend_ballot(*, ballot: Ballot, closes_on: date, by, today: date, version: int | None = None) -> Ballot:
    """Another last day. Raises ``Refused`` (field ``closes_on``), ``Stale``."""
    found = held(ballot, by, version)
    if closes_on < today:
        raise Refused("截止日期不能早于今天。", code="date_past", field="closes_on")
    was, found.closes_on, found.version = found.closes_on, closes_on, found.version + 1
    found.save(update_fields=["closes_on", "version"])
    audit.record("ballot.extended", found, by=by, title=f"{found.branch}：{found}", data={"was": str(was), "now": str(closes_on)})
    return found


@transaction.atomic
def close_ballot(*, ballot: Ballot, by, today: date, now: datetime, version: int | None = None) -> Ballot:
    """End it and settle the figures. Unused codes die; the slips are written anew in an order drawn by lot, so that not even the order of voting is left.
    A result below the threshold opens a rectification (补课).

    Raises ``Refused`` (too few votes for a result), ``Stale``.
    """
    found = held(ballot, by, version)
    tally = counted(found)
    if tally.voted < found.least:
        raise Refused(f"只收回 {tally.voted} 票，不足 {found.least} 票，不能形成结果。可以改截止日期，或作废。", code="too_few_votes", status=409)
    BallotCode.objects.filter(ballot=found).delete()
    write_anew(BallotAnswer.objects.filter(ballot=found))
    found.rate, found.voted, found.closed_on = tally.rate, tally.voted, today
    found.state, found.version = BallotState.CLOSED, found.version + 1
    found.save()
    audit.record("ballot.closed", found, by=by, title=f"{found.branch}：{found}", data={"voted": tally.voted, "rate": str(tally.rate)})
    if found.short:
        problem = f"{found.title}：总体满意率 {found.rate} %，低于 {found.threshold:f} %".replace(".00 %", " %")
        open_rectification(
            branch=found.branch, problem=problem, source=RectifySource.BALLOT, measure="在上级指导下补课，对照不满意的项目逐项整改。", ballot=found, by=by, today=today, now=now
        )  # fmt: skip
    return found


@transaction.atomic
def void_ballot(*, ballot: Ballot, reason: str, by, version: int | None = None) -> Ballot:
    """It doesn't count, with the reason; what was voted is taken away. Raises ``Refused`` (field ``reason``), ``Stale``."""
    if not reason.strip():
        raise Refused("请写明作废原因。", code="reason_required", field="reason")
    found = held(ballot, by, version)
    BallotCode.objects.filter(ballot=found).delete()
    BallotAnswer.objects.filter(ballot=found).delete()
    found.state, found.void_reason, found.version = BallotState.VOID, reason.strip(), found.version + 1
    found.save(update_fields=["state", "void_reason", "version"])
    audit.record("ballot.void", found, by=by, note=reason.strip(), title=f"{found.branch}：{found}")
    return found


@transaction.atomic
def tell_result(*, ballot: Ballot, on: date, how: str, by, today: date, version: int | None = None) -> Ballot:
    """When and how the result was made known. Raises ``Refused`` (fields ``on``, ``how``), ``Stale``."""
    found = held(ballot, by, version, BallotState.CLOSED)
    if not found.closed_on <= on <= today:
        raise Refused("通报日期应在评议结束之后、今天及以前。", code="date_order", field="on")
    if not how.strip():
        raise Refused("请写通报方式，如：党员大会、公示栏。", code="how_required", field="how")
    Ballot.objects.filter(pk=found.pk).update(told_on=on, told_how=how.strip(), version=F("version") + 1)
    audit.record("ballot.told", found, by=by, note=how.strip(), title=f"{found.branch}：{found}")
    found.refresh_from_db()
    return found
