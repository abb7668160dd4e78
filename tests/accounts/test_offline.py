"""The portal without a line, the server's half: the worker and its page, the key to what waits, a session that is carried along."""

import base64
import re
import threading
import time

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.urls import reverse

from apps.accounts.actions import letter_key
from apps.accounts.middleware import SessionClockMiddleware
from apps.accounts.models import LetterKey
from apps.accounts.permissions import CARRYING, Role
from apps.core import offline
from apps.core.key_rotation import encrypted_fields

WORKER, PAGE, KEY = "/sw.js", "/offline/", "/offline/key/"


def idle(client, settings, **values):
    """The session as it stands after half an hour and a second without a request."""
    session = client.session
    session[SessionClockMiddleware.STAMP] = int(time.time()) - settings.SESSION_IDLE_SECONDS - 1
    session.update(values)
    session.save()


class TestWorker:
    def test_stands_at_the_top_and_is_asked_for_anew(self, client, db):
        answer = client.get(WORKER)
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/javascript")
        assert answer["Service-Worker-Allowed"] == "/"
        assert "no-cache" in answer["Cache-Control"]
        assert "worker-src 'self'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]

    def test_names_the_whole_shell_and_a_version(self, client, db):
        text = client.get(WORKER).content.decode()
        assert all(f'"{url}"' in text for url in offline.shell_urls())
        assert re.search(r'"portal-[0-9a-f]{16}"', text)
        assert "〔未知" not in text

    def test_a_changed_file_is_another_version(self, monkeypatch, tmp_path):
        before = offline.version("page")
        assert offline.version("page") == before
        assert offline.version("another page") != before
        changed = tmp_path / "portal.js"
        changed.write_text("/* a new release */")
        found = finders.find
        monkeypatch.setattr(offline.finders, "find", lambda name: str(changed) if name == "js/portal.js" else found(name))
        assert offline.version("page") != before

    def test_switched_off_it_takes_itself_away(self, client, db, settings):
        settings.OFFLINE_HOURS = 0
        text = client.get(WORKER).content.decode()
        assert "unregister()" in text
        assert "caches.delete" in text
        assert "fetch" not in text

    def test_an_initial_password_does_not_stand_in_its_way(self, client, person):
        client.force_login(_fresh(person))
        assert client.get(WORKER).status_code == 200
        assert client.get(PAGE).status_code == 200


def _fresh(person):
    user = person()
    user.must_change_password = True
    user.save()
    return user


class TestPage:
    def test_is_the_same_for_everybody(self, client, person):
        nobody = client.get(PAGE).content
        user = person(display_name="周立新", elder_mode=True)
        client.force_login(user)
        assert client.get(PAGE).content == nobody
        assert b"csrf" not in nobody
        assert "周立新".encode() not in nobody

    def test_asks_for_nothing_the_worker_does_not_keep(self, client, db):
        text = client.get(PAGE).content.decode()
        asked = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', text))
        assert asked == set(offline.shell_urls())
        assert all(finders.find(name) for name in offline.SHELL)


class TestKey:
    def test_is_ones_own_and_stays_the_same_over_sessions(self, client, person):
        user, other = person(), person(username="other")
        client.force_login(user)
        first = client.post(KEY)
        assert first["Cache-Control"] == "no-store"
        assert len(base64.b64decode(first.json()["key"])) == 32
        assert first.json()["user"] == str(user.pk)
        assert first.json()["acting"] == f"{user.pk}.{user.memberships.get().pk}"
        client.logout()
        client.force_login(user)
        assert client.post(KEY).json()["key"] == first.json()["key"]
        client.force_login(other)
        assert client.post(KEY).json()["key"] != first.json()["key"]

    @pytest.mark.parametrize("role", Role.values)
    def test_every_role_has_one(self, client, person, role):
        client.force_login(person(role=role))
        assert client.post(KEY).status_code == 200

    def test_nobody_gets_none(self, client, db):
        assert client.post(KEY).status_code == 302
        answer = client.post(KEY, headers={"X-Portal-Fetch": "1"})
        assert (answer.status_code, answer["X-Location"].split("?")[0]) == (204, reverse("login"))
        assert not LetterKey.objects.exists()

    def test_is_not_given_to_a_link_or_a_foreign_form(self, client, person):
        client.force_login(person())
        assert client.get(KEY).status_code == 405
        client.handler.enforce_csrf_checks = True
        assert client.post(KEY).status_code == 403

    def test_lies_sealed_and_follows_the_field_keys(self, person):
        user = person()
        secret = letter_key(user=user)
        with connection.cursor() as cursor:
            cursor.execute("SELECT secret FROM accounts_letterkey WHERE user_id = %s", [user.pk])
            assert secret.encode() not in bytes(cursor.fetchone()[0])
        assert LetterKey._meta.get_field("secret") in encrypted_fields()


@pytest.mark.django_db(transaction=True)
def test_windows_that_ask_at_once_get_one_key(person):
    user, barrier, found = person(), threading.Barrier(4), []

    def ask():
        try:
            barrier.wait()
            found.append(letter_key(user=user))
        finally:
            connection.close()

    windows = [threading.Thread(target=ask) for _ in range(4)]
    for window in windows:
        window.start()
    for window in windows:
        window.join()
    assert len(found) == 4
    assert len(set(found)) == 1


class TestCarriedSession:
    def test_outlives_its_idle_time_narrowed(self, client, person, settings):
        client.force_login(person())
        client.get(reverse("worklist"))
        idle(client, settings, carried_until=int(time.time()) + 3600)
        answer = client.get(reverse("worklist"))
        assert answer.status_code == 200
        assert answer.wsgi_request.rights == CARRYING
        assert "只保留看人和记走访" in answer.content.decode()
        assert client.get(reverse("cadres:export")).status_code == 403
        assert client.get(reverse("worklist")).wsgi_request.rights == CARRYING

    def test_is_whole_again_after_signing_in(self, client, person, settings):
        user = person()
        client.force_login(user)
        client.get(reverse("worklist"))
        idle(client, settings, carried_until=int(time.time()) + 3600)
        client.get(reverse("worklist"))
        client.logout()
        client.force_login(user)
        assert client.get(reverse("worklist")).wsgi_request.rights > CARRYING

    @pytest.mark.parametrize(("until", "hours"), [(-1, 8), (3600, 0)])
    def test_ends_when_its_time_is_over_or_carrying_is_switched_off(self, client, person, settings, until, hours):
        settings.OFFLINE_HOURS = hours
        client.force_login(person())
        client.get(reverse("worklist"))
        idle(client, settings, carried_until=int(time.time()) + until)
        assert client.get(reverse("worklist")).status_code == 302

    def test_its_mark_changes_with_the_session_the_reading_size_and_the_role(self, client, person):
        user = person()

        def mark():
            return re.search(r'data-mark="(\w+)"', client.get(reverse("worklist")).content.decode())[1]

        client.force_login(user)
        marks = [mark(), mark()]
        assert marks[0] == marks[1]
        client.post(reverse("elder_mode"), {"on": "1"})
        marks.append(mark())
        client.logout()
        client.force_login(user)
        marks.append(mark())
        assert len(set(marks)) == 3


def test_a_form_meant_for_another_user_or_role_is_not_stored(client, person):
    user = person()
    client.force_login(user)
    acting = f"{user.pk}.{user.memberships.get().pk}"
    assert client.post(KEY, headers={"X-Portal-For": acting}).status_code == 200
    assert client.post(KEY, headers={"X-Portal-For": f"{user.pk + 1}.{user.memberships.get().pk}"}).status_code == 401
    assert client.post(KEY, headers={"X-Portal-For": f"{user.pk}.0"}).status_code == 401
