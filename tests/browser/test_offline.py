"""At the door without a line, on a phone: the list and the forms that were carried along open, what is written waits sealed and arrives once."""

import io
import itertools

import pytest
from PIL import Image

from apps.accounts.demo import DEMO_PASSWORD

numbers = itertools.count(1)
STORED = """async () => {
    const db = await new Promise((done) => { const asked = indexedDB.open("portal"); asked.onsuccess = () => done(asked.result); });
    const all = (name) => new Promise((done) => { const asked = db.transaction(name).objectStore(name).getAll(); asked.onsuccess = () => done(asked.result); });
    const found = {};
    for (const name of db.objectStoreNames) found[name] = await all(name);
    db.close();
    const bytes = (value) => new TextDecoder("utf-8").decode(value);
    const clear = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? bytes(value) : value instanceof CryptoKey ? "key:" + value.extractable
        : Array.isArray(value) ? value.map(clear) : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, clear(v)])) : value;
    return JSON.stringify(clear(found));
}"""
COUNT = """async (name) => {
    const db = await new Promise((done) => { const asked = indexedDB.open("portal"); asked.onsuccess = () => done(asked.result); });
    const found = await new Promise((done) => { const asked = db.transaction(name).objectStore(name).count(); asked.onsuccess = () => done(asked.result); });
    db.close();
    return found;
}"""


def photo() -> bytes:
    """A photo of a phone's size: noise doesn't compress, as real ones don't."""
    made = io.BytesIO()
    Image.effect_noise((3000, 2000), 60).convert("RGB").save(made, "JPEG", quality=92)
    return made.getvalue()


@pytest.fixture
def sentence():
    return f"门口坐了一刻钟，第 {next(numbers)} 次离线试写。"


@pytest.fixture
def phone(visitor):
    return visitor("demo_worker", "phone")


def carry(phone):
    phone.go("/worklist/")
    phone.page.locator("[data-carry-start]").tap()
    phone.page.get_by_text("没有网络也能打开这一页").wait_for(timeout=60_000)


def cut(phone):
    phone.context.set_offline(True)


def open_carried(phone, at: int) -> str:
    """The carried form of the row number ``at``; return the person's number."""
    phone.go("/worklist/")
    row = phone.page.locator("tr[data-carried-row]").nth(at)
    row.wait_for()
    pk = row.get_attribute("data-carried-row")
    row.locator("a.btn.go").tap()
    phone.page.locator("form[data-visit]").wait_for()
    return pk


def write(phone, sentence, picture=None, waiting=0):
    """Fill in and save; with ``waiting`` the phone has gone back to the list by then, which marks so many as not sent yet."""
    phone.page.fill("[name=situation]", sentence)
    if picture:
        phone.page.set_input_files("[name=photos]", {"name": "门口.jpg", "mimeType": "image/jpeg", "buffer": picture})
    phone.page.locator("form[data-visit] .form-acts button").tap()
    if waiting:
        phone.page.locator("tr[data-carried-row]").get_by_text("已记，待提交").nth(waiting - 1).wait_for()
        phone.page.get_by_text(f"有 {waiting} 条记录保存在本机").wait_for()


def times_saved(phone, pk: str, sentence: str) -> int:
    phone.go(f"/cadres/{pk}/?tab=visits")
    return phone.page.locator("main").get_by_text(sentence).count()


def sign_in_again(phone):
    phone.page.fill("[name=username]", "demo_worker")
    phone.page.fill("[name=password]", DEMO_PASSWORD)
    phone.page.click("button:has-text('登录')")
    phone.page.wait_for_url(lambda url: "/login/" not in url)


def sign_out(phone):
    phone.page.locator(".tools details.menu summary").tap()
    phone.page.locator("form[data-logout] button").tap()


def test_two_visits_written_without_a_line_arrive_once_each(phone, sentence, artifacts):
    carry(phone)
    phone.picture(artifacts / "pages" / "carry-phone.png", full=False)
    name = phone.page.locator("#due a.who").first.inner_text()
    cut(phone)
    first = open_carried(phone, 0)
    assert not phone.axe()
    assert phone.overflow() <= 1
    phone.picture(artifacts / "pages" / "offline-form-phone.png")
    write(phone, sentence + "甲", photo(), waiting=1)
    again = open_carried(phone, 0)
    write(phone, sentence + "乙", waiting=2)
    assert again == first
    phone.page.reload()
    phone.page.get_by_text("有 2 条记录保存在本机").wait_for()
    phone.page.locator("tr[data-carried-row]").first.wait_for()
    assert not phone.axe()
    assert phone.overflow() <= 1
    phone.picture(artifacts / "pages" / "offline-list-phone.png", full=False)
    kept = phone.page.evaluate(STORED)
    assert sentence not in kept
    assert name not in kept
    assert '"key:true"' not in kept
    assert name not in phone.page.evaluate("JSON.stringify(localStorage)")
    cached = phone.page.evaluate("""async () => {
        const texts = [];
        for (const name of await caches.keys()) for (const asked of await (await caches.open(name)).keys()) texts.push(asked.url + await (await caches.match(asked)).text());
        return texts.join();
    }""")
    assert "/static/css/tokens.css" in cached
    assert name not in cached

    phone.context.set_offline(False)

    phone.page.locator("#outbox-bar").wait_for(state="detached")
    assert times_saved(phone, first, sentence + "甲") == 1
    assert times_saved(phone, first, sentence + "乙") == 1
    phone.go("/worklist/")
    assert times_saved(phone, first, sentence) == 2
    phone.page.locator(f"main a[href^='/care/visits/']:has-text('{sentence}甲'), main li:has-text('{sentence}甲') a[href^='/care/visits/']").first.click()
    phone.page.locator("main img").first.wait_for()


def test_a_page_that_was_not_carried_says_so(phone):
    carry(phone)
    cut(phone)
    phone.go("/cadres/")
    phone.page.get_by_text("这一页没有带着").wait_for()
    assert not phone.axe()


def test_signing_out_leaves_nothing_that_opens(phone, sentence, artifacts):
    carry(phone)
    cut(phone)
    pk = open_carried(phone, 1)
    write(phone, sentence, waiting=1)
    phone.go("/offline/")
    phone.page.get_by_text(sentence).wait_for()
    phone.picture(artifacts / "pages" / "offline-desk-phone.png")
    assert not phone.axe()
    phone.page.route("**/care/visits/log/**", lambda route: route.abort("internetdisconnected") if route.request.method == "POST" else route.continue_())
    phone.context.set_offline(False)
    phone.go("/worklist/")
    sign_out(phone)
    phone.page.get_by_text("还有 1 条没有提交").wait_for()
    phone.page.get_by_role("button", name="仍然退出").tap()
    phone.page.wait_for_url("**/login/**")
    phone.page.wait_for_function("async () => (await (" + COUNT + ")('keys')) === 0")
    assert phone.page.evaluate(COUNT, "pages") == 0
    assert phone.page.evaluate(COUNT, "outbox") == 1
    assert sentence not in phone.page.evaluate(STORED)
    cut(phone)
    phone.go("/worklist/")
    phone.page.get_by_text("这台设备上没有带着的走访单").wait_for()
    phone.go("/offline/")
    phone.page.get_by_text("还有 1 条加密保存在这台设备上").wait_for()
    phone.context.set_offline(False)
    phone.page.unroute_all()
    phone.go("/login/")
    sign_in_again(phone)
    phone.page.get_by_text("已补交：记走访").wait_for()
    assert times_saved(phone, pk, sentence) == 1


def test_an_ended_session_keeps_what_was_written_until_the_same_person_signs_in(phone, sentence):
    carry(phone)
    cut(phone)
    pk = open_carried(phone, 2)
    write(phone, sentence, waiting=1)
    phone.context.clear_cookies(name="sessionid")
    phone.context.set_offline(False)
    phone.page.get_by_text("登录后自动提交").wait_for()
    assert phone.page.evaluate(COUNT, "pages") == 0
    phone.go("/worklist/")
    sign_in_again(phone)
    phone.page.get_by_text("已补交：记走访").wait_for()
    assert times_saved(phone, pk, sentence) == 1


def test_another_person_on_this_phone_neither_reads_nor_sends_it(phone, sentence):
    carry(phone)
    cut(phone)
    pk = open_carried(phone, 3)
    write(phone, sentence, waiting=1)
    phone.context.clear_cookies(name="sessionid")
    phone.context.set_offline(False)
    phone.page.get_by_text("登录后自动提交").wait_for()
    phone.sign_in("demo_leader")
    phone.go("/offline/")
    phone.page.get_by_text("还有 1 条加密保存在这台设备上").wait_for()
    assert sentence not in phone.page.inner_text("main")
    assert phone.page.evaluate(COUNT, "outbox") == 1
    sign_in_elsewhere(phone)
    phone.page.get_by_text("已补交：记走访").wait_for()
    assert times_saved(phone, pk, sentence) == 1


def test_a_page_that_was_not_carried_opens_by_itself_once_the_line_is_back(phone):
    carry(phone)
    cut(phone)
    phone.go("/cadres/")
    phone.page.get_by_role("heading", name="现在没有网络").wait_for()
    phone.context.set_offline(False)
    phone.page.get_by_role("heading", name="现在没有网络").wait_for(state="detached")
    phone.page.locator("form[data-logout]").first.wait_for(state="attached")
    assert phone.page.evaluate("document.body.dataset.page") == "app"


def sign_in_elsewhere(phone):
    phone.context.clear_cookies(name="sessionid")
    phone.go("/login/")
    sign_in_again(phone)


def test_two_windows_send_it_once(phone, sentence):
    carry(phone)
    cut(phone)
    pk = open_carried(phone, 4)
    sent = []
    phone.context.on("request", lambda request: sent.append(request.url) if request.method == "POST" and "/care/visits/log/" in request.url else None)
    write(phone, sentence, waiting=1)
    sent.clear()
    other = phone.context.new_page()
    other.goto(phone.base_url + "/worklist/")
    other.get_by_text("有 1 条记录保存在本机").wait_for()
    phone.context.set_offline(False)
    for page in (phone.page, other):
        page.locator("#outbox-bar").wait_for(state="detached")
    assert len(sent) == 1
    other.close()
    assert times_saved(phone, pk, sentence) == 1


def test_a_conflict_is_shown_with_the_words_and_the_photo_and_can_be_put_right(phone, visitor, sentence, artifacts):
    carry(phone)
    cut(phone)
    pk = open_carried(phone, 5)
    phone.page.fill("[name=visited_on]", phone.page.evaluate("new Date(Date.now() + 86400000).toLocaleDateString('sv')"))
    write(phone, sentence, photo(), waiting=1)
    phone.context.set_offline(False)
    phone.page.get_by_text("有 1 条没有提交成").wait_for()
    phone.go("/offline/")
    phone.page.get_by_text("走访日期不能晚于今天").wait_for()
    assert sentence in phone.page.inner_text("main")
    assert not phone.axe()
    phone.picture(artifacts / "pages" / "offline-conflict-phone.png")
    assert times_saved(phone, pk, sentence) == 0
    phone.go("/offline/")
    phone.page.get_by_role("link", name="打开修改").tap()
    phone.page.get_by_text("已恢复未提交的内容和 1 张照片").wait_for()
    assert phone.page.input_value("[name=situation]") == sentence
    phone.page.fill("[name=visited_on]", phone.page.evaluate("document.querySelector('form[data-visit]').dataset.today"))
    phone.page.locator("form[data-visit] .form-acts button").tap()
    phone.page.wait_for_url("**/worklist/")
    phone.page.locator("#outbox-bar").wait_for(state="detached")
    assert times_saved(phone, pk, sentence) == 1
    assert phone.page.evaluate(COUNT, "outbox") == 0


def test_a_full_store_says_so_and_keeps_the_page(visitor, sentence):
    phone = visitor(size="phone")
    devtools = phone.context.new_cdp_session(phone.page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": phone.base_url, "quotaSize": 1_500_000})
    phone.sign_in("demo_worker")
    carry(phone)
    cut(phone)
    pk = open_carried(phone, 6)
    write(phone, sentence, photo())
    phone.page.get_by_text("本机存储空间也满了").wait_for()
    assert phone.page.input_value("[name=situation]") == sentence
    assert not phone.page.locator("form[data-visit] .form-acts button").is_disabled()
    phone.context.set_offline(False)
    phone.page.wait_for_function("navigator.onLine")
    phone.page.locator("form[data-visit] .form-acts button").tap()
    phone.page.wait_for_url("**/worklist/")
    assert times_saved(phone, pk, sentence) == 1


def test_what_waits_can_be_changed_before_it_is_sent_and_arrives_once(phone, sentence):
    carry(phone)
    cut(phone)
    pk = open_carried(phone, 7)
    write(phone, sentence, photo(), waiting=1)
    phone.go("/offline/")
    phone.page.get_by_role("link", name="打开修改").tap()
    phone.page.get_by_text("已恢复未提交的内容和 1 张照片").wait_for()
    phone.page.fill("[name=situation]", sentence + "补一句。")
    phone.page.locator("form[data-visit] .form-acts button").tap()
    phone.page.get_by_text("已记，待提交").wait_for()
    assert phone.page.evaluate(COUNT, "outbox") == 1
    phone.context.set_offline(False)
    phone.page.locator("#outbox-bar").wait_for(state="detached")
    assert times_saved(phone, pk, sentence) == 1
    assert times_saved(phone, pk, sentence + "补一句。") == 1


def test_what_an_earlier_release_kept_in_clear_is_sealed_and_sent(phone, sentence):
    phone.go("/worklist/")
    user = phone.page.evaluate("document.body.dataset.user")
    url = phone.page.locator("#due a.btn.go[href*='/visits/log/']").first.get_attribute("href")
    phone.go("/static/css/tokens.css")
    phone.page.evaluate(
        """async ([user, url, said]) => {
            await new Promise((done) => { const gone = indexedDB.deleteDatabase("portal"); gone.onsuccess = done; });
            const db = await new Promise((done) => {
                const asked = indexedDB.open("portal", 1);
                asked.onupgradeneeded = () => asked.result.createObjectStore("outbox", {keyPath: "once"});
                asked.onsuccess = () => done(asked.result);
            });
            const once = crypto.randomUUID();
            const entries = Object.entries({once, visited_on: new Date().toLocaleDateString("sv"), way: "home", occasion: "daily", in_person: "1", situation: said});
            await new Promise((done) => {
                const work = db.transaction("outbox", "readwrite");
                work.objectStore("outbox").put({once, url, user, page: url, draft: "", title: "记走访：旧版本", at: Date.now(), entries});
                work.oncomplete = done;
            });
            db.close();
        }""",
        [user, url, sentence],
    )
    phone.go("/worklist/")
    phone.page.get_by_text("已补交：记走访：旧版本").wait_for()
    assert times_saved(phone, url.split("cadre=")[1].split("&")[0], sentence) == 1
