/* [data-carry="URL"] on the work list: 带着走访. Fetches the list and its visit forms, seals them (vault.js), and has the service worker keep the shell.
   Nothing is carried unless one presses. Browsers without service workers don't see the box. */
(function () {
  "use strict";
  const vault = window.PortalVault;
  const box = document.querySelector("[data-carry]");
  const able = vault.usable && "serviceWorker" in navigator && window.isSecureContext;
  const data = document.body.dataset;
  const AT_ONCE = 3;

  if (data.offlineHours === "0" && "serviceWorker" in navigator) {
    navigator.serviceWorker.getRegistrations().then((found) => found.forEach((one) => one.unregister()));
  }
  if (!box || !able) return;

  const state = box.querySelector("[data-carry-state]");
  const press = box.querySelector("[data-carry-start]");
  const away = box.querySelector("[data-carry-end]");
  const two = (number) => String(number).padStart(2, "0");
  const clock = (at) => two(new Date(at).getHours()) + ":" + two(new Date(at).getMinutes());
  const size = (bytes) => (bytes < 1048576 ? Math.max(1, Math.round(bytes / 1024)) + " KB" : (bytes / 1048576).toFixed(1) + " MB");

  async function tell() {
    const meta = await vault.carried();
    away.hidden = !meta;
    press.textContent = meta ? "重新下载" : "带着走访";
    if (!meta) {
      state.textContent = state.dataset.carryState;
      return;
    }
    const missing = meta.people - meta.pages;
    state.textContent = "已带着 " + meta.people + " 人（" + size(meta.bytes) + "），" + clock(meta.fetched) + " 下载，没有网络也能打开这一页、记走访，到 " + clock(meta.until) + " 为止。" + (missing > 0 ? "有 " + missing + " 人的走访表没有下载完，请重新下载。" : "");
  }

  async function shell() {
    await navigator.serviceWorker.register(box.dataset.worker, { scope: "/", updateViaCache: "none" });
    await Promise.race([navigator.serviceWorker.ready, new Promise((_, fail) => setTimeout(() => fail(new Error("slow")), 30000))]);
  }

  async function form(url) {
    const answer = await fetch(url, { headers: { "X-Portal-Carry": "1", "X-Portal-Fetch": "1" }, credentials: "same-origin", cache: "no-store" });
    if (answer.status !== 200) return 0;
    const html = await answer.text();
    return html.includes("data-visit") ? vault.carry(url, html) : 0;
  }

  async function forms(urls) {
    const left = urls.slice();
    let pages = 0;
    let bytes = 0;
    const worker = async () => {
      while (left.length) {
        const kept = await form(left.shift()).catch((problem) => { if (problem.name === "QuotaExceededError") throw problem; return 0; });
        pages += kept ? 1 : 0;
        bytes += kept;
        state.textContent = "正在下载：" + pages + " / " + urls.length + " 人";
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return { pages, bytes };
  }

  async function start() {
    press.disabled = true;
    state.textContent = "正在准备…";
    try {
      await shell();
      await vault.ready(data.user);
      const answer = await fetch(box.dataset.carry, { method: "POST", headers: { "X-CSRFToken": vault.csrf(), "X-Portal-Fetch": "1" }, credentials: "same-origin", cache: "no-store" });
      if (answer.headers.get("X-Location")) throw new Error("login");
      if (!answer.ok) throw new Error("refused");
      const got = await answer.json();
      await vault.begin({ user: data.user, acting: data.acting, mark: data.mark, elder: got.elder, until: got.until, fetched: got.fetched, people: got.people });
      const listed = await vault.carry(got.list, got.html);
      const { pages, bytes } = await forms(got.forms);
      await vault.note({ pages, bytes: bytes + listed });
      if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
      await tell();
    } catch (problem) {
      if (problem.name === "QuotaExceededError") await vault.end();
      await tell();
      if (problem.message === "login" && Portal.session) Portal.session.expired(true);
      else Portal.toast(problem.name === "QuotaExceededError" ? "本机存储空间不够，走访单没有带上。请清理手机空间，或先筛选少一些人。" : "没有带上：网络中断或浏览器不允许。请稍后再按一次。", "error");
    }
    press.disabled = false;
  }

  box.hidden = false;
  press.addEventListener("click", start);
  away.addEventListener("click", async () => {
    await vault.end();
    await tell();
    Portal.toast("已从本机清除。", "success");
  });
  tell();
})();
