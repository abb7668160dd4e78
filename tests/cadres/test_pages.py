"""The pages as people use them: fences, forms and their sentences, closed values, hostile names."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.cadres import actions, selectors
from apps.cadres.models import Cadre, Code, Relative, Survivor, Treatment
from apps.core.scope import system_scope
from apps.files.models import StoredFile
from tests.factories import registry

PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF"


def page(name, cadre, *args):
    return reverse(f"cadres:{name}", args=[cadre.pk, *args])


@pytest.fixture
def family(someone, worker, inside, codes):
    """A relative, a treatment and a paper of someone; (relative, treatment, file)."""
    with inside("浔阳区"):
        relative = actions.save_relative(cadre=someone, values={"relation": "妻子", "name": "李秀英", "phone": "12811112222"}, by=worker)
        treatment = actions.save_treatment(cadre=someone, values={"kind": "nursing", "content": "护理费"}, by=worker)
        stored = actions.add_document(cadre=someone, upload=SimpleUploadedFile("证.pdf", PDF), by=worker)
    return relative, treatment, stored


def every_page(someone, family):
    relative, treatment, stored = family
    gets = [page("detail", someone), *(page("detail", someone) + f"?tab={tab}" for tab in ("plan", "visits", "family", "treatments", "files", "history"))]
    gets += [page("edit", someone), page("card", someone), page("change", someone, "deceased"), page("row_add", someone, "relative")]
    gets += [page("row", someone, "relative", relative.pk), page("row", someone, "treatment", treatment.pk), reverse("files:download", args=[stored.key])]
    posts = [page("edit", someone), page("reveal", someone) + "?field=phone", page("change", someone, "deceased"), page("row_add", someone, "relative")]
    posts += [page("row", someone, "relative", relative.pk), page("row_remove", someone, "relative", relative.pk), page("row_remove", someone, "treatment", treatment.pk)]
    posts += [page("upload", someone), page("document_remove", someone, stored.key)]
    return gets, posts


def answers(client, urls):
    found = {}
    for url in urls:
        response = client.get(url)
        found[url] = response.status_code
        if response.streaming:
            assert b"".join(response.streaming_content)
    return found


def test_every_page_opens_for_its_own_and_for_no_neighbour(someone, family, signed_in, worker, neighbour):
    gets, posts = every_page(someone, family)
    client = signed_in(worker)
    assert answers(client, gets) == dict.fromkeys(gets, 200)
    client = signed_in(neighbour)
    assert answers(client, gets) == dict.fromkeys(gets, 404)
    given = {"reason": "想看看", "effective_on": "2026-11-01", "name": "改", "relation": "子", "version": 1, "retire_kind": "retired", "born_on": "1940"}
    assert {url: client.post(url, given).status_code for url in posts} == dict.fromkeys(posts, 404)
    with system_scope("look"):
        assert Cadre.objects.get(pk=someone.pk).standing == "active"
        assert Relative.objects.filter(name="李秀英").exists()
        assert StoredFile.objects.filter(pk=family[2].pk).exists()


def test_whoever_may_only_look_can_neither_write_nor_reveal(someone, family, signed_in, person):
    gets, posts = every_page(someone, family)
    client = signed_in(person("浔阳区", Role.LEADER))
    assert {url: client.post(url, {"reason": "想看看"}).status_code for url in posts} == dict.fromkeys(posts, 403)
    text = client.get(page("detail", someone)).content.decode()
    assert "您的角色没有「建档与修改」的权限。" in text
    assert "3604****" in text
    assert page("reveal", someone) not in text


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_the_three_administrators_see_no_person(someone, signed_in, person, role):
    client = signed_in(person("浔阳区", role))
    for url in (reverse("cadres:list"), page("detail", someone), reverse("cadres:codes"), reverse("cadres:export")):
        assert client.get(url).status_code == 403


def test_no_page_shows_a_closed_value(someone, family, signed_in, worker):
    gets, _ = every_page(someone, family)
    client = signed_in(worker)
    for url in [reverse("cadres:list"), *(url for url in gets if "stored" not in url)]:
        text = client.get(url).content.decode()
        for secret in (registry.number(), "12812345678", "12811112222"):
            assert secret not in text, url


def test_a_look_at_a_closed_value_needs_a_reason_and_is_kept_with_the_person(someone, family, signed_in, worker):
    client, url = signed_in(worker), page("reveal", someone)
    refused = client.post(url + "?field=id_number", {"reason": " "})
    assert refused.status_code == 422
    assert registry.number() not in refused.content.decode()
    shown = client.post(url + "?field=id_number", {"reason": "办理医疗证"}, headers={"HX-Request": "true"})
    assert registry.number() in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert "12811112222" in client.post(f"{url}?field=phone&relative={family[0].pk}", {"reason": "联系家属"}).content.decode()
    assert client.post(url + "?field=illness", {"reason": "想看看"}).status_code == 422
    assert client.get(url + "?field=phone").status_code == 405
    text = client.get(page("detail", someone)).content.decode()
    assert "办理医疗证" in text
    assert "查看原文：身份证号" in text
    with system_scope("look"):
        event = AuditEvent.objects.filter(verb="cadre.revealed", key=str(someone.pk)).first()
        assert registry.number() not in str(event.data) + event.note + event.title


def test_views_and_prints_are_audited(someone, signed_in, worker):
    client = signed_in(worker)
    client.get(page("detail", someone))
    client.get(page("card", someone))
    with system_scope("look"):
        assert set(AuditEvent.objects.filter(key=str(someone.pk), actor="张工").values_list("verb", flat=True)) >= {"cadre.viewed", "cadre.printed"}


NEW = {"name": "单 小芳", "retire_kind": "lixiu", "born_on": "1930.5", "revolution_started_on": "1945.09", "sex": "2", "arrival": "", "counts_in_statistics": "on"}


def test_opening_a_record_asks_for_the_period_a_month_leaves_open(places, codes, signed_in, worker):
    client, url = signed_in(worker), reverse("cadres:create")
    given = NEW | {"org": places["浔阳区"].pk}
    first = client.post(url, given)
    text = first.content.decode()
    assert first.status_code == 422
    assert "请选择时期" in text
    assert all(word in text for word in ("抗日战争后期", "解放战争时期", "暂时不能确定"))
    assert "抗日战争前期" not in text
    done = client.post(url, given | {"revolution_period_confirmed": "5"})
    with system_scope("look"):
        cadre = Cadre.objects.get()
        assert done["Location"] == page("detail", cadre)
        assert (cadre.name, cadre.born_on, cadre.born_precision, cadre.revolution_period) == ("单小芳", date(1930, 5, 1), "month", "5")


def test_an_undecided_period_stands_on_the_page(places, codes, signed_in, worker):
    client = signed_in(worker)
    done = client.post(reverse("cadres:create"), NEW | {"org": places["浔阳区"].pk, "revolution_period_confirmed": ""}, follow=True)
    assert "待确认" in done.content.decode()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"born_on": "1945.1x"}, "看不懂这个日期"),
        ({"id_number": "36049919400501001"}, "17 位"),
        ({"id_number": "360499194005010011"}, "最后一位不对"),
        ({"phone": "abc"}, "看不懂这个电话号码"),
        ({"retire_kind": "lixiu", "revolution_started_on": "1950.01"}, "1949 年 9 月 30 日"),
        ({"work_started_on": "1920"}, "早于"),
        ({"residence_region": "没有区"}, "找不到这个县"),
        ({"name": ""}, "必填"),
        ({"name": "王" * 61}, "60"),
        ({"living": "月球"}, "月球"),
    ],
)
def test_wrong_input_gets_a_sentence_at_its_field_and_loses_nothing(places, codes, signed_in, worker, given, sentence):
    field = next(iter(given))
    response = signed_in(worker).post(reverse("cadres:create"), {"org": places["浔阳区"].pk, "name": "王五", "retire_kind": "retired", "born_on": "1940", "note": "留住我"} | given)
    text = response.content.decode()
    assert response.status_code == 422
    assert "留住我" in text
    assert sentence in text or field == "name"
    assert f'id="id_{"revolution_started_on" if field == "retire_kind" else field}_error"' in text


def test_a_number_registered_elsewhere_is_a_sentence_not_a_fault(places, someone, signed_in, neighbour):
    given = {"org": places["濂溪区"].pk, "name": "别人", "retire_kind": "retired", "id_number": registry.number()}
    response = signed_in(neighbour).post(reverse("cadres:create"), given)
    assert response.status_code == 422
    assert "已经登记过" in response.content.decode()


def form_of(client, url):
    """What the browser would send back unchanged."""
    form = client.get(url).context["form"]
    given = {name: form[name].value() for name in form.fields}
    return {name: ("on" if value is True else value) for name, value in given.items() if value not in (None, "", False)}


def test_an_unchanged_form_changes_nothing(someone, signed_in, worker):
    client, url = signed_in(worker), page("edit", someone)
    assert client.post(url, form_of(client, url)).status_code == 302
    with system_scope("look"):
        cadre = Cadre.objects.get(pk=someone.pk)
        assert (cadre.version, cadre.id_number, cadre.phone) == (1, registry.number(), "12812345678")


def test_two_forms_open_at_once_lose_nothing(someone, signed_in, worker, inside):
    client, url = signed_in(worker), page("edit", someone)
    given = form_of(client, url) | {"address": "我填的地址", "hobbies": "书法"}
    with inside("浔阳区") as scope:
        actions.change_cadre(cadre=someone, values={"address": "别人填的地址"}, version=1, by=worker, scope=scope, today=registry.TODAY)
    conflict = client.post(url, given)
    text = conflict.content.decode()
    assert conflict.status_code == 409
    assert "我填的地址" in text
    assert "对方改为：别人填的地址" in text
    assert "书法" in text
    version = re.search(r'name="version" value="(\d+)"', text)[1]
    assert client.post(url, given | {"version": version}).status_code == 302
    with system_scope("look"):
        cadre = Cadre.objects.get(pk=someone.pk)
        assert (cadre.address, cadre.hobbies) == ("我填的地址", "书法")


def test_clearing_a_phone_takes_a_word(someone, signed_in, worker):
    client, url = signed_in(worker), page("edit", someone)
    client.post(url, form_of(client, url) | {"phone": "无"})
    with system_scope("look"):
        cadre = Cadre.objects.get(pk=someone.pk)
        assert (cadre.phone, cadre.phone_index, cadre.phone_masked) == (None, None, "")


def test_death_by_the_form(someone, family, signed_in, worker):
    client = signed_in(worker)
    assert client.post(page("change", someone, "deceased"), {"effective_on": "2999-01-01"}).status_code == 422
    assert client.post(page("change", someone, "deceased"), {"effective_on": "2026-11-03"}).status_code == 302
    text = client.get(page("detail", someone)).content.decode()
    assert "2026 年 11 月 3 日去世" in text
    assert client.post(page("change", someone, "admitted"), {"effective_on": "2026-11-04"}).status_code == 409
    assert "此人已去世" in client.get(page("change", someone, "admitted")).content.decode()
    text = client.get(page("detail", someone) + "?tab=family").content.decode()
    assert "李秀英" in text
    with system_scope("look"):
        survivor = Survivor.objects.get()
    assert client.post(page("row", someone, "survivor", survivor.pk), {"name": "李秀英", "relation": "配偶", "monthly_subsidy": "1500", "alive": "on"}).status_code == 302


def test_rows_edited_in_place(someone, family, signed_in, worker):
    client = signed_in(worker)
    relative, treatment, _ = family
    wrong = client.post(page("row_add", someone, "relative"), {"relation": "", "name": "王小明"}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert "<html" not in wrong.content.decode()
    saved = client.post(page("row", someone, "relative", relative.pk), {"relation": "妻子", "name": "李秀兰", "lives_with": "on"}, headers={"HX-Request": "true"})
    assert saved["HX-Redirect"].endswith("?tab=family")
    wrong = client.post(page("row", someone, "treatment", treatment.pk), {"kind": "nursing", "content": "护理费", "starts_on": "2026-05-01", "ends_on": "2026-04-01"})
    assert "止日早于起日" in wrong.content.decode()
    with system_scope("look"):
        changed = Relative.objects.get(pk=relative.pk)
        assert (changed.name, changed.phone, changed.lives_with) == ("李秀兰", "12811112222", True)
    client.post(page("row_remove", someone, "relative", relative.pk))
    client.post(page("row_remove", someone, "treatment", treatment.pk))
    with system_scope("look"):
        assert not Relative.objects.exists()
        assert not Treatment.objects.exists()
        assert AuditEvent.objects.filter(verb="relative.changed", note="删除").exists()


def test_no_survivor_of_the_living(someone, signed_in, worker):
    response = signed_in(worker).post(page("row_add", someone, "survivor"), {"name": "李秀英", "relation": "配偶"})
    assert response.status_code == 409
    assert "本人健在" in response.content.decode()


def test_papers(someone, family, signed_in, worker):
    client, stored = signed_in(worker), family[2]
    assert b"".join(client.get(reverse("files:download", args=[stored.key])).streaming_content) == PDF
    refused = client.post(page("upload", someone), {"file": SimpleUploadedFile("病毒.pdf", b"MZ\x90\x00")})
    assert refused.status_code == 422
    assert "不能上传" in refused.content.decode()
    assert client.post(page("document_remove", someone, stored.key)).status_code == 302
    assert client.get(reverse("files:download", args=[stored.key])).status_code == 404


XSS = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_hostile_text_stays_text(places, worker, inside, signed_in, codes):
    with inside("浔阳区"):
        cadre = registry.register(places["浔阳区"], worker, XSS[:60], note=XSS, address=XSS, original_unit=XSS)
        actions.save_relative(cadre=cadre, values={"relation": XSS[:20], "name": XSS[:60], "unit": XSS}, by=worker)
    client = signed_in(worker)
    urls = [reverse("cadres:list"), reverse("cadres:list") + "?q=%3Cscript%3E", page("edit", cadre), page("card", cadre)]
    for url in urls + [page("detail", cadre) + f"?tab={tab}" for tab in ("overview", "family", "history")]:
        text = client.get(url).content.decode()
        assert "<script>alert" not in text, url
        assert "<img src=x" not in text, url


def test_unknown_tabs_kinds_and_people_are_not_found(someone, signed_in, worker):
    client = signed_in(worker)
    for url in (page("detail", someone) + "?tab=x", page("change", someone, "exploded"), reverse("cadres:detail", args=[999999])):
        assert client.get(url).status_code == 404


@pytest.fixture
def keeper(person):
    return person("九江市", Role.DATA_ADMIN)


def test_code_tables(codes, signed_in, keeper):
    client = signed_in(keeper)
    assert "独居" in client.get(reverse("cadres:codes") + "?table=living").content.decode()
    assert client.get(reverse("cadres:codes") + "?table=no").status_code == 404
    add = reverse("cadres:code_add", args=["living"])
    assert client.post(add, {"code": "boat", "name": "船上", "aliases": "渔船、住船"}).status_code == 302
    assert selectors.codebook().code("living", "住船") == "boat"
    assert "已经有了" in client.post(add, {"code": "boat", "name": "另一个"}).content.decode()
    assert "已经表示「独居」" in client.post(add, {"code": "solo", "name": "一人居住"}).content.decode()
    assert client.post(add, {"code": "有空 格", "name": "x"}).status_code == 422
    row = Code.objects.get(code="boat")
    edit = reverse("cadres:code", args=[row.pk])
    assert "停用日期早于启用日期" in client.post(edit, {"name": "船", "valid_from": "2026-02-01", "valid_to": "2026-01-01"}).content.decode()
    assert client.post(edit, {"name": "船", "aliases": "", "valid_to": "2026-01-01"}).status_code == 302
    assert selectors.codebook().name("living", "boat") == "船"
    assert AuditEvent.objects.filter(verb="code.changed").count() == 0
    with system_scope("look"):
        assert AuditEvent.objects.filter(verb="code.changed").count() == 2


def test_code_tables_are_for_those_entitled(codes, signed_in, worker):
    client = signed_in(worker)
    row = Code.objects.first()
    for url in (reverse("cadres:codes"), reverse("cadres:code_add", args=["living"]), reverse("cadres:code", args=[row.pk])):
        assert client.get(url).status_code == 403
