import type { AbsolutePath, JsonObject, Store } from "@ozx/core";

export async function jsonOf(store: Store, key: AbsolutePath): Promise<JsonObject> {
  return JSON.parse(new TextDecoder().decode(await store.get(key)));
}

/** All values by their keys, documents as JSON. */
export async function contentOf(store: Store): Promise<Map<string, unknown>> {
  const content = new Map<string, unknown>();
  for await (const { key } of store.list()) {
    const isDocument = /\/(?:zarr\.json|\.z\w+)$/.test(key);
    content.set(key, isDocument ? await jsonOf(store, key) : await store.get(key));
  }
  return new Map([...content].sort(([a], [b]) => (a < b ? -1 : 1)));
}
