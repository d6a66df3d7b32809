import { isOzxError, type Store } from "@ozx/core";
import { loadCodecs } from "@ozx/core/codecs";
import { memorySource } from "@ozx/core/container";
import { fuzzRuns } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeLzw } from "../../store-tiff/test/decode/encode.js";
import { openCzi } from "../src/index.js";
import { buildCzi, maskOf, type TileToWrite, valuesOf, xmlOf } from "./fixtures/build-czi.js";

const pixels = valuesOf(16, 16);
const SIDES = { width: 16, height: 16, pixels };
const XML = xmlOf(
  '<Information><Image><Dimensions><S><Scenes><Scene Index="0" Name="a"><ArrayName>A1</ArrayName></Scene></Scenes></S></Dimensions></Image></Information>',
);

async function filesOf(): Promise<(readonly [string, Uint8Array])[]> {
  const { zstd } = await loadCodecs();
  const frame = await zstd.encode(pixels, { level: 3 });
  const compressed = (compression: number, bytes: Uint8Array, type = 0): TileToWrite => ({
    ...SIDES,
    ...{ compression, type, pixels: bytes, width: type === 1 ? 8 : 16 },
  });
  return [
    [
      "planes",
      buildCzi(
        [0, 1].map((T) => ({ ...SIDES, at: { T, S: 0 } })),
        { xml: XML },
      ),
    ],
    [
      "a mosaic with masks",
      buildCzi(
        [0, 1, 2].map((M) => ({ ...SIDES, at: { M }, x: 12 * M, attachment: maskOf(["1".repeat(16)]) })),
      ),
    ],
    [
      "levels",
      buildCzi([
        SIDES,
        { ...SIDES, width: 8, height: 8, factor: 2, pixels: valuesOf(8, 8) },
        { ...SIDES, at: { S: 1 } },
      ]),
    ],
    ["frames", buildCzi([compressed(5, frame)])],
    ["packed frames", buildCzi([compressed(6, new Uint8Array([3, 1, 1, ...frame]), 1)])],
    ["LZW", buildCzi([compressed(2, encodeLzw(pixels))])],
    ["no directory", buildCzi([SIDES, { ...SIDES, at: { T: 1 } }], { noDirectory: true, xml: XML })],
    ["attachments", buildCzi([SIDES], { attachments: [["TimeStamps", "CZTIMS", new Uint8Array(32)]] })],
  ];
}

/** A change of bytes: at a place, as a part of the length, with what is written there. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  // Most of what matters are small numbers, and the largest ones.
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constantFrom(...[[0], [0xff], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [0xff, 0xff, 0xff, 0x7f], [1]]),
  ),
});
const mutation = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 6 }),
  near: fc.constantFrom("start", "end", "anywhere"),
  kept: fc.oneof(
    { weight: 4, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, { changes, near, kept }: Mutation): Uint8Array {
  const changed = bytes.slice(0, Math.ceil(bytes.length * kept));
  // Headers are at the start, and the directory at the end.
  const span = near === "anywhere" ? changed.length : Math.min(1100, changed.length);
  for (const { at, bytes: written } of changes) {
    const from = Math.floor(at * span) + (near === "end" ? changed.length - span : 0);
    for (const [k, byte] of [...written].entries()) if (from + k < changed.length) changed[from + k] = byte;
  }
  return changed;
}

/** Keys that are read: of a hierarchy that a few bytes made huge, not all. */
const MOST_KEYS = 100;

async function readAll(store: Store): Promise<void> {
  let keys = 0;
  for await (const { key, size } of store.list()) {
    if (++keys > MOST_KEYS) return;
    try {
      const bytes = await store.get(key);
      expect(bytes?.length, key).toBe(size);
      await store.getRange(key, { suffixLength: 3 });
      if (bytes !== undefined && bytes.length > 16 * 1024 * 1024) return;
    } catch (error) {
      if (!isOzxError(error)) throw error;
    }
  }
}

test("files with changed bytes are read, or refused with an error that says why", {
  timeout: 300_000,
}, async () => {
  const files = await filesOf();
  for (const [what, original] of files) {
    await readAll(await openCzi(memorySource(original, "cells.czi")));
    await fc.assert(
      fc.asyncProperty(mutation, async (how) => {
        try {
          const store = await openCzi(memorySource(mutate(original, how), "cells.czi"));
          await readAll(store);
          await store.close();
        } catch (error) {
          if (!isOzxError(error)) throw error;
          expect(error.message.length, what).toBeLessThan(2_000);
          expect(error.message, what).toContain("cells.czi");
        }
      }),
      { numRuns: Math.ceil(fuzzRuns({ sample: 800 }) / files.length) },
    );
  }
});
