// The service worker: keeps the files of one page without anybody's data (KEPT, above), shows that page where there
// is no signal, and sends what waits when the signal is back. Pages of people and answers of the API are never kept.
// A form that does not get through leaves its page as it is.

const CACHE = `journeybook-${VERSION}`;
const PATIENCE = 20_000; // milliseconds until a page that does not come counts as no signal

self.addEventListener("install", (event) => {
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(takeOver());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "POST" && request.mode === "navigate") return void event.respondWith(form(request));
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  const path = new URL(request.url).pathname;
  if (request.mode === "navigate") event.respondWith(path === SHELL ? kept(request, SHELL) : page(event));
  else if (KEPT.includes(path)) event.respondWith(file(event, path));
});

self.addEventListener("sync", (event) => {
  if (event.tag === "send") event.waitUntil(sendAll().then(announce));
});

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll(KEPT.map((path) => new Request(path, { cache: "no-cache", credentials: "omit" })));
  await self.skipWaiting();
}

async function takeOver() {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

async function kept(request, path) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

// A page comes from the server or not at all; then the logbook opens instead.
async function page(event) {
  const patience = new Promise((resolve, reject) => { setTimeout(reject, PATIENCE); });
  const answer = async () => (await event.preloadResponse) ?? fetch(event.request);
  try {
    return await Promise.race([answer(), patience]);
  } catch {
    return Response.redirect(SHELL);
  }
}

// “No content” keeps the browser where it is, with all that was typed; the page says so.
async function form(request) {
  try {
    return await fetch(request);
  } catch {
    for (const page of await self.clients.matchAll()) if (page.url === request.referrer) page.postMessage("not-sent");
    return new Response(null, { status: 204 });
  }
}

// The logbook takes its files from here, whatever the signal; every other page asks the server.
async function file(event, path) {
  const client = await self.clients.get(event.clientId);
  if (client && new URL(client.url).pathname === SHELL) return kept(event.request, path);
  return fetch(event.request).catch(() => kept(event.request, path));
}
