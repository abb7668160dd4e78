from django.urls import reverse

from apps.cadres.columns import prepare
from apps.cadres.models import Cadre
from apps.core.scope import system_scope


def register(places, name, place="浔阳区教育局"):
    with system_scope("test"):
        return Cadre.objects.create(org=places[place], retire_kind="retired", **prepare({"name": name}))


def test_one_person_opens_at_once(client, places, person):
    cadre = register(places, "尉迟小芳")
    register(places, "尉迟小芳", "濂溪区卫生局")
    client.force_login(person("浔阳区"))
    for words in ("尉迟小芳", "ycxf", "yuchi"):
        assert client.get(reverse("search"), {"q": words}).url == reverse("cadres:detail", args=[cadre.pk]), words


def test_several_are_listed(client, places, person):
    register(places, "单国华")
    register(places, "单国平")
    client.force_login(person("浔阳区"))
    answer = client.get(reverse("search"), {"q": "单国"}, follow=True)
    assert answer.redirect_chain[0][0].startswith(reverse("cadres:list"))
    assert answer.content.decode().count("单国") >= 2


def test_nothing_asked(client, person):
    client.force_login(person("浔阳区"))
    assert client.get(reverse("search")).url == reverse("cadres:list")
