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
  // What lies beyond the end of a value is left out.
  const length = to ? to - from + 1 : Number.MAX_SAFE_INTEGER;
  const part = await store.getRange(key, from ? { offset: +from, length } : { suffixLength: +to });
  return response(part, part?.length === 0 ? 416 : 206);
}
const response = (bytes, status) => new Response(bytes, { status: bytes ? status : 404 });
