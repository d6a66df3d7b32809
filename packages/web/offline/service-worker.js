// Keeps the page for later visits without a network. What it consists of, and a name for just that, is put in
// when the page is built (offline/plugin.ts). Images are none of its business: they are never kept.
const FILES = __FILES__;
const CACHE = __CACHE__;

const scope = new URL("./", self.location.href);
const known = new Set(FILES.map((file) => new URL(file, scope).href));

self.addEventListener("install", (event) => {
  // A newer page waits until no old one is open: those still load parts that the new one does not have.
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
  if (isPage) event.respondWith(kept("index.html", request));
  else if (known.has(url.href)) event.respondWith(kept(url.href, request));
});

async function kept(key, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(key)) ?? fetch(request);
}

async function removeOthers() {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith("ozx-") && name !== CACHE).map((name) => caches.delete(name)),
  );
}
