/* form[data-offline][data-draft]: sent by fetch; when the line is gone it waits in this browser (photos too, in IndexedDB) and is sent once when the line is back.
   The hidden field "once" (OnceField) lets the server save a repeated sending once. The answer is: a redirect (saved), a page with the form (errors), or a login page. */
(function () {
  "use strict";
  const STORE = "outbox";

  function open() {
    return new Promise((done, fail) => {
      const asked = indexedDB.open("portal", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "once" });
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => fail(asked.error);
    });
  }
  async function withStore(mode, work) {
    const db = await open();
    return new Promise((done, fail) => {
      const transaction = db.transaction(STORE, mode);
      const result = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => { db.close(); done(result.result); };
      transaction.onerror = () => { db.close(); fail(transaction.error); };
    });
  }
  const keep = (letter) => withStore("readwrite", (store) => store.put(letter));
  const drop = (once) => withStore("readwrite", (store) => store.delete(once));
  const all = () => withStore("readonly", (store) => store.getAll());

  async function post(url, entries) {
    const data = new FormData();
    entries.filter(([name]) => name !== "csrfmiddlewaretoken").forEach(([name, value]) => data.append(name, value));
    const answer = await fetch(url, { method: "POST", body: data, headers: { "X-CSRFToken": Portal.csrf(), "X-Portal-Fetch": "1" }, credentials: "same-origin" });
    const before = [document.body.dataset.login, document.body.dataset.password];
    const target = answer.headers.get("X-Location") || (answer.redirected ? answer.url : "");
    const arrived = target && new URL(target, location.href).pathname;
    if (answer.status === 401 || before.includes(arrived)) return { kind: "login" };
    if (target) return { kind: "saved", url: target };
    if (answer.status === 200 || answer.status === 422) return { kind: "errors", html: await answer.text() };
    return { kind: "refused", status: answer.status };
  }

  function mark(form, text) {
    const place = form.querySelector("[data-draft-state]");
    if (place) place.textContent = text;
  }

  /* The server's page with the errors takes the place of this one's main part. */
  function show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const fresh = page.getElementById("main");
    const old = document.getElementById("main");
    if (!fresh) return false;
    old.replaceWith(document.adoptNode(fresh));
    if (window.htmx) window.htmx.process(fresh);
    Portal.run(fresh);
    window.scrollTo(0, 0);
    return true;
  }

  async function wait(form, letter) {
    try {
      await keep(letter);
    } catch (_) {
      Portal.toast("网络不通，本机也存不下。请不要关闭这一页，网络恢复后再按一次。", "error");
      return;
    }
    if (form.dataset.draft) Portal.drafts.clear(form.dataset.draft);
    mark(form, "已保存在本机，网络恢复后自动提交");
    Portal.toast("已保存在本机，网络恢复后自动提交。可以继续做别的。", "warning");
    form.querySelectorAll("button:not([type=button])").forEach((button) => { button.disabled = true; });
    badge();
  }

  async function send(form, submitter) {
    const data = new FormData(form);
    if (submitter && submitter.name) data.append(submitter.name, submitter.value);
    const entries = Array.from(data.entries());
    const once = data.get("once");
    const letter = { once, url: form.action, user: document.body.dataset.user, page: location.pathname + location.search, draft: form.dataset.draft || "", title: form.dataset.title || document.title.split(" · ")[0], at: Date.now(), entries };
    Portal.hold(form, submitter);
    try {
      const answer = await post(form.action, entries);
      if (answer.kind === "saved") {
        if (form.dataset.draft) Portal.drafts.clear(form.dataset.draft);
        location.assign(answer.url);
        return;
      }
      Portal.release(form);
      if (answer.kind === "login") Portal.session.expired();
      else if (answer.kind === "errors") show(answer.html);
      else Portal.toast(Portal.SENTENCES[answer.status] || Portal.SENTENCES[answer.status >= 500 ? 500 : 400], "error");
    } catch (_) {
      Portal.release(form);
      await wait(form, letter);
    }
    delete form.dataset.sent;
  }

  let busy = false;
  async function deliver() {
    if (busy || !navigator.onLine || !window.indexedDB || document.body.dataset.page !== "app") return;
    busy = true;
    try {
      for (const letter of (await all()) || []) {
        if (letter.user !== document.body.dataset.user) continue;
        const answer = await post(letter.url, letter.entries);
        if (answer.kind === "login") break;
        if (answer.kind === "refused" && answer.status >= 500) break;
        await drop(letter.once);
        if (answer.kind === "saved") {
          Portal.toast("已补交：" + letter.title + "。", "success");
        } else {
          giveBack(letter);
        }
      }
    } catch (_) { /* still no line: the next try comes by itself */ }
    busy = false;
    badge();
  }

  /* Refused by the server: the typed text goes back into the form as a draft. */
  function giveBack(letter) {
    const kept = {};
    letter.entries.filter(([name, value]) => typeof value === "string" && !["once", "csrfmiddlewaretoken"].includes(name)).forEach(([name, value]) => {
      kept[name] = name in kept ? [].concat(kept[name], value) : value;
    });
    const photos = letter.entries.some(([, value]) => value instanceof File && value.size);
    try {
      localStorage.setItem("portal.draft." + letter.user + "." + letter.draft, JSON.stringify({ at: letter.at, page: letter.page, values: kept }));
    } catch (_) { /* storage is full or off: the sentence below still says what happened */ }
    Portal.toast("「" + letter.title + "」补交时没有通过核对，内容已放回表单" + (photos ? "，照片请重新选择。" : "。"), "error", { label: "打开修改", url: letter.page });
  }

  async function badge() {
    const waiting = ((await all().catch(() => [])) || []).filter((letter) => letter.user === document.body.dataset.user).length;
    let bar = document.getElementById("outbox-bar");
    if (!waiting) {
      if (bar) bar.remove();
      return;
    }
    if (!bar) {
      bar = document.createElement("aside");
      bar.id = "outbox-bar";
      bar.className = "demo";
      bar.setAttribute("aria-label", "待补交");
      bar.setAttribute("aria-live", "polite");
      document.querySelector(".bar")?.after(bar);
    }
    bar.textContent = "有 " + waiting + " 条记录保存在本机，网络恢复后自动提交。";
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.hasAttribute("data-offline") || !form.dataset.draft || !window.indexedDB || !form.elements.once) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "1";
    send(form, event.submitter);
  }, true);
  window.addEventListener("online", deliver);
  setInterval(deliver, 30000);
  Portal.onReady((root) => {
    if (root !== document) return;
    badge();
    deliver();
  });
})();
