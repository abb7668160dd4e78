/* Warns two minutes before the idle time-out, and keeps what was typed when it has come. Several tabs share one clock. */
(function () {
  "use strict";
  const WARN = 120;
  const SEEN = "portal.seen";
  const data = document.body.dataset;
  /* The server notes a visit once a minute at most: it may end the session a minute earlier than the last request suggests. */
  const limit = Math.max(0, Number(data.sessionSeconds || 0) - 60);
  const warn = document.getElementById("session-dialog");
  const over = document.getElementById("expired-dialog");
  let gone = false;

  function seen() {
    try { localStorage.setItem(SEEN, String(Date.now())); } catch (_) { /* one tab's clock is then its own */ }
    last = Date.now();
  }
  let last = Date.now();
  function idle() {
    let shared = 0;
    try { shared = Number(localStorage.getItem(SEEN) || 0); } catch (_) { /* storage is off */ }
    return (Date.now() - Math.max(last, shared)) / 1000;
  }

  /* known: the server said so, it isn't only this page's clock. Then nothing this browser keeps may be opened any more. */
  function expired(known) {
    gone = true;
    if (known) window.PortalVault.sessionOver();
    if (warn && warn.open) warn.close();
    if (over && !over.open) over.showModal();
  }

  /* Until when a list is carried along: the session lives as long (vault.js). */
  function carried() {
    try { return Number(localStorage.getItem("portal.carried") || 0); } catch (_) { return 0; }
  }

  function tick() {
    if (gone) return;
    if (Date.now() < carried()) return;
    const left = limit - idle();
    if (left <= 0) return expired();
    if (left <= WARN) {
      document.getElementById("session-left").textContent = left >= 60 ? Math.ceil(left / 60) + " 分钟" : Math.ceil(left) + " 秒";
      if (!warn.open) warn.showModal();
    } else if (warn.open) {
      warn.close();
    }
  }

  async function stay() {
    try {
      const answer = await fetch(data.keepalive, { method: "POST", headers: { "X-CSRFToken": Portal.csrf() }, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return expired(true);
      seen();
      warn.close();
    } catch (_) {
      Portal.toast(Portal.SENTENCES[0], "error");
    }
  }

  /* Signed in again in another window: take that session's token over, so that the form on this page can be sent. */
  async function resume() {
    const note = document.getElementById("expired-note");
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const token = page.querySelector('meta[name="csrf-token"]');
      const user = page.body.dataset.user;
      note.hidden = false;
      if (!token || page.body.dataset.page !== "app") {
        note.textContent = "还没有登录成功，请先在新窗口登录。";
      } else if (user !== data.user) {
        note.textContent = "登录的是另一个账号。请用原来的账号登录，或刷新本页。";
      } else {
        document.querySelector('meta[name="csrf-token"]').content = token.content;
        document.querySelectorAll('input[name="csrfmiddlewaretoken"]').forEach((field) => { field.value = token.content; });
        gone = false;
        note.hidden = true;
        seen();
        over.close();
        Portal.toast("已重新登录，可以接着提交。", "success");
        window.PortalVault.ready(user);
      }
    } catch (_) {
      note.hidden = false;
      note.textContent = Portal.SENTENCES[0];
    }
  }

  window.Portal.session = { expired, seen };
  if (!limit || !warn || !over) return;
  seen();
  setInterval(tick, 5000);
  document.addEventListener("visibilitychange", tick);
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr.status === 401) expired(true);
    else if (event.detail.successful && !event.detail.elt.hasAttribute("data-background")) seen();
  });
  /* A fragment that turns out to be the login page is not put into this page. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const address = event.detail.xhr.responseURL;
    if (!address || new URL(address).pathname !== data.login) return;
    event.detail.shouldSwap = false;
    expired(true);
  });
  document.getElementById("session-stay").addEventListener("click", stay);
  document.getElementById("expired-check").addEventListener("click", resume);
})();
