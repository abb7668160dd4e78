/* form[data-draft="key"]: typed text is kept in this browser until it has been saved on the server; that of a form that may be sent later ([data-offline]) is sealed (vault.js).
   Passwords, files, hidden fields and [data-no-draft] are never kept. A draft belongs to one user and is forgotten after seven days or on logout. */
(function () {
  "use strict";
  const WEEK = 7 * 24 * 3600 * 1000;
  const PENDING = "portal.pending";

  function owner() {
    return document.body.dataset.user || "0";
  }
  function slot(key) {
    return "portal.draft." + owner() + "." + key;
  }
  function fields(form) {
    return Array.from(form.elements).filter((field) => field.name && !["hidden", "password", "file", "submit", "button", "reset"].includes(field.type) && !field.closest("[data-no-draft]") && field.tagName !== "FIELDSET");
  }
  function values(form) {
    const kept = {};
    fields(form).forEach((field) => {
      if (field.type === "radio" || field.type === "checkbox") {
        kept[field.name] = kept[field.name] || [];
        if (field.checked) kept[field.name].push(field.value);
      } else if (field.tagName === "SELECT" && field.multiple) {
        kept[field.name] = Array.from(field.selectedOptions, (option) => option.value);
      } else {
        kept[field.name] = field.value;
      }
    });
    return kept;
  }
  function fill(form, kept) {
    fields(form).forEach((field) => {
      const value = kept[field.name];
      if (value === undefined) return;
      if (field.type === "radio" || field.type === "checkbox") field.checked = [].concat(value).includes(field.value);
      else if (field.tagName === "SELECT" && field.multiple) Array.from(field.options).forEach((option) => { option.selected = [].concat(value).includes(option.value); });
      else field.value = value;
    });
    form.querySelectorAll(".choices label").forEach((label) => label.classList.toggle("on", !!label.querySelector("input:checked")));
  }
  function read(key) {
    try {
      const draft = JSON.parse(localStorage.getItem(slot(key)));
      return young(draft);
    } catch (_) {
      return null;
    }
  }
  function write(key, kept) {
    try {
      localStorage.setItem(slot(key), JSON.stringify({ at: Date.now(), page: page(), values: kept }));
      return true;
    } catch (_) {
      return false;
    }
  }
  const sealed = (form) => form.hasAttribute("data-offline") && window.PortalVault.usable;
  const young = (draft) => (draft && Date.now() - draft.at < WEEK ? draft : null);
  const page = () => location.pathname + location.search;
  function clear(key) {
    window.PortalVault.dropDraft(owner(), key);
    try { localStorage.removeItem(slot(key)); } catch (_) { /* storage is off */ }
  }
  function clearAll() {
    window.PortalVault.dropDrafts();
    Object.keys(localStorage).filter((name) => name.startsWith("portal.draft.")).forEach((name) => localStorage.removeItem(name));
  }
  function state(form, text) {
    const place = form.querySelector("[data-draft-state]");
    if (place) place.textContent = text;
  }

  function offer(form, key, draft, original) {
    const bar = document.createElement("div");
    const words = document.createElement("span");
    const drop = document.createElement("button");
    bar.className = "draft-bar";
    bar.setAttribute("role", "status");
    const when = new Date(draft.at);
    words.textContent = "已恢复未提交的内容（" + (when.getMonth() + 1) + " 月 " + when.getDate() + " 日 " + String(when.getHours()).padStart(2, "0") + ":" + String(when.getMinutes()).padStart(2, "0") + " 保存在本机）。";
    drop.type = "button";
    drop.className = "btn sm";
    drop.textContent = "丢弃";
    drop.addEventListener("click", () => {
      clear(key);
      fill(form, original);
      state(form, "");
      bar.remove();
    });
    bar.append(words, drop);
    form.before(bar);
  }

  function watch(form) {
    if (form.dataset.watched) return;
    form.dataset.watched = "1";
    const key = form.dataset.draft;
    const original = values(form);
    if (sealed(form)) {
      watchSealed(form, key, original);
      return;
    }
    const draft = read(key);
    if (draft && !form.hasAttribute("data-bound") && JSON.stringify(draft.values) !== JSON.stringify(original)) {
      fill(form, draft.values);
      offer(form, key, draft, original);
    }
    let timer = 0;
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const kept = write(key, values(form));
        state(form, kept ? "已存草稿（只在本机）" : "");
      }, 300);
    });
  }

  /* The same under the user's own key, which has to be fetched first; what one has begun to type meanwhile wins. */
  async function watchSealed(form, key, original) {
    let timer = 0;
    const keep = async () => {
      try {
        await window.PortalVault.keepDraft(owner(), key, { at: Date.now(), page: page(), values: values(form) });
        state(form, "已存草稿（只在本机）");
      } catch (_) {
        state(form, "");
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(keep, 300);
    });
    form.addEventListener("submit", () => clearTimeout(timer), true);
    await window.PortalVault.ready(owner()).catch(() => {});
    const draft = young(await window.PortalVault.draft(owner(), key));
    const before = JSON.stringify(original);
    if (!draft || form.hasAttribute("data-bound") || form.dataset.letter || JSON.stringify(values(form)) !== before || JSON.stringify(draft.values) === before) return;
    fill(form, draft.values);
    offer(form, key, draft, original);
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* A page that comes after sending and neither holds the form again nor is a login or error page means: saved. */
  function settle() {
    document.querySelectorAll("[data-tags]").forEach((box) => {
      box.dataset.tags.split(" ").filter((tag) => tag.startsWith("draft:")).forEach((tag) => clear(tag.slice(6)));
    });
    const key = sessionStorage.getItem(PENDING);
    if (!key || document.body.dataset.page !== "app") return;
    sessionStorage.removeItem(PENDING);
    if (!Array.from(document.querySelectorAll("form[data-draft]")).some((form) => form.dataset.draft === key)) clear(key);
  }

  window.Portal.drafts = { write, clear, values, read, fill };
  Portal.onReady((root) => {
    if (root === document) settle();
    root.querySelectorAll("form[data-draft]").forEach(watch);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.hasAttribute("data-logout")) clearAll();
    if (!form.dataset.draft || event.defaultPrevented) return;
    write(form.dataset.draft, values(form));
    sessionStorage.setItem(PENDING, form.dataset.draft);
  });
})();
