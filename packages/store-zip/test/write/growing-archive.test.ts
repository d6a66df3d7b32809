import type { AbsolutePath } from "@ozx/core";
import { type ByteSink, memorySink, memorySource, unsafeReason } from "@ozx/core/container";
import { fuzzRuns } from "@ozx/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import yauzl from "yauzl";
import { type GrowingArchive, growingArchive } from "../../src/write/growing-archive.js";
import { ascii } from "../fixtures/bytes.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { expectBytes } from "../fixtures/same-bytes.js";
import { writeZip } from "../fixtures/write-zip.js";

const asTheyCome = (names: readonly string[]): readonly string[] => names;
const byName = (names: readonly string[]): readonly string[] => [...names].sort();

/** Blocks in one buffer that is filled again and again, as the contract allows. */
async function* blocksOf(bytes: Uint8Array, blockSize: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(blockSize);
  for (let at = 0; at < bytes.length; at += blockSize) {
    const block = bytes.subarray(at, at + blockSize);
    buffer.set(block);
    yield buffer.subarray(0, block.length);
    buffer.fill(0xff);
  }
}

/** A sink that only appends, and refuses all else. */
function pipe(): ByteSink & { bytes(): Uint8Array } {
  const sink = memorySink("pipe");
  let end = 0;
  return {
    ...sink,
    forwardOnly: true,
    async write(position, bytes) {
      expect(position).toBe(end);
      end += bytes.length;
      await sink.write(position, bytes);
    },
  };
}

async function grow(
  sink: ByteSink,
  work: (archive: GrowingArchive) => Promise<unknown>,
  order = asTheyCome,
): Promise<void> {
  const archive = growingArchive(sink);
  await work(archive);
  await archive.end(order, ascii("{}"));
}

async function namesByYauzl(bytes: Uint8Array): Promise<Map<string, Uint8Array>> {
  const zip = await yauzl.fromBufferPromise(Buffer.from(bytes), { validateEntrySizes: true });
  const read = new Map<string, Uint8Array>();
  for await (const entry of zip.eachEntry()) {
    const pieces: Uint8Array[] = [];
    for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Uint8Array);
    read.set(entry.fileName, new Uint8Array(Buffer.concat(pieces)));
  }
  return read;
}

const name = fc
  .stringMatching(/^[a-zäあ0-9_-][a-zäあ0-9._/-]{0,8}[a-z]$/)
  // Whoever writes a hierarchy refuses such keys before; yauzl refuses them too.
  .filter((text) => unsafeReason(`/${text}`) === undefined);
const data = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.nat({ max: 2_500_000 }).map((size) => Uint8Array.from({ length: size }, (_, i) => (i * 7) % 251)),
);
const entries = fc.uniqueArray(fc.tuple(name, data, fc.boolean()), { selector: ([n]) => n, maxLength: 8 });

describe("an archive that grows", () => {
  test("holds what was added, for ZipStore and for yauzl, by whole values and by blocks, in any sink", async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.integer({ min: 1000, max: 900_000 }), async (added, blockSize) => {
        for (const sink of [memorySink(), pipe()]) {
          await grow(
            sink,
            // All at once: the archive puts them one after the other.
            (archive) =>
              Promise.all(
                added.map(([n, bytes, inBlocks]) =>
                  archive.add(n, inBlocks ? blocksOf(bytes, blockSize) : bytes),
                ),
              ),
            byName,
          );
          const store = await openZipStore(memorySource(sink.bytes()));
          for (const [n, bytes] of added) expectBytes(await store.get(`/${n}`), bytes);
          const read = await namesByYauzl(sink.bytes());
          expect([...read.keys()]).toEqual(added.map(([n]) => n).sort());
        }
      }),
      { numRuns: fuzzRuns({ sample: 8, full: 30 }) },
    );
  });

  test("is, byte for byte, the archive that is laid out beforehand, when entries come in its order", async () => {
    const values = new Map<AbsolutePath, Uint8Array>([
      ["/zarr.json", ascii("{}")],
      ["/ä", new Uint8Array(2_500_000).fill(3)],
      ["/empty", new Uint8Array(0)],
      ["/small", ascii("small")],
    ]);
    const expected = await writeZip(values, ascii("{}"));
    for (const blockSize of [undefined, 700_000]) {
      const sink = memorySink();
      await grow(sink, async (archive) => {
        for (const [key, bytes] of values) {
          await archive.add(key.slice(1), blockSize === undefined ? bytes : blocksOf(bytes, blockSize));
        }
      });
      expectBytes(sink.bytes(), expected);
    }
  });

  test("grows beyond what its columns begin with", async () => {
    const sink = memorySink();
    const names = Array.from({ length: 5000 }, (_, i) => `c/${i}`);
    await grow(sink, (archive) => Promise.all(names.map((n) => archive.add(n, ascii(n)))));
    const store = await openZipStore(memorySource(sink.bytes()));
    expect(await store.get("/c/4999")).toEqual(ascii("c/4999"));
    expect(await store.get("/c/0")).toEqual(ascii("c/0"));
    expect(store.archive.directory.count).toBe(5000);
  });
});

describe("what cannot be added", () => {
  test.for([
    ["a name that stands already", "a"],
    ["a name of 65,536 bytes", "x".repeat(65_536)],
    ["a name of 65,536 bytes in UTF-8", "ä".repeat(32_768)],
  ])("%s is refused, and nothing comes after it", async ([, refused = ""]) => {
    const archive = growingArchive(memorySink());
    await archive.add("a", ascii("1"));
    await expect(archive.add(refused, ascii("2"))).rejects.toThrow(RangeError);
    await expect(archive.add("b", ascii("3"))).rejects.toThrow(RangeError);
    await expect(archive.end(asTheyCome, ascii(""))).rejects.toThrow(RangeError);
  });

  test("blocks that fail end the archive with their error", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield ascii("some");
      throw new Error("the source is gone");
    }
    for (const sink of [memorySink(), pipe()]) {
      const archive = growingArchive(sink);
      const adding = [archive.add("a", failing()), archive.add("b", ascii("2"))];
      for (const added of adding) await expect(added).rejects.toThrow("the source is gone");
      await expect(archive.end(asTheyCome, ascii(""))).rejects.toThrow("the source is gone");
    }
  });

  test("an aborted call writes nothing more", async () => {
    const sink = memorySink();
    const archive = growingArchive(sink);
    const controller = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let i = 0; ; i++) {
        if (i === 3) controller.abort();
        yield new Uint8Array(100);
      }
    }
    await expect(archive.add("a", endless(), { signal: controller.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});
