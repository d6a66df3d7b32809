import type { AbsolutePath } from "@ozx/core";
import { loadCodecs } from "@ozx/core/codecs";
import { memorySource } from "@ozx/core/container";
import { describe, expect, test } from "vitest";
import { readPlane } from "../../store-tiff/test/fixtures/read-plane.js";
import { type CziStore, openCzi } from "../src/index.js";
import {
  attachmentWith,
  buildCzi,
  type FileToWrite,
  maskOf,
  type TileToWrite,
  valuesOf,
} from "./fixtures/build-czi.js";

const GRAY16 = 1;
const BGR24 = 3;
const LZW = 2;
const ZSTD0 = 5;
const ZSTD1 = 6;

async function open(tiles: readonly TileToWrite[], more?: FileToWrite): Promise<CziStore> {
  return openCzi(memorySource(buildCzi(tiles, more), "cells.czi"));
}

/** A tile of one value. */
function flat(value: number, tile: Omit<TileToWrite, "pixels">): TileToWrite {
  return { ...tile, pixels: new Uint8Array(tile.width * tile.height).fill(value) };
}

/** The rows of a plane of 8-bit values as digits. */
async function rowsOf(store: CziStore, path: AbsolutePath, index = {}): Promise<string[]> {
  const width = store.arrays.get(path)?.shape.at(-1) ?? 1;
  const pixels = [...(await readPlane(store, path, index))];
  return Array.from({ length: pixels.length / width }, (_, y) =>
    pixels.slice(y * width, (y + 1) * width).join(""),
  );
}

function accessOf(store: CziStore, path: AbsolutePath = "/0"): string | undefined {
  return store.arrays.get(path)?.access;
}

describe("planes of one tile", () => {
  const pixels = valuesOf(40, 30);

  test("that are not compressed are used as they are", async () => {
    const store = await open([{ width: 40, height: 30, pixels }]);
    expect(accessOf(store)).toBe("plain");
    expect(await readPlane(store, "/0")).toEqual(pixels);
    expect(await store.get("/0/c/0/0")).toEqual(pixels);
  });

  test("that are larger than a chunk are cut into bands of it", async () => {
    const large = valuesOf(2000, 1801);
    const store = await open([{ width: 2000, height: 1801, pixels: large }]);
    expect(store.arrays.get("/0")?.rows).toBeLessThan(1000);
    expect(await readPlane(store, "/0")).toEqual(large);
  });

  test("in frames of Zstandard are used as they are", async () => {
    const { zstd } = await loadCodecs();
    const frame = await zstd.encode(pixels, { level: 3 });
    const store = await open([{ width: 40, height: 30, compression: ZSTD0, pixels: frame }]);
    expect(accessOf(store)).toBe("frames");
    expect(await store.get("/0/c/0/0")).toEqual(frame);
    expect(await readPlane(store, "/0")).toEqual(pixels);
  });

  test("with low and high bytes apart are shuffled for Zarr", async () => {
    const { zstd } = await loadCodecs();
    const packed = new Uint8Array([
      ...pixels.filter((_, k) => k % 2 === 0),
      ...pixels.filter((_, k) => k % 2 === 1),
    ]);
    const frame = await zstd.encode(packed, { level: 3 });
    const tile = { width: 20, height: 30, type: GRAY16, compression: ZSTD1 };
    const store = await open([{ ...tile, pixels: new Uint8Array([3, 1, 1, ...frame]) }]);
    expect(accessOf(store)).toBe("frames");
    expect(await readPlane(store, "/0")).toEqual(pixels);
  });

  test("of which one is packed otherwise than the others have the same pixels, in a chunk whose size is told", async () => {
    const { zstd } = await loadCodecs();
    const packed = new Uint8Array([
      ...pixels.filter((_, k) => k % 2 === 0),
      ...pixels.filter((_, k) => k % 2 === 1),
    ]);
    const tile = { width: 20, height: 30, type: GRAY16, compression: ZSTD1 };
    const store = await open([
      {
        ...tile,
        at: { T: 0 },
        pixels: new Uint8Array([3, 1, 1, ...(await zstd.encode(packed, { level: 3 }))]),
      },
      { ...tile, at: { T: 1 }, pixels: new Uint8Array([1, ...(await zstd.encode(pixels, { level: 3 }))]) },
      { ...tile, at: { T: 2 }, pixels },
    ]);
    expect(accessOf(store)).toBe("frames");
    for (const t of [0, 1, 2]) expect(await readPlane(store, "/0", { t })).toEqual(pixels);
    for await (const { key, size } of store.list()) {
      if (key.includes("/c/")) expect((await store.get(key))?.length, key).toBe(size);
    }
  });

  test("in frames that are packed in one scene and not in the others are those of their scene", async () => {
    const { zstd } = await loadCodecs();
    const packed = new Uint8Array([
      ...pixels.filter((_, k) => k % 2 === 0),
      ...pixels.filter((_, k) => k % 2 === 1),
    ]);
    const tile = { width: 20, height: 30, type: GRAY16 };
    const [high, plain] = await Promise.all([packed, pixels].map((one) => zstd.encode(one, { level: 3 })));
    const store = await open([
      { ...tile, at: { S: 0 }, compression: ZSTD1, pixels: new Uint8Array([3, 1, 1, ...(high ?? [])]) },
      { ...tile, at: { S: 1 }, compression: ZSTD0, pixels: plain ?? pixels },
      { ...tile, at: { S: 2 }, compression: ZSTD1, pixels: new Uint8Array([1, ...(plain ?? [])]) },
      {
        ...tile,
        at: { S: 3 },
        type: 0,
        width: 40,
        compression: ZSTD1,
        pixels: new Uint8Array([1, ...(plain ?? [])]),
      },
    ]);
    for (const scene of [0, 1, 2, 3])
      expect(await readPlane(store, `/${scene}/0`), `${scene}`).toEqual(pixels);
  });

  test("of which too few bytes are stored end with zeros", async () => {
    const store = await open([{ width: 40, height: 30, pixels: pixels.subarray(0, 1000) }]);
    const found = await readPlane(store, "/0");
    expect(found.subarray(0, 1000)).toEqual(pixels.subarray(0, 1000));
    expect(found.subarray(1000)).toEqual(new Uint8Array(200));
  });

  test("have red first, where the file has blue", async () => {
    const store = await open([{ width: 2, height: 1, type: BGR24, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) }]);
    const colours = await Promise.all([0, 1, 2].map((c) => readPlane(store, "/0", { c })));
    expect(colours.map((plane) => [...plane])).toEqual([
      [3, 6],
      [2, 5],
      [1, 4],
    ]);
  });

  test("of several types have the larger one, and all values", async () => {
    const store = await open([
      { at: { C: 0 }, width: 2, height: 1, pixels: Uint8Array.of(7, 255) },
      { at: { C: 1 }, width: 2, height: 1, type: GRAY16, pixels: Uint8Array.of(0, 1, 2, 3) },
    ]);
    expect(store.arrays.get("/0")?.dataType).toBe("uint16");
    expect([...(await readPlane(store, "/0", { c: 0 }))]).toEqual([7, 0, 255, 0]);
    expect([...(await readPlane(store, "/0", { c: 1 }))]).toEqual([0, 1, 2, 3]);
  });
});

describe("mosaics", () => {
  test("are painted in the order of M, whatever their order in the file", async () => {
    const store = await open([
      flat(2, { at: { M: 1 }, x: 2, width: 4, height: 2 }),
      flat(1, { at: { M: 0 }, x: 0, width: 4, height: 2 }),
    ]);
    expect(await rowsOf(store, "/0")).toEqual(["112222", "112222"]);
  });

  test("start where their first tile does, and are 0 where there is none", async () => {
    const store = await open([
      flat(1, { at: { M: 0 }, x: -10, y: -5, width: 2, height: 1 }),
      flat(2, { at: { M: 1 }, x: -7, y: -4, width: 2, height: 1 }),
    ]);
    expect(await rowsOf(store, "/0")).toEqual(["11000", "00022"]);
  });

  test.each([
    ["after a chunk of another kind", [Uint8Array.of(1, 2, 3)]],
    ["after several", [new Uint8Array(40), new Uint8Array(0)]],
  ])("show what is below a mask %s", async (_, before) => {
    const attachment = attachmentWith(maskOf(["0011", "1000"]), before);
    const store = await open([
      flat(1, { at: { M: 0 }, width: 4, height: 2 }),
      { ...flat(2, { at: { M: 1 }, width: 4, height: 2 }), attachment },
    ]);
    expect(await rowsOf(store, "/0")).toEqual(["1122", "2111"]);
  });

  test("show what is below a mask that some bytes precede", async () => {
    const mask = maskOf(["0011", "1000"]);
    const attachment = new Uint8Array([...new Uint8Array(16), ...mask]);
    const store = await open([
      flat(1, { at: { M: 0 }, width: 4, height: 2 }),
      { ...flat(2, { at: { M: 1 }, width: 4, height: 2 }), attachment },
    ]);
    expect(await rowsOf(store, "/0")).toEqual(["1122", "2111"]);
  });

  test("show what is below a mask, also where it hides all of another tile", async () => {
    const store = await open([
      flat(1, { at: { M: 0 }, width: 4, height: 2 }),
      { ...flat(2, { at: { M: 1 }, width: 4, height: 2 }), attachment: maskOf(["0011", "1000"]) },
    ]);
    expect(await rowsOf(store, "/0")).toEqual(["1122", "2111"]);
  });

  test("of hundreds of tiles that overlap are what painting one after another makes", async () => {
    const [width, height, side] = [200, 170, 16];
    const expected = new Uint8Array(width * height);
    const tiles: TileToWrite[] = [];
    for (let y = 0; y + side <= height; y += 14) {
      for (let x = 0; x + side <= width; x += 14) {
        const m = tiles.length;
        const pixels = valuesOf(side, side, m);
        tiles.push({ at: { M: m }, x, y, width: side, height: side, pixels });
        for (let row = 0; row < side; row++) {
          expected.set(pixels.subarray(row * side, (row + 1) * side), (y + row) * width + x);
        }
      }
    }
    const [right, bottom] = [
      Math.max(...tiles.map(({ x = 0 }) => x)) + side,
      Math.max(...tiles.map(({ y = 0 }) => y)) + side,
    ];
    const store = await open([...tiles].reverse());
    const found = await readPlane(store, "/0");
    expect(store.arrays.get("/0")?.shape).toEqual([bottom, right]);
    for (let y = 0; y < bottom; y++) {
      expect(found.subarray(y * right, (y + 1) * right), `row ${y}`).toEqual(
        expected.subarray(y * width, y * width + right),
      );
    }
  });

  test.each([
    ["not compressed", 0, "plain"],
    ["frames of Zstandard", ZSTD0, "frames"],
  ] as const)(
    "side by side, %s, are used as they are but for those at the edges",
    async (_, compression, access) => {
      const { zstd } = await loadCodecs();
      const [width, height] = [42, 25];
      const expected = valuesOf(width, height);
      const tiles: TileToWrite[] = [];
      for (let y = 0; y < height; y += 16) {
        for (let x = 0; x < width; x += 16) {
          const size = { width: Math.min(16, width - x), height: Math.min(16, height - y) };
          const pixels = Uint8Array.from({ length: size.width * size.height }, (_one, k) => {
            return expected[(y + Math.floor(k / size.width)) * width + x + (k % size.width)] ?? 0;
          });
          const stored = compression === 0 ? pixels : await zstd.encode(pixels, { level: 3 });
          tiles.push({ at: { M: tiles.length }, x, y, ...size, compression, pixels: stored });
        }
      }
      const store = await open(tiles);
      expect(accessOf(store)).toBe(access);
      expect(store.arrays.get("/0")?.chunkShape).toEqual([16, 16]);
      expect(await readPlane(store, "/0")).toEqual(expected);
      expect(await store.get("/0/c/0/1")).toEqual(tiles[1]?.pixels);
      for await (const { key, size } of store.list()) {
        if (key.includes("/c/")) expect((await store.get(key))?.length, key).toBe(size);
      }
    },
  );

  test("of scenes that overlap do not show each other", async () => {
    const store = await open([
      flat(1, { at: { S: 0, M: 0 }, width: 3, height: 1 }),
      flat(2, { at: { S: 1, M: 1 }, x: 1, width: 3, height: 1 }),
    ]);
    expect(await rowsOf(store, "/0/0")).toEqual(["111"]);
    expect(await rowsOf(store, "/1/0")).toEqual(["222"]);
  });
});

describe("levels", () => {
  const full = flat(1, { at: { M: 0 }, width: 61, height: 45 });

  test("are those of the file, with the factor that odd sizes hide", async () => {
    const store = await open([full, flat(2, { width: 31, height: 23, size: [61, 45] })]);
    expect(store.arrays.get("/1")?.shape).toEqual([23, 31]);
    expect(new Set(await readPlane(store, "/1"))).toEqual(new Set([2]));
    const { attributes } = JSON.parse(new TextDecoder().decode(await store.get("/zarr.json")));
    const [{ datasets }] = attributes.ome.multiscales;
    expect(datasets[1].coordinateTransformations[0].scale).toEqual([2, 2]);
  });

  test("that lack a channel or a tile are left out, and it is said", async () => {
    const channels = [0, 1].map((C) => flat(1, { at: { C }, width: 64, height: 64 }));
    const reduced = flat(2, { at: { C: 0 }, width: 32, height: 32, factor: 2 });
    for (const tiles of [
      [...channels, reduced],
      [flat(1, { width: 64, height: 64 }), flat(1, { x: 64, width: 64, height: 64 }), { ...reduced, at: {} }],
    ]) {
      const store = await open(tiles);
      expect([...store.arrays.keys()]).toEqual(["/0"]);
      expect(store.findings?.map(({ rule }) => rule)).toEqual(["levels-left-out"]);
    }
  });
});

test("with allowMissing, tiles that do not decode are 0 in chunks that do, and counted", async () => {
  const { zstd } = await loadCodecs();
  const pixels = valuesOf(40, 30);
  const frame = await zstd.encode(pixels, { level: 3 });
  const tile = { width: 40, height: 30, compression: ZSTD0 };
  const cut = frame.slice(0, frame.length - 20);
  // A mask, so that its frame cannot be the chunk.
  const attachment = maskOf(Array.from({ length: 30 }, () => "1".repeat(40)));
  const bytes = buildCzi([
    { ...tile, at: { T: 0 }, pixels: frame },
    { ...tile, at: { T: 1 }, pixels: cut, attachment },
  ]);
  const strict = await openCzi(memorySource(bytes, "cells.czi"));
  await expect(strict.get("/0/c/1/0/0")).rejects.toThrow(
    /cells\.czi is damaged .* subblock 1 \(t=1 of \/0\)/,
  );
  const store = await openCzi(memorySource(bytes, "cells.czi"), { allowMissing: true });
  expect(await readPlane(store, "/0", { t: 0 })).toEqual(pixels);
  expect(await readPlane(store, "/0", { t: 1 })).toEqual(new Uint8Array(40 * 30));
  expect(store.findings?.map(({ rule }) => rule)).toEqual(["missing-chunks"]);
});

test("LZW is decoded", async () => {
  const { encodeLzw } = await import("../../store-tiff/test/decode/encode.js");
  const pixels = valuesOf(30, 20);
  const store = await open([{ width: 30, height: 20, compression: LZW, pixels: encodeLzw(pixels) }]);
  expect(accessOf(store)).toBe("decoded");
  expect(await readPlane(store, "/0")).toEqual(pixels);
});

test("tiles that are said to be JPEG, and are not compressed, are read as they are", async () => {
  const pixels = valuesOf(12, 9);
  const store = await open([{ width: 12, height: 9, compression: 1, pixels }]);
  expect(await readPlane(store, "/0")).toEqual(pixels);
});
