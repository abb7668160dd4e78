/* The code of a slip stands behind "#" in the address: no server sees it there. It goes into the field, and out of the address and the history. */
(function () {
  "use strict";
  const field = document.querySelector("[data-code]");
  const code = location.hash.slice(1).replace(/\D/g, "");
  if (!code) return;
  history.replaceState(null, "", location.pathname);
  if (!field || field.value) return;
  field.value = code;
  field.form.requestSubmit();
})();
