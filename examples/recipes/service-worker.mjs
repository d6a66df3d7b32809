// A service worker that serves an .ozx as a folder, image.ozx/zarr.json and so on, for viewers that take addresses only.
import { openOzx } from "@ozx/store-zip";

const stores = new Map();
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const [, address, key] = /^(.+?\.ozx)(\/[^?#]+)/.exec(event.request.url) ?? [];
  if (key) event.respondWith(answer(address, decodeURIComponent(key), event.request.headers.get("range")));
});
async function answer(address, key, range) {
  if (!stores.has(address)) stores.set(address, openOzx(address));
  const store = await stores.get(address);
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  if (from === undefined) return response(await store.get(key), 200);
  const part = from ? { offset: +from, length: to - from + 1 } : { suffixLength: +to };
  return response(await store.getRange(key, part), 206);
}
const response = (bytes, status) => new Response(bytes, { status: bytes ? status : 404 });
