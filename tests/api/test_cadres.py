"""The API of the registry: masks, fences for reading and writing, versions, one shape of errors, a valid description."""

import json

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from rest_framework.settings import api_settings
from rest_framework.throttling import UserRateThrottle

from apps.accounts import actions as accounts
from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.cadres.models import Cadre, StatusChange
from apps.core.scope import system_scope
from tests.factories import registry

LIST = reverse("api-cadres")


def one(cadre):
    return reverse("api-cadre", args=[cadre.pk])


@pytest.fixture
def api():
    """``api(user)`` calls with a token of the user: ``call("post", url, {...})`` → (status, JSON)."""

    def use(user):
        token, client = accounts.issue_token(user=user, days=1) if user else "", Client()
        headers = {"Authorization": f"Token {token}"} if token else {}

        def call(method, url, data=None):
            body = {} if data is None else {"data": json.dumps(data), "content_type": "application/json"}
            response = getattr(client, method)(url, headers=headers, **body)
            return response.status_code, response.json()

        return call

    return use


@pytest.fixture
def given(places, codes):
    return {"org": places["浔阳区"].pk, "name": "单小芳", "retire_kind": "lixiu", "born_on": "1930-05", "revolution_started_on": "1947-03", "sex": "女", "living": "独居"}


def test_without_a_token_nothing(someone, api):
    for url in (LIST, one(someone)):
        status, answer = api(None)("get", url)
        assert status == 401
        assert answer["code"] == "not_authenticated"


def test_a_wrong_token_is_nobody(someone, client):
    assert client.get(LIST, headers={"Authorization": "Token nonsense"}).status_code == 401


def test_the_list_is_masked_and_pages(someone, places, worker, inside, api):
    with inside("浔阳区"):
        for n in range(60):
            registry.register(places["浔阳区"], worker, f"王{chr(0x4E00 + n)}")
    call = api(worker)
    status, first = call("get", LIST)
    assert status == 200
    assert (first["count"], first["more"], len(first["results"]), first["previous"]) == (61, False, 50, None)
    _, second = call("get", first["next"])
    assert len(second["results"]) == 11
    assert not {row["id"] for row in first["results"]} & {row["id"] for row in second["results"]}
    _, found = call("get", LIST + "?q=wdf")
    row = found["results"][0]
    assert (row["phone"], row["born_on"], row["retire_kind"]) == ("128****5678", "1940-05-01", "retired")
    assert "*" in row["id_number"]
    assert row["org"]["name"] == "浔阳区教育局"


def test_one_person_is_masked_and_the_look_audited(someone, worker, api):
    status, row = api(worker)("get", one(someone))
    assert status == 200
    assert registry.number() not in json.dumps(row)
    with system_scope("look"):
        assert AuditEvent.objects.filter(verb="cadre.viewed", key=str(someone.pk)).exists()


def test_open_change_and_register_what_happened(given, worker, api):
    call = api(worker)
    status, made = call("post", LIST, given | {"id_number": registry.number("1930-05-09", 22), "phone": "128 1111 2222"})
    assert status == 201
    assert (made["living"], made["sex"], made["revolution_period"], made["phone"], made["version"]) == ("alone", "2", "5", "128****2222", 1)
    url = reverse("api-cadre", args=[made["id"]])
    status, changed = call("patch", url, {"version": 1, "address": "人民路 18 号"})
    assert (status, changed["version"], changed["address"]) == (200, 2, "人民路 18 号")
    status, stale = call("patch", url, {"version": 1, "address": "解放路"})
    assert (status, stale["code"], stale["version"], stale["errors"]) == (409, "stale", 2, {"address": ["已被别人修改"]})
    changes = reverse("api-cadre-changes", args=[made["id"]])
    status, change = call("post", changes, {"kind": "admitted", "effective_on": "2026-11-03", "values": {"hospital": "市一院"}})
    assert (status, change["after"]) == (201, {"hospital": "市一院"})
    assert call("get", changes)[1][0]["kind"] == "admitted"
    status, refused = call("post", changes, {"kind": "restored", "effective_on": "2026-11-03"})
    assert (status, refused["code"]) == (409, "standing")
    with system_scope("look"):
        assert Cadre.objects.get(pk=made["id"]).hospital == "市一院"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"living": "月球"}, "living"),
        ({"born_on": "1930-13"}, "born_on"),
        ({"born_on": 1930}, "born_on"),
        ({"id_number": "360499194005010011"}, "id_number"),
        ({"phone": "128****5678"}, "phone"),
        ({"revolution_started_on": "1950-01"}, "revolution_started_on"),
        ({"work_started_on": "1920"}, "work_started_on"),
        ({"retire_kind": "x"}, "retire_kind"),
        ({"org": "x"}, "org"),
    ],
)
def test_wrong_input_is_named_by_field(given, worker, api, wrong, field):
    status, answer = api(worker)("post", LIST, given | wrong)
    assert (status, answer["code"]) == (400, "invalid")
    assert field in answer["errors"]
    with system_scope("look"):
        assert not Cadre.objects.exists()


def test_malformed_json_is_a_sentence(worker):
    token = accounts.issue_token(user=worker, days=1)
    response = Client().post(LIST, "{", content_type="application/json", headers={"Authorization": f"Token {token}"})
    assert (response.status_code, response.json()["code"]) == (400, "parse_error")


def test_neighbours_neither_read_nor_write(someone, given, places, neighbour, api):
    call = api(neighbour)
    assert call("get", LIST)[1]["results"] == []
    for q in ("wdf", registry.number(), "12812345678", registry.number()[-4:]):
        assert call("get", f"{LIST}?q={q}&standing=all")[1]["count"] == 0
    assert call("get", one(someone))[0] == 404
    assert call("patch", one(someone), {"version": 1, "address": "x"})[0] == 404
    assert call("get", reverse("api-cadre-changes", args=[someone.pk]))[0] == 404
    assert call("post", reverse("api-cadre-changes", args=[someone.pk]), {"kind": "deceased", "effective_on": "2026-11-01"})[0] == 404
    status, refused = call("post", LIST, given)
    assert (status, refused["code"], refused["field"]) == (400, "region_out_of_scope", "org")
    with system_scope("look"):
        assert Cadre.objects.get().address == ""
        assert not StatusChange.objects.exists()


def test_a_registered_number_is_refused_without_telling_where(someone, given, places, neighbour, api):
    status, refused = api(neighbour)("post", LIST, given | {"org": places["濂溪区"].pk, "id_number": registry.number(), "born_on": "1940-05-01", "retire_kind": "retired"})
    assert (status, refused["code"], refused["field"]) == (400, "cadre_id_number_once", "id_number")
    assert "浔阳" not in refused["message"]


@pytest.mark.parametrize(("role", "read", "write"), [(Role.LEADER, 200, 403), (Role.BRANCH_SECRETARY, 200, 403), (Role.SYSTEM_ADMIN, 403, 403), (Role.AUDIT_ADMIN, 403, 403)])
def test_rights(someone, given, person, api, role, read, write):
    call = api(person("浔阳区", role))
    assert call("get", LIST)[0] == read
    status, answer = call("post", LIST, given)
    assert (status, answer["code"]) == (write, "permission_denied")


def test_a_session_needs_the_csrf_token(someone, given, worker):
    client = Client(enforce_csrf_checks=True)
    client.force_login(worker)
    assert client.get(LIST).status_code == 200
    refused = client.post(LIST, json.dumps(given), content_type="application/json")
    assert refused.status_code == 403


def test_calls_are_throttled(someone, worker, api, monkeypatch):
    cache.clear()
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "2/min", "anon": "2/min"})
    call = api(worker)
    assert [call("get", LIST)[0] for _ in range(3)] == [200, 200, 429]
    assert UserRateThrottle in api_settings.DEFAULT_THROTTLE_CLASSES
    cache.clear()


def test_the_description_is_valid_and_without_warnings(tmp_path, db):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))
    text = (tmp_path / "schema.yml").read_text()
    assert "/api/cadres/{id}/changes/" in text
    assert "身份证号" in text


def test_the_description_opens_for_whoever_is_signed_in(client, worker):
    assert client.get(reverse("api-schema")).status_code == 401
    assert client.get(reverse("api-docs")).status_code == 302
    client.force_login(worker)
    assert client.get(reverse("api-schema")).status_code == 200
    page = client.get(reverse("api-docs")).content.decode()
    for word in ("PATCH /api/cadres/{id}/", "登记变动", "self_care", "更改参加革命工作时间时必填"):
        assert word in page


def test_one_s_own_tokens(client, worker, neighbour):
    client.force_login(worker)
    url = reverse("accounts:tokens")
    shown = client.post(url, {"days": 30})
    token = shown.context["issued"]
    assert token in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert token not in client.get(url).content.decode()
    assert Client().get(LIST, headers={"Authorization": f"Token {token}"}).status_code == 200
    assert client.post(url, {"days": 9999}).status_code == 422
    other = Client()
    other.force_login(neighbour)
    revoke = reverse("accounts:token_revoke", args=[shown.context["tokens"][0].token_key])
    assert other.post(revoke).status_code == 404
    assert client.post(revoke).status_code == 302
    assert Client().get(LIST, headers={"Authorization": f"Token {token}"}).status_code == 401
    with system_scope("look"):
        assert set(AuditEvent.objects.filter(actor="张工", verb__startswith="token.").values_list("verb", flat=True)) == {"token.issued", "token.revoked"}
        assert token not in str(list(AuditEvent.objects.values_list("data", flat=True)))
