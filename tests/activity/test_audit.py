"""The audit can be added to and read, not changed; whoever goes round the portal is found out."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from apps.activity import audit
from apps.activity.chain import events, verify
from apps.activity.models import AuditEvent, AuditSeal
from apps.core.scope import Scope, system_scope

COUNTY = Scope(("/36/3604/360403/",))


@pytest.fixture
def chain(transactional_db):
    with system_scope("test"):
        for number in range(5):
            audit.record("cadre.viewed", title=f"第{number}人", org_path="/36/3604/360403/", data={"n": number})


def forge(sql, *values):
    """What a database administrator could do: switch the fences off and write."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE activity_auditevent NO FORCE ROW LEVEL SECURITY")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE activity_auditevent FORCE ROW LEVEL SECURITY")


def test_the_chain_is_whole(chain):
    verdict = verify()
    assert (verdict.checked, verdict.sound) == (5, True)
    assert len(verdict.head) == 64


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE activity_auditevent SET title = '别人' WHERE data->>'n' = '2'",
        "DELETE FROM activity_auditevent WHERE data->>'n' = '2'",
        "UPDATE activity_auditevent SET data = '{\"n\": 9}' WHERE data->>'n' = '2'",
    ],
)
def test_a_changed_or_removed_event_is_found(chain, sql):
    forge(sql)
    assert verify().broken_at == 3
    with pytest.raises(CommandError, match="第 3 处"):
        call_command("verify_audit")


def test_a_cut_off_end_is_found(chain):
    forge("DELETE FROM activity_auditevent WHERE data->>'n' = '4'")
    AuditSeal.objects.filter(seq=5).delete()
    assert verify().broken_at == 5


@pytest.mark.parametrize(
    "sql", ["UPDATE activity_auditevent SET title = 'x'", "DELETE FROM activity_auditevent", "UPDATE activity_auditseal SET seq = 9", "DELETE FROM activity_audithead"]
)
def test_the_portal_itself_may_not_change_it(chain, sql):
    with pytest.raises(ProgrammingError, match="permission denied"), system_scope("test"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_twenty_at_once_make_one_chain(transactional_db):
    def write(number):
        with system_scope("test"):
            audit.record("cadre.viewed", title=str(number))
        connection.close()

    threads = [threading.Thread(target=write, args=[number]) for number in range(20)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    verdict = verify()
    assert (verdict.checked, verdict.sound) == (20, True)


def test_an_act_that_fails_leaves_no_event(transactional_db):
    def act():
        with system_scope("test"):
            audit.record("cadre.viewed", title="x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    with system_scope("test"):
        assert not AuditEvent.objects.exists()


def test_an_unknown_verb_is_refused(whole):
    with pytest.raises(KeyError):
        audit.record("cadre.guessed")


def test_another_county_sees_none(chain):
    with system_scope("second fence open"):
        assert events(COUNTY).count() == 5
        assert events(Scope(("/36/3604/360402/",))).count() == 0
        assert events(COUNTY, text="第3人").count() == 1


def test_each_event_knows_address_role_and_request(client, person):
    user = person("浔阳区", "county_officer")
    client.force_login(user)
    number = "0123456789abcdef"
    client.get("/cadres/99/", headers={"X-Request-ID": number})
    client.post("/logout/", headers={"X-Request-ID": number}, REMOTE_ADDR="10.1.2.3")
    with system_scope("test"):
        event = AuditEvent.objects.get(verb="session.signed_out")
    assert (event.address, event.role, event.request_id) == ("10.1.2.3", "county_officer", number)
