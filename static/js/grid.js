/* table[data-grid]: rows corrected in place. A row is saved and judged as soon as one leaves it; what can't be sent waits in this browser.
   A cell under the cursor is either "ready" (arrows go to the next cell, typing replaces) or being edited (arrows stay inside). */
(function () {
  "use strict";
  const RETRY = 15000;
  let editing = false;
  let byMouse = false;
  let entered = "";

  const rowOf = (node) => node.closest("tbody[data-row]");
  const inputs = (row) => Array.from(row.querySelectorAll("input[name^='cell-']"));
  const keyOf = (row) => row.dataset.key;
  const changed = (row) => inputs(row).filter((input) => input.value !== input.dataset.was);
  const gridCell = (node) => node instanceof Element && node.matches("table[data-grid] input[name^='cell-']");

  function state(row, text) {
    row.querySelector("[data-state]").textContent = text;
  }
  function say(text) {
    document.getElementById("grid-live").textContent = text;
  }
  function keep(row) {
    const values = {};
    changed(row).forEach((input) => { values[input.name] = input.value; });
    if (Object.keys(values).length) Portal.drafts.write(keyOf(row), values);
    else Portal.drafts.clear(keyOf(row));
  }

  function prepare(row) {
    inputs(row).forEach((input) => { input.dataset.was = input.value; });
    const draft = Portal.drafts.read(keyOf(row));
    if (!draft) return;
    fill(row, draft.values);
    if (!changed(row).length) return Portal.drafts.clear(keyOf(row));
    row.classList.add("waiting");
    state(row, "已恢复没有保存的内容，正在保存。");
  }
  function fill(row, values) {
    inputs(row).forEach((input) => { if (values[input.name] !== undefined) input.value = values[input.name]; });
  }

  async function send(row) {
    const data = new FormData();
    const form = row.querySelector("form");
    data.append("version", form.elements.version.value);
    changed(row).forEach((input) => data.append(input.name, input.value));
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-CSRFToken": Portal.csrf(), "X-Portal-Fetch": "1" }, credentials: "same-origin" });
    const target = answer.headers.get("X-Location") || (answer.redirected ? answer.url : "");
    if (answer.status === 401 || target) return { login: true };
    const html = await answer.text();
    return { status: answer.status, page: new DOMParser().parseFromString("<table>" + html + "</table>", "text/html") };
  }

  /* One saving of a row at a time; what is typed meanwhile is sent after it. */
  async function save(row) {
    if (row.dataset.saving || !changed(row).length) return;
    row.dataset.saving = "1";
    row.classList.remove("waiting");
    state(row, "正在核对…");
    keep(row);
    const sent = Object.fromEntries(changed(row).map((input) => [input.name, input.value]));
    let answer;
    try {
      answer = await send(row);
    } catch (_) {
      answer = { offline: true };
    }
    delete row.dataset.saving;
    if (answer.page && answer.page.querySelector("tbody[data-row]")) return replace(row, sent, answer);
    row.classList.add("waiting");
    if (answer.login) state(row, "登录已过期：您填的已存在本机，重新登录后打开这一页会自动保存。");
    else if (answer.offline) state(row, "网络不通：您填的已存在本机，恢复后自动保存。");
    else {
      const said = answer.page && answer.page.querySelector("[data-said]");
      row.classList.remove("waiting");
      state(row, said ? said.textContent : "没有保存，您填的已存在本机。请稍后再试。");
    }
    say(row.dataset.where + "：" + row.querySelector("[data-state]").textContent);
  }

  function replace(row, sent, answer) {
    const fresh = document.adoptNode(answer.page.querySelector("tbody[data-row]"));
    const later = changed(row).filter((input) => input.value !== sent[input.name]).map((input) => [input.name, input.value]);
    const inside = row.contains(document.activeElement) ? document.activeElement.name : "";
    const counts = answer.page.getElementById("grid-counts");
    unfold(fresh, row.classList.contains("all"));
    row.replaceWith(fresh);
    if (counts) document.getElementById("grid-counts").replaceWith(document.adoptNode(counts));
    Portal.drafts.clear(keyOf(fresh));
    prepare(fresh);
    if (later.length && answer.status === 200) {
      fill(fresh, Object.fromEntries(later));
      keep(fresh);
    }
    if (inside) focus(inputs(fresh).find((input) => input.name === inside));
    const wrong = fresh.querySelectorAll(".whys .error").length;
    const said = fresh.querySelector("[data-said]");
    say(fresh.dataset.where + "：" + (said ? said.textContent : wrong ? "还有 " + wrong + " 处要改" : fresh.querySelector("th .tag").textContent));
    if (!inside) save(fresh);
  }

  /* On a phone a row shows its name and what is wrong; a button brings the other columns. */
  function unfold(row, all) {
    row.classList.toggle("all", all);
    row.querySelector("[data-all]").setAttribute("aria-expanded", String(all));
  }

  function focus(input) {
    if (!input) return;
    input.focus();
    input.select();
    editing = false;
  }
  function beside(input, across, down) {
    const cells = inputs(rowOf(input));
    const column = cells.indexOf(input) + across;
    const rows = Array.from(input.closest("table").querySelectorAll("tbody[data-row]"));
    const row = rows[rows.indexOf(rowOf(input)) + down];
    return row && column >= 0 ? inputs(row)[column] : undefined;
  }
  function edit(input) {
    editing = true;
    input.setSelectionRange(input.value.length, input.value.length);
  }

  const KEYS = {
    F2: (input) => edit(input),
    Enter: (input, event) => { if (editing || event.shiftKey) focus(beside(input, 0, event.shiftKey ? -1 : 1) || input); else edit(input); },
    Escape: (input) => { input.value = entered; keep(rowOf(input)); focus(input); },
    ArrowDown: (input) => (editing && input.list ? false : focus(beside(input, 0, 1))),
    ArrowUp: (input) => (editing && input.list ? false : focus(beside(input, 0, -1))),
    ArrowLeft: (input) => (editing ? false : focus(beside(input, -1, 0))),
    ArrowRight: (input) => (editing ? false : focus(beside(input, 1, 0))),
  };

  document.addEventListener("keydown", (event) => {
    if (!gridCell(event.target) || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const act = KEYS[event.key];
    if (act && act(event.target, event) !== false) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("tbody[data-row] [data-all]");
    if (button) unfold(rowOf(button), !rowOf(button).classList.contains("all"));
  });
  document.addEventListener("mousedown", (event) => { byMouse = gridCell(event.target); });
  document.addEventListener("focusin", (event) => {
    if (!gridCell(event.target)) return;
    entered = event.target.value;
    editing = byMouse;
    byMouse = false;
    if (!editing) event.target.select();
    const told = (event.target.getAttribute("aria-describedby") || "").split(" ");
    rowOf(event.target).querySelectorAll(".whys p[id]").forEach((line) => line.classList.toggle("on", told.includes(line.id)));
  });
  document.addEventListener("focusout", (event) => {
    if (!gridCell(event.target)) return;
    const row = rowOf(event.target);
    if (!event.relatedTarget || rowOf(event.relatedTarget) !== row) save(row);
  });
  document.addEventListener("input", (event) => {
    if (!gridCell(event.target)) return;
    editing = true;
    keep(rowOf(event.target));
  });
  document.addEventListener("submit", (event) => {
    const row = rowOf(event.target);
    if (!row || !row.closest("table[data-grid]")) return;
    event.preventDefault();
    if (changed(row).length) save(row);
    else say(row.dataset.where + "：没有改动");
  });

  /* A block copied from a spreadsheet goes into the cells to the right and below. */
  document.addEventListener("paste", (event) => {
    if (!gridCell(event.target)) return;
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    if (!/[\t\n]/.test(text)) return;
    event.preventDefault();
    const touched = new Set();
    text.split("\n").forEach((line, down) => line.split("\t").forEach((value, across) => {
      const cell = beside(event.target, across, down);
      if (!cell || cell.disabled) return;
      cell.value = value.trim();
      touched.add(rowOf(cell));
    }));
    touched.forEach((row) => {
      keep(row);
      if (row !== rowOf(event.target)) save(row);
    });
  });

  function retry() {
    document.querySelectorAll("table[data-grid] tbody.waiting").forEach((row) => { if (!row.contains(document.activeElement)) save(row); });
  }
  window.addEventListener("online", retry);
  setInterval(retry, RETRY);
  Portal.onReady((root) => {
    root.querySelectorAll("table[data-grid]").forEach((table) => table.classList.add("folds"));
    root.querySelectorAll("table[data-grid] tbody[data-row]").forEach(prepare);
    retry();
  });
})();
