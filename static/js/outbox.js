/* form[data-offline][data-draft]: sent by fetch; when the line is gone, or the session over, it waits sealed in this browser (photos too, made smaller) and is sent once.
   The hidden field "once" (OnceField) lets the server save a repeated sending once. What the server refuses stays here, with its sentence, until its writer decides.
   The answer is: a redirect marked as saved, a redirect elsewhere, a page with the form (errors), or a login page. */
(function () {
  "use strict";
  const vault = window.PortalVault;
  const LONGEST = 2048;
  const SMALL = 300 * 1024;
  const REFUSED = {
    403: "您现在的角色不能登记这一条。内容还在，可复制后交给能登记的同事。",
    404: "这个人已不在您的管理范围（可能已转出或合并）。内容还在，可复制后交给接收单位。",
    409: Portal.SENTENCES[409],
    413: "照片太大，没有收下。请打开修改，减少照片后再保存。",
  };
  let over = false;

  /* A line that hangs counts as none; should the server have stored it all the same, "once" keeps it single. */
  function patience(entries) {
    return window.AbortSignal && AbortSignal.timeout ? AbortSignal.timeout(entries.some(([, value]) => value instanceof File && value.size) ? 180000 : 45000) : undefined;
  }

  async function post(url, entries, acting) {
    const data = new FormData();
    entries.filter(([name]) => name !== "csrfmiddlewaretoken").forEach(([name, value]) => data.append(name, value));
    const answer = await fetch(url, { method: "POST", body: data, headers: { "X-CSRFToken": vault.csrf(), "X-Portal-Fetch": "1", "X-Portal-For": acting }, credentials: "same-origin", signal: patience(entries) });
    const before = [document.body.dataset.login, document.body.dataset.password];
    const target = answer.headers.get("X-Location") || (answer.redirected ? answer.url : "");
    const arrived = target && new URL(target, location.href).pathname;
    if (answer.status === 401 || before.includes(arrived)) return { kind: "login" };
    if (target) return { kind: answer.headers.get("X-Portal-Saved") ? "saved" : "away", url: target };
    if (answer.status === 200 || answer.status === 422 || answer.status === 409) return { kind: "errors", status: answer.status, html: await answer.text() };
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

  /* A photo of the phone's full size would fill the store: as large as one looks at it, no larger. */
  async function smaller(file) {
    if (!/^image\//.test(file.type) || file.size < SMALL || !window.createImageBitmap) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.82));
      return made && made.size < file.size ? new File([made], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
    } catch (_) {
      return file;
    }
  }

  /* Sealed into the outbox; false, with the sentence said, when this browser can't. */
  async function store(form, letter) {
    try {
      const entries = await Promise.all(letter.entries.map(async ([name, value]) => [name, typeof value === "string" ? value : await smaller(value)]));
      await vault.keep(Object.assign({}, letter, { entries }));
    } catch (problem) {
      Portal.toast(problem && problem.name === "QuotaExceededError" ? "网络不通，本机存储空间也满了，这一条没有存下。请不要关闭这一页：清理手机空间或减少照片后再按一次保存。" : "网络不通，本机也存不下。请不要关闭这一页，网络恢复后再按一次。", "error");
      return false;
    }
    if (form.dataset.letter) {
      await vault.drop(form.dataset.letter);
      delete form.dataset.letter;
    }
    if (form.dataset.draft) Portal.drafts.clear(form.dataset.draft);
    return true;
  }

  async function wait(form, letter) {
    if (!(await store(form, letter))) return;
    mark(form, "已保存在本机，网络恢复后自动提交");
    Portal.toast("已保存在本机，网络恢复后自动提交。可以继续做别的。", "warning");
    form.querySelectorAll("button:not([type=button])").forEach((button) => { button.disabled = true; });
    await badge();
    form.dispatchEvent(new CustomEvent("portal:waiting", { bubbles: true }));
  }

  async function send(form, submitter) {
    const data = new FormData(form);
    if (submitter && submitter.name) data.append(submitter.name, submitter.value);
    const entries = Array.from(data.entries());
    const { user, acting } = document.body.dataset;
    const letter = { once: data.get("once"), url: form.action, user, acting, page: location.pathname + location.search, draft: form.dataset.draft || "", title: form.dataset.title || document.title.split(" · ")[0], at: Date.now(), entries };
    Portal.hold(form, submitter);
    try {
      const answer = await post(form.action, entries, acting);
      if (answer.kind === "saved" || answer.kind === "away") {
        if (answer.kind === "saved" && form.dataset.draft) Portal.drafts.clear(form.dataset.draft);
        if (answer.kind === "saved" && form.dataset.letter) await vault.drop(form.dataset.letter);
        location.assign(answer.url);
        return;
      }
      Portal.release(form);
      if (answer.kind === "login") {
        if (await store(form, letter)) mark(form, "已加密保存在本机，登录后自动提交");
        over = true;
        await badge();
        if (Portal.session) Portal.session.expired(true);
      } else if (answer.kind === "errors" && show(answer.html)) {
        /* shown */
      } else Portal.toast(REFUSED[answer.status] || Portal.SENTENCES[answer.status] || Portal.SENTENCES[answer.status >= 500 ? 500 : 400], "error");
    } catch (_) {
      Portal.release(form);
      await wait(form, letter);
    }
    delete form.dataset.sent;
  }

  /* --- sending what waits: one window at a time, in the order it was written ---------------------- */
  /* The line is often said to be back before anything goes through: a few tries soon after, then one every half minute. */
  const SOON = [1000, 3000, 8000];
  let busy = false;
  let failed = 0;
  async function deliver() {
    if (busy || !navigator.onLine || !vault.usable || !["app", "offline"].includes(document.body.dataset.page)) return;
    if (!(await vault.letters()).some((row) => row.state === "waiting")) return;
    busy = true;
    let reached = false;
    try {
      if (navigator.locks) reached = await navigator.locks.request("portal-outbox", { ifAvailable: true }, (lock) => !lock || round());
      else reached = await round();
    } catch (_) { /* still no line */ }
    busy = false;
    if (reached) failed = 0;
    else if (failed < SOON.length) setTimeout(deliver, SOON[failed++]);
    badge();
  }

  function back() {
    failed = 0;
    deliver();
  }

  /* True when the server answered, whatever it said. */

  async function round() {
    const who = await vault.ask();
    if (who.kind !== "line") over = who.kind === "login";
    if (who.kind !== "ok") return who.kind !== "line";
    await vault.ready(who.user);
    for (const known of await vault.letters(who.user)) {
      const row = await vault.get(known.once);
      if (!row || row.state !== "waiting" || (row.acting && row.acting !== who.acting)) continue;
      const letter = await vault.read(row).catch(() => null);
      if (!letter) continue;
      const answer = await post(letter.url, letter.entries, who.acting);
      if (answer.kind === "login") return true;
      if (answer.kind === "refused" && (answer.status >= 500 || answer.status === 429 || answer.status === 408)) {
        await vault.change(row.once, { tries: (row.tries || 0) + 1 });
        if ((row.tries || 0) < 3) return true;
        continue;
      }
      if (answer.kind === "saved") {
        await vault.drop(row.once);
        if (letter.draft) Portal.drafts.clear(letter.draft);
        Portal.toast("已补交：" + letter.title + "。", "success");
        document.dispatchEvent(new CustomEvent("portal:delivered", { detail: row.once }));
      } else {
        const why = sentence(answer);
        await vault.change(row.once, { state: "held", status: answer.status || 0, why: await sealedWhy(row, why) });
        Portal.toast("「" + letter.title + "」没有通过核对：" + why, "error", { label: "打开修改", url: letter.page + "#letter=" + row.once });
      }
    }
    return true;
  }

  /* The server's own words stay with the letter, out of sight of whoever else uses this device: the reason may name a person. */
  async function sealedWhy(row, why) {
    return (await vault.sealed(row.user, row.once + "|why", why)) || null;
  }

  function sentence(answer) {
    if (answer.kind === "errors") {
      const page = new DOMParser().parseFromString(answer.html, "text/html");
      const found = Array.from(page.querySelectorAll(".summary li"), (line) => line.textContent.replace(/\s+/g, " ").trim()).filter(Boolean);
      if (found.length) return found.join("；");
    }
    return REFUSED[answer.status] || Portal.SENTENCES[answer.status] || "没有保存，请打开核对。";
  }

  /* --- a letter that was refused goes back into its form: page#letter=ONCE --------------------------- */
  async function takeUp() {
    const once = location.hash.startsWith("#letter=") ? location.hash.slice(8) : "";
    const row = once && (await vault.get(once).catch(() => null));
    if (!row || row.user !== document.body.dataset.user) return;
    await vault.ready(row.user);
    const letter = await vault.read(row).catch(() => null);
    const form = letter && Array.from(document.querySelectorAll("form[data-offline]")).find((one) => one.dataset.draft === letter.draft);
    if (!form) return;
    const kept = {};
    letter.entries.filter(([name, value]) => typeof value === "string" && !["once", "csrfmiddlewaretoken"].includes(name)).forEach(([name, value]) => {
      kept[name] = name in kept ? [].concat(kept[name], value) : value;
    });
    const blank = Portal.drafts.values(form);
    Object.keys(blank).forEach((name) => { if (!(name in kept) && Array.isArray(blank[name])) kept[name] = []; });
    Portal.drafts.fill(form, kept);
    const photos = letter.entries.filter(([, value]) => value instanceof File && value.size);
    photos.forEach(([name]) => {
      const box = new DataTransfer();
      photos.filter(([other]) => other === name).forEach(([, file]) => box.items.add(file));
      if (form.elements[name]) form.elements[name].files = box.files;
    });
    form.dataset.letter = once;
    /* While it is being changed it is not sent as it was; left alone, it says so on the page of what waits. */
    if (row.state === "waiting") await vault.change(once, { state: "held", status: 0, why: await sealedWhy(row, "打开修改后还没有再保存。") });
    if (form.elements.once.value === once) form.elements.once.value = crypto.randomUUID();
    delete form.dataset.sent;
    Portal.release(form);
    form.querySelectorAll("button:not([type=button])").forEach((button) => { button.disabled = false; });
    mark(form, "");
    form.dispatchEvent(new Event("input", { bubbles: true }));
    document.querySelectorAll(".draft-bar").forEach((bar) => bar.remove());
    const bar = document.createElement("div");
    bar.className = "draft-bar";
    bar.setAttribute("role", "status");
    bar.textContent = "已恢复未提交的内容" + (photos.length ? "和 " + photos.length + " 张照片" : "") + "。改好后按保存。";
    form.before(bar);
  }

  /* --- the bar that says what waits ------------------------------------------------------------------ */
  async function badge() {
    const { user, acting } = document.body.dataset;
    const mine = user ? await vault.letters(user) : [];
    const held = mine.filter((row) => row.state === "held").length;
    const elsewhere = mine.filter((row) => row.state === "waiting" && row.acting && acting && row.acting !== acting).length;
    const waiting = mine.length - held - elsewhere;
    let bar = document.getElementById("outbox-bar");
    const leave = document.querySelector("form[data-logout] button");
    if (leave && mine.length) {
      leave.dataset.confirm = "还有 " + mine.length + " 条没有提交。退出后加密留在本机，只有您自己的账号下次在这台设备上登录才能打开并提交。";
      leave.dataset.confirmLabel = "仍然退出";
    } else if (leave) delete leave.dataset.confirm;
    if (!mine.length) {
      if (bar) bar.remove();
      return;
    }
    if (!bar) {
      bar = document.createElement("aside");
      bar.id = "outbox-bar";
      bar.className = "demo";
      bar.setAttribute("aria-label", "待补交");
      bar.setAttribute("aria-live", "polite");
      (document.querySelector(".bar") || document.querySelector(".bare-top"))?.after(bar);
    }
    const parts = [];
    if (waiting) parts.push("有 " + waiting + " 条记录保存在本机，" + (over ? "登录后自动提交" : "网络恢复后自动提交") + "。");
    if (elsewhere) parts.push("有 " + elsewhere + " 条是您用另一任职写的，换回那个任职后自动提交。");
    if (held) parts.push("有 " + held + " 条没有提交成，内容还在，请处理。");
    const link = document.createElement("a");
    link.href = document.body.dataset.offlinePage || "/offline/";
    link.textContent = "查看";
    bar.replaceChildren(parts.join(""), " ", link);
  }

  async function refresh() {
    await badge();
    await deliver();
  }
  Portal.outbox = { refresh, deliver, takeUp };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.hasAttribute("data-offline") || !form.dataset.draft || !form.elements.once) return;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "1";
    send(form, event.submitter);
  }, true);
  window.addEventListener("online", back);
  window.addEventListener("hashchange", takeUp);
  vault.onChange((what) => { if (what === "letters") badge(); });
  setInterval(deliver, 30000);
  Portal.onReady(async (root) => {
    if (document.body.dataset.page !== "app" || !vault.usable) return;
    if (root !== document) return;
    await vault.ready(document.body.dataset.user).catch(() => {}); /* before any form is opened: without a line it could not be fetched any more */
    await refresh();
    await takeUp();
  });
})();
