"""The same sheet through django-import-export as it comes: a plain ``ModelResource`` over the same columns of the same table, ``import_data``, its own XLSX format.

Generous to the peer: it cleans nothing, knows no code tables, leaves the columns search and sort live on empty, and is run once, where its
own page runs it twice (dry run and confirm). Like the portal it encrypts ID numbers and phones, finds people by the blind index
and pays for the table's history triggers.
"""

from collections.abc import Iterator
from pathlib import Path

from import_export import fields, resources, widgets
from import_export.formats.base_formats import XLSX
from import_export.results import Result

from apps.accounts.models import Organization
from apps.cadres.columns import id_index
from apps.cadres.models import Cadre
from apps.core.scope import system_scope
from apps.dashboard.bench.clock import Watch, timed, watched
from apps.dashboard.bench.figures import Figure, memory, rate
from apps.dashboard.bench.options import COUNTY, Options

PLAIN = {
    "姓名": "name", "性别": "sex", "民族": "ethnicity", "籍贯": "native_place", "婚姻状况": "marital", "文化程度": "education", "政治面貌": "political_status",
    "所在党支部": "party_branch", "离退休时职级": "rank", "原工作单位": "original_unit", "原职务": "original_post", "单位性质": "unit_nature", "居住地址": "address",
    "居住状况": "living", "健康状况": "health", "自理能力": "self_care", "手机": "phone", "紧急联系人": "emergency_name", "备注": "note",
}  # fmt: skip
DATES = {"出生日期": "born_on", "入党时间": "party_joined_on", "参加工作时间": "work_started_on", "离退休时间": "retired_on"}


class Kind(widgets.Widget):
    def clean(self, value, row=None, **kwargs):
        return {"离休": "lixiu", "退休": "retired"}[value]


class Index(widgets.Widget):
    def clean(self, value, row=None, **kwargs):
        return id_index(value)

    def render(self, value, obj=None, **kwargs):
        return value.hex() if value else ""


class Text(widgets.Widget):
    def clean(self, value, row=None, **kwargs):
        return "" if value is None else str(value)


class Plain(resources.ModelResource):
    """``org`` is set by the resource: the sheet has no column for it."""

    def __init__(self, org: Organization) -> None:
        super().__init__()
        self.org = org

    def init_instance(self, row=None):
        return Cadre(org=self.org, org_path=self.org.path)

    def after_import(self, dataset, result, **kwargs):
        """Its reset of the sequence is left out: the roles of a request may not do that, and nothing needs it."""


def _declared() -> dict[str, fields.Field]:
    found = {name: fields.Field(attribute=name, column_name=title, widget=Text()) for title, name in PLAIN.items()}
    found |= {name: fields.Field(attribute=name, column_name=title, widget=widgets.DateWidget("%Y-%m-%d")) for title, name in DATES.items()}
    return found | {
        "retire_kind": fields.Field(attribute="retire_kind", column_name="离退休类型", widget=Kind()),
        "id_number": fields.Field(attribute="id_number", column_name="身份证号", widget=Text()),
        "id_index": fields.Field(attribute="id_index", column_name="身份证号", widget=Index()),
    }


def resource(**meta) -> type[Plain]:
    """A resource class with these options in its Meta."""
    names = _declared()
    options = type("Meta", (), {"model": Cadre, "fields": tuple(names), "import_id_fields": ("id_index",), **meta})
    return type("PlainRoster", (Plain,), {**names, "Meta": options})


def _import(options: Options, name: str, rows: int, **meta) -> Iterator[Figure]:
    org = Organization.objects.get(code=COUNTY, valid_to=None)
    _read_and_write(resource(**meta)(org), options.warming)
    with watched() as whole:
        result, writing = _read_and_write(resource(**meta)(org), options.roster(rows))
    if result.totals["new"] != rows:
        raise RuntimeError(f"the peer was to make {rows} people: {dict(result.totals)}")
    yield rate(name, rows, whole, import_data=writing.seconds)
    yield memory(name, whole)


def _read_and_write(made: Plain, path: Path) -> tuple[Result, Watch]:
    data = XLSX().create_dataset(path.read_bytes())
    with timed() as writing, system_scope("bench"):
        return made.import_data(data, dry_run=False, raise_errors=True, use_transactions=True), writing


def row_by_row(options: Options) -> Iterator[Figure]:
    """As it comes: a lookup and a save per row."""
    yield from _import(options, "import.stock", options.stock_rows)


def in_bulk(options: Options) -> Iterator[Figure]:
    """``use_bulk``: a lookup per row, one insert per thousand."""
    yield from _import(options, "import.stock_bulk", options.stock_rows, use_bulk=True, batch_size=1000)


def inserts_only(options: Options) -> Iterator[Figure]:
    """Its fastest setting: no lookup, no comparison; nobody already registered is recognised."""
    yield from _import(options, "import.stock_insert_only", options.stock_rows, use_bulk=True, force_init_instance=True, skip_diff=True, skip_html_diff=True)
