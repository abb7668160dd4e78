/* What every page needs: toasts, dialogs, confirmation, copy, keys, guard against pressing twice. No inline handlers anywhere. */
(function () {
  "use strict";

  const SENTENCES = {
    0: "网络不通，请检查后再试。已填写的内容还在。",
    400: "提交的内容不完整，没有保存。",
    403: "您没有做这件事的权限，或页面已失效。请刷新后再试。",
    404: "没有找到，可能已被移走。",
    409: "这条记录刚刚被别人改过，请刷新核对后再保存。",
    413: "文件太大，没有上传。",
    429: "操作太频繁，请稍等一分钟再试。",
    500: "系统出了点问题，刚才的操作没有保存。请稍后再试。",
  };
  const ICONS = { success: "check", warning: "warn", error: "error", info: "info" };
  const ready = [];

  function sprite() {
    const use = document.querySelector("svg.icon use");
    return use ? use.getAttribute("href").split("#")[0] : "/static/img/icons.svg";
  }

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", sprite() + "#" + name);
    svg.append(use);
    return svg;
  }

  /* toast("已保存", "success", {label: "撤回", url: "/…"}); errors stay until closed, others eight seconds. */
  function toast(text, level, link) {
    const region = document.getElementById("toasts");
    if (!region) return;
    const kind = level || "info";
    const box = document.createElement("div");
    const words = document.createElement("div");
    const close = document.createElement("button");
    box.className = "note-box " + kind;
    words.textContent = text;
    if (link) {
      const a = document.createElement("a");
      a.href = link.url;
      a.textContent = link.label;
      words.append(" ", a);
    }
    close.className = "x";
    close.type = "button";
    close.dataset.dismiss = "";
    close.setAttribute("aria-label", "收起");
    close.append(icon("close"));
    box.append(icon(ICONS[kind] || "info"), words, close);
    region.append(box);
    if (kind !== "error") setTimeout(() => box.remove(), 8000);
  }

  function csrf() {
    const meta = document.querySelector('meta[name="csrf-token"]');
    return meta ? meta.content : "";
  }

  function onReady(work) {
    ready.push(work);
    if (document.readyState === "complete") work(document);
  }

  function run(root) {
    ready.forEach((work) => work(root));
  }

  window.Portal = { toast, icon, csrf, onReady, run, SENTENCES };

  /* --- dialogs ------------------------------------------------------------------------------- */
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.dialog).showModal();
      return;
    }
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog").close();
    if (event.target.matches("dialog")) event.target.close();
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(".note-box").remove();
  });

  /* --- "are you sure" ------------------------------------------------------------------------ */
  function ask(source, proceed) {
    const box = document.getElementById("confirm-dialog");
    const ok = document.getElementById("confirm-ok");
    document.getElementById("confirm-title").textContent = source.dataset.confirmTitle || "请确认";
    document.getElementById("confirm-text").textContent = source.dataset.confirm;
    ok.textContent = source.dataset.confirmLabel || "确定";
    ok.onclick = () => {
      box.close();
      proceed();
    };
    box.showModal();
    ok.focus();
  }

  document.addEventListener("click", (event) => {
    const source = event.target.closest("[data-confirm]");
    if (!source || source.dataset.confirmed || !document.getElementById("confirm-dialog")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(source, () => {
      source.dataset.confirmed = "1";
      source.click();
      delete source.dataset.confirmed;
    });
  }, true);

  /* --- all of several chips at once (ManyChips with data-all) ---------------------------------- */
  ready.push((root) => {
    root.querySelectorAll(".choices").forEach((group) => {
      const first = group.querySelector("input[data-all]");
      if (!first || group.dataset.withAll) return;
      const boxes = () => Array.from(group.querySelectorAll("input[data-all]"));
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn sm all-of-them";
      group.dataset.withAll = "1";
      const name = () => { button.textContent = boxes().every((box) => box.checked) ? "全部取消" : first.dataset.all; };
      button.addEventListener("click", () => {
        const on = !boxes().every((box) => box.checked);
        boxes().forEach((box) => { box.checked = on; });
        first.dispatchEvent(new Event("change", { bubbles: true }));
        name();
      });
      group.addEventListener("change", name);
      name();
      group.before(button);
    });
  });

  /* --- pressing twice ------------------------------------------------------------------------ */
  function hold(form, submitter) {
    const button = submitter || form.querySelector("button:not([type=button])");
    if (!button) return;
    button.setAttribute("aria-busy", "true");
    setTimeout(() => { if (button.hasAttribute("aria-busy")) button.disabled = true; }, 0); /* not when the answer was quicker */
    if (form.hasAttribute("data-again")) setTimeout(() => release(form), 3000);
  }

  function release(root) {
    root.querySelectorAll('button[aria-busy="true"]').forEach((button) => {
      button.removeAttribute("aria-busy");
      button.disabled = false;
    });
  }
  Portal.hold = hold;
  Portal.release = release;

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent && !form.hasAttribute("data-again")) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    hold(form, event.submitter);
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
    release(document);
  });

  /* --- htmx ---------------------------------------------------------------------------------- */
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = csrf();
  });
  /* [data-quiet] asks beside the form: it holds no button, and its failing is nobody's business. */
  const quiet = (event) => Boolean(event.detail.elt?.closest?.("[data-quiet]"));
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (quiet(event)) return;
    document.getElementById("loading")?.classList.add("htmx-request");
    const form = event.detail.elt.closest("form");
    if (form && form.method === "post") hold(form, event.detail.requestConfig.triggeringEvent?.submitter);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (quiet(event)) return;
    document.getElementById("loading")?.classList.remove("htmx-request");
    release(document.body.contains(event.detail.elt) ? event.detail.elt : document);
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (quiet(event)) return;
    const answer = event.detail.xhr;
    let text = SENTENCES[answer.status] || SENTENCES[answer.status >= 500 ? 500 : 400];
    if ((answer.getResponseHeader("Content-Type") || "").includes("json")) {
      try {
        const given = JSON.parse(answer.responseText);
        text = given.message || (given.error && given.error.message) || given.detail || text;
      } catch (_) { /* keep our own sentence */ }
    } else if ((answer.getResponseHeader("Content-Type") || "").includes("text/plain") && answer.responseText.length < 200) {
      text = answer.responseText || text;
    }
    toast(text, "error");
  });
  document.addEventListener("htmx:sendError", (event) => quiet(event) || toast(SENTENCES[0], "error"));
  document.addEventListener("htmx:afterSettle", (event) => run(event.detail.elt));

  /* --- copy ---------------------------------------------------------------------------------- */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button || !navigator.clipboard) return;
    navigator.clipboard.writeText(button.dataset.copy).then(() => toast("已复制", "success"), () => toast("浏览器不允许复制，请手动选中。", "warning"));
  });

  /* --- menus close when one clicks elsewhere or presses Esc ------------------------------------ */
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open], details.help-tip[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    if (event.target.closest(".side a") && location.hash === "#menu") location.hash = "main";
  });

  /* A drop that would leave the window opens to the other side. */
  document.addEventListener("toggle", (event) => {
    const drop = event.target.matches && event.target.matches("details[open]") && event.target.querySelector(":scope > .drop");
    if (!drop) return;
    drop.classList.remove("flip");
    drop.classList.toggle("flip", drop.getBoundingClientRect().right > document.documentElement.clientWidth - 8);
  }, true);

  /* --- keys ---------------------------------------------------------------------------------- */
  function typing(target) {
    return target.matches("input, textarea, select, [contenteditable]");
  }

  function move(step) {
    const rows = Array.from(document.querySelectorAll("table[data-rows] tbody tr:not(.group)")).filter((row) => row.querySelector("a[href]"));
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))] || rows[0];
    (next.querySelector("a.who, a[data-open]") || next.querySelector("a[href]")).focus();
    next.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      document.querySelectorAll("details.menu[open], details.help-tip[open]").forEach((menu) => {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
      if (location.hash === "#menu") location.hash = "main";
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      event.preventDefault();
      document.getElementById("find")?.focus();
    } else if (event.key === "?") {
      document.getElementById("keys-dialog")?.showModal();
    } else if (event.key === "j") {
      move(1);
    } else if (event.key === "k") {
      move(-1);
    }
  });

  /* Opening 更多条件 is no change of a filter. */
  document.addEventListener("change", (event) => {
    if (event.target.matches(".filters .toggle")) event.stopPropagation();
  }, true);

  /* --- small things at start ------------------------------------------------------------------- */
  function markChoices(root) {
    root.querySelectorAll(".choices label").forEach((label) => {
      const input = label.querySelector("input");
      if (input) label.classList.toggle("on", input.checked);
    });
  }
  document.addEventListener("change", (event) => {
    const group = event.target.closest(".choices");
    if (group) markChoices(group);
  });
  document.addEventListener("reset", (event) => setTimeout(() => markChoices(event.target), 0));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    const link = event.target.closest(".summary a[href^='#']");
    if (!link) return;
    const target = document.getElementById(link.hash.slice(1));
    const control = target && (target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea"));
    if (control) {
      event.preventDefault();
      control.focus();
    }
  });
  /* On a phone the row of tabs is wider than the window: the one that is open stands in sight. */
  onReady((root) => root.querySelectorAll(".tabs a[aria-current]").forEach((tab) => {
    const row = tab.parentElement;
    row.scrollLeft += tab.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - tab.clientWidth) / 2;
  }));
  onReady((root) => {
    markChoices(root);
    const summary = root.querySelector("[data-focus]");
    if (summary) summary.focus();
  });
  document.addEventListener("DOMContentLoaded", () => run(document));
})();
