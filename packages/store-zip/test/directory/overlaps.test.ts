import { memorySource } from "@ozx/core/container";
import { describe, expect, test } from "vitest";
import { buildZip, type OddEntry } from "../fixtures/build-zip.js";
import { ascii, join } from "../fixtures/bytes.js";
import { openZipStore } from "../fixtures/open-zip.js";

const overlap = { _tag: "InvalidArchive" };

async function openEntries(entries: readonly OddEntry[], beforeDirectory = new Uint8Array(0)) {
  return openZipStore(memorySource(buildZip({ entries, beforeDirectory })));
}

describe("entries on top of each other", () => {
  test("two names for one body (Fifield's full overlap)", async () => {
    const data = ascii("data");
    const store = await openEntries([
      { name: "a", data },
      { name: "b", data, central: { headerOffset: 0 } },
    ]);
    await expect(store.get("/a")).rejects.toMatchObject(overlap);
    await expect(store.get("/b")).rejects.toMatchObject(overlap);
  });

  test("an entry whose data are the entries after it (Fifield's quoted overlap)", async () => {
    const inner: OddEntry = { name: "inner", data: ascii("inner") };
    // Local header, name and data of the inner entry.
    const quoted = join(buildZip({ entries: [inner] }).subarray(0, 30 + 5 + 5));
    const store = await openEntries([
      {
        name: "outer",
        data: new Uint8Array(0),
        packed: new Uint8Array(0),
        central: { compressedSize: quoted.length, size: quoted.length },
      },
      inner,
      { name: "apart", data: ascii("apart") },
    ]);
    await expect(store.get("/outer")).rejects.toMatchObject(overlap);
    await expect(store.stream("/inner")).rejects.toMatchObject(overlap);
    expect(await store.get("/apart")).toEqual(ascii("apart"));
  });

  test("an entry that covers several others, in whatever order the directory has them", async () => {
    const inner = ["b", "c", "d"].map((name): OddEntry => ({ name, data: ascii(name) }));
    // Local headers, names and data of two of them.
    const covered = 2 * (30 + 1 + 1);
    const outer: OddEntry = {
      name: "a",
      data: new Uint8Array(0),
      central: { compressedSize: covered, size: covered },
    };
    for (const listing of [
      [0, 1, 2, 3],
      [2, 0, 3, 1],
    ]) {
      const bytes = buildZip({ entries: [outer, ...inner], listing });
      const store = await openZipStore(memorySource(bytes));
      for (const key of ["/a", "/b", "/c"] as const)
        await expect(store.get(key)).rejects.toMatchObject(overlap);
      expect(await store.get("/d")).toEqual(ascii("d"));
    }
  });

  test("an entry that covers others and the directory", async () => {
    const store = await openEntries([
      { name: "a", data: ascii("a"), central: { compressedSize: 1000, size: 1000 } },
      { name: "b", data: ascii("b") },
      { name: "c", data: ascii("c") },
    ]);
    for (const key of ["/a", "/b", "/c"] as const)
      await expect(store.get(key)).rejects.toMatchObject(overlap);
  });

  test("the last entry reaching into the directory", async () => {
    const store = await openEntries([
      { name: "a", data: ascii("12345"), central: { compressedSize: 6, size: 6 } },
    ]);
    await expect(store.get("/a")).rejects.toMatchObject(overlap);
  });

  test("an entry that starts behind the directory", async () => {
    const store = await openEntries([{ name: "a", central: { headerOffset: 60 } }]);
    await expect(store.get("/a")).rejects.toMatchObject(overlap);
  });

  test("an entry whose extra field pushes its data into the directory", async () => {
    const store = await openEntries([{ name: "a", data: ascii("12345"), local: { extraLength: 40 } }]);
    await expect(store.get("/a")).rejects.toMatchObject(overlap);
    await expect(store.getRange("/a", { offset: 0, length: 1 })).rejects.toMatchObject(overlap);
  });
});

describe("entries beside each other", () => {
  test("in another order than the directory's, with gaps", async () => {
    const gap = ascii("nothing here");
    const store = await openZipStore(
      memorySource(
        buildZip({
          entries: [
            { name: "a", data: ascii("1"), gap },
            { name: "b", data: ascii("2"), gap },
            { name: "c", data: ascii("3") },
          ],
          listing: [2, 0, 1],
          beforeDirectory: gap,
        }),
      ),
    );
    for (const [i, key] of (["/a", "/b", "/c"] as const).entries()) {
      expect(await store.get(key)).toEqual(ascii(String(i + 1)));
    }
  });

  test("with empty ones between them", async () => {
    const store = await openEntries([{ name: "a" }, { name: "b" }, { name: "c", data: ascii("c") }]);
    expect(await store.get("/b")).toEqual(new Uint8Array(0));
    expect(await store.get("/c")).toEqual(ascii("c"));
  });
});
