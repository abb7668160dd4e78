/* table[data-columns="key"]: a chooser of columns, remembered in this browser. th[data-always] can't be hidden. Also: tick-all and the count of ticked rows. */
(function () {
  "use strict";

  function slot(key) {
    return "portal.columns." + key;
  }
  function hiddenOf(key) {
    try { return JSON.parse(localStorage.getItem(slot(key))) || []; } catch (_) { return []; }
  }
  function titleOf(head) {
    return head.dataset.col || head.textContent.trim();
  }

  function apply(table) {
    const away = hiddenOf(table.dataset.columns);
    Array.from(table.tHead.rows[0].cells).forEach((head, i) => {
      const gone = away.includes(titleOf(head)) && !head.hasAttribute("data-always");
      head.hidden = gone;
      Array.from(table.tBodies).forEach((body) => Array.from(body.rows).forEach((row) => {
        if (row.cells.length > 1 && row.cells[i]) row.cells[i].hidden = gone;
      }));
    });
  }

  function chooser(table) {
    const key = table.dataset.columns;
    const slotPlace = document.querySelector('[data-columns-for="' + key + '"]');
    if (!slotPlace || slotPlace.firstChild) return;
    const menu = document.createElement("details");
    const summary = document.createElement("summary");
    const list = document.createElement("div");
    menu.className = "menu";
    summary.className = "btn sm";
    summary.append(Portal.icon("columns"), "列");
    list.className = "drop";
    Array.from(table.tHead.rows[0].cells).forEach((head) => {
      const title = titleOf(head);
      if (!title || head.hasAttribute("data-always")) return;
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = !hiddenOf(key).includes(title);
      box.addEventListener("change", () => {
        const away = hiddenOf(key).filter((one) => one !== title);
        if (!box.checked) away.push(title);
        localStorage.setItem(slot(key), JSON.stringify(away));
        document.querySelectorAll('table[data-columns="' + key + '"]').forEach(apply);
      });
      label.append(box, title);
      list.append(label);
    });
    menu.append(summary, list);
    slotPlace.append(menu);
  }

  function count(form) {
    const ticked = form.querySelectorAll("tbody input[type=checkbox]:checked").length;
    form.querySelectorAll("[data-picked]").forEach((place) => { place.textContent = ticked; });
    form.querySelectorAll("[data-needs-pick]").forEach((button) => { button.disabled = !ticked; });
  }
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form");
    if (!form || event.target.type !== "checkbox") return;
    if (event.target.hasAttribute("data-pick-all")) {
      form.querySelectorAll("tbody input[type=checkbox]").forEach((box) => { box.checked = event.target.checked; });
    }
    if (form.querySelector("[data-picked]")) count(form);
  });

  Portal.onReady((root) => {
    const tables = Array.from(root.querySelectorAll("table[data-columns]"));
    if (root.matches && root.matches("table[data-columns]")) tables.push(root);
    tables.forEach((table) => {
      chooser(table);
      apply(table);
    });
    root.querySelectorAll("form").forEach((form) => { if (form.querySelector("[data-picked]")) count(form); });
  });
})();
