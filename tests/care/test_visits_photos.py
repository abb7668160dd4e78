"""Photos of a visit: re-encoded, counted, never anything but a picture; opened only by whoever sees the visit."""

import io
import uuid
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from apps.accounts.permissions import Role
from apps.care import standards
from apps.care.actions.visits import MOST_PHOTOS, log_visit
from apps.care.models import Visit, VisitPhoto
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from apps.files.models import StoredFile
from tests.factories import duties as make

TODAY = date(2026, 11, 22)


def picture(name="a.png", size=(60, 40)) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")


@pytest.fixture
def officer(person):
    return person()


@pytest.fixture
def who(places):
    with system_scope("test"):
        standards.load()
        return make.cadre(places["浔阳区"])


def log(who, by, photos):
    with system_scope("test"):
        return log_visit(cadre=who, visited_on=TODAY, occasion="daily", way="home", situation="好", once=uuid.uuid4(), by=by, today=TODAY, photos=photos)


def test_a_photo_is_drawn_anew_and_kept_with_the_visit(who, officer):
    visit = log(who, officer, [picture("../../门口.png")])
    with system_scope("test"):
        photo = VisitPhoto.objects.get(visit=visit)
        assert (photo.file.content_type, photo.file.name, photo.file.subject_id, photo.org_path) == ("image/jpeg", "门口.jpg", visit.pk, who.org_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script>",
        b"GIF89a<?php system('x') ?>",
        b"\x89PNG\r\n\x1a\n" + b"0" * 200,
        b"MZ" + b"\0" * 400,
    ],
)
def test_a_hostile_file_is_a_sentence_and_nothing_is_left(who, officer, content):
    with pytest.raises(Refused) as refused:
        log(who, officer, [picture(), SimpleUploadedFile("photo.jpg", content, content_type="image/jpeg")])
    assert refused.value.field == "photos"
    with system_scope("test"):
        assert not Visit.objects.exists()
        assert not StoredFile.objects.exists()


def test_ten_photos_are_one_too_many(who, officer):
    with pytest.raises(Refused, match=f"最多传 {MOST_PHOTOS} 张"):
        log(who, officer, [picture(f"{n}.png") for n in range(MOST_PHOTOS + 1)])


def test_the_neighbour_cannot_open_it(client, who, officer, person):
    visit = log(who, officer, [picture()])
    with system_scope("test"):
        url = reverse("files:download", args=[visit.photos.get().file.key])
    client.force_login(officer)
    answer = client.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")
    client.force_login(person("濂溪区", Role.COUNTY_OFFICER))
    assert client.get(url).status_code == 404
