import pytest
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.activity import audit
from apps.activity.models import AuditEvent
from apps.core.scope import system_scope


@pytest.fixture
def auditor(client, person):
    client.force_login(person("浔阳区", Role.AUDIT_ADMIN))
    with system_scope("test"):
        audit.record("cadre.viewed", title="本区某人", org_path="/36/3604/360403/u1/")
        audit.record("cadre.viewed", title="邻区某人", org_path="/36/3604/360402/u2/")
    return client


def test_own_county_only(auditor):
    page = auditor.get(reverse("audit")).content.decode()
    assert "本区某人" in page
    assert "邻区某人" not in page


def test_filters(auditor):
    assert "本区某人" not in auditor.get(reverse("audit"), {"verb": "cadre.exported"}).content.decode()
    assert "本区某人" in auditor.get(reverse("audit"), {"q": "某人", "first": "2020-01-01"}).content.decode()
    assert "本区某人" not in auditor.get(reverse("audit"), {"last": "2020-01-01"}).content.decode()


def test_reading_the_audit_is_audited(auditor):
    auditor.get(reverse("audit"), {"q": "某人"})
    with system_scope("test"):
        assert AuditEvent.objects.filter(verb="audit.viewed", data__q="某人").exists()


def test_pages_by_key(auditor):
    with system_scope("test"):
        for number in range(60):
            audit.record("cadre.viewed", title=f"第{number}号", org_path="/36/3604/360403/")
    answer = auditor.get(reverse("audit"))
    assert len(answer.context["events"]) == 50
    older = auditor.get(reverse("audit"), {"before": answer.context["next"]})
    assert "第1号" in older.content.decode()


def test_the_fragment_is_part_of_the_page(auditor):
    fragment = auditor.get(reverse("audit"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "本区某人" in fragment


def test_verify_says_what_came_out(auditor):
    assert "审计链" in auditor.get(reverse("audit_verify")).content.decode()
