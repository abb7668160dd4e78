from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import User


def test_the_first_administrators(places):
    out = StringIO()
    call_command("create_admins", org="360400", stdout=out)
    lines = [line.split("\t") for line in out.getvalue().splitlines()]
    assert [line[0] for line in lines] == ["sysadmin", "secadmin", "auditadmin"]
    for username, password, _ in lines:
        user = User.objects.get(username=username)
        assert user.check_password(password)
        assert user.must_change_password


def test_twice_is_refused_whole(places):
    call_command("create_admins", org="360400", stdout=StringIO())
    with pytest.raises(CommandError, match="已有人使用"):
        call_command("create_admins", org="360400", stdout=StringIO())
    assert User.objects.count() == 3


def test_an_unknown_place(places):
    with pytest.raises(CommandError, match="999999"):
        call_command("create_admins", org="999999")
