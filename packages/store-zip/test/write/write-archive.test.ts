import type { AbsolutePath, Store } from "@ozx/core";
import {
  type ByteSink,
  blobSink,
  type EntryInput,
  memorySink,
  memorySource,
  memoryStore,
  type Progress,
} from "@ozx/core/container";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import yauzl from "yauzl";
import { writeArchive } from "../../src/write/write-archive.js";
import { ascii } from "../fixtures/bytes.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { contentsOf } from "../fixtures/read-all.js";
import { expectBytes } from "../fixtures/same-bytes.js";
import { writeZip } from "../fixtures/write-zip.js";

const NO_COMMENT: Uint8Array = new Uint8Array(0);

const key = fc
  .array(fc.stringMatching(/^[a-zäあ0-9_-][a-zäあ0-9._-]{0,5}$/), { minLength: 1, maxLength: 3 })
  .map((segments): AbsolutePath => `/${segments.join("/")}`);
const contents = fc
  .uniqueArray(fc.tuple(key, fc.uint8Array({ maxLength: 300 })), {
    selector: ([name]) => name,
    maxLength: 12,
  })
  .map((entries) => new Map(entries));

/** A sink that says what became of it. */
function watchedSink(): ByteSink & { bytes(): Uint8Array; ended: string[]; writes: number } {
  const sink = memorySink("out.ozx");
  const watched = {
    ...sink,
    writes: 0,
    ended: [] as string[],
    async write(position: number, bytes: Uint8Array) {
      watched.writes++;
      await sink.write(position, bytes);
    },
    async commit() {
      watched.ended.push("commit");
    },
    async discard() {
      watched.ended.push("discard");
    },
  };
  return watched;
}

const inputs = (values: ReadonlyMap<AbsolutePath, Uint8Array>): EntryInput[] =>
  [...values].map(([name, value]) => ({ key: name, size: value.length, content: name }));

async function readByYauzl(bytes: Uint8Array): Promise<Map<AbsolutePath, Uint8Array>> {
  const zip = await yauzl.fromBufferPromise(Buffer.from(bytes), { validateEntrySizes: true });
  const read = new Map<AbsolutePath, Uint8Array>();
  for await (const entry of zip.eachEntry()) {
    const stream = await zip.openReadStreamPromise(entry);
    const pieces: Uint8Array[] = [];
    for await (const piece of stream) pieces.push(piece as Uint8Array);
    read.set(`/${entry.fileName}`, new Uint8Array(Buffer.concat(pieces)));
  }
  return read;
}

describe("what was written", () => {
  test("is read back by ZipStore and by yauzl", async () => {
    await fc.assert(
      fc.asyncProperty(contents, async (values) => {
        const bytes = await writeZip(values, ascii("{}"));
        const store = await openZipStore(memorySource(bytes));
        expect(new Map([...(await contentsOf(store))].sort())).toEqual(new Map([...values].sort()));
        expect(store.archive.end.comment).toEqual(ascii("{}"));
        expect(store.archive.end).toMatchObject({ shift: 0, zip64: { sentinels: true } });
        expect(await readByYauzl(bytes)).toEqual(values);
      }),
      { numRuns: 50 },
    );
  });

  test("keeps the order of its entries", async () => {
    const values = new Map<AbsolutePath, Uint8Array>([
      ["/z", ascii("1")],
      ["/a", ascii("2")],
      ["/m", ascii("3")],
    ]);
    const keys: string[] = [];
    for await (const entry of (await openZipStore(memorySource(await writeZip(values)))).list()) {
      keys.push(entry.key);
    }
    expect(keys).toEqual(["/z", "/a", "/m"]);
  });

  test("is the same bytes at another time and from a store that cannot block", async () => {
    const values = new Map<AbsolutePath, Uint8Array>([
      ["/small", ascii("small")],
      ["/large", new Uint8Array(2_500_000).fill(9)],
      ["/empty", new Uint8Array(0)],
    ]);
    const blocking = await writeZip(values);
    const { readSync: _, ...waiting } = memoryStore(values);
    const sink = memorySink();
    await writeArchive({ source: waiting, entries: inputs(values), comment: NO_COMMENT }, sink);
    expectBytes(sink.bytes(), blocking);
  });

  test.each([31, 32, 33])("goes into a pipe where %i small entries about fill a block", async (count) => {
    const values = new Map(
      Array.from({ length: count }, (_, k): [AbsolutePath, Uint8Array] => [
        `/${k}`,
        new Uint8Array(32_768).fill(k),
      ]),
    );
    const { readSync: _, ...waiting } = memoryStore(values);
    for (const source of [memoryStore(values), waiting]) {
      const pipe = blobSink("out.ozx");
      await writeArchive({ source, entries: inputs(values), comment: NO_COMMENT }, pipe);
      expectBytes(new Uint8Array(await pipe.blob().arrayBuffer()), await writeZip(values));
    }
  });

  test("may hold bytes that are in no store", async () => {
    const sink = memorySink();
    const contents = [ascii("made"), new Uint8Array(3_000_000).fill(1)] as const;
    const entries = contents.map(
      (content, i): EntryInput => ({ key: `/${i}`, size: content.length, content }),
    );
    await writeArchive({ source: memoryStore(), entries: entries, comment: NO_COMMENT }, sink);
    const store = await openZipStore(memorySource(sink.bytes()));
    expectBytes(await store.get("/0"), contents[0]);
    expectBytes(await store.get("/1"), contents[1]);
  });

  test("may be nothing at all", async () => {
    const store = await openZipStore(memorySource(await writeZip(new Map())));
    expect(await contentsOf(store)).toEqual(new Map());
  });

  test("is reported as it moves", async () => {
    const values = new Map<AbsolutePath, Uint8Array>([
      ["/a", ascii("12345")],
      ["/b", new Uint8Array(2_500_000)],
    ]);
    const seen: Progress[] = [];
    await writeArchive(
      { source: memoryStore(values), entries: inputs(values), comment: NO_COMMENT },
      memorySink(),
      {
        onProgress: (done) => seen.push(done),
      },
    );
    expect(seen.at(-1)).toEqual({ entries: 2, bytes: 2_500_005 });
    for (let i = 1; i < seen.length; i++) {
      expect(seen[i]?.bytes).toBeGreaterThanOrEqual(seen[i - 1]?.bytes ?? 0);
    }
  });
});

describe("what cannot be written is refused before the first byte", () => {
  const value = ascii("x");
  const entry = (name: string, size = 1): EntryInput => ({ key: `/${name}`, size, content: value });

  test.for([
    ["a name that stands twice", [entry("a"), entry("b"), entry("a")], NO_COMMENT],
    ["a name of 65,536 bytes", [entry("a"), entry("x".repeat(65_536))], NO_COMMENT],
    ["a name of 65,536 bytes in UTF-8", [entry("ä".repeat(32_768))], NO_COMMENT],
    ["a comment of 65,536 bytes", [entry("a")], new Uint8Array(65_536)],
    ["a size below zero", [entry("a", -1)], NO_COMMENT],
    ["a size that is no whole number", [entry("a", 1.5)], NO_COMMENT],
    ["a size beyond 2^53", [entry("a", 2 ** 53)], NO_COMMENT],
  ] as const)("%s", async ([, entries, comment]) => {
    const sink = watchedSink();
    await expect(
      writeArchive({ source: memoryStore(), entries: entries, comment: comment }, sink),
    ).rejects.toThrow();
    expect(sink).toMatchObject({ writes: 0, ended: ["discard"] });
  });

  test("names and comments of 65,535 bytes are written", async () => {
    const name: AbsolutePath = `/${"x".repeat(65_535)}`;
    const comment = new Uint8Array(65_535).fill(0x20);
    const bytes = await writeZip(new Map([[name, value]]), comment);
    const store = await openZipStore(memorySource(bytes));
    expect(await store.get(name)).toEqual(value);
    expect(store.archive.end.comment).toEqual(comment);
  });
});

describe("when something fails the sink is discarded, once, and not committed", () => {
  const values = new Map<AbsolutePath, Uint8Array>([
    ["/small", ascii("12345")],
    ["/large", new Uint8Array(3_000_000)],
    ["/last", ascii("12345")],
  ]);
  const store = memoryStore(values);
  const { readSync: _, ...waiting } = store;

  async function fails(source: Store, entries: readonly EntryInput[], options = {}, sink = watchedSink()) {
    const error: unknown = await writeArchive(
      { source: source, entries: entries, comment: NO_COMMENT },
      sink,
      options,
    ).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(sink.ended).toEqual(["discard"]);
    return error;
  }

  test.for(["/small", "/large", "/last"] as const)("%s is not as long as it was", async (changed) => {
    for (const source of [store, waiting]) {
      for (const difference of [-1, 1]) {
        const entries = inputs(values).map((one) =>
          one.key === changed ? { ...one, size: one.size + difference } : one,
        );
        expect(await fails(source, entries)).toMatchObject({ _tag: "SourceChanged", path: changed });
      }
    }
  });

  test("an entry is gone", async () => {
    for (const size of [5, 3_000_000]) {
      for (const source of [store, waiting]) {
        const gone: EntryInput = { key: "/gone", size, content: "/gone" };
        expect(await fails(source, [...inputs(values), gone])).toMatchObject({ path: "/gone" });
      }
    }
  });

  test("a large entry changes between the two passes that a pipe needs", async () => {
    let passes = 0;
    // Smaller ones are read once.
    const large = new Map(values).set("/large", new Uint8Array(17 * 1024 * 1024));
    const changing: Store = {
      ...waiting,
      stream: async (name) => {
        const value = large.get(name)?.slice();
        if (value && passes++ > 0) value[0] = 1;
        return value && new Blob([value]).stream();
      },
    };
    const sink = { ...watchedSink(), forwardOnly: true };
    expect(await fails(changing, inputs(large), {}, sink)).toMatchObject({
      _tag: "SourceChanged",
      path: "/large",
    });
  });

  test("the sink is full, at whichever write", async () => {
    let failing = 0;
    for (; failing < 100; failing++) {
      const sink = watchedSink();
      const full = new Error("no space left");
      const check = () => {
        if (sink.writes > failing) throw full;
      };
      const { write } = sink;
      sink.write = async (position, bytes) => {
        await write(position, bytes);
        check();
      };
      const error: unknown = await writeArchive(
        { source: store, entries: inputs(values), comment: NO_COMMENT },
        sink,
      ).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) break;
      expect(error).toBe(full);
      expect(sink.ended).toEqual(["discard"]);
    }
    expect(failing).toBeGreaterThan(3);
    expect(failing).toBeLessThan(100);
  });

  test("it is aborted before it starts", async () => {
    const sink = watchedSink();
    expect(await fails(store, inputs(values), { signal: AbortSignal.abort() }, sink)).toMatchObject({
      name: "AbortError",
    });
    expect(sink.writes).toBe(0);
  });

  test("it is aborted on its way", async () => {
    for (const source of [store, waiting]) {
      const controller = new AbortController();
      const onProgress = (done: Progress): void => {
        if (done.bytes > 1_000_000) controller.abort();
      };
      const sink = watchedSink();
      expect(
        await fails(source, inputs(values), { signal: controller.signal, onProgress }, sink),
      ).toMatchObject({
        name: "AbortError",
      });
    }
  });
});
