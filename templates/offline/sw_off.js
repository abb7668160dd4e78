/* Offline work is switched off here: this worker takes the caches and itself away. Unsent forms are no business of it and stay where they are. */
"use strict";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("portal-")).map((name) => caches.delete(name)));
    await self.registration.unregister();
  })());
});
