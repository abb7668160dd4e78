"""Rules of the house that the code itself must keep."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.urls import get_resolver
from django.urls.resolvers import URLPattern

from apps.accounts.permissions import RIGHT_NAMES, ROLES, SEPARATED, Right, Role
from apps.activity.audit import VERBS

ROOT = Path(__file__).resolve().parents[2]
VIEWS = sorted({*ROOT.glob("apps/*/views.py"), *ROOT.glob("apps/*/views/*.py"), *ROOT.glob("apps/*/api.py"), *ROOT.glob("apps/*/api/*.py"), *ROOT.glob("apps/*/tasks.py")})
OUTSIDE = ("admin", "spectacular")


def every_pattern(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from every_pattern(pattern.url_patterns)


PATTERNS = list(every_pattern(get_resolver().url_patterns))


def short(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", VIEWS, ids=short)
def test_pages_never_touch_a_manager(path):
    found = [node.lineno for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute) and node.attr in ("objects", "_base_manager", "_default_manager")]
    assert not found


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: str(pattern.name or pattern.pattern))
def test_every_address_names_its_right(pattern):
    view = pattern.callback
    rights = getattr(view, "rights", None) or getattr(getattr(view, "cls", None), "rights", None)
    assert rights or getattr(view, "public", False) or getattr(view, "signed_in", False)


def fenced_tables():
    return sorted(model._meta.db_table for model in apps.get_models() if any(field.name == "org_path" for field in model._meta.local_fields))


@pytest.mark.parametrize("table", fenced_tables())
def test_every_scoped_table_is_fenced(db, table):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", [table])
        assert cursor.fetchone() == (True, True)
        cursor.execute("SELECT array_agg(policyname::text ORDER BY policyname::text) FROM pg_policies WHERE tablename = %s", [table])
        assert cursor.fetchone()[0] == ["inside", "whole"]


def test_the_three_administrators_do_no_business():
    business = {right for right in Right if right.value.split(".")[0] in ("cadres", "care", "branches", "brands", "reports", "dashboard", "tables")}
    for role in SEPARATED:
        assert not ROLES[role] & business
    assert not ROLES[Role.SYSTEM_ADMIN] & (ROLES[Role.SECURITY_ADMIN] | ROLES[Role.AUDIT_ADMIN]) - {Right.ACCOUNT_OWN}


def test_every_role_and_right_is_described():
    assert set(ROLES) == set(Role.values)
    assert set(RIGHT_NAMES) == set(Right)


def verbs_used():
    for path in ROOT.glob("apps/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "record" and node.args
            if named and isinstance(node.args[0], ast.Constant) and getattr(node.func.value, "id", "") in ("audit", "trail"):
                yield node.args[0].value


def test_audit_verbs_are_known():
    used = set(verbs_used())
    assert used
    assert used <= set(VERBS)


@pytest.mark.parametrize("path", sorted(ROOT.glob("templates/**/*.html")), ids=short)
def test_templates_keep_the_content_security_policy(path):
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.S)
    assert ' style="' not in text
    assert "<style" not in text
    assert " onclick=" not in text
    for chunk in text.split("<script")[1:]:
        assert "src=" in chunk.split(">")[0]


@pytest.mark.parametrize("path", sorted(ROOT.glob("templates/**/*.html")), ids=short)
def test_no_block_uses_what_another_has_named(path):
    """``{% url … as up %}`` lasts to the end of its block; a link built on it elsewhere leads nowhere."""
    blocks = re.findall(r"{% block (\w+) %}(.*?){% endblock %}", path.read_text(), re.S)
    for name, body in blocks:
        for made in re.findall(r" as (\w+) %}", body):
            lost = [other for other, text in blocks if other != name and re.search(rf"(?:[ =(]|{{{{ ?){made}\b", text) and f" as {made} %}}" not in text]
            assert not lost, made


def test_models_and_migrations_agree(db):
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
