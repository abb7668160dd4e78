/* [data-timer="ISO time"][data-limit="seconds"]: how long a showing has lasted, and how long it may still last; red when over. */
(function () {
  "use strict";
  document.querySelectorAll("[data-timer]").forEach((place) => {
    const began = Date.parse(place.dataset.timer);
    const limit = Number(place.dataset.limit);
    const clock = (seconds) => Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
    function tick() {
      const passed = Math.max(0, Math.floor((Date.now() - began) / 1000));
      place.textContent = passed <= limit ? "还有 " + clock(limit - passed) : "超时 " + clock(passed - limit);
      place.classList.toggle("late", passed > limit);
    }
    tick();
    setInterval(tick, 1000);
  });
})();
