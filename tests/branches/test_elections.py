"""换届: the papers in their order, none twice, the last taken back first; what is wanted next stands on 待办."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.branches.actions import elections as actions
from apps.branches.actions.committees import Holder, save_committee
from apps.branches.models import Committee, ElectionPaper, ElectionStep, PartyMember
from apps.branches.selectors import elections as selectors
from apps.branches.selectors.branches import branches
from apps.branches.selectors.desk import items_of
from apps.branches.selectors.rules import rules_in_force
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from tests.branches.conftest import TODAY

DAY = TODAY - timedelta(days=20)


@pytest.fixture
def term(set_up, comrade, officer):
    branch = set_up(members=[comrade(f"党员{n}") for n in range(3)])
    with system_scope("test"):
        first = PartyMember.objects.filter(branch=branch).first()
        return save_committee(branch=branch, holders=[Holder("secretary", first.cadre_id)], by=officer, today=TODAY, starts_on=date(2024, 1, 1), ends_on=date(2026, 12, 31))


@pytest.fixture
def register(term, officer):
    def take(step, done_on=DAY, **given):
        with system_scope("test"):
            return actions.register_paper(term=term, step=step, done_on=done_on, by=officer, today=TODAY, **given)

    return take


def note(term) -> str:
    with system_scope("test") as scope:
        return next(item.note for item in items_of(branches(scope).filter(pk=term.branch_id), TODAY) if item.key.startswith("term:"))


def test_one_after_the_other(term, register, officer):
    assert note(term) == "下一份：换届请示"
    with pytest.raises(Refused, match="请先登记“换届请示”"):
        register("approval")
    pdf = SimpleUploadedFile("请示.pdf", b"%PDF-1.4 x", content_type="application/pdf")
    first = register("request", files=[pdf], document_no="浔教党〔2026〕8号")
    with pytest.raises(Refused, match="已经登记过"):
        register("request")
    early, late = {"done_on": DAY - timedelta(days=1)}, {"done_on": TODAY + timedelta(days=1)}
    for wrong, field in ((late, "done_on"), (early, "done_on"), ({"files": [SimpleUploadedFile("a.exe", b"MZ")]}, "files")):
        with pytest.raises(Refused) as problem:
            register("approval", **wrong)
        assert problem.value.field == field
    for step in ElectionStep.values[1:]:
        register(step)
    assert note(term) == "材料已齐，请登记新一届"
    with system_scope("test"):
        places = selectors.papers_of(term, rules_in_force(TODAY))
        assert [place.step for place in places] == ElectionStep.values
        assert [file.name for file in places[0].files] == ["请示.pdf"]
        assert places[0].wanted_on == date(2026, 12, 31) - timedelta(days=180)
        with pytest.raises(Refused, match="最后登记"):
            actions.remove_paper(paper=first, by=officer)
        actions.remove_paper(paper=ElectionPaper.objects.last(), by=officer)
    assert note(term) == "下一份：选举结果批复"


def test_with_a_new_term_the_old_chain_is_closed(term, register, officer):
    paper = register("request")
    with system_scope("test"):
        holder = PartyMember.objects.filter(branch=term.branch).last()
        save_committee(branch=term.branch, holders=[Holder("secretary", holder.cadre_id)], by=officer, today=TODAY, starts_on=TODAY, ends_on=date(2029, 11, 1), after=term.pk)
        assert Committee.objects.filter(branch=term.branch).count() == 2
    with pytest.raises(Refused, match="新一届已经登记"):
        register("approval")
    with system_scope("test"), pytest.raises(Refused, match="新一届已经登记"):
        actions.remove_paper(paper=paper, by=officer)


def test_by_hand(client, term, officer):
    client.force_login(officer)
    add = reverse("branches:election_paper_add", args=[term.pk])
    assert "换届请示" in client.get(add).content.decode()
    assert "已登记：换届请示" in client.post(add, {"done_on": str(DAY), "document_no": "1号"}, follow=True).content.decode()
    with system_scope("test"):
        paper = ElectionPaper.objects.get()
    assert "已撤回" in client.post(reverse("branches:election_paper_remove", args=[paper.pk]), follow=True).content.decode()
    assert "应有未有" in client.get(reverse("branches:election", args=[term.pk])).content.decode()
