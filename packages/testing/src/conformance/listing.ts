import type { AbsolutePath, Store, StoreEntry } from "@ozx/core";
import type { ListOptions } from "@ozx/core/container";
import { isBelow, keyName } from "@ozx/core/container";
import { expect, test } from "vitest";
import type { Fixture } from "./fixture.js";

/** Tests of `list`. */
export function testListing(fixture: () => Fixture): void {
  test("list yields every key once with its size, and no other", async () => {
    const { store, entries } = fixture();
    const listed = await listAll(store);
    expect(listed.map(({ key }) => key).sort()).toEqual([...entries.keys()].sort());
    for (const { key, size } of listed) expect(size, `size of ${key}`).toBe(entries.get(key)?.length);
  });

  test("list has the same order in every call, also in concurrent ones", async () => {
    const { store } = fixture();
    const first = await listAll(store);
    const [second, third] = await Promise.all([listAll(store), listAll(store)]);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
  });

  test.for<AbsolutePath>(["/", "/prefix", "/prefix/a", "/names/c", "/names/ünï", "/labels/cells"])(
    "list yields all keys below %s",
    async (prefix) => {
      const { store, entries } = fixture();
      const expected = [...entries.keys()].filter((key) => isBelow(key, prefix));
      expect(expected.length).toBeGreaterThan(0);
      expect(await keysOf(store, { prefix })).toEqual(expected.sort());
    },
  );

  test.for<AbsolutePath>(["/missing", "/pre", "/constructor", "/zarr.json", "/..", "/blobs/.."])(
    "list yields nothing below %s",
    async (prefix) => {
      expect(await keysOf(fixture().store, { prefix })).toEqual([]);
    },
  );

  test("list yields only the requested names, below a node too", async () => {
    const { store, entries } = fixture();
    const names = ["zarr.json", "x", "missing"];
    const expected = [...entries.keys()].filter((key) => names.includes(keyName(key))).sort();
    expect(await keysOf(store, { names })).toEqual(expected);
    expect(await keysOf(store, { names, prefix: "/prefix/a" })).toEqual([
      "/prefix/a/x",
      "/prefix/a/zarr.json",
    ]);
    expect(await keysOf(store, { names: [] })).toEqual([]);
  });

  test("a listing can be stopped early", async () => {
    const { store, entries } = fixture();
    for await (const { key } of store.list()) {
      expect(entries.has(key)).toBe(true);
      break;
    }
    expect(await listAll(store)).toHaveLength(entries.size);
  });
}

async function listAll(store: Store, options?: ListOptions): Promise<StoreEntry[]> {
  const listed: StoreEntry[] = [];
  for await (const { key, size } of store.list(options)) listed.push({ key, size });
  return listed;
}

async function keysOf(store: Store, options: ListOptions): Promise<AbsolutePath[]> {
  return (await listAll(store, options)).map(({ key }) => key).sort();
}
