"""Pictures and papers: judges read what is put before them, places read what a list carries to them, nobody more."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.brands.actions import practices, reviews
from apps.brands.models import Brand
from apps.brands.selectors import practices as selectors
from apps.brands.standards import WEIGHTS
from apps.core.calendar import Quarter
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from apps.files.models import StoredFile
from apps.files.storage import save
from tests.brands.conftest import TODAY, at

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def paper(city):
    """``paper("brands.brand", subject, name, kind)``: a file that lies with it."""

    def put(label, subject, org, name="方案.pdf", kind="application/pdf", content=PDF):
        with system_scope("test"):
            return save(content, name=name, content_type=kind, label=label, org=org, by=city, subject_id=subject.pk)

    return put


def asked(client, user, stored) -> int:
    client.force_login(user)
    answer = client.get(reverse("files:download", args=[stored.key]))
    assert not answer.streaming or answer.getvalue()
    return answer.status_code


def test_a_judge_opens_what_is_put_before_him_while_the_round_is_open(client, shortlisted, report, paper, person, places, city):
    brand = shortlisted()
    with system_scope("test"):
        told = brand.reports.get(year=2026, quarter=1)
    judges = [person("九江市", Role.LEADER, username=f"judge{n}") for n in range(2)] + [person("齐齐哈尔市", Role.LEADER, username="far")]
    outsider = person("齐齐哈尔市", Role.LEADER, username="outsider")
    files = [paper("brands.brand", brand, brand.org), paper("brands.report", told, brand.org)]
    far = judges[-1]
    assert [asked(client, far, one) for one in files] == [404, 404]
    with system_scope("test"):
        act = {"org": places["九江市"], "title": "展评", "brands": [brand], "judges": judges, "by": city, "today": TODAY, "now": at(TODAY)}
        found = reviews.open_round(weights={"material": 100, "stage": 0, "vote": 0}, **act)
        entry = found.entries.get()
    assert [asked(client, far, one) for one in files] == [200, 200]
    assert [asked(client, outsider, one) for one in files] == [404, 404]
    with system_scope("test"):
        opened = AuditEvent.objects.filter(verb="file.opened", actor_id=far.pk)
        assert {one.org_path for one in opened} == {brand.org_path}
    client.force_login(far)
    page = client.get(reverse("brands:judge_sheet", args=[found.pk, entry.pk, "material"])).content.decode()
    assert all(reverse("files:download", args=[one.key]) in page for one in files)
    for user in judges:
        with system_scope("test"):
            points = {one["key"]: one["points"] for one in found.criteria["material"]}
            reviews.score_entry(entry=entry, user=user, part="material", points=points, comment="", final=True, today=TODAY)
    with system_scope("test"):
        reviews.close_round(found=found, by=city, today=TODAY)
    assert [asked(client, far, one) for one in files] == [404, 404]


def test_a_report_that_is_not_accepted_is_not_for_judges(client, shortlisted, report, paper, person, places, city):
    brand = shortlisted()
    with system_scope("test"):
        last = brand.reports.order_by("-year", "-quarter").first()
    held = report(brand, Quarter(last.year, last.quarter).next)
    judges = [person("九江市", Role.LEADER, username=f"judge{n}") for n in range(2)] + [person("齐齐哈尔市", Role.LEADER, username="far")]
    stored = paper("brands.report", held, brand.org)
    with system_scope("test"):
        reviews.open_round(
            org=places["九江市"], title="展评", brands=[brand], judges=judges, weights=WEIGHTS, by=city, today=TODAY, now=at(TODAY)
        )  # fmt: skip
    assert asked(client, judges[-1], stored) == 404


def test_the_brand_page_is_open_where_its_practice_is_read(client, listed, paper, neighbour, person, city):
    made = listed(issue=False)
    with system_scope("test"):
        brand = Brand.objects.select_related("org").get(pk=made.brand_id)
    picture, document = paper("brands.brand", brand, brand.org, "门.jpg", "image/jpeg", b"\xff\xd8\xff"), paper("brands.brand", brand, brand.org)
    far, show, here = person("齐齐哈尔市", Role.LEADER, username="far"), reverse("brands:brand_show", args=[brand.pk]), reverse("brands:practice", args=[made.pk])
    client.force_login(neighbour)
    assert [client.get(path).status_code for path in (show, here)] == [404, 404]
    assert asked(client, neighbour, picture) == 404
    with system_scope("test"):
        practices.issue_list(listed=made.listed, by=city, today=date(2026, 10, 26), now=at(date(2026, 10, 26)))
    client.force_login(neighbour)
    page = client.get(show)
    assert page.status_code == 200
    assert reverse("files:download", args=[picture.key]) in page.content.decode()
    assert f'href="{reverse("brands:brand", args=[brand.pk])}"' not in page.content.decode()
    assert show in client.get(here).content.decode()
    assert [asked(client, neighbour, one) for one in (picture, document)] == [200, 404]
    assert client.get(reverse("brands:brand", args=[brand.pk])).status_code == 404
    client.force_login(far)
    assert client.get(show).status_code == 404
    assert asked(client, far, picture) == 404
    with system_scope("test"):
        Brand.objects.filter(pk=brand.pk).update(state="removed")
    client.force_login(neighbour)
    assert client.get(show).status_code == 404
    assert show not in client.get(here).content.decode()
    assert asked(client, neighbour, picture) == 404


def test_papers_of_a_practice(client, listed, neighbour, city):
    made = listed(issue=False)
    client.force_login(city)
    edit = reverse("brands:practice_edit", args=[made.pk])
    form = client.get(edit).context["form"]
    filled = {field.html_name: field.value() for field in form if field.html_name != "papers"}
    bad = client.post(edit, filled | {"papers": SimpleUploadedFile("坏.exe", b"MZ\x90\x00")})
    assert bad.status_code == 422
    with system_scope("test"):
        assert not StoredFile.objects.filter(label="brands.practice").exists()
    good = client.post(edit, filled | {"papers": [SimpleUploadedFile("方案.pdf", PDF), SimpleUploadedFile("清单.pdf", PDF)]}, follow=True)
    assert "已保存" in good.content.decode()
    with system_scope("test"):
        first, second = selectors.files(made)
    here, remove = reverse("brands:practice", args=[made.pk]), reverse("brands:practice_file_remove", args=[made.pk, second.key])
    assert remove in client.get(here).content.decode()
    assert asked(client, neighbour, first) == 404
    client.force_login(city)
    assert "材料已删除" in client.post(remove, follow=True).content.decode()
    with system_scope("test"):
        practices.issue_list(listed=made.listed, by=city, today=date(2026, 10, 26), now=at(date(2026, 10, 26)))
    assert [asked(client, neighbour, one) for one in (first, second)] == [200, 404]
    assert reverse("files:download", args=[first.key]) in client.get(here).content.decode()
    client.force_login(city)
    again = client.post(reverse("brands:practice_file_remove", args=[made.pk, first.key]), follow=True)
    assert "已经印发" in again.content.decode()
    assert asked(client, city, first) == 200


def test_too_many_papers_and_a_practice_taken_off(listed, city):
    made = listed(issue=False)
    with system_scope("test"):
        given = {name: getattr(made, name) for name in ("brand", "title", "steps", "conditions", "results", "contact", "fit_for")} | {"listed": made.listed, "by": city}
        practices.write_practice(practice=made, papers=[SimpleUploadedFile(f"{n}.pdf", PDF) for n in range(6)], **given)
        with pytest.raises(Refused, match="最多 10 份材料"):
            practices.write_practice(practice=made, papers=[SimpleUploadedFile(f"{n}.pdf", PDF) for n in range(6)], **given)
    with system_scope("test"):
        practices.take_off(practice=made, by=city)
        assert not StoredFile.objects.filter(label="brands.practice").exists()

