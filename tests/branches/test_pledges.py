"""公开承诺: what may be said, followed, judged and shown, and to whom; the pages of pledges and ballots."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.branches.actions import ballots
from apps.branches.actions import pledges as actions
from apps.branches.actions.branches import dissolve_branch
from apps.branches.actions.members import leave
from apps.branches.models import BallotAnswer, PartyMember, Pledge, PledgePage
from apps.branches.selectors.pledges import public_page
from apps.core.refusal import Refused, Stale
from apps.core.scope import system_scope
from tests.branches.conftest import TODAY

VALUES = {"text": "帮扶两位独居老党员", "measure": "每周上门", "responsible": "老王", "due_on": date(2026, 12, 31), "name_shown": False}


@pytest.fixture
def branch(set_up, comrade):
    return set_up(members=[comrade("欧阳建国")])


def test_a_dissolved_branch_has_no_public_page(branch, pledge, officer, client):
    with system_scope("test"):
        page = actions.publish_pledges(branch=branch, year=2026, by=officer)
        leave(member=PartyMember.objects.get(branch=branch), reason="transferred", on=TODAY, by=officer, today=TODAY)
        dissolve_branch(branch=branch, reason="合并", on=TODAY, by=officer, today=TODAY)
    assert client.get(reverse("pledge_page", args=[page.key])).status_code == 404


@pytest.fixture
def pledge(branch, officer):
    with system_scope("test"):
        return actions.make_pledge(branch=branch, year=2026, by=officer, today=TODAY, **VALUES)


def refused(act, **given) -> Refused:
    with system_scope("test"), pytest.raises(Refused) as caught:
        act(**given)
    return caught.value


def test_what_cannot_be_pledged(branch, set_up, comrade, officer):
    other = set_up("二支部", members=[comrade("外人")])
    with system_scope("test"):
        stranger = PartyMember.objects.get(branch=other)
    given = {"branch": branch, "year": 2026, "by": officer, "today": TODAY} | VALUES
    for wrong, field in (({"text": " "}, "text"), ({"due_on": date(2027, 1, 1)}, "due_on"), ({"due_on": TODAY - timedelta(days=1)}, "due_on"), ({"year": 2028}, "year")):
        assert refused(actions.make_pledge, **given | wrong).field == field
    assert refused(actions.make_pledge, **given, member=stranger).field == "member"


def test_progress_comes_quarter_by_quarter_and_never_ahead(pledge, officer):
    given = {"pledge": pledge, "by": officer, "today": TODAY, "now": timezone.now()}
    with system_scope("test"):
        for text in ("看了两次", "看了三次"):
            actions.log_progress(quarter=3, text=text, **given)
        assert [(one.quarter, one.text) for one in pledge.progress.all()] == [(3, "看了三次")]
    assert refused(actions.log_progress, quarter=1, text="", **given).field == "text"
    assert refused(actions.log_progress, quarter=4, text="x", **given | {"today": date(2026, 9, 30)}).field == "quarter"


def test_kept_or_not_with_the_reason_and_back(pledge, officer):
    given = {"pledge": pledge, "by": officer}
    assert refused(actions.close_pledge, state="failed", result="", today=TODAY, **given).field == "result"
    assert refused(actions.close_pledge, state="open", result="", today=TODAY, **given).field == "state"
    with system_scope("test"):
        actions.close_pledge(state="partly", result="一位已搬走", today=TODAY, version=1, **given)
        with pytest.raises(Stale):
            actions.close_pledge(state="kept", result="", today=TODAY, version=1, **given)
    assert refused(actions.change_pledge, today=TODAY, **given, **VALUES).code == "pledge_closed"
    with system_scope("test"):
        assert actions.reopen_pledge(**given).state == "open"


def test_a_comment_needs_something_to_comment_on(branch, officer):
    given = {"branch": branch, "year": 2026, "on": TODAY, "form": "meeting", "commentator": "局长", "good": "实", "wanting": ""}
    given |= {"by": officer, "today": TODAY, "now": timezone.now()}
    assert refused(actions.comment_pledges, **given).code == "nothing_to_comment"
    with system_scope("test"):
        actions.make_pledge(branch=branch, year=2026, by=officer, today=TODAY, **VALUES)
        actions.comment_pledges(**given)
    for wrong, field in (({"good": ""}, "good"), ({"form": "x"}, "form"), ({"on": TODAY + timedelta(days=1)}, "on"), ({"commentator": ""}, "commentator")):
        assert refused(actions.comment_pledges, **given | wrong).field == field


def test_the_public_page_shows_no_name_that_was_not_agreed_to(branch, pledge, officer, client):
    assert refused(actions.publish_pledges, branch=branch, year=2025, by=officer).code == "nothing_to_show"
    with system_scope("test"):
        member = PartyMember.objects.get(branch=branch)
        own = actions.make_pledge(branch=branch, year=2026, member=member, by=officer, today=TODAY, **VALUES | {"text": "教孙辈写字"})
        dropped = actions.make_pledge(branch=branch, year=2026, by=officer, today=TODAY, **VALUES | {"text": "撤下的事"})
        actions.close_pledge(pledge=dropped, state="dropped", result="重复", by=officer, today=TODAY)
        page = actions.publish_pledges(branch=branch, year=2026, by=officer)
        assert actions.publish_pledges(branch=branch, year=2026, by=officer).pk == page.pk
    body = client.get(reverse("pledge_page", args=[page.key])).content.decode()
    for shown in ("帮扶两位独居老党员", "教孙辈写字", "欧某某"):
        assert shown in body
    for hidden in ("欧阳建国", "撤下的事", "老王", "cadres/"):
        assert hidden not in body
    with system_scope("test"):
        Pledge.objects.filter(pk=own.pk).update(name_shown=True)
    assert public_page(page.key).members[0].who == "欧阳建国"
    with system_scope("test"):
        leave(member=member, reason="transferred", on=TODAY, by=officer, today=TODAY)
    assert public_page(page.key).members == []
    with system_scope("test"):
        assert actions.take_down_pledges(branch=branch, year=2026, by=officer) == 1
        assert not PledgePage.objects.exists()
    assert client.get(reverse("pledge_page", args=[page.key])).status_code == 404


def test_the_secretary_pledges_and_the_leader_comments(client, branch, officer, person):
    client.force_login(officer)
    address, today = reverse("branches:pledges", args=[branch.pk]), timezone.localdate()
    assert "这一年还没有承诺" in client.get(address).content.decode()
    assert client.post(reverse("branches:pledge_add", args=[branch.pk]), {}).status_code == 422
    given = {"text": "办好书画班", "due_on": f"{today.year}-12-31"}
    assert client.post(reverse("branches:pledge_add", args=[branch.pk]), given).url == f"{address}?year={today.year}"
    with system_scope("test"):
        pledge = Pledge.objects.get()
    steps = (
        ("pledge_progress", {"quarter": 1, "text": "开班"}), ("pledge_edit", given | {"text": "办好书画班和合唱班", "version": 1}),
        ("pledge_close", {"state": "kept", "version": 2}),
    )  # fmt: skip
    for name, more in steps:
        assert client.get(reverse(f"branches:{name}", args=[pledge.pk])).status_code == 200
        assert client.post(reverse(f"branches:{name}", args=[pledge.pk]), more).status_code == 302, name
    body = client.get(address).content.decode()
    for shown in ("办好书画班和合唱班", "开班", "已兑现"):
        assert shown in body
    secretary = person("浔阳区", Role.BRANCH_SECRETARY)
    client.force_login(secretary)
    assert client.get(reverse("branches:pledge_comment", args=[branch.pk])).status_code == 403
    client.force_login(person("浔阳区", Role.LEADER))
    comment = {"on": today, "form": "on_site", "commentator": "周局长", "good": "办得好", "wanting": "再多教几个人"}
    assert client.post(reverse("branches:pledge_comment", args=[branch.pk]), comment).status_code == 302
    assert "再多教几个人" in client.get(address).content.decode()


def test_a_ballot_from_opening_to_the_result_by_hand(client, branch, officer):
    cache.clear()
    client.force_login(officer)
    today = timezone.localdate()
    add = reverse("branches:ballot_add", args=[branch.pk])
    assert "对党支部工作的总体评价" in client.get(add).content.decode()
    place = client.post(add, {"title": "年度评议", "questions": "承诺兑现\n\n总体评价", "closes_on": today}).url
    pk = int(place.rstrip("/").rsplit("/", 1)[1])
    assert client.post(reverse("branches:ballot_codes", args=[pk]), {"version": 1}).status_code == 422
    slips = client.post(reverse("branches:ballot_codes", args=[pk]), {"version": 1, "member": 5})
    assert slips["Cache-Control"] == "no-store"
    codes = [part.split("<")[0] for part in slips.content.decode().split('class="slip-code">')[1:]]
    assert len(codes) == 5
    assert client.post(reverse("branches:ballot_codes", args=[pk]), {"version": 1, "member": 5}).status_code == 409
    client.logout()
    vote = reverse("vote")
    assert "没有这个号码" in client.post(vote, {"code": "1234567890"}).content.decode()
    for code in codes:
        asked = client.post(vote, {"code": code}).content.decode()
        assert "2. 总体评价" in asked
        half = client.post(vote, {"code": code, "q0": "good", "remark": "多办讲座"})
        assert half.status_code == 422
        assert "多办讲座" in half.content.decode()
        assert client.post(vote, {"code": code, "q0": "good", "q1": "fair", "remark": "多办讲座"}).url == reverse("voted")
        assert "没有这个号码，或者已经用过" in client.post(vote, {"code": code, "q0": "good", "q1": "fair", "remark": ""}).content.decode()
    client.force_login(officer)
    assert client.post(reverse("branches:ballot_close", args=[pk])).status_code == 302
    body = client.get(place).content.decode()
    for shown in ("100 %", "多办讲座"):
        assert shown in body
    assert client.post(reverse("branches:ballot_told", args=[pk]), {"on": today, "how": "党员大会", "version": 3}).status_code == 302
    assert "党员大会" in client.get(place).content.decode()
    assert "100 %" in client.get(reverse("branches:ballots"), {"look": "closed"}).content.decode()
    with system_scope("test"):
        assert BallotAnswer.objects.count() == 5


def test_nonsense_in_the_address_of_the_list_is_ignored(client, branch, officer):
    client.force_login(officer)
    assert client.get(reverse("branches:ballots") + "?branch=99999999999999999999&year=x&look=none").status_code == 200


def test_the_list_finds_what_falls_short(client, branch, officer, set_up):
    today = timezone.localdate()
    with system_scope("test"):
        for place, rate in ((branch, 89), (set_up("二支部"), 90)):
            made = ballots.open_ballot(branch=place, title="评议", questions=["总体"], closes_on=today, by=officer, today=today)
            type(made).objects.filter(pk=made.pk).update(state="closed", rate=rate, voted=9, closed_on=today)
    client.force_login(officer)
    body = client.get(reverse("branches:ballots"), {"look": "below"}).content.decode()
    assert branch.name in body
    assert "二支部" not in body


def test_buttons_pressed_at_the_wrong_time_say_why_and_break_nothing(client, branch, pledge, officer):
    client.force_login(officer)
    today = timezone.localdate()

    def said(name, pk, **given) -> str:
        return client.post(reverse(f"branches:{name}", args=[pk]), given, follow=True).content.decode()

    assert "还在进行中" in said("pledge_reopen", pledge.pk)
    with system_scope("test"):
        actions.close_pledge(pledge=pledge, state="dropped", result="重复", by=officer, today=TODAY)
        ballot = ballots.open_ballot(branch=branch, title="评议", questions=["总体"], closes_on=today, by=officer, today=today)
    assert "没有可公开的内容" in said("pledge_publish", branch.pk)
    assert "不能形成结果" in said("ballot_close", ballot.pk)
    assert "0 个没有用过的号码" in said("ballot_withdraw", ballot.pk)
    with system_scope("test"):
        ballots.void_ballot(ballot=ballot, reason="错", by=officer)
    assert "已作废" in said("ballot_withdraw", ballot.pk)
