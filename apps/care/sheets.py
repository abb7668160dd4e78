"""走访记录补录: visits of the past, taken in set-based and marked as logged late."""

import uuid
from collections.abc import Iterable
from datetime import date

from django.urls import reverse
from django.utils import timezone
from import_export.resources import ModelResource

from apps.accounts.models import Organization
from apps.accounts.selectors import users
from apps.cadres.models import Standing
from apps.cadres.sheets.cells import CodeCell
from apps.cadres.sheets.persons import PersonColumns, PersonKind
from apps.care.actions.taken_in import follow_taken_in, settle_owners
from apps.care.models import Visit
from apps.care.standards import CODE_TABLES, MEETING_WAYS, OCCASION_TABLE, WAY_TABLE
from apps.core.dates import PartialDate
from apps.core.scope import Scope
from apps.core.text import match_key
from apps.core.workbooks.problems import problem
from apps.files.cells import DateCell, NameCell, SheetField, TextCell, YesNoCell, declared_only
from apps.files.importing.asking import Flag, rows_of
from apps.files.importing.comparing import limited
from apps.files.importing.packed import parted
from apps.files.sheetkinds import Draft, Work, register

LATE, UNTOLD = "表格补录", "（原表没有写情况）"
OCCASION_WORDS = {
    "daily": "走访 日常 日常慰问 家访 日常看望 走访慰问", "birthday": "生日 生日慰问 祝寿 生日走访", "hospital": "住院 住院慰问 生病住院 探病 住院探望 生病看望",
    "discharge": "出院 出院看望", "festival": "节日 春节慰问 春节走访 节日走访 重阳节慰问 重阳慰问 七一慰问 中秋慰问 国庆慰问 元旦慰问 节日看望 重大节日",
    "resettled": "异地安置人员慰问 异地走访 易地走访 异地安置走访", "hardship": "困难 困难帮扶 特困慰问 困难走访", "condolence": "去世 去世慰问 丧事 后事",
    "survivor": "遗属 遗属看望 遗属走访 遗孀慰问 看望遗属", "other": "其它",
}  # fmt: skip
WAY_WORDS = {
    "home": "入户 上门走访 登门 家中 到家 入户走访 上门看望 实地", "hospital": "医院探望 病房 到医院", "institution": "养老院 敬老院 护理院 养老机构探望",
    "phone": "电话慰问 电话联系 电联 打电话 通话", "video": "微信 微信视频 视频通话 视频连线", "entrusted": "委托走访 代为看望 委托看望 委托慰问",
}  # fmt: skip


class CareCell(CodeCell):
    """A code of one of care's own tables, also by what offices write instead."""

    def __init__(self, table: str, words: dict[str, str], **kwargs) -> None:
        super().__init__(table, **kwargs)
        self.words = {word: code for code, spelled in words.items() for word in spelled.split()}

    def _read(self, cell, book):
        found = self.words.get(cell.strip()) if isinstance(cell, str) else None
        return (found, ()) if found else super()._read(cell, book)

    def options(self):
        return [name for _, name in CODE_TABLES[self.table]]


@declared_only
class VisitSheet(PersonColumns):
    visited_on = SheetField(
        "visited_on", "走访日期", DateCell(recent=True), required=True, example="2025-10-29",
        aliases="走访时间 看望时间 看望日期 慰问时间 慰问日期 走访慰问时间 探望时间 联系时间 日期 时间 何时走访",
    )  # fmt: skip
    occasion = SheetField(
        "occasion", "事由", CareCell(OCCASION_TABLE, OCCASION_WORDS), lacking=True, example="节日慰问",
        aliases="走访事由 走访类型 慰问类型 走访慰问类型 看望事由 慰问事由 类型 类别 节假日类型 走访原因",
    )  # fmt: skip
    way = SheetField("way", "方式", CareCell(WAY_TABLE, WAY_WORDS), lacking=True, example="上门", aliases="走访方式 联系方式 看望方式 慰问方式 形式 走访形式")
    in_person = SheetField("in_person", "见到本人", YesNoCell(yes=("见到", "已见到"), no=("没见到", "未见到", "未见")), aliases="是否见到本人 是否见面 见面")
    place = SheetField("place", "地点", TextCell(80), aliases="走访地点 看望医院 看望地点 慰问地点 就诊医院 所在医院")
    worker = SheetField(None, "走访人", TextCell(120), aliases="走访人员 慰问人员 慰问人 看望人 看望人员 走访领导 领导 走访干部 责任人 工作人员 联系人 记录人")
    companions = SheetField("companions", "陪同人员", TextCell(80), aliases="陪同 陪同人 随同人员 参加人员")
    gifts = SheetField("gifts", "慰问品", TextCell(80), aliases="慰问品情况 慰问金 慰问物资 慰问品（金） 慰问标准 慰问金额 物品")
    survivor = SheetField(None, "遗属姓名", NameCell(), aliases="走访的遗属 遗属 遗孀 遗孀姓名 慰问遗属")
    situation = SheetField(
        "situation", "情况", TextCell(2000), width=40, example="精神尚可，嘱复查心电图。",
        aliases="走访情况 慰问情况 走访内容 内容 看望情况 老同志反馈信息 反馈信息 谈话内容 身体情况 走访记录",
    )  # fmt: skip
    need = SheetField("need", "需求", TextCell(200), width=24, aliases="需求问题 意见建议 意见和建议 诉求 存在问题 反映问题 困难诉求 困难和问题 提出的问题 问题和需求")
    next_step = SheetField("next_step", "下一步", TextCell(300), width=24, aliases="处理情况 办理情况 解决措施 措施 落实情况 处理意见 备注")

    class Meta:
        model = Visit
        import_id_fields = ("visited_on", "occasion")

    def before_save_instance(self, instance, row, **kwargs):
        """What a visit must have, for ``import_data(data, by=User)``."""
        if instance.pk is None:
            instance.worker, instance.once, instance.late_reason = kwargs["by"], uuid.uuid4(), LATE
        instance.occasion, instance.way, instance.situation = instance.occasion or "daily", instance.way or "home", instance.situation or UNTOLD
        instance.in_person = instance.in_person and instance.way in MEETING_WAYS


class Visits(PersonKind):
    """One visit a day and occasion; one that is there is never changed. Needs of the past don't become open items: they stand in the record."""

    key, title, unit = "visits", "走访记录", "次"
    resource: type[ModelResource] = VisitSheet
    essential = (*PersonKind.essential, ("visited_on",))
    standings = (Standing.ACTIVE, Standing.DECEASED)
    natural = {"visited_on": "{}", "occasion": "{}"}
    loose = frozenset({"occasion"})
    keeps_existing = True
    tab = "visits"
    preview_fields = ("visited_on", "occasion", "way", "situation")

    def begin(self, org: Organization, today: date) -> Work:
        work = super().begin(org, today)
        known: dict[str, set[int]] = {}
        for pk, *names in users(Scope((org.path,))).values_list("pk", "display_name", "username"):
            for name in names:
                known.setdefault(match_key(name), set()).add(pk)
        work.extras["workers"] = {name: next(iter(found)) for name, found in known.items() if len(found) == 1}
        return work

    def complete(self, draft: Draft, work: Work) -> None:
        values = draft.values
        self._day(draft, work.today)
        if "way" not in values and not draft.has_error("way"):
            draft.problems.append(("way", problem("way_assumed")))
        if values.get("way", "home") not in MEETING_WAYS:
            values["in_person"] = False
        draft.fresh |= {"once": str(uuid.uuid4()), "late_reason": LATE}
        if said := values.get("worker"):
            self._worker(draft, said, work.extras["workers"])
        if survivor := values.get("survivor"):
            draft.columns["_survivor"] = match_key(survivor)

    @staticmethod
    def _day(draft: Draft, today: date) -> None:
        on: PartialDate | None = draft.values.pop("visited_on", None)
        if on is not None and on.precision != "day":
            draft.problems.append(("visited_on", problem("date_incomplete", title="走访日期")))
        elif on is not None and on.value > today:
            draft.problems.append(("visited_on", problem("date_future", title="走访日期")))
        elif on is not None:
            draft.values["visited_on"] = on

    @staticmethod
    def _worker(draft: Draft, said: str, known: dict[str, int]) -> None:
        """The first who is a user; whoever isn't stays in words."""
        names = parted(said)
        found = next((name for name in names if match_key(name) in known), None)
        if found:
            draft.fresh["worker_id"] = known[match_key(found)]
        others = "、".join(name for name in names if name != found)
        if others:
            draft.fresh["late_reason"] = f"{LATE}；{'同行' if found else '走访人'}：{others}"[:120]
        if not found:
            draft.problems.append(("worker", problem("worker_unknown", value=said)))

    def defaults(self, by) -> dict:
        return {"occasion": "daily", "way": "home", "situation": UNTOLD, "worker_id": by.pk, "late_reason": LATE}

    def owner_problems(self, batch_id: int, org: Organization, only: Iterable[int] | None = None) -> list[Flag]:
        """Before birth; after death only to a survivor, who is named or the only one living."""
        flags = super().owner_problems(batch_id, org, only)
        limit, keys = limited(only)
        sql = f"""
            SELECT r.id, c.name, c.born_on > (r."values" ->> 'visited_on')::date, s.found FROM files_importrow r JOIN cadres_cadre c ON c.id = r.owner_id
            LEFT JOIN LATERAL (SELECT array_agg(s.id) AS found FROM cadres_survivor s WHERE s.cadre_id = c.id
              AND CASE WHEN r."values" ? '_survivor' THEN replace(s.name, ' ', '') = r."values" ->> '_survivor' ELSE s.alive END) s ON true
            WHERE r.batch_id = %s AND r.state IN ('new', 'changed'){limit}
              AND ((r."values" ->> 'visited_on')::date > c.deceased_on OR (r."values" ->> 'visited_on')::date < c.born_on OR r."values" ? '_survivor')
        """
        to_survivors = []
        for pk, name, unborn, found in rows_of(sql, [batch_id, *keys]):
            if unborn:
                flags.append((pk, "visited_on", problem("date_order", earlier="出生日期", later="走访日期")))
            elif found is None or len(found) > 1:
                flags.append((pk, "survivor", problem("survivor_unknown", found=name, what="有几位遗属" if found else "没有这位遗属")))
            else:
                to_survivors.append((pk, found[0]))
        if to_survivors:
            ids, survivors = zip(*to_survivors, strict=True)
            rows_of(
                "UPDATE files_importrow r SET \"values\" = r.\"values\" || jsonb_build_object('survivor_id', f.survivor)"
                " FROM unnest(%s::bigint[], %s::bigint[]) f(id, survivor) WHERE r.id = f.id RETURNING r.id",
                [list(ids), list(survivors)],
            )
        return flags

    def after_apply(self, batch, by, only: Iterable[int] | None = None, *, now) -> None:
        follow_taken_in(batch=batch, today=timezone.localdate(now))

    def after_undo(self, batch, by) -> None:
        settle_owners(batch=batch, today=timezone.localdate())

    def row_url(self, row) -> str:
        return reverse("care:visit", args=[row.target_id]) if row.target_id else ""

    def list_url(self, batch) -> str:
        return f"{reverse('care:visits')}?org={batch.org_id}"


register(Visits())
