import { deflateSync } from "node:zlib";
import { type FixedRange, memorySource } from "@ozx/core/container";
import { describe, expect, test } from "vitest";
import { openTiff } from "../../src/index.js";
import {
  basicFields,
  buildTiff,
  bytesOf,
  type Field,
  grayPage,
  planePixels,
} from "../fixtures/build-tiff.js";
import { documentAt, openBytes } from "../fixtures/open.js";
import { readPlane } from "../fixtures/read-plane.js";

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const [WIDTH, HEIGHT] = [45, 37];
const PIXELS = planePixels(0, WIDTH, HEIGHT);
const PAGE = { width: WIDTH, height: HEIGHT, pixels: PIXELS };

/** The tile at a row and column of tiles; what reaches over the edge is 0. */
function tileOf(pixels: Uint16Array, size: number, row: number, column: number): Uint16Array {
  const tile = new Uint16Array(size * size);
  for (let y = 0; y < size; y++) {
    const at = (row * size + y) * WIDTH + column * size;
    if (row * size + y < HEIGHT)
      tile.set(pixels.subarray(at, at + Math.min(size, WIDTH - column * size)), y * size);
  }
  return tile;
}

const TILES = [0, 1].flatMap((row) => [0, 1].map((column) => tileOf(PIXELS, 32, row, column)));
const TILED: Field[] = [
  [322, "long", [32]],
  [323, "long", [32]],
];

describe("pixels of a TIFF that is not compressed", () => {
  test.each([
    ["one strip", { rows: HEIGHT }],
    ["strips, the last of which is short", { rows: 16 }],
    ["one row a strip", { rows: 1 }],
  ])("in %s are one chunk", async (_, { rows }) => {
    for (const bigEndian of [false, true]) {
      for (const big of [false, true]) {
        const store = await openBytes(
          buildTiff([grayPage({ ...PAGE, rows, bigEndian })], { bigEndian, big }),
        );
        expect(await readPlane(store, "/0")).toEqual(bytesOf(PIXELS));
        const chunks = (await collect(store.list())).filter(({ key }) => key.startsWith("/0/c/"));
        expect(chunks).toEqual([{ key: "/0/c/0/0", size: WIDTH * HEIGHT * 2 }]);
      }
    }
  });

  test("in strips anywhere in the file are put in order", async () => {
    const page = grayPage({ ...PAGE, rows: 16 });
    const strips = page.segments.flatMap((strip) => strip ?? []);
    const offsets = strips.map(
      (_, k) => 8 + strips.slice(k + 1).reduce((sum, { length }) => sum + length, 0),
    );
    const start = new Uint8Array(Buffer.concat([...strips].reverse()));
    const file = { ...page, segments: [], offsets, counts: strips.map(({ length }) => length) };
    const store = await openBytes(buildTiff([file], { start }));
    expect(await readPlane(store, "/0")).toEqual(bytesOf(PIXELS));
  });

  test("of a large page are cut into bands that can be read in part", async () => {
    const [width, height] = [1024, 2050];
    const pixels = planePixels(3, width, height);
    const store = await openBytes(buildTiff([grayPage({ width, height, pixels, rows: 64 })]));
    const { chunk_grid } = await documentAt(store, "/0/zarr.json");
    expect(chunk_grid).toMatchObject({ configuration: { chunk_shape: [576, 1024] } });
    expect(await readPlane(store, "/0")).toEqual(bytesOf(pixels));
    const last = await store.get("/0/c/3/0");
    expect(last?.length).toBe(576 * 1024 * 2);
    // Rows beyond the page are 0.
    expect(last?.subarray((height - 3 * 576) * width * 2).every((byte) => byte === 0)).toBe(true);
    const part = await store.getRange("/0/c/1/0", { offset: 1001, length: 5000 });
    const at = 576 * width * 2 + 1001;
    expect(part).toEqual(bytesOf(pixels).subarray(at, at + 5000));
  });

  test("in tiles are the chunks as they are in the file", async () => {
    const segments = TILES.map((tile) => bytesOf(tile));
    const store = await openBytes(
      buildTiff([{ fields: [...basicFields(WIDTH, HEIGHT), ...TILED], segments, tiled: true }]),
    );
    expect(await store.get("/0/c/0/1")).toEqual(segments[1]);
    expect(await readPlane(store, "/0")).toEqual(bytesOf(PIXELS));
  });

  test("in tiles that were never written are missing chunks", async () => {
    const [first, , third] = TILES.map((tile) => bytesOf(tile));
    const segments = [first, undefined, third, undefined];
    const store = await openBytes(
      buildTiff([{ fields: [...basicFields(WIDTH, HEIGHT), ...TILED], segments, tiled: true }]),
    );
    expect(await store.get("/0/c/0/1")).toBeUndefined();
    const listed = (await collect(store.list({ prefix: "/0" }))).map(({ key }) => key);
    expect(listed).toEqual(["/0/zarr.json", "/0/c/0/0", "/0/c/1/0"]);
  });

  test.each([
    ["interleaved", 1],
    ["planar", 2],
  ])("of three %s samples are three channels", async (_, configuration) => {
    const samples = [0, 1, 2].map((k) => planePixels(k, WIDTH, HEIGHT));
    const interleaved = new Uint16Array(WIDTH * HEIGHT * 3).map(
      (_, k) => samples[k % 3]?.[Math.floor(k / 3)] ?? 0,
    );
    const page = {
      fields: [...basicFields(WIDTH, HEIGHT, 16, 3), [284, "short", [configuration]] as const],
      segments: configuration === 1 ? [bytesOf(interleaved)] : samples.map((one) => bytesOf(one)),
    };
    const store = await openBytes(buildTiff([page]));
    for (const [c, plane] of samples.entries())
      expect(await readPlane(store, "/0", { c })).toEqual(bytesOf(plane));
    const { attributes } = await documentAt(store, "/zarr.json");
    expect(attributes).toMatchObject({
      ome: { omero: { channels: [{ color: "FF0000" }, { color: "00FF00" }, { color: "0000FF" }] } },
    });
  });
});

describe("pixels of a TIFF that is compressed with Deflate", () => {
  const compressed = (bytes: Uint8Array): Uint8Array => new Uint8Array(deflateSync(bytes));
  const fields = basicFields(WIDTH, HEIGHT).map(
    ([tag, ...rest]): Field => (tag === 259 ? [259, "short", [8]] : ([tag, ...rest] as unknown as Field)),
  );

  test("in tiles are the chunks as they are in the file, in either byte order", async () => {
    for (const bigEndian of [false, true]) {
      const segments = TILES.map((tile) => compressed(bytesOf(tile, bigEndian)));
      const store = await openBytes(
        buildTiff([{ fields: [...fields, ...TILED], segments, tiled: true }], { bigEndian }),
      );
      expect(await store.get("/0/c/1/1")).toEqual(segments[3]);
      expect(await readPlane(store, "/0")).toEqual(bytesOf(PIXELS));
    }
  });

  test("in one strip are one chunk", async () => {
    const store = await openBytes(buildTiff([{ fields, segments: [compressed(bytesOf(PIXELS))] }]));
    expect(store.arrays.get("/0")?.access).toBe("stored");
    expect(await readPlane(store, "/0")).toEqual(bytesOf(PIXELS));
  });
});

describe("pages that differ", () => {
  test("only in the bits of RGB samples are different images", async () => {
    const pixels = Uint16Array.from({ length: WIDTH * HEIGHT * 3 }, (_, k) => k * 5);
    const bytes = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, k) => k * 3);
    for (const big of [false, true]) {
      const pages = [
        { fields: basicFields(WIDTH, HEIGHT, 16, 3), segments: [bytesOf(pixels)] },
        { fields: basicFields(WIDTH, HEIGHT, 8, 3), segments: [bytes] },
      ];
      const store = await openBytes(buildTiff(pages, { big }));
      expect([...store.arrays].map(([path, { dataType }]) => [path, dataType])).toEqual([
        ["/0/0", "uint16"],
        ["/1/0", "uint8"],
      ]);
      expect(await readPlane(store, "/1/0", { c: 1 })).toEqual(bytes.filter((_, k) => k % 3 === 1));
    }
  });
});

test("pixels that are no brightness are kept, and it is said what they are", async () => {
  for (const [photometric, meaning] of [
    [0, /largest value is black/],
    [3, /indices of a palette/],
  ] as const) {
    const fields = [
      ...basicFields(WIDTH, HEIGHT).filter(([tag]) => tag !== 262),
      [262, "short", [photometric]],
    ] satisfies Field[];
    const store = await openBytes(buildTiff([{ fields, segments: [bytesOf(PIXELS)] }]));
    expect(await readPlane(store, "/0")).toEqual(bytesOf(PIXELS));
    expect(store.findings.map(({ message }) => message)).toEqual([expect.stringMatching(meaning)]);
  }
});

describe("how pixels are stored is said in the words of TIFF", () => {
  const strip = bytesOf(PIXELS);
  const deflated = new Uint8Array(deflateSync(strip));
  const page = (compression: number, ...fields: Field[]): Field[] => [
    ...basicFields(WIDTH, HEIGHT).filter(([tag]) => tag !== 259),
    [259, "short", [compression]],
    ...fields,
  ];

  test.each([
    ["no compression", page(1), strip, undefined],
    ["Deflate", page(8), deflated, "Deflate strips, copied as they are"],
    ["a predictor", page(8, [317, "short", [2]]), deflated, "Deflate with predictor 2, decoded when read"],
    ["LZW", page(5), strip, "LZW, decoded when read"],
    ["reversed bits", page(1, [266, "short", [2]]), strip, "not compressed, fill order 2, decoded when read"],
  ])("for %s", async (_, fields, segment, encoding) => {
    const store = await openBytes(buildTiff([{ fields, segments: [segment] }]));
    expect(store.encodingOf?.("/0")).toBe(encoding);
    expect(store.encodingOf?.("/1")).toBe(undefined);
  });
});

describe("values that are parts of the file", () => {
  const half = new Uint16Array(16 * 16).fill(7);
  const files: readonly (readonly [string, Uint8Array])[] = [
    ["one strip", buildTiff([grayPage(PAGE)])],
    ["strips, the last of which is short", buildTiff([grayPage({ ...PAGE, rows: 16 })])],
    [
      "tiles of two levels, one of which was never written",
      buildTiff([
        {
          fields: [...basicFields(WIDTH, HEIGHT), ...TILED],
          segments: TILES.map((tile, k) => (k === 2 ? undefined : bytesOf(tile))),
          tiled: true,
          subs: [
            {
              fields: [...basicFields(16, 16), [322, "long", [16]], [323, "long", [16]], [254, "long", [1]]],
              segments: [bytesOf(half)],
              tiled: true,
            },
          ],
        },
      ]),
    ],
  ];

  test.each(files)("are read by blocking and found in the file: %s", async (_, bytes) => {
    const source = memorySource(bytes, "image.tif");
    const located = { ...source, locate: (range: FixedRange) => ({ path: "/image.tif", ...range }) };
    const store = await openTiff(located);
    const entries = await collect(store.list());
    expect(entries.length).toBeGreaterThan(2);
    for (const { key, size } of entries) {
      const value = await store.get(key);
      const target = new Uint8Array(size + 1).fill(255);
      expect(store.readSync?.(key, target), key).toBe(size);
      expect(target.subarray(0, size)).toEqual(value);
      const part = store.locate?.(key);
      if (key.endsWith(".json")) expect(part).toBe(undefined);
      else expect(bytes.subarray(part?.offset, (part?.offset ?? 0) + size)).toEqual(value);
    }
    expect(store.readSync?.("/0/c/9/9", new Uint8Array(1))).toBe(0);
  });

  test("cannot be read by blocking before it is known where they are", async () => {
    const store = await openBytes(files[1]?.[1] ?? new Uint8Array(0));
    const target = new Uint8Array(WIDTH * HEIGHT * 2);
    expect(store.readSync?.("/0/c/0/0", target)).toBe(undefined);
    await store.get("/0/c/0/0");
    expect(store.readSync?.("/0/c/0/0", target)).toBe(target.length);
    expect(target).toEqual(bytesOf(PIXELS));
  });

  test("are not there where pixels are decoded, and how many bytes they are in the file is told", async () => {
    const deflated = new Uint8Array(deflateSync(bytesOf(PIXELS)));
    const fields: Field[] = [
      ...basicFields(WIDTH, HEIGHT).filter(([tag]) => tag !== 259),
      [259, "short", [8]],
      [317, "short", [2]],
    ];
    const store = await openBytes(buildTiff([{ fields, segments: [deflated] }]));
    expect(store.readSync).toBe(undefined);
    expect(await store.storedBytesOf?.("/0")).toBe(deflated.length);
    const plain = await openBytes(buildTiff([grayPage({ ...PAGE, rows: 16 }), grayPage(PAGE)]));
    expect(await plain.storedBytesOf?.("/0")).toBe(2 * WIDTH * HEIGHT * 2);
  });
});
