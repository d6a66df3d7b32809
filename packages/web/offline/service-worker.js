// Caches the page, so that it works offline. The list of its files and a name for this version are inserted by the
// build (offline/plugin.ts). Images are never cached.
const FILES = __FILES__;
const CACHE = __CACHE__;

const scope = new URL("./", self.location.href);
const known = new Set(FILES.map((file) => new URL(file, scope).href));

self.addEventListener("install", (event) => {
  // A newer version waits until no old page is open: those still load files that the new version lacks.
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })))),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(removeOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  const isPage =
    request.mode === "navigate" && url.origin === scope.origin && url.pathname === scope.pathname;
  if (isPage) event.respondWith(cached("index.html", request));
  else if (known.has(url.href)) event.respondWith(cached(url.href, request));
});

async function cached(key, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(key)) ?? fetch(request);
}

async function removeOthers() {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith("ozx-") && name !== CACHE).map((name) => caches.delete(name)),
  );
}
