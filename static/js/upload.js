/* A file may be dropped anywhere on the form; without this script the ordinary file field works as it is. */
(function () {
  "use strict";
  const form = document.querySelector("form[data-drop]");
  const input = form && form.querySelector("input[type=file]");
  if (!input || !window.DataTransfer) return;

  const zone = document.createElement("div");
  const words = document.createElement("p");
  zone.className = "drop-zone";
  words.className = "chosen";
  words.setAttribute("aria-live", "polite");
  input.parentNode.insertBefore(zone, input);
  zone.append(words, input);

  function size(bytes) {
    return bytes < 1048576 ? Math.max(1, Math.round(bytes / 1024)) + " KB" : (bytes / 1048576).toFixed(1) + " MB";
  }

  function show() {
    const file = input.files[0];
    words.textContent = file ? file.name + "（" + size(file.size) + "）" : "把表格拖到这里，或点下面的按钮选择";
  }

  ["dragenter", "dragover"].forEach((name) => form.addEventListener(name, (event) => {
    event.preventDefault();
    zone.classList.add("over");
  }));
  ["dragleave", "drop"].forEach((name) => form.addEventListener(name, () => zone.classList.remove("over")));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    show();
  });
  input.addEventListener("change", show);
  show();
})();
