"""Tags, filters, components and forms, rendered with unknown variables made visible."""

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string

from apps.core import context, tones
from apps.core.forms import Chips, OnceField, PortalForm, PortalModelForm
from apps.core.gallery import sample
from apps.core.refusal import Refused

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = sorted(path for path in ROOT.glob("templates/components/*.html") if not path.name.startswith("_") and path.name != "gallery.html")


def rendered(text, rf=None, path="/", **context):
    request = rf.get(path) if rf else None
    if request:
        request.user = AnonymousUser()
    return engines["django"].from_string(text).render(context, request)


def included(component, rf=None, path="/", **context):
    return rendered(f'{{% include "components/{component}.html" %}}', rf, path, **context)


class VisitForm(PortalForm):
    sections = (("走访", ("way", "said")),)
    once = OnceField()
    way = forms.ChoiceField(label="方式", choices=[("home", "上门"), ("phone", "电话")], widget=Chips)
    said = forms.CharField(label="情况", help_text="一两句话即可。")
    told = forms.BooleanField(label="已回告本人", required=False)


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_component_opens_with_its_contract(path):
    assert path.read_text().startswith("{% comment %}")


def test_every_component_is_in_the_how_to_and_the_gallery():
    guide = (ROOT / "docs/how-to/build-a-page.md").read_text()
    shown = "".join(path.read_text() for path in ROOT.glob("templates/components/**/*.html"))
    shown += (ROOT / "apps/core/templatetags/portal.py").read_text() + "".join(path.read_text() for path in ROOT.glob("templates/django/forms/*.html"))
    for path in COMPONENTS:
        assert path.stem in guide, path.stem
        assert f"components/{path.name}" in shown or path.stem == "field", path.stem


def test_gallery_knows_every_variable(rf, monkeypatch):
    monkeypatch.setattr(context, "_counts", lambda request: {"inbox": 9})
    request = rf.get("/gallery/")
    request.user, request.navigation = SimpleNamespace(is_authenticated=True, pk=1, is_demo=True), ()
    page = render_to_string("components/gallery.html", sample(), request)
    assert "未知变量" not in page
    assert "阿卜杜热合曼·买买提依明" in page
    assert "演示数据，全部虚构" in page


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ n|number }}", "41,906"),
        ("{{ none|number }}", "—"),
        ("{{ word|number }}", "86.4%"),
        ("{{ part|percent }}", "86.4%"),
        ("{{ whole|percent }}", "100%"),
        ("{{ none|percent }}", "—"),
        ("{{ n|signed }}", "+41,906"),
        ("{{ less|signed }}", "−6"),
        ("{{ zero|signed }}", "持平"),
        ("{{ day|date_zh }}", "2026 年 11 月 21 日"),
        ('{{ day|date_zh:"week" }}', "11 月 21 日 星期六"),
        ('{{ day|date_zh:"iso" }}', "2026-11-21"),
        ('{{ moment|date_zh:"time" }}', "11 月 21 日 07:30"),
        ('{{ day|date_zh:"time" }}', "11 月 21 日"),
        ("{{ none|date_zh }}", "—"),
        ('{% date_partial day "year" %}', "2026 年"),
        ('{% date_partial day "M" %}', "2026 年 11 月"),
        ('{% date_partial day "day" %}', "2026 年 11 月 21 日"),
        ("{{ born|age:day }}", "93 岁"),
        ("{{ none|age:day }}", "—"),
        ("{{ due|days_off:day }}", "已过 4 天"),
        ("{{ day|days_off:day }}", "今天"),
        ("{{ day|days_off:due }}", "还有 4 天"),
        ('{% url_with "/cadres/" kind="离休" empty="" %}', "/cadres/?kind=%E7%A6%BB%E4%BC%91"),
        ('{% url_with "/cadres/?a=1" b=2 %}', "/cadres/?a=1&amp;b=2"),
        ('{{ "running"|tone }}/{{ "nothing"|tone }}', "calm/plain"),
        ('{% tag sharp "key" %}', '<span class="tag key">&lt;重点&gt;</span>'),
    ],
)
def test_tags_and_filters(text, expected):
    moment = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    known = {"n": 41906, "none": None, "word": "86.4%", "part": 0.864, "whole": 1, "less": -6, "zero": 0, "moment": moment, "sharp": "<重点>"}
    known |= {"day": date(2026, 11, 21), "born": date(1933, 4, 2), "due": date(2026, 11, 17)}
    assert rendered(text, **known) == expected


@pytest.mark.parametrize(("today", "years"), [(date(2026, 2, 28), "77 岁"), (date(2026, 3, 1), "78 岁"), (date(2028, 2, 29), "80 岁")])
def test_age_of_somebody_born_on_a_leap_day(today, years):
    assert rendered("{{ born|age:today }}", born=date(1948, 2, 29), today=today) == years


def test_links_keep_the_filters_and_drop_the_page(rf):
    kept = rendered('{% here_with sort="name" kind=None %}', rf, "/cadres/?kind=a&page=3&after=x&unit=b&unit=c")
    assert kept == "?unit=b&amp;unit=c&amp;sort=name"


def test_crumbs_escape_names():
    assert rendered('{% crumbs "一人一档" "/cadres/" who %}', who="<王>").endswith('<li><a href="/cadres/">一人一档</a></li><li>&lt;王&gt;</li></ol></nav>')


def test_a_tone_is_registered_once():
    tones.add({"test-state": "ok"})
    with pytest.raises(ValueError, match="test-state"):
        tones.add({"test-state": "late"})
    assert tones.tone_of("test-state") == "ok"


def test_a_grey_button_says_why():
    html = included("button", label="全部导入", reason="还有 6 行有问题。")
    assert "disabled" in html
    assert html.count("还有 6 行有问题。") == 2
    assert 'href="/x/"' in included("button", label="看", url="/x/")


def test_figures_are_links_and_may_be_empty():
    html = included("figures", figures=[{"label": "退休", "value": 41906, "url": "/x/?a=1&b=2"}, {"label": "无", "value": None}])
    assert '<a href="/x/?a=1&amp;b=2"' in html
    assert "41,906" in html
    assert "—" in html


def test_pager_keeps_the_query(rf):
    html = included("pager", rf, "/?kind=%E7%A6%BB", page=Paginator(range(500), 50).page(5))
    assert "?kind=%E7%A6%BB&amp;page=6" in html
    assert 'aria-current="page">5<' in html
    alone = included("pager", rf, page=Paginator([], 50).page(1))
    assert "共 0 条" in alone
    assert "下一页" not in alone


def test_key_pager_moves_in_one_direction_at_a_time(rf):
    html = included("pager_keyset", rf, "/?after=old&kind=a", previous="p", next="n")
    assert "?kind=a&amp;before=p" in html
    assert "?after=n&amp;kind=a" in html


def test_masked_value_without_a_right_has_no_way_in(rf):
    assert "<form" not in included("masked", rf, value="3604********0018", name="身份证号")
    assert 'name="reason"' in included("masked", rf, value="3604********0018", name="身份证号", url="/reveal/")


def test_progress_stops_asking_when_over(rf):
    run = {"state": "running", "word": "正在导入", "done": 1, "total": 10, "over": False}
    assert "every 2s" in included("progress", rf, run=run, url="/run/")
    assert "hx-get" not in included("progress", rf, run=run | {"over": True, "message": "完成"}, url="/run/")


def test_chart_has_a_table_twin_with_the_links():
    chart = {"kind": "bar", "unit": "人", "categories": ["甲", "乙"], "series": [{"name": "已访", "data": [5, None], "urls": ["/a/", ""]}]}
    html = included("chart", id="c", label="走访", chart=chart)
    assert '<script id="c-data" type="application/json">' in html
    assert '<a href="/a/">5</a>' in html
    assert '<td class="n">—</td>' in html


def test_form_shows_errors_at_the_field_and_in_a_summary_that_links():
    form = VisitForm({"once": "", "way": "", "said": ""})
    html = str(form)
    assert '<a href="#id_said">情况</a>：这一项必须填写。' in html
    assert '<a href="#id_way">方式</a>：请选一项。' in html
    assert 'id="id_said_error"' in html
    assert 'aria-describedby="id_said_helptext id_said_error"' in html
    assert 'aria-invalid="true"' in html
    assert "请刷新后再提交" in html
    assert "#id_once" not in html


def test_form_groups_fields_and_keeps_the_rest():
    html = str(VisitForm())
    assert html.index("<legend>走访</legend>") < html.index("情况") < html.index("已回告本人")
    assert html.count('name="once"') == 1
    assert html.count("（必填）") == 2
    assert "summary" not in html


def test_a_refusal_is_shown_at_its_field():
    form = VisitForm({"once": "6f3f1d0e-9e0f-4a46-8bb7-3a3b1f7a2a10", "way": "home", "said": "好"})
    assert form.is_valid()
    form.refuse(Refused("这一天已经记过一次。", field="said"))
    form.refuse(Refused("此人已调出。", field="not_here"))
    assert form.errors["said"] == ["这一天已经记过一次。"]
    assert form.non_field_errors() == ["此人已调出。"]


def test_two_forms_never_share_a_key():
    assert VisitForm()["once"].value() != VisitForm()["once"].value()


def test_forms_do_not_save():
    with pytest.raises(TypeError):
        PortalModelForm.save(None)
