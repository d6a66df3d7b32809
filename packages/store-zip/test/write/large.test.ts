import type { AbsolutePath, Store } from "@ozx/core";
import { type ByteSink, memorySink, memoryStore } from "@ozx/core/container";
import { outsideSample, skipFor } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { type ArchiveJob, writeArchive } from "../../src/write/write-archive.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { expectBytes } from "../fixtures/same-bytes.js";
import { type Span, sparseSource } from "../fixtures/sparse-source.js";

const GIB = 2 ** 30;
const ZEROS = new Uint8Array(4 * 2 ** 20);

/** A store of values that are zeros of any length, at no cost. */
function zeroStore(sizes: ReadonlyMap<AbsolutePath, number>): Store {
  return {
    ...memoryStore(),
    async get(key) {
      return new Uint8Array(sizes.get(key) ?? 0);
    },
    readSync: (key, target) => {
      const length = Math.min(target.length, sizes.get(key) ?? 0);
      target.fill(0, 0, length);
      return length;
    },
    async stream(key) {
      let left = sizes.get(key) ?? 0;
      return new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            if (left === 0) return controller.close();
            const piece = ZEROS.subarray(0, Math.min(left, ZEROS.length));
            left -= piece.length;
            controller.enqueue(piece);
          },
        },
        { highWaterMark: 0 },
      );
    },
  };
}

/** A sink that keeps only what is not zero. */
function sparseSink(forwardOnly = false): ByteSink & { spans: Span[]; size(): number } {
  const spans: Span[] = [];
  let size = 0;
  return {
    name: "sparse.ozx",
    forwardOnly,
    spans,
    size: () => size,
    async write(position, bytes) {
      if (forwardOnly) expect(position).toBe(size);
      size = Math.max(size, position + bytes.length);
      const zeros = ZEROS.subarray(0, bytes.length);
      if (Buffer.compare(bytes, zeros) !== 0) spans.push([position, bytes.slice()]);
    },
    async commit() {},
    async discard() {},
  };
}

function jobOf(sizes: ReadonlyMap<AbsolutePath, number>): ArchiveJob {
  const entries = [...sizes].map(([key, size]) => ({ key, size, content: key }));
  return { source: zeroStore(sizes), entries, comment: new Uint8Array(0) };
}

describe("entries beyond 4 GiB", () => {
  const sizes = new Map<AbsolutePath, number>([
    ["/first", 7],
    ["/large", 4 * GIB + 5],
    ["/after", 11],
    ["/edge", 2 ** 20],
    ["/over", 2 ** 20 + 1],
  ]);

  test("and offsets beyond it are read back as they were written", {
    timeout: 120_000,
    ...skipFor(outsideSample()),
  }, async () => {
    const sink = sparseSink();
    await writeArchive(jobOf(sizes), sink);
    const store = await openZipStore(sparseSource(sink.size(), sink.spans));
    const listed = new Map<AbsolutePath, number>();
    for await (const { key, size } of store.list()) listed.set(key, size);
    expect(listed).toEqual(sizes);
    expect(await store.get("/after")).toEqual(new Uint8Array(11));
    expectBytes(await store.get("/over"), new Uint8Array(2 ** 20 + 1));
    expect(await store.getRange("/large", { suffixLength: 5 })).toEqual(new Uint8Array(5));
    const { headerOffsets } = store.archive.directory;
    expect(headerOffsets[2]).toBeGreaterThan(4 * GIB);
    let streamed = 0;
    for await (const piece of (await store.stream("/large")) ?? []) streamed += piece.length;
    expect(streamed).toBe(4 * GIB + 5);
  });
});

describe("large entries", () => {
  const sizes = new Map<AbsolutePath, number>([
    ["/a", 3 * 2 ** 20 + 1],
    ["/b", 5],
    ["/c", 2 ** 20 + 1],
    ["/d", 0],
  ]);

  test("are the same bytes in a sink that only goes forward", async () => {
    const free = memorySink();
    await writeArchive(jobOf(sizes), free);
    const forward = sparseSink(true);
    await writeArchive(jobOf(sizes), forward);
    expect(forward.size()).toBe(free.bytes().length);
    const source = sparseSource(forward.size(), forward.spans);
    expectBytes(await source.read(0, source.size), free.bytes());
  });
});
