/* The page without a line (templates/offline/page.html): shows at its address what this browser carries along, or what waits to be sent. */
(function () {
  "use strict";
  const vault = window.PortalVault;
  const data = document.body.dataset;
  const main = document.getElementById("main");
  const said = document.getElementById("offline-bar");
  const VISIT = /[?&]cadre=(\d+)/;

  function part(tag, given, ...inside) {
    const made = document.createElement(tag);
    Object.entries(given || {}).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...inside);
    return made;
  }
  const two = (number) => String(number).padStart(2, "0");
  function clock(at) {
    const day = new Date(at);
    return (day.toDateString() === new Date().toDateString() ? "" : day.getMonth() + 1 + " 月 " + day.getDate() + " 日 ") + two(day.getHours()) + ":" + two(day.getMinutes());
  }
  const size = (bytes) => (bytes < 1048576 ? Math.max(1, Math.round(bytes / 1024)) + " KB" : (bytes / 1048576).toFixed(1) + " MB");

  function say(meta) {
    const line = navigator.onLine ? "网络已连上" : "离线";
    const parts = [line + (meta ? " · " + clock(meta.fetched) + " 下载，可看到 " + clock(meta.until) : "")];
    if (navigator.onLine && location.pathname !== data.offlinePage) parts.push(" ", part("a", { href: location.href }, "打开最新的这一页"));
    said.replaceChildren(...parts);
  }

  function insert(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    main.replaceChildren(...Array.from(page.body.childNodes, (node) => document.adoptNode(node)));
  }
  function title(words) {
    document.title = words + "（离线）";
  }

  /* Each opening is a new form: its key must be new too, or a second visit would be taken for the first one sent twice. */
  function settleForm() {
    const form = main.querySelector("form[data-visit]");
    if (!form) return;
    form.elements.once.value = crypto.randomUUID();
    const day = new Date();
    const today = day.getFullYear() + "-" + two(day.getMonth() + 1) + "-" + two(day.getDate());
    if (form.elements.visited_on && form.dataset.today < today) {
      form.elements.visited_on.max = today;
      form.elements.visited_on.value = form.dataset.today = today;
    }
    title(form.dataset.title || "记走访");
  }

  async function settleList(meta) {
    title("带着走访");
    const note = main.querySelector("[data-carried-note]");
    const missing = meta.people - meta.pages;
    if (note) note.textContent = "离线 · " + meta.people + " 人，" + clock(meta.fetched) + " 下载。电话是遮盖后的，原文须联网查看。" + (missing > 0 ? "有 " + missing + " 人的走访表没有下载完。" : "");
    const waiting = await vault.letters(data.user);
    for (const row of waiting) {
      const letter = await vault.read(row).catch(() => null);
      const found = letter && letter.url.match(VISIT);
      const place = found && main.querySelector('[data-carried-row="' + found[1] + '"] td');
      if (place) place.append(part("small", { class: "strong" }, row.state === "held" ? "已记，没有提交成，请到「本机保存的内容」处理" : "已记，待提交（" + clock(row.at) + "）"));
    }
  }

  async function show(meta) {
    const here = location.pathname + location.search;
    const visit = here.match(VISIT);
    let html = "";
    if (meta) html = (await vault.page(here)) || (location.pathname === data.worklist ? await vault.page(data.worklist) : "");
    if (meta && !html && visit) html = (await vault.page(location.pathname + "?cadre=" + visit[1])) || (await vault.page(location.pathname + "?cadre=" + visit[1] + "&way=phone"));
    if (!html) return missing(meta);
    insert(html);
    if (main.querySelector("form[data-visit]")) settleForm();
    else await settleList(meta);
    Portal.run(main);
    await Portal.outbox.takeUp();
  }

  function missing(meta) {
    title("没有网络");
    const text = meta ? "这一页没有带着，要等有网络时再打开。" : "这台设备上没有带着的走访单，或已到期、已退出登录。有网络时到工作台点「带着走访」。";
    const acts = part("div", { class: "acts" });
    if (meta) acts.append(part("a", { class: "btn go", href: data.worklist }, "看带着的走访单"));
    acts.append(part("a", { class: "btn", href: location.href }, "再试一次"));
    main.replaceChildren(part("h1", {}, "现在没有网络"), part("section", { class: "panel" }, part("div", { class: "empty" }, part("p", {}, text), acts)));
    comeBack();
    window.addEventListener("online", () => comeBack());
  }

  /* Nothing is lost by leaving this page, so as soon as the server answers at all it gives way to the real one. "online" alone proves nothing. */
  const PAUSES = [1000, 3000, 8000, 30000];
  let waits = 0;
  function comeBack(tries = 0) {
    clearTimeout(waits);
    waits = setTimeout(async () => {
      if (navigator.onLine && (await vault.ask()).kind !== "line") location.reload();
      else comeBack(tries + 1);
    }, PAUSES[Math.min(tries, PAUSES.length - 1)]);
  }

  /* --- what is kept here: the carried list, and what waits ---------------------------------------------- */
  async function desk(meta) {
    title("本机保存的内容");
    const rows = data.user ? await vault.letters(data.user) : [];
    const others = (await vault.letters()).length - rows.length;
    main.replaceChildren(part("h1", {}, "本机保存的内容"));
    const list = part("section", { class: "panel" }, part("header", {}, part("h2", {}, "待提交")));
    for (const row of rows) list.append(await entry(row));
    if (!rows.length) list.append(part("div", { class: "empty" }, part("p", {}, "没有等着提交的内容。")));
    main.append(list);
    if (others) main.append(part("p", { class: "soft" }, "还有 " + others + " 条加密保存在这台设备上，用写它的账号登录后自动提交。"));
    const carriedPart = part("section", { class: "panel" }, part("header", {}, part("h2", {}, "带着的走访单")));
    if (meta) {
      const away = part("button", { class: "btn", type: "button" }, "从本机清除");
      away.addEventListener("click", async () => { await vault.end(); });
      carriedPart.append(part("div", { class: "in" }, part("p", {}, meta.people + " 人，" + size(meta.bytes) + "，" + clock(meta.fetched) + " 下载，可看到 " + clock(meta.until) + "。"), part("div", { class: "acts" }, part("a", { class: "btn go", href: data.worklist }, "打开"), away)));
    } else carriedPart.append(part("div", { class: "empty" }, part("p", {}, "没有带着走访单。")));
    main.append(carriedPart);
    if (navigator.onLine) main.append(part("p", {}, part("a", { href: data.worklist }, "回到工作台")));
  }

  async function entry(row) {
    const letter = await vault.read(row).catch(() => null);
    const box = part("div", { class: "in" });
    if (!letter) {
      box.append(part("p", {}, clock(row.at) + " 写的一条，登录后才能打开。"));
      return box;
    }
    const typed = letter.entries.filter(([name, value]) => typeof value === "string" && value.trim() && ["situation", "said", "need", "next_step", "promised", "late_reason"].includes(name)).map(([, value]) => value);
    const photos = letter.entries.filter(([, value]) => value instanceof File).length;
    const why = await vault.unsealed(row.user, row.once + "|why", row.why).catch(() => "");
    box.append(part("h3", {}, letter.title), part("p", {}, typed.join("　") + (photos ? "（照片 " + photos + " 张）" : "")), part("p", { class: row.state === "held" ? "late" : "soft" }, clock(row.at) + (row.state === "held" ? " 写的，没有提交成：" + why : " 写的，" + (data.over ? "登录后自动提交。" : "网络恢复后自动提交。"))));
    const acts = part("div", { class: "acts" }, part("a", { class: "btn", href: letter.page + "#letter=" + row.once }, "打开修改"), part("button", { class: "btn", type: "button", "data-copy": typed.join("\n") }, "复制文字"));
    const away = part("button", { class: "btn danger", type: "button", "data-confirm": "放弃「" + letter.title + "」这一条？写的内容和照片会从本机删除，不能恢复。", "data-confirm-label": "放弃" }, "放弃");
    away.addEventListener("click", () => vault.drop(row.once));
    if (row.state === "held") {
      const again = part("button", { class: "btn", type: "button" }, "再提交一次");
      again.addEventListener("click", async () => {
        await vault.change(row.once, { state: "waiting", tries: 0 });
        await Portal.outbox.deliver();
      });
      acts.append(again);
    }
    acts.append(away);
    box.append(acts);
    return box;
  }

  async function start() {
    let meta = await vault.carried();
    data.user = (meta && meta.user) || (await vault.owner());
    data.acting = (meta && meta.acting) || "";
    document.body.classList.toggle("elder", !!(meta && meta.elder));
    if (location.pathname === data.offlinePage && navigator.onLine) {
      const who = await vault.ask();
      if (who.kind === "ok") Object.assign(data, { user: who.user, acting: who.acting });
      if (who.kind === "login") data.over = "1";
      meta = await vault.carried();
    }
    if (meta && location.pathname === "/") {
      location.replace(data.worklist);
      return;
    }
    say(meta);
    if (location.pathname === data.offlinePage) await desk(meta);
    else await show(meta);
    await Portal.outbox.refresh();
  }

  document.addEventListener("portal:waiting", () => setTimeout(() => location.assign(data.worklist), 600));
  vault.onChange((what) => {
    if (what === "ended") location.reload();
    else if (location.pathname === data.offlinePage) vault.carried().then(desk);
  });
  ["online", "offline"].forEach((name) => window.addEventListener(name, () => vault.carried().then(say)));
  Portal.onReady((root) => { if (root === document) start(); });
})();
