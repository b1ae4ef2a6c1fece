// Where browsers allow it (TLS, or the machine itself): the page opens without the device and says so.
"use strict";
const KEPT = "issgaze";
const AWAY = "/offline";
self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const kept = await caches.open(KEPT);
    const reply = await fetch(AWAY, { cache: "reload" });
    const text = await reply.clone().text();
    await kept.put(AWAY, reply);
    // what that page needs, under the addresses of this version
    const parts = [...text.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1]);
    await kept.addAll(parts);
    self.skipWaiting();
  })());
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  if (request.mode === "navigate")
    event.respondWith(fetch(request).catch(() => caches.match(AWAY)));
  else if (pathname.startsWith("/static/"))
    event.respondWith(fetch(request).catch(() => caches.match(request)));
});
