"""What may happen to a person in the registry, as a table: from which standing, to which, and what each kind of change asks for."""

from dataclasses import dataclass

from apps.cadres.models import Cadre, ChangeKind, Standing

ACTIVE, MOVED, DECEASED = Standing.ACTIVE, Standing.MOVED, Standing.DECEASED


@dataclass(frozen=True)
class Effect:
    """``sources``: standings it may start from; ``target``: the standing afterwards (None: as before); ``fields`` of ``Cadre`` it may set,
    of which ``required`` must be given; ``hint`` stands under the heading of the form."""

    sources: tuple[Standing, ...] = (ACTIVE,)
    target: Standing | None = None
    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    place: bool = False
    hint: str = ""


EFFECTS: dict[ChangeKind, Effect] = {
    ChangeKind.ADMITTED: Effect(fields=("hospital", "health", "self_care"), hint="登记后，系统按规则安排住院探望。"),
    ChangeKind.DISCHARGED: Effect(fields=("health", "self_care", "living"), hint="登记后，系统按规则安排出院回访。"),
    ChangeKind.DISABLED: Effect(fields=("self_care", "health", "living"), required=("self_care",), hint="以评定结论为准；类别建议会随之更新。"),
    ChangeKind.FELL: Effect(fields=("self_care", "health", "hospital"), hint="在哪里摔的、伤情和处置写在说明里；登记后，系统提醒复核类别。"),
    ChangeKind.DIAGNOSED: Effect(fields=("health", "self_care", "hospital"), hint="在哪里确诊、怎样治疗写在说明里，不必写病历；登记后，系统提醒复核类别。"),
    ChangeKind.WIDOWED: Effect(fields=("living",), hint="婚姻状况将改为「丧偶」。"),
    ChangeKind.RESIDENCE: Effect(fields=("address", "residence_kind", "residence_region", "living"), required=("address",)),
    ChangeKind.RESETTLED: Effect(fields=("resettled_place", "receiving_unit", "address", "residence_kind"), required=("resettled_place",), hint="易地安置人员每年至少走访一次。"),
    ChangeKind.TREATMENT: Effect(fields=("rank", "treatment_level", "medical_treatment"), hint="请填写批准文号；单项待遇的起止在「待遇」页登记。"),
    ChangeKind.REGISTERED: Effect(fields=("retire_kind", "retired_on", "rank"), hint="在册人员由退休转离休等手续变更，也在这里登记。"),
    ChangeKind.RECEIVED: Effect(sources=(ACTIVE, MOVED), target=ACTIVE, place=True, hint="选择接收后的管理单位。"),
    ChangeKind.MOVED_OUT: Effect(target=MOVED, place=True, hint="调往本系统管辖范围内的单位时请选择新单位，档案随之移交；调往范围以外的，不选单位，在说明里写明去向。"),
    ChangeKind.DECEASED: Effect(sources=(ACTIVE, MOVED), target=DECEASED, hint="登记后立即停止生日、节日等提醒，关闭未办事项，并为在世配偶建立遗属档案。"),
    ChangeKind.CORRECTED: Effect(sources=(ACTIVE, MOVED, DECEASED), hint="记录对档案的更正及依据；具体项目请在「修改」中改正。"),
    ChangeKind.RESTORED: Effect(sources=(MOVED, DECEASED), target=ACTIVE, hint="误登去世或误登调出时使用，人员恢复为在册。"),
}


def reason_against(cadre: Cadre, kind: ChangeKind) -> str:
    """Why this change can't be registered for this person now; "" when it can."""
    if cadre.standing in EFFECTS[kind].sources:
        return ""
    if cadre.standing == Standing.MERGED:
        return "这份档案已并入其他档案。"
    if cadre.standing == DECEASED:
        return "此人已去世；如系误登，请先办理「恢复（误登）」。"
    if cadre.standing == MOVED:
        return "此人已转出；请先办理「接收调入」或「恢复（误登）」。"
    return "此人在册，不需要恢复。"


def reason_against_editing(cadre: Cadre) -> str:
    """Why the record can't be edited; "" when it can. The dead are corrected, too: archives stay true."""
    if cadre.standing == Standing.MERGED:
        return "这份档案已并入其他档案，只供查阅。"
    return "此人已转出，档案只供查阅。" if cadre.standing == MOVED else ""
