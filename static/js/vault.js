/* What this browser keeps, always sealed (AES-GCM; docs/adr/0012-offline.md). Two keys, neither can be read out by a script:
   - "letters": the signed-in user's own, handed out by the server. Unsent forms lie under it, so that they outlive the session and open again for the same person only.
   - "carried": made here when a work list is carried along, half of it in a cookie that ends with the session. Carried pages lie under it and go with it.
   Where the browser has no WebCrypto (plain http) nothing is kept and everything works with a line only. */
(function () {
  "use strict";
  const COOKIE = "portal_carried";
  const UNTIL = "portal.carried";
  const data = document.body.dataset;
  const subtle = window.crypto && window.crypto.subtle;
  const usable = !!(subtle && window.indexedDB);
  const bell = window.BroadcastChannel ? new BroadcastChannel("portal") : null;
  const text = new TextEncoder();

  /* --- the store ------------------------------------------------------------------------------ */
  function open() {
    return new Promise((done, fail) => {
      const asked = indexedDB.open("portal", 2);
      asked.onupgradeneeded = () => {
        [["outbox", "once"], ["drafts", "id"], ["keys", "id"], ["pages", "url"]].forEach(([name, key]) => {
          if (!asked.result.objectStoreNames.contains(name)) asked.result.createObjectStore(name, { keyPath: key });
        });
      };
      asked.onsuccess = () => {
        asked.result.onversionchange = () => asked.result.close();
        done(asked.result);
      };
      asked.onerror = () => fail(asked.error);
    });
  }
  async function within(store, mode, work) {
    const db = await open();
    return new Promise((done, fail) => {
      const transaction = db.transaction(store, mode);
      const result = work(transaction.objectStore(store));
      transaction.oncomplete = () => { db.close(); done(result && result.result); };
      transaction.onabort = transaction.onerror = () => { db.close(); fail(transaction.error || new Error("store")); };
    });
  }
  const get = (store, key) => within(store, "readonly", (rows) => rows.get(key));
  const put = (store, row) => within(store, "readwrite", (rows) => rows.put(row));
  const remove = (store, key) => within(store, "readwrite", (rows) => rows.delete(key));
  const every = (store) => within(store, "readonly", (rows) => rows.getAll());

  /* --- sealing -------------------------------------------------------------------------------- */
  async function seal(key, about, bytes) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, data: await subtle.encrypt({ name: "AES-GCM", iv, additionalData: text.encode(about) }, key, bytes) };
  }
  const unseal = (key, about, box) => subtle.decrypt({ name: "AES-GCM", iv: box.iv, additionalData: text.encode(about) }, key, box.data);
  const words = (bytes) => new TextDecoder().decode(bytes);

  /* --- the user's own key --------------------------------------------------------------------- */
  function csrf() {
    const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    return found ? found[1] : (document.querySelector('meta[name="csrf-token"]') || {}).content || "";
  }
  /* Who the session belongs to, asked of the server: {kind: "ok", user, acting} keeps that person's key; "login" when it is over; "line" when nobody answers. */
  async function ask() {
    if (!usable) return { kind: "line" };
    try {
      const answer = await fetch(data.letterKey, { method: "POST", headers: { "X-CSRFToken": csrf(), "X-Portal-Fetch": "1" }, credentials: "same-origin", cache: "no-store" });
      if (answer.headers.get("X-Location")) {
        await sessionOver();
        return { kind: "login" };
      }
      if (answer.status === 401 || answer.status === 403) return { kind: "login" };
      const said = await answer.json();
      const held = await get("keys", "letters");
      if (!held || held.user !== said.user) {
        const raw = Uint8Array.from(atob(said.key), (letter) => letter.charCodeAt(0));
        await put("keys", { id: "letters", user: said.user, key: await subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]) });
      }
      return { kind: "ok", user: said.user, acting: said.acting };
    } catch (_) {
      return { kind: "line" };
    }
  }
  async function keyOf(user) {
    const held = usable ? await get("keys", "letters") : null;
    return held && held.user === user ? held.key : null;
  }
  /* A short text beside a letter, under the same key. */
  async function sealed(user, about, said) {
    const key = await keyOf(user);
    return key && seal(key, user + "|" + about, text.encode(said));
  }
  async function unsealed(user, about, box) {
    const key = box && (await keyOf(user));
    return key ? words(await unseal(key, user + "|" + about, box)) : "";
  }
  async function owner() {
    const held = usable ? await get("keys", "letters").catch(() => null) : null;
    return held ? held.user : "";
  }
  async function ready(user) {
    if (!usable || !user) return;
    if (!(await keyOf(user))) await ask();
    const key = await keyOf(user);
    if (!key) return;
    for (const row of (await every("outbox")) || []) if (row.entries && row.user === user) await keep(row);
  }

  /* --- letters: {once, user, acting, url, page, draft, title, at, entries: [[name, text or File]]} --- */
  async function keep(letter) {
    const key = await keyOf(letter.user);
    if (!key) throw new Error("no key");
    const about = letter.user + "|" + letter.once;
    const files = [];
    const entries = [];
    for (const [name, value] of letter.entries) {
      if (typeof value === "string") entries.push([name, value]);
      else if (value.size) {
        entries.push([name, { file: files.length, name: value.name, type: value.type }]);
        files.push(await seal(key, about + "|" + files.length, await value.arrayBuffer()));
      }
    }
    const inside = { url: letter.url, page: letter.page, draft: letter.draft, title: letter.title, entries };
    const box = await seal(key, about, text.encode(JSON.stringify(inside)));
    await put("outbox", { once: letter.once, user: letter.user, acting: letter.acting || "", at: letter.at, state: "waiting", tries: 0, box, files });
    tell("letters");
  }
  async function read(row) {
    if (row.entries) return row;
    const key = await keyOf(row.user);
    if (!key) throw new Error("no key");
    const about = row.user + "|" + row.once;
    const inside = JSON.parse(words(await unseal(key, about, row.box)));
    const entries = await Promise.all(inside.entries.map(async ([name, value]) => (typeof value === "string" ? [name, value] : [name, new File([await unseal(key, about + "|" + value.file, row.files[value.file])], value.name, { type: value.type })])));
    return Object.assign({}, row, inside, { entries });
  }
  async function letters(user) {
    const rows = usable ? (await every("outbox").catch(() => [])) || [] : [];
    return rows.filter((row) => !user || row.user === user).sort((a, b) => a.at - b.at);
  }
  async function drop(once) {
    await remove("outbox", once);
    tell("letters");
  }
  async function change(once, values) {
    const row = await get("outbox", once);
    if (row) await put("outbox", Object.assign(row, values));
    tell("letters");
  }

  /* --- drafts of the same forms, under the same key ------------------------------------------------ */
  async function keepDraft(user, name, draft) {
    const box = await sealed(user, "draft|" + name, JSON.stringify(draft));
    if (!box) throw new Error("no key");
    await put("drafts", { id: user + "|" + name, box });
  }
  async function draft(user, name) {
    const row = usable ? await get("drafts", user + "|" + name).catch(() => null) : null;
    return row ? JSON.parse((await unsealed(user, "draft|" + name, row.box).catch(() => "")) || "null") : null;
  }
  const dropDraft = (user, name) => (usable ? remove("drafts", user + "|" + name).catch(() => {}) : Promise.resolve());
  const dropDrafts = () => (usable ? within("drafts", "readwrite", (rows) => rows.clear()).catch(() => {}) : Promise.resolve());

  /* --- the carried list ------------------------------------------------------------------------ */
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  function cookie(value) {
    document.cookie = COOKIE + "=" + value + "; path=/; samesite=strict" + (location.protocol === "https:" ? "; secure" : "") + (value ? "" : "; max-age=0");
  }
  function half() {
    const found = document.cookie.match(new RegExp("(?:^|; )" + COOKIE + "=([0-9a-f]{64})"));
    return found ? found[1] : "";
  }
  async function begin(about) {
    await end();
    cookie(random());
    const base = await subtle.importKey("raw", crypto.getRandomValues(new Uint8Array(32)), "HKDF", false, ["deriveKey"]);
    await put("keys", Object.assign({ id: "carried", base, pages: 0, bytes: 0 }, about));
    try { localStorage.setItem(UNTIL, String(about.until)); } catch (_) { /* this tab's clock is then the only one that warns too early */ }
  }
  function unlock(meta) {
    return subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt: text.encode(half()), info: text.encode("portal carried") }, meta.base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  }
  async function carry(url, html) {
    const meta = await get("keys", "carried");
    if (!meta || !half()) throw new Error("ended");
    const box = await seal(await unlock(meta), meta.user + "|" + url, text.encode(html));
    await put("pages", Object.assign({ url }, box));
    return box.data.byteLength;
  }
  async function note(values) {
    const meta = await get("keys", "carried");
    if (meta) await put("keys", Object.assign(meta, values));
  }
  async function page(url) {
    const meta = await carried();
    const row = meta && (await get("pages", url));
    return row ? words(await unseal(await unlock(meta), meta.user + "|" + url, row)) : "";
  }
  /* What is carried and may still be read, or null. What may not is removed at once. */
  async function carried() {
    if (!usable) return null;
    const meta = await get("keys", "carried").catch(() => null);
    if (!meta) return null;
    const another = data.page === "app" && data.mark && data.mark !== meta.mark;
    if (half() && Date.now() < meta.until && !another && data.offlineHours !== "0") return meta;
    await end();
    return null;
  }
  async function end() {
    if (!usable) return;
    cookie("");
    try { localStorage.removeItem(UNTIL); } catch (_) { /* storage is off */ }
    const had = await get("keys", "carried").catch(() => null);
    await remove("keys", "carried").catch(() => {});
    await within("pages", "readwrite", (rows) => rows.clear()).catch(() => {});
    if (had) tell("ended");
  }
  /* Signed out, or the server says so: nothing on this device opens any more. Unsent forms stay, sealed. */
  async function sessionOver() {
    if (!usable) return;
    await remove("keys", "letters").catch(() => {});
    await end();
  }

  /* --- windows beside this one ------------------------------------------------------------------ */
  const listeners = [];
  function tell(what) {
    if (bell) bell.postMessage(what);
    listeners.forEach((work) => work(what, true));
  }
  if (bell) bell.onmessage = (event) => listeners.forEach((work) => work(event.data, false));

  /* Signing out shuts this device first, whether or not the line is there to tell the server. */
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-logout") || !usable) return;
    event.preventDefault();
    await Promise.race([sessionOver(), new Promise((done) => setTimeout(done, 2000))]);
    form.submit();
  });

  window.PortalVault = { usable, csrf, ask, ready, owner, keepDraft, draft, dropDraft, dropDrafts, sealed, unsealed, keep, read, letters, drop, change, get: (once) => get("outbox", once), begin, carry, note, page, carried, end, sessionOver, onChange: (work) => listeners.push(work) };
  async function remind() {
    await sessionOver();
    const waiting = (await letters()).length;
    const place = document.getElementById("waiting-here");
    if (!waiting || !place) return;
    place.textContent = "这台设备上有 " + waiting + " 条没有提交的记录，加密保存着，用写它的账号登录后自动提交。";
    place.hidden = false;
  }
  if (data.page === "login") remind();
  else if (data.page === "app") carried();
})();
