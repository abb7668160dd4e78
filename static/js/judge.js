/* [data-judge]: one key presses the button or link that bears it in data-key. Never while something is typed or a dialog is open. */
(function () {
  "use strict";

  document.addEventListener("keydown", (event) => {
    const bar = document.querySelector("[data-judge]");
    if (!bar || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.matches("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open], details.menu[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const wanted = Array.from(bar.querySelectorAll("[data-key]")).find((one) => one.dataset.key === key);
    if (!wanted) return;
    event.preventDefault();
    wanted.click();
  });
})();
