"""展评: opened with criteria and weights, shown by the clock, scored blind, voted on without names, closed with a result."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import count

from django.db import transaction
from django.urls import reverse

from apps.accounts.models import Organization, User
from apps.activity import audit, notify
from apps.brands.models import Brand, BrandState, Entry, Judge, JudgeScore, Part, ReviewCode, ReviewRound, ReviewSlip, RoundState
from apps.brands.selectors import reviews as selectors
from apps.brands.standards import STAGE_SECONDS, Criterion
from apps.brands.workflow import from_above, offices, sits_in
from apps.core.one_time_codes import UNKNOWN, fingerprint, fresh_codes, patience, unknown, write_anew
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from apps.core.workflow import lock

PURPOSE = "review.code"
FEWEST_JUDGES, MOST_CODES, MOST_CHOICES = 3, 2000, 3


def _held(found: ReviewRound, version: int | None = None) -> ReviewRound:
    held = lock(ReviewRound.objects.select_related("org"), found.pk, version)
    if not held.open:
        raise Refused("这次展评已出结果，不能再改。", code="round_closed", status=409)
    return held


@transaction.atomic
def open_round(
    *, org: Organization, title: str, brands: Sequence[Brand], judges: Sequence[User], weights: dict[str, int], by, today: date, now: datetime, stage_seconds: int = STAGE_SECONDS
) -> ReviewRound:  # fmt: skip
    """Put brands that passed the first review before judges. ``weights``: part → per cent, 100 together. The criteria are those of the place's round before, until
    ``write_rules`` changes them. The order of showing is drawn by lot. Judges are told. Raises ``Refused`` (fields ``title``, ``brands``, ``judges``, ``vote``)."""
    if not title.strip():
        raise Refused("请写名称。", code="title_required", field="title")
    _weigh(weights)
    _fit(org, brands, judges, by, today)
    made = ReviewRound.objects.create(
        org=org, title=title.strip(), criteria=selectors.last_rules(org).criteria, weights={part: weights[part] for part in Part.values}, stage_seconds=stage_seconds,
        opened_on=today, opened_by=by,
    )  # fmt: skip
    order = list(brands)
    secrets.SystemRandom().shuffle(order)
    for n, brand in enumerate(order, 1):
        Entry.objects.create(round=made, org=org, brand=brand, order=n)
    for user in judges:
        Judge.objects.create(round=made, org=org, user=user)
    audit.record("review.opened", made, by=by, title=made.title, data={"entries": len(order), "judges": len(judges)})
    notify.tell([one for one in judges if one.pk != by.pk], title=f"请评审：{made.title}", url=reverse("brands:judging"), key=f"review_round:{made.pk}", now=now)
    return made


def _weigh(weights: dict[str, int]) -> None:
    if sum(weights.values()) != 100 or min(weights.values()) < 0:
        raise Refused("三部分权重合计应为 100。", code="weights", field="vote")


@transaction.atomic
def write_rules(
    *, found: ReviewRound, criteria: dict[str, Sequence[Criterion]], weights: dict[str, int], stage_seconds: int, by, version: int | None = None
) -> ReviewRound:  # fmt: skip
    """Change what a round is judged by, before the first sheet is begun; the next round of the place starts from it. ``criteria``: part → lines, 100 points together;
    a line whose key the round doesn't know is new. Raises ``Refused`` (field ``vote``), ``Stale``."""
    held = _held(found, version)
    if selectors.begun(held):
        raise Refused("已有评委打分，评分标准不能再改。", code="round_begun", status=409)
    _weigh(weights)
    if held.issued and not weights[Part.VOTE]:
        raise Refused("已经发了投票号码，互评投票不能去掉。", code="codes_out", field="vote")
    held.criteria = {part: _numbered(criteria[part], part, {one["key"] for one in held.criteria[part]}) for part in selectors.SCORED}
    held.weights, held.stage_seconds, held.version = {part: weights[part] for part in Part.values}, stage_seconds, held.version + 1
    held.save(update_fields=["criteria", "weights", "stage_seconds", "version"])
    audit.record("review.rules", held, by=by, title=held.title)
    return held


def _numbered(lines: Sequence[Criterion], part: str, known: set[str]) -> list[dict]:
    """As they are kept, each with a key of its own: ``known`` ones stay, once each."""
    total = sum(one.points for one in lines)
    if total != 100:
        raise Refused(f"“{Part(part).label}”各项合计应为 100 分，现在是 {total} 分。", code="points_total")
    if len({one.name for one in lines}) != len(lines):
        raise Refused(f"“{Part(part).label}”有两项叫同一个名字。", code="same_name")
    free = (key for n in count(1) if (key := f"c{n}") not in known)
    left, kept = set(known), []
    for one in lines:
        key = one.key if one.key in left else next(free)
        left.discard(key)
        kept.append(vars(replace(one, key=key)))
    return kept


def _fit(org: Organization, brands: Sequence[Brand], judges: Sequence[User], by, today: date) -> None:
    """Brands of places below ``org``, put up by somebody above them, each with judges enough who needn't stand back."""
    if not brands or any(one.state != BrandState.SHORTLISTED for one in brands):
        raise Refused("请选初评通过的品牌。", code="brands", field="brands")
    held = offices(judges, today)
    for one in brands:
        sentence = from_above(one.org.path, by, today)
        if sentence or one.org_id == org.pk or not one.org.path.startswith(org.path):
            raise Refused(f"“{one}”：{sentence or '须由上级单位组织。'}", code="not_above", field="brands")
        if len([user for user in judges if not sits_in(held[user.pk], one.org.path)]) < FEWEST_JUDGES:
            raise Refused(f"评委至少 {FEWEST_JUDGES} 位，“{one}”除去回避的不够。", code="few_judges", field="judges")


@transaction.atomic
def clock_entry(*, entry: Entry, by, now: datetime) -> Entry:
    """The showing begins; once more, it ends; once more, the clock starts anew (a false start)."""
    held = _held(entry.round)
    found = Entry.objects.select_for_update(of=("self",)).select_related("org", "brand").get(pk=entry.pk, round=held)
    if found.started_at and not found.ended_at:
        found.ended_at = now
    else:
        found.started_at, found.ended_at = now, None
    found.save(update_fields=["started_at", "ended_at"])
    audit.record("review.clock", held, by=by, title=held.title, data={"entry": found.order, "running": not found.ended_at})
    return found


@transaction.atomic
def score_entry(*, entry: Entry, user: User, part: str, points: dict[str, int | None], comment: str, final: bool, today: date) -> JudgeScore:
    """A judge's sheet: kept as often as one likes, handed in once (``final``). Raises ``Refused`` (fields: the criterion's key)."""
    with system_scope("a judge's sheet"):
        held = _held(entry.round)
        judge = Judge.objects.filter(round=held, user=user).first()
        found = Entry.objects.select_related("brand__org", "round", "org").get(pk=entry.pk, round=held)
        if judge is None:
            raise Refused("您不是这次展评的评委。", code="not_a_judge", status=403)
        if selectors.barred(user, found.brand, today):
            raise Refused("本县区的品牌，评委应当回避。", code="barred", status=409)
        if part not in selectors.SCORED or not held.weights[part]:
            raise Refused("这一部分不用打分。", code="part", status=409)
        row = JudgeScore.objects.select_for_update().filter(entry=found, judge=judge, part=part).first() or JudgeScore(entry=found, judge=judge, part=part)
        if row.final:
            raise Refused("这一张已经提交，不能再改。", code="sheet_final", status=409)
        row.points = _points(held, found, part, points, final)
        row.total, row.comment, row.final, row.org = sum(row.points.values()), comment.strip()[:300], final, held.org
        row.save()
        if final:
            audit.record("review.scored", held, by=user, title=held.title, data={"entry": found.order, "part": part})
        return row


def _points(held: ReviewRound, entry: Entry, part: str, points: dict[str, int | None], final: bool) -> dict[str, int]:
    kept = {}
    for one in held.criteria[part]:
        value = points.get(one["key"])
        if value is None:
            if final:
                raise Refused("还没有打分。", code="points_open", field=one["key"])
            continue
        if not isinstance(value, int) or not 0 <= value <= one["points"]:
            raise Refused(f"请打 0 到 {one['points']} 的整数。", code="points", field=one["key"])
        if one["key"] == "time" and value > (cap := selectors.time_cap(entry, one["points"])):
            raise Refused(f"超时 {entry.over} 秒，时间最多 {cap} 分。", code="over_time", field="time")
        kept[one["key"]] = value
    return kept


@transaction.atomic
def issue_codes(*, found: ReviewRound, wanted: dict[int | None, int], by) -> list[tuple[str, str]]:
    """``wanted``: key of the place whose delegates they are for (None: of no place) → how many. (place, code) of each, told this once. Raises ``Refused`` (field ``n``)."""
    held = _held(found)
    if not held.weights[Part.VOTE]:
        raise Refused("这次展评没有投票。", code="no_vote", status=409)
    n = sum(wanted.values())
    if n < 1 or min(wanted.values()) < 0 or held.issued + n > MOST_CODES:
        raise Refused(f"请填要发多少个号码，一次展评最多 {MOST_CODES} 个。", code="codes", field="n")
    names = dict(Organization.objects.filter(pk__in=[pk for pk in wanted if pk]).values_list("pk", "name"))
    made = [(names.get(place, "其他"), place, code) for place, count in wanted.items() for code in fresh_codes(count)]
    rows = [ReviewCode(round=held, org=held.org, org_path=held.org_path, digest=fingerprint(code, PURPOSE), barred_id=place) for _, place, code in made]
    secrets.SystemRandom().shuffle(rows)
    ReviewCode.objects.bulk_create(rows)
    held.issued, held.version = held.issued + n, held.version + 1
    held.save(update_fields=["issued", "version"])
    audit.record("review.codes", held, by=by, title=held.title, data={"codes": n})
    return [(name, code) for name, _, code in made]


def _of_code(code: str, address: str) -> tuple[ReviewRound, ReviewCode]:
    patience(address, PURPOSE)
    row = ReviewCode.objects.filter(digest=fingerprint(code, PURPOSE)).select_related("barred").first()
    if row is None:
        raise unknown(address, PURPOSE)
    held = ReviewRound.objects.select_for_update(of=("self",)).select_related("org").get(pk=row.round_id)
    if not held.open:
        raise Refused("投票已经结束，谢谢您的参与。", code="round_closed", field="code")
    return held, row


def _offered(held: ReviewRound, row: ReviewCode) -> list[Entry]:
    return [one for one in selectors.entries(held) if not (row.barred and one.brand.org.path.startswith(row.barred.path))]


@transaction.atomic
def choices_of(*, code: str, address: str) -> tuple[ReviewRound, list[Entry]]:
    """The round a code is for and the brands it may choose; nothing is used up. Raises ``Refused`` (field ``code``)."""
    with system_scope("vote on brands"):
        held, row = _of_code(code, address)
        return held, _offered(held, row)


@transaction.atomic
def vote(*, code: str, chosen: Sequence[int], address: str) -> None:
    """Use a code up and keep the choice: one to ``MOST_CHOICES`` entries. Nothing is kept that leads from the code to it. Raises ``Refused`` (fields ``code``, ``chosen``)."""
    with system_scope("vote on brands"):
        held, row = _of_code(code, address)
        offered = {one.pk for one in _offered(held, row)}
        picked = set(chosen)
        if not 1 <= len(picked) <= MOST_CHOICES or not picked <= offered:
            raise Refused(f"请选 1 到 {MOST_CHOICES} 个。", code="choices", field="chosen")
        if not ReviewCode.objects.filter(pk=row.pk).delete()[0]:
            raise Refused(UNKNOWN, code="unknown_code", field="code")
        ReviewSlip.objects.create(round=held, org=held.org, choices=sorted(picked))


@transaction.atomic
def close_round(*, found: ReviewRound, by, today: date, version: int | None = None) -> ReviewRound:
    """Everything is in: settle points and ranks; unused codes die. Raises ``Refused`` (sheets missing, nobody voted), ``Stale``."""
    held = _held(found, version)
    missing = selectors.expected(held, today) - selectors.handed_in(held)
    if missing:
        names = {one.pk: one.user.display_name for one in selectors.judges(held)}
        raise Refused(f"还有 {len(missing)} 张没有提交：{'、'.join(sorted({names[judge] for _, judge, _ in missing}))}。", code="sheets_open", status=409)
    if held.weights[Part.VOTE] and not ReviewSlip.objects.filter(round=held).exists():
        raise Refused("还没有人投票。", code="no_votes", status=409)
    for one in selectors.results(held):
        entry = one.entry
        entry.material, entry.stage, entry.votes, entry.vote, entry.total, entry.rank = one.material, one.stage, one.votes, one.vote, one.total, one.rank
        entry.save()
    ReviewCode.objects.filter(round=held).delete()
    write_anew(ReviewSlip.objects.filter(round=held))
    held.state, held.closed_on, held.version = RoundState.CLOSED, today, held.version + 1
    held.save()
    audit.record("review.closed", held, by=by, title=held.title)
    return held

