import { isOzxError } from "@ozx/core";
import { memorySource } from "@ozx/core/container";
import { expectReadOrRefused, fuzzRuns, readAllValues } from "@ozx/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPlane } from "../../store-tiff/test/fixtures/read-plane.js";
import { nd2Format } from "../src/index.js";
import { buildNd2, loop, type Nd2ToWrite, planeOf, u32 } from "./fixtures/build-nd2.js";
import { openBytes } from "./fixtures/open.js";

/** The offset of a chunk in the chunk map. */
function mapEntry(bytes: Buffer, name: string): number {
  return bytes.lastIndexOf(`${name}!`) + name.length + 1;
}

describe("a frame that cannot be read is an error that names it and the file", () => {
  test.each<[string, Nd2ToWrite, (bytes: Buffer) => Uint8Array, RegExp]>([
    [
      "where the map says another place",
      { frames: [0, 1], experiment: loop(1, 2) },
      (bytes) => {
        bytes.writeBigUInt64LE(8192n, mapEntry(bytes, "ImageDataSeq|1"));
        return bytes;
      },
      /scan\.nd2 .*: it has no ImageDataSeq\|1 at 8192/,
    ],
    [
      "where the map says that it is beyond the end",
      { frames: [0, 1], experiment: loop(1, 2) },
      (bytes) => {
        bytes.writeBigUInt64LE(2n ** 62n, mapEntry(bytes, "ImageDataSeq|1"));
        return bytes;
      },
      /scan\.nd2 .*: it has no ImageDataSeq\|1 at/,
    ],
    [
      "that is too short",
      { frames: [0, 1], experiment: loop(1, 2), attributes: { uiHeight: u32(8) } },
      (bytes) => bytes,
      /plane t=1, c=0 of \/0, ImageDataSeq\|1, has 168 bytes, which needs 192/,
    ],
    [
      "that decodes to less",
      { frames: [0, 1], experiment: loop(1, 2), zlib: true, attributes: { uiWidthBytes: u32(26) } },
      (bytes) => bytes,
      /ImageDataSeq\|1, has 168 bytes, which needs 180/,
    ],
  ])("%s", async (_, how, damage, message) => {
    const bytes = damage(Buffer.from(buildNd2(how)));
    const store = await openBytes(bytes);
    await expect(store.get("/0/c/1/0/0/0")).rejects.toThrow(message);
    await expect(store.get("/0/c/1/0/0/0")).rejects.toMatchObject({
      _tag: "CorruptData",
      location: "scan.nd2",
    });
    const tolerant = await openBytes(bytes, { allowMissing: true });
    expect((await readPlane(tolerant, "/0", { t: 1 })).every((byte) => byte === 0)).toBe(true);
    expect(tolerant.findings?.map(({ rule }) => rule)).toContain("missing-chunks");
  });
});

describe("metadata that says what cannot be is refused", () => {
  test.each<[string, Nd2ToWrite, string, RegExp]>([
    [
      "lossy frames",
      { zlib: true, attributes: { eCompression: u32(1) } },
      "Unsupported",
      /lossy compression/,
    ],
    [
      "rows shorter than their pixels",
      { attributes: { uiWidthBytes: u32(20) } },
      "InvalidArchive",
      /rows of 20/,
    ],
    ["no width", { attributes: { uiWidth: u32(0) } }, "InvalidArchive", /says 0 for uiWidth/],
    ["components of 12 bits", { attributes: { uiBpcInMemory: u32(12) } }, "InvalidArchive", /12 bits/],
    [
      "frames larger than the file",
      { attributes: { uiHeight: u32(2 ** 30) } },
      "InvalidArchive",
      /has frames of \d+ bytes, and/,
    ],
    ["a polar loop", { experiment: loop(5, 3) }, "Unsupported", /polar loop/],
    [
      "two loops of time",
      { frames: [0, 1, 2, 3], experiment: loop(1, 2, { inner: loop(8, 2) }) },
      "Unsupported",
      /two nested loops of time/,
    ],
    [
      "billions of frames",
      { experiment: loop(1, 2 ** 30) },
      "Unsupported",
      /says that it has 1073741824 frames/,
    ],
  ])("%s", async (_, how, tag, message) => {
    const opening = openBytes(buildNd2(how));
    await expect(opening).rejects.toMatchObject({ _tag: tag });
    await expect(opening).rejects.toThrow(message);
  });

  test("a compressed frame that says that it is huge", async () => {
    const attributes = { uiWidth: u32(2 ** 20), uiHeight: u32(2 ** 20), uiWidthBytes: u32(2 ** 22) };
    const store = await openBytes(buildNd2({ zlib: true, attributes }));
    await expect(store.get("/0/c/0/0/0")).rejects.toThrow(/cannot come to/);
  });
});

test("a file of before version 2.1 is recognized, and that it is damaged", async () => {
  const bytes = Buffer.alloc(4096);
  Buffer.from("0000000c6a5020200d0a870a", "hex").copy(bytes);
  Buffer.from("LABORATORY IMAGING ND BOX MAP 00").copy(bytes, 4096 - 40);
  expect(await nd2Format.probe(memorySource(bytes, "old.nd2"))).toBe(true);
  await expect(openBytes(bytes)).rejects.toThrow(/has the map of its boxes 0 bytes before its end/);
  // Other pictures of JPEG 2000 start so too.
  expect(await nd2Format.probe(memorySource(bytes.subarray(0, 1000), "picture.jp2"))).toBe(false);
});

const FILES: readonly (readonly [string, Uint8Array])[] = [
  ["frames", buildNd2({ components: [1, 1], frames: [0, 1], experiment: loop(1, 2) })],
  ["positions and z", buildNd2({ frames: [0, 1, 2, 3], experiment: loop(2, 2, { inner: loop(4, 2) }) })],
  ["compressed frames", buildNd2({ components: [3], bits: 8, zlib: true, compress: true })],
  ["padded frames without a map", buildNd2({ bits: 8, width: 13, pad: 3, noMap: true })],
];

test.each(FILES)(
  "%s with changed bytes are read, or refused with an error that says why",
  { timeout: 120_000 },
  async (_, original) => {
    await expectReadOrRefused(original, openBytes, {
      runs: Math.ceil(fuzzRuns({ sample: 600 }) / FILES.length),
    });
  },
);

test("the metadata of a file with changed bytes is read, or refused", { timeout: 120_000 }, async () => {
  // What follows the pixels is attributes and the map, and what is before them the loops and channels.
  const original = buildNd2({ frames: [0, 1, 2, 3], experiment: loop(2, 2, { inner: loop(4, 2) }) });
  const starts = ["SLxExperiment", "SLxPictureMetadata", "SLxImageAttributes"].map((name) =>
    Buffer.from(original).indexOf(Buffer.from(name, "utf16le")),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...starts),
      fc.nat({ max: 600 }),
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      async (start, at, bytes) => {
        const changed = original.slice();
        changed.set(bytes, start + at);
        try {
          await readAllValues(await openBytes(changed));
        } catch (error) {
          if (!isOzxError(error)) throw error;
        }
      },
    ),
    { numRuns: fuzzRuns({ sample: 300, full: 3_000 }) },
  );
});

test("the unchanged files are read", async () => {
  expect(await readPlane(await openBytes(buildNd2()), "/0")).toEqual(planeOf(0, 0));
  for (const [, bytes] of FILES) await readAllValues(await openBytes(bytes));
});
