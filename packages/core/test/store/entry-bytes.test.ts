import { describe, expect, test } from "vitest";
import type { AbsolutePath } from "../../src/index.js";
import { canReadSync, readEntry, readEntrySync, streamEntry } from "../../src/store/entry-bytes.js";
import { memoryStore } from "../../src/store/memory-store.js";
import type { EntryInput } from "../../src/store/target.js";

const stored = Uint8Array.from({ length: 1_000_000 }, (_, i) => i % 251);
const source = memoryStore(new Map<AbsolutePath, Uint8Array>([["/from", stored]]), "source.zarr");

function entry(size: number, content: EntryInput["content"] = "/from"): EntryInput {
  return { key: "/to", size, content };
}

/** The three ways to an entry's bytes. */
const ways: Record<string, (input: EntryInput) => Promise<Uint8Array>> = {
  readEntry: (input) => readEntry(source, input),
  streamEntry: async (input) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of streamEntry(source, input)) pieces.push(piece);
    return new Uint8Array(Buffer.concat(pieces));
  },
  readEntrySync: async (input) => {
    const target = new Uint8Array(input.size + 1);
    if (!canReadSync(source)) throw new Error("memory can be read at once");
    readEntrySync(source, input, target);
    return target.slice(0, input.size);
  },
};

describe.each(Object.entries(ways))("%s", (_, read) => {
  test("brings a value of the source under its new key", async () => {
    expect(Buffer.compare(await read(entry(stored.length)), stored)).toBe(0);
  });

  test("returns bytes that are in the entry", async () => {
    expect(await read(entry(3, Uint8Array.of(1, 2, 3)))).toEqual(Uint8Array.of(1, 2, 3));
  });

  test.for([stored.length - 1, stored.length + 1, 0])(
    "a value that is not the promised %d bytes has changed",
    async (size) => {
      await expect(read(entry(size))).rejects.toMatchObject({
        _tag: "SourceChanged",
        location: "source.zarr",
        path: "/to",
      });
    },
  );
});

describe("an entry whose value no longer exists", () => {
  test.for(["readEntry", "streamEntry"])("%s says that it was removed", async (way) => {
    await expect(ways[way]?.(entry(3, "/gone"))).rejects.toMatchObject({
      _tag: "NotFound",
      message: expect.stringContaining("gone is no longer in source.zarr"),
    });
  });
});

test("a value that only get can read is read by it, among those that are read by blocking", async () => {
  const partly = { ...source, readSync: () => undefined };
  if (!canReadSync(partly)) throw new Error("it can block");
  const input = entry(6, [{ key: "/from", size: 3 } as const, Uint8Array.of(7, 8, 9)]);
  const short = { ...source, get: async () => Uint8Array.of(1, 2, 3) };
  expect(readEntrySync(partly, entry(3), new Uint8Array(4))).toBe(false);
  const pieces: Uint8Array[] = [];
  for await (const piece of streamEntry({ ...short, readSync: () => undefined }, input))
    pieces.push(piece.slice());
  expect(new Uint8Array(Buffer.concat(pieces))).toEqual(Uint8Array.of(1, 2, 3, 7, 8, 9));
});

test("a stream that is left early lets go of its source", async () => {
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(10)),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const _ of streamEntry({ ...source, stream: async () => stream }, entry(1000))) break;
  expect(cancelled).toBe(true);
});
