import { type AbsolutePath, CorruptDataError, type Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { expect, test } from "vitest";
import { type Difference, verifyBytes } from "../../src/index.js";

const BYTES = new Uint8Array(3_000_000).map((_, at) => at * 7);

function storeOf(values: Record<AbsolutePath, Uint8Array>, name: string): Store {
  return { ...memoryStore(new Map(Object.entries(values) as [AbsolutePath, Uint8Array][])), name };
}

async function differences(left: Store, right: Store): Promise<Difference[]> {
  const found: Difference[] = [];
  for await (const difference of verifyBytes(left, right)) found.push(difference);
  return found;
}

/** The same bytes in blocks of other sizes. */
function inBlocks(store: Store, size: number): Store {
  return {
    ...store,
    async stream(key) {
      const value = await store.get(key);
      if (value === undefined) return undefined;
      let at = 0;
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          if (at >= value.length) return controller.close();
          controller.enqueue(value.slice(at, at + size));
          at += size;
        },
      });
    },
  };
}

test("the same bytes are the same in any blocks", async () => {
  const values = { "/a": BYTES, "/b": new Uint8Array(0), "/c/0": BYTES.slice(0, 5) } as const;
  expect(await differences(storeOf(values, "one"), inBlocks(storeOf(values, "other"), 70_001))).toEqual([]);
});

test("every difference is named, in the order of the keys", async () => {
  const changed = BYTES.slice();
  changed[2_345_678] = (changed[2_345_678] ?? 0) ^ 1;
  changed[2_900_000] = (changed[2_900_000] ?? 0) ^ 1;
  const one = storeOf({ "/d": BYTES, "/b": BYTES, "/a": BYTES, "/e": BYTES }, "one");
  const other = storeOf({ "/a": BYTES, "/c": BYTES, "/b": changed, "/d": BYTES.slice(0, 9) }, "other");
  for (let round = 0; round < 3; round++) {
    const found = await differences(one, inBlocks(other, 123_457));
    expect(found.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      "bytes: b differs first at byte 2345678 between one and other.",
      "missing: c is in other and missing in one.",
      "bytes: d differs first at byte 9 (3000000 bytes and 9 bytes) between one and other.",
      "missing: e is in one and missing in other.",
    ]);
  }
});

test("damage that shows at the end of a value is an error, not an earlier difference", async () => {
  const changed = BYTES.slice();
  changed[5] = 0xff;
  const other = inBlocks(storeOf({ "/a": BYTES }, "other"), 70_001);
  const damaged: Store = {
    ...storeOf({ "/a": changed }, "damaged"),
    // As of an archive's entry, whose CRC is known when all of it was read.
    async stream() {
      const blocks = [changed.slice(0, 2_000_000), changed.slice(2_000_000)];
      return new ReadableStream<Uint8Array>({
        pull(controller) {
          const block = blocks.shift();
          if (block !== undefined) return controller.enqueue(block);
          throw new CorruptDataError("a in damaged is damaged", { location: "damaged", path: "/a" });
        },
      });
    },
  };
  for (const [one, two] of [
    [other, damaged],
    [damaged, other],
    [storeOf({ "/a": BYTES.slice(0, 9) }, "short"), damaged],
  ] as const) {
    await expect(differences(one, two)).rejects.toMatchObject({ _tag: "CorruptData", location: "damaged" });
  }
});

test("values that are opened and not read are closed, if the other one is gone or the comparison ends", async () => {
  const counts = { opened: 0, closed: 0 };
  const counting = (store: Store): Store => ({
    ...store,
    openSync() {
      counts.opened++;
      return { read: () => 0, close: () => counts.closed++ };
    },
  });
  const values = Object.fromEntries(Array.from({ length: 20 }, (_, k) => [`/${k}`, BYTES.slice(0, 300_000)]));
  const gone = { ...storeOf(values, "other"), stream: async () => undefined };
  await expect(differences(counting(storeOf(values, "one")), gone)).rejects.toThrow("cannot be read");
  expect(counts.opened).toBeGreaterThan(0);
  expect(counts.closed).toBe(counts.opened);
});

test("small values are compared as large ones are, with stores that can block", async () => {
  const one = storeOf({ "/a": BYTES.slice(0, 9), "/b": BYTES.slice(0, 9), "/c": new Uint8Array(0) }, "one");
  const changed = BYTES.slice(0, 9);
  changed[3] = 0xff;
  const other = storeOf({ "/a": changed, "/b": BYTES.slice(0, 7), "/c": new Uint8Array(0) }, "other");
  expect(one.readSync).toBeDefined();
  expect((await differences(one, other)).map(({ message }) => message)).toEqual([
    "a differs first at byte 3 between one and other.",
    "b differs first at byte 7 (9 bytes and 7 bytes) between one and other.",
  ]);
  const grown: Store = { ...one, readSync: (_, target) => target.length };
  await expect(differences(grown, other)).rejects.toMatchObject({ _tag: "SourceChanged", path: "/a" });
});
