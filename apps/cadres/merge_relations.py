"""What hangs on a person in the registry itself and goes over when two records are merged."""

from apps.cadres.models import Relative, StatusChange, Survivor, TransferRequest, Treatment
from apps.cadres.registries import MERGE_RELATIONS, MergeRelation, rows_of
from apps.cadres.selectors.person import LABEL
from apps.files.models import StoredFile

MERGE_RELATIONS.add("relatives", rows_of(Relative, "cadre", "家庭成员"))
MERGE_RELATIONS.add("survivors", rows_of(Survivor, "cadre", "遗属"))
MERGE_RELATIONS.add("treatments", rows_of(Treatment, "cadre", "待遇"))
MERGE_RELATIONS.add("changes", rows_of(StatusChange, "cadre", "增减变动"))


def _transfers(kept, absorbed, **how) -> dict:
    """A request keeps its asking side; only whom it is about, and where he stands, changes."""
    keys = list(TransferRequest.objects.filter(cadre=absorbed).exclude(state="open").values_list("pk", flat=True))
    waiting = TransferRequest.objects.filter(cadre=absorbed, state="open").exclude(org__in=TransferRequest.objects.filter(cadre=kept, state="open").values("org"))
    keys += list(waiting.values_list("pk", flat=True))
    TransferRequest.objects.filter(pk__in=keys).update(cadre=kept)
    return {"keys": keys} if keys else {}


def _transfers_back(kept, absorbed, moved: dict, **how) -> list[str]:
    TransferRequest.objects.filter(pk__in=moved["keys"], cadre=kept).update(cadre=absorbed)
    return []


MERGE_RELATIONS.add("transfers", MergeRelation("调动申请", ("cadres.TransferRequest.cadre",), _transfers, _transfers_back))


def _files(kept, absorbed, **how) -> dict:
    rows = StoredFile.objects.filter(label=LABEL, subject_id=absorbed.pk)
    keys = list(rows.values_list("pk", flat=True))
    rows.update(subject_id=kept.pk, org=kept.org_id, org_path=kept.org_path)
    return {"keys": keys} if keys else {}


def _files_back(kept, absorbed, moved: dict, **how) -> list[str]:
    back = StoredFile.objects.filter(pk__in=moved["keys"], subject_id=kept.pk).update(subject_id=absorbed.pk, org=absorbed.org_id, org_path=absorbed.org_path)
    gone = len(moved["keys"]) - back
    return [f"文件：{gone} 份合并后已删除，没有移回。"] if gone else []


MERGE_RELATIONS.add("files", MergeRelation("文件", (), _files, _files_back))


def _nothing(kept, absorbed, **how) -> dict:
    return {}


MERGE_RELATIONS.add(
    "earlier decisions",
    MergeRelation(
        "合并记录", ("cadres.MergeRecord.kept", "cadres.MergeRecord.absorbed", "cadres.DistinctPair.first", "cadres.DistinctPair.second", "cadres.Cadre.merged_into"),
        _nothing, lambda kept, absorbed, moved, **how: [],
    ),
)  # fmt: skip
