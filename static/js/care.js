/* The visit form shows only what this visit asks for. form[data-visit] carries data-late-after (days) and data-meeting-ways (comma-separated codes).
   [data-when=late|meeting|contact|need] inside it appear when that holds. Without this file everything is shown. */
(function () {
  "use strict";
  const DAY = 24 * 3600 * 1000;

  function midnight(text) {
    const parts = text.split("-").map(Number);
    return parts.length === 3 && parts.every((part) => part) ? new Date(parts[0], parts[1] - 1, parts[2]).getTime() : NaN;
  }

  function facts(form) {
    const day = form.elements.visited_on ? midnight(form.elements.visited_on.value) : NaN;
    const last = form.elements.visited_on ? midnight(form.dataset.today) : NaN;
    const way = form.querySelector('[name="way"]:checked');
    const meeting = !way || form.dataset.meetingWays.split(",").includes(way.value);
    const need = form.elements.need;
    return {
      late: Math.round((last - day) / DAY) > Number(form.dataset.lateAfter),
      meeting: meeting,
      contact: !meeting,
      need: !!(need && need.value.trim()),
    };
  }

  function settle(form) {
    const now = facts(form);
    form.querySelectorAll("[data-when]").forEach((part) => {
      const bad = part.querySelector(".field.bad");
      part.hidden = !now[part.dataset.when] && !bad;
    });
  }

  Portal.onReady((root) => {
    root.querySelectorAll("form[data-visit]").forEach((form) => {
      settle(form);
      ["input", "change"].forEach((kind) => form.addEventListener(kind, () => settle(form)));
    });
  });
  /* Throwing a draft away fills the form without an event. */
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".draft-bar")) return;
    setTimeout(() => document.querySelectorAll("form[data-visit]").forEach(settle), 0);
  });
})();
