import type { AbsolutePath, Store } from "@ozx/core";
import type { RangeQuery } from "@ozx/core/container";
import { collectEntries, memoryStore } from "@ozx/core/container";
import { expect, test } from "vitest";
import { viewStore, withFastGets } from "../../src/store/view-store.js";

/** A store as somebody else may write one: its methods are those of a class and need `this`. */
class ClassStore implements Store {
  readonly name = "class";
  readonly format = "memory";
  readonly findings = [];
  readonly #values: Store;
  constructor(values: ReadonlyMap<AbsolutePath, Uint8Array>) {
    this.#values = memoryStore(new Map(values));
  }
  get(key: AbsolutePath) {
    return this.#values.get(key);
  }
  getRange(key: AbsolutePath, range: RangeQuery) {
    return this.#values.getRange(key, range);
  }
  stream(key: AbsolutePath) {
    return this.#values.stream(key);
  }
  list() {
    return this.#values.list();
  }
  readSync(key: AbsolutePath, target: Uint8Array) {
    return this.#values.readSync?.(key, target) ?? 0;
  }
  openSync() {
    return this.name === "class" ? { read: () => 1, close() {} } : undefined;
  }
  async fingerprint() {
    return { text: this.name };
  }
  descriptor() {
    return { format: this.format, location: this.name };
  }
  async close() {
    await this.#values.close();
  }
}

test.each<[string, (store: Store) => Store]>([
  ["fast", withFastGets],
  ["a view", (store) => viewStore(store, "view", { root: "/" })],
])("an instance of a class is a store as any other, also when it is %s", async (_, wrap) => {
  const value = new Uint8Array([1, 2, 3]);
  const store = wrap(new ClassStore(new Map([["/a", value]])));
  expect(await store.get("/a")).toEqual(value);
  expect(await store.getRange("/a", { offset: 1, length: 1 })).toEqual(value.slice(1, 2));
  expect(new Uint8Array(await new Response(await store.stream("/a")).arrayBuffer())).toEqual(value);
  expect(await collectEntries(store.list())).toEqual([{ key: "/a", size: 3 }]);
  expect(store.readSync?.("/a", new Uint8Array(5))).toBe(3);
  expect(store.openSync?.("/a")?.read(new Uint8Array(5))).toBe(1);
  expect(await store.fingerprint?.(["/a"])).toEqual({ text: "class" });
  expect(store.descriptor?.()).toMatchObject({ format: "memory", location: "class" });
  await store.close();
});
