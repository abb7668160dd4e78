{% comment %} The service worker. version, files. It keeps the files of the shell and one page without data, nothing else; pages with data it neither reads nor stores. {% endcomment %}{% url "worklist" as worklist_url %}{% url "care:visit_log" as visit_url %}/* Version {{ version }} */
"use strict";
const CACHE = "portal-{{ version }}";
const PAGE = "{% url 'offline' %}";
const FILES = [{% for file in files %}"{{ file }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const PATIENCE = 12000;
const CARRIED = ["{{ worklist_url }}", "{{ visit_url }}"];

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    const fetched = await Promise.all([PAGE, ...FILES].map(async (url) => {
      const answer = await fetch(url, { cache: "reload", credentials: "omit" });
      if (!answer.ok || answer.redirected) throw new Error(url);
      return [url, answer];
    }));
    await Promise.all(fetched.map(([url, answer]) => cache.put(url, answer)));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("portal-") && name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

const kept = async (url) => (await caches.open(CACHE)).match(url);

/* Whether a list is carried along at all; what is in it this worker can't open. */
function carries() {
  return new Promise((done) => {
    const asked = indexedDB.open("portal");
    asked.onupgradeneeded = () => asked.transaction.abort();
    asked.onerror = () => done(false);
    asked.onsuccess = () => {
      const db = asked.result;
      if (!db.objectStoreNames.contains("keys")) {
        db.close();
        return done(false);
      }
      const found = db.transaction("keys").objectStore("keys").getKey("carried");
      found.onsuccess = () => done(!!found.result);
      found.onerror = () => done(false);
      db.close();
    };
  });
}

/* No answer: the page without data, which shows what this browser carries along. A line that only just holds is not waited for where something is carried. */
async function visited(request) {
  const asked = fetch(request);
  asked.catch(() => {});
  const fallback = await kept(PAGE);
  const patience = fallback && CARRIED.includes(new URL(request.url).pathname) && (await carries());
  try {
    return await (patience ? Promise.race([asked, new Promise((_, fail) => setTimeout(() => fail(new Error("slow")), PATIENCE))]) : asked);
  } catch (problem) {
    if (fallback) return fallback;
    throw problem;
  }
}

async function fetched(request) {
  try {
    return await fetch(request);
  } catch (problem) {
    const found = await kept(request.url);
    if (found) return found;
    throw problem;
  }
}

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(visited(request));
  else if (FILES.includes(url.pathname)) event.respondWith(fetched(request));
});
