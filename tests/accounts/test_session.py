"""Signing in: lock-out, forced change, idle time-out, everywhere-out."""

import time

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts import actions
from apps.accounts.middleware import SessionClockMiddleware
from apps.accounts.models import Membership, User
from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.core.scope import system_scope

PASSWORD = "Demo-12345"


def sign_in(client, username, password=PASSWORD, **extra):
    return client.post(reverse("login"), {"username": username, "password": password}, **extra)


def verbs():
    with system_scope("test"):
        return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


def test_sign_in_leads_to_the_first_screen_of_the_role(client, person):
    user = person(role=Role.SYSTEM_ADMIN)
    assert sign_in(client, user.username).url == reverse("home")
    assert client.get(reverse("home")).url == reverse("accounts:organizations")
    assert "session.signed_in" in verbs()


def test_locked_after_failures_per_user_and_address(client, person, settings):
    user = person()
    answers = [sign_in(client, user.username, "wrong").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert answers == [200] * (settings.AXES_FAILURE_LIMIT - 1) + [429]
    locked = sign_in(client, user.username)
    assert locked.status_code == 429
    assert "锁定" in locked.content.decode()
    assert verbs().count("session.failed") >= settings.AXES_FAILURE_LIMIT - 1
    assert "session.locked" in verbs()


def test_many_names_from_one_address_are_locked_too(client, person, settings):
    person(username="real")
    for number in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, f"nobody{number}", "wrong")
    assert sign_in(client, "real").status_code == 429


def test_another_address_cannot_lock_itself_in_through_one_name(client, person, settings):
    user = person()
    for number in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, user.username, "wrong", REMOTE_ADDR=f"10.0.0.{number + 1}")
    assert sign_in(client, user.username, REMOTE_ADDR="10.9.9.9").status_code == 429


def test_the_security_administrator_unlocks(client, person, settings):
    user, guard = person(), person(place="九江市", role=Role.SECURITY_ADMIN)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, user.username, "wrong")
    client.force_login(guard)
    assert user.username in client.get(reverse("accounts:security")).content.decode()
    client.post(reverse("accounts:security_unlock"), {"username": user.username})
    client.logout()
    assert sign_in(client, user.username).status_code == 302


def test_initial_password_must_be_changed_first(client, person):
    user = person()
    User.objects.filter(pk=user.pk).update(must_change_password=True)
    client.force_login(user)
    assert client.get(reverse("home")).url == reverse("password_change")
    answer = client.post(reverse("password_change"), {"old_password": PASSWORD, "new_password1": "Neues-Wort-77", "new_password2": "Neues-Wort-77"})
    assert answer.url == reverse("home")
    user.refresh_from_db()
    assert not user.must_change_password
    assert client.get(reverse("home")).url != reverse("password_change")


@pytest.mark.parametrize("password", ["short1A", "alllowercase", "Demo-12345", "password123", "12345678901"])
def test_weak_or_old_passwords_are_refused(client, person, password):
    user = person()
    client.force_login(user)
    answer = client.post(reverse("password_change"), {"old_password": PASSWORD, "new_password1": password, "new_password2": password})
    assert answer.status_code == 422
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_last_passwords_are_remembered(person, settings, client):
    user = person()
    client.force_login(user)
    now = timezone.now()
    for number in range(3):
        actions.change_password(user=user, password=f"Another-Word-{number}", by=user, now=now)
    client.force_login(user)
    answer = client.post(reverse("password_change"), {"old_password": "Another-Word-2", "new_password1": PASSWORD, "new_password2": PASSWORD})
    assert "最近" in answer.content.decode()


def test_changing_the_password_signs_out_everywhere(client, person):
    from django.test import Client

    user, elsewhere = person(), Client()
    client.force_login(user)
    elsewhere.force_login(user)
    client.post(reverse("password_change"), {"old_password": PASSWORD, "new_password1": "Neues-Wort-77", "new_password2": "Neues-Wort-77"})
    assert client.get(reverse("password_change")).status_code == 200
    assert elsewhere.get(reverse("password_change")).status_code == 302


def test_an_idle_session_ends(client, person, settings):
    client.force_login(person())
    client.get(reverse("password_change"))
    session = client.session
    session[SessionClockMiddleware.STAMP] = int(time.time()) - settings.SESSION_IDLE_SECONDS - 1
    session.save()
    assert client.get(reverse("password_change")).status_code == 302


def test_ended_sessions_are_gone_at_once(client, person):
    user, guard = person(), person(place="九江市", role=Role.SECURITY_ADMIN)
    client.force_login(user)
    client.get(reverse("password_change"))
    with system_scope("test"):
        assert actions.end_sessions(user=user, by=guard, org_path="/36/3604/") == 1
    assert client.get(reverse("password_change")).status_code == 302


def test_demo_accounts_cannot_sign_in_where_demo_is_not_allowed(client, person, settings):
    user = person(is_demo=True)
    settings.DEMO_ALLOWED = False
    assert sign_in(client, user.username).status_code == 200
    settings.DEMO_ALLOWED = True
    assert sign_in(client, user.username).status_code == 302


def test_without_a_membership_there_is_a_sentence(client, person):
    user = person()
    user.memberships.all().delete()
    client.force_login(user)
    answer = client.get(reverse("home"))
    assert answer.status_code == 403
    assert "任职" in answer.content.decode()


def test_elder_mode_is_remembered(client, person):
    user = person(role=Role.SYSTEM_ADMIN)
    client.force_login(user)
    client.post(reverse("elder_mode"), {"on": "1", "next": "https://elsewhere.example/"})
    user.refresh_from_db()
    assert user.elder_mode
    assert 'class="elder"' in client.get(reverse("password_change")).content.decode()


def test_one_acts_in_one_role_at_a_time(client, person, places):
    user = person("浔阳区", Role.SYSTEM_ADMIN)
    other = Membership.objects.create(user=user, org=places["濂溪区"], role=Role.SYSTEM_ADMIN, starts_on="2021-01-01")
    client.force_login(user)
    assert client.get(reverse("accounts:organization", args=[places["浔阳区"].pk])).status_code == 404
    assert client.get(reverse("accounts:organization", args=[places["濂溪区"].pk])).status_code == 200
    first = user.memberships.exclude(pk=other.pk).get()
    client.post(reverse("choose_membership"), {"membership": first.pk})
    assert client.get(reverse("accounts:organization", args=[places["浔阳区"].pk])).status_code == 200
    assert client.get(reverse("accounts:organization", args=[places["濂溪区"].pk])).status_code == 404


def test_a_role_one_does_not_hold_is_ignored(client, person):
    user, other = person("浔阳区", Role.SYSTEM_ADMIN), person("九江市", Role.SYSTEM_ADMIN)
    client.force_login(user)
    client.post(reverse("choose_membership"), {"membership": other.memberships.get().pk})
    assert client.get(reverse("home")).status_code == 302
    assert client.get(reverse("accounts:users")).wsgi_request.membership.user == user
