"""The sentences of the quarterly report: what the figures say, and nothing they don't."""

from apps.cadres.models import AttentionClass
from apps.care.reports.context import Person, Place, QuarterlyVisits
from apps.core.calendar import Quarter

CLASSES = dict(AttentionClass.choices)
LOW = 0.7


def day_zh(iso: str) -> str:
    """2026-09-30 → 2026年9月30日; "" → 无记录"""
    return f"{iso[:4]}年{int(iso[5:7])}月{int(iso[8:])}日" if iso else "无记录"


def percent(part: int, whole: int) -> str:
    return f"{part / whole * 100:.1f}%" if whole else "—"


def overview(c: QuarterlyVisits) -> list[str]:
    """Two paragraphs: who is on the register and how that changed; what was done and how it compares."""
    t = c.total
    register = (
        f"截至{day_zh(c.as_of)}，在册离退休干部 {t['people']} 人，其中离休干部 {t['people_lixiu']} 人、退休干部 {t['people_retired']} 人；"
        f"重点关注 {t['people_key']} 人、定期关注 {t['people_regular']} 人、日常跟踪 {t['people_routine']} 人"
        + (f"，另有 {t['people_unclassed']} 人未定类别" if t["people_unclassed"] else "")
        + f"。本季度新办离退休 {t['ledger_new']} 人，接收调入 {t['ledger_in']} 人，调出移交 {t['ledger_out']} 人，去世 {t['deaths']} 人。"
    )
    work = f"本季度共走访联系 {t['visits_made']} 人次，其中见面 {t['visits_met']} 人次、住院看望 {t['visits_hospital']} 人次"
    work += f"；上季度走访联系 {c.earlier['visits_made']} 人次。"
    if not t["visits_due"]:
        return [register, work + "按走访频次规定，本季度没有应访到期的人员。"]
    work += f"按走访频次规定，本季度应访 {t['visits_due']} 人，已访 {t['visits_done']} 人，完成率 {percent(t['visits_done'], t['visits_due'])}{_compared(c)}；"
    work += f"期末逾期未访 {t['visits_overdue']} 人" + (f"，今天到期 {t['visits_today']} 人" if t["visits_today"] else "") + "。"
    return [register, work]


def _compared(c: QuarterlyVisits) -> str:
    if not c.earlier["visits_due"]:
        return ""
    change = round(c.total["visits_done"] / c.total["visits_due"] * 100, 1) - round(c.earlier["visits_done"] / c.earlier["visits_due"] * 100, 1)
    change = round(change, 1)
    return "，与上季度持平" if not change else f"，比上季度{'提高' if change > 0 else '下降'} {abs(change):g} 个百分点"


def rate(place: Place) -> float | None:
    return place.numbers["visits_done"] / place.numbers["visits_due"] if place.numbers["visits_due"] else None


def compared_places(c: QuarterlyVisits) -> str:
    """The best and the last of the places below, where at least two had somebody due."""
    rated = sorted(((done, place.name) for place in c.places if not place.direct and (done := rate(place)) is not None), key=lambda pair: -pair[0])
    if len(rated) < 2:
        return ""
    (best, first), (worst, last) = rated[0], rated[-1]
    if best == worst:
        return f"有应访任务的 {len(rated)} 个{c.below}完成率相同，均为 {best * 100:.1f}%。"
    return f"有应访任务的 {len(rated)} 个{c.below}中，完成率最高的是{first}（{best * 100:.1f}%），最低的是{last}（{worst * 100:.1f}%）。"


def key_people(c: QuarterlyVisits) -> str:
    t = c.total
    if not t["people_key"]:
        return "没有定为重点关注的人员。"
    if not t["key_silent"] and not t["key_unseen"]:
        return f"重点关注 {t['people_key']} 人，期末前 30 天内均有见面。"
    silent = f"其中 {t['key_silent']} 人电话等联系也没有" if t["key_silent"] else "均有电话等联系"
    return f"重点关注 {t['people_key']} 人，期末前 30 天内没有见面的 {t['key_unseen']} 人，{silent}。"


def problems(c: QuarterlyVisits) -> list[tuple[str, str]]:
    """(what the figures show, what follows from it), one pair for each thing that isn't as it should be."""
    t, found = c.total, []
    if t["visits_overdue"]:
        late = f"逾期未访 {t['visits_overdue']} 人" + (f"，其中逾期超过 30 天的 {t['visits_overdue_30']} 人" if t["visits_overdue_30"] else "")
        found.append((late + "。", f"逾期未访的 {t['visits_overdue']} 人，由责任人按附件名单逐一安排走访，逾期最久的在先。"))
    if t["key_silent"]:
        found.append((f"重点关注人员中 {t['key_silent']} 人 30 天以上没有联系。", f"对重点关注未联系的 {t['key_silent']} 人，先电话联系，再安排见面。"))
    slow = [place.name for place in c.places if (done := rate(place)) is not None and done < LOW]
    if slow and len(c.places) > 1:
        found.append((f"完成率低于 {LOW:.0%} 的有 {len(slow)} 个单位：{'、'.join(slow)}。", f"请{'、'.join(slow)}说明原因，提出补访安排。"))
    if t["away_overdue"]:
        found.append((f"易地安置人员 {t['away_overdue']} 人超过一年没有走访。", f"易地安置的 {t['away_overdue']} 人，会同接受安置单位安排走访。"))
    missing = t["people"] - t["planned"]
    if missing > 0:
        found.append((f"在册人员中 {missing} 人没有在执行的一人一策方案。", f"为缺方案的 {missing} 人建立一人一策方案。"))
    if t["unassigned"]:
        found.append((f"{t['unassigned']} 人的方案没有责任人。", f"为 {t['unassigned']} 份方案落实责任人。"))
    if c.difference or t["ledger_unexplained"]:
        found.append((f"人员增减登记与在册人数对不上，涉及 {t['ledger_unexplained']} 人。", "核对本季度新办离退休、调入调出和去世登记，补齐漏登的变动。"))
    return found


def person_line(person: Person) -> list[str]:
    place = person.unit if not person.place or person.unit.startswith(person.place) else f"{person.place}{person.unit}"
    return [person.name, place, day_zh(person.last_met), day_zh(person.due_on), str(person.days_late)]


def quarter_title(c: QuarterlyVisits) -> str:
    return Quarter.parse(c.quarter).title
