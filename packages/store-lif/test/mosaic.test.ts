import { describe, expect, test } from "vitest";
import { readPlane } from "../../store-tiff/test/fixtures/read-plane.js";
import type { LifStore } from "../src/index.js";
import {
  buildLif,
  type LifImageToWrite,
  someBytes,
  type TileToWrite,
  tileScanXml,
} from "./fixtures/build-lif.js";
import { omeAt, openBytes } from "./fixtures/open.js";

const [X, Y, Z, TILE] = [1, 2, 3, 10];
const [WIDTH, HEIGHT] = [12, 10];
const PLANE = WIDTH * HEIGHT;
/** Meters. */
const PIXEL = 2e-7;

type Flags = Parameters<typeof tileScanXml>[1];

/** Two columns and two rows, so many pixels apart; column by column, as a stage goes. */
const square = (across: number, down: number): TileToWrite[] =>
  [0, 1].flatMap((column) =>
    [0, 1].map(
      (row): TileToWrite => [column, row, 1e-3 + column * across * PIXEL, 2e-3 + row * down * PIXEL],
    ),
  );

function mosaic(tiles: readonly TileToWrite[], flags?: Flags, count = tiles.length): LifImageToWrite {
  return {
    name: "s",
    dimensions: [
      [X, WIDTH, 1],
      [Y, HEIGHT, WIDTH],
      [Z, 2, PLANE],
      [TILE, count, 2 * PLANE],
    ],
    bytes: someBytes(2 * PLANE * count),
    more: tileScanXml(tiles, flags),
  };
}

/** What tiles painted one after another become, by the places that are known of them. */
function painted(
  { bytes }: LifImageToWrite,
  places: readonly (readonly [x: number, y: number])[],
  z: number,
): Uint8Array {
  const width = Math.max(...places.map(([x]) => x)) + WIDTH;
  const height = Math.max(...places.map(([, y]) => y)) + HEIGHT;
  const plane = new Uint8Array(width * height);
  for (const [k, [left, top]] of places.entries()) {
    for (let y = 0; y < HEIGHT; y++) {
      const from = (2 * k + z) * PLANE + y * WIDTH;
      plane.set(bytes.subarray(from, from + WIDTH), (top + y) * width + left);
    }
  }
  return plane;
}

async function translationOf(store: LifStore, path: `/${string}` = "/"): Promise<number[] | undefined> {
  const { multiscales } = (await omeAt(store, path)) as {
    multiscales: { datasets: { coordinateTransformations: { translation?: number[] }[] }[] }[];
  };
  const { translation } = multiscales[0]?.datasets[0]?.coordinateTransformations[1] ?? {};
  return translation?.slice(-2).map((offset) => Number(offset.toFixed(6)));
}

describe("the tiles of a mosaic are one image where they are whole pixels apart", () => {
  test("side by side, as they are in the file", async () => {
    const one = mosaic(square(WIDTH, HEIGHT));
    const store = await openBytes(buildLif([one]));
    expect(store.findings).toEqual([]);
    expect(store.arrays.get("/0")).toMatchObject({
      shape: [1, 2, 2 * HEIGHT, 2 * WIDTH],
      chunkShape: [1, 1, HEIGHT, WIDTH],
      access: "plain",
    });
    const places = [
      [0, 0],
      [0, HEIGHT],
      [WIDTH, 0],
      [WIDTH, HEIGHT],
    ] as const;
    expect(await readPlane(store, "/0", { z: 1 })).toEqual(painted(one, places, 1));
    expect(await translationOf(store)).toEqual([2000, 1000]);
  });
  test("of large tiles, whose parts are chunks", async () => {
    const [width, height] = [2048, 1536];
    const one: LifImageToWrite = {
      name: "s",
      dimensions: [
        [X, width, 1],
        [Y, height, width],
        [TILE, 2, width * height],
      ],
      bytes: someBytes(2 * width * height),
      more: tileScanXml([
        [0, 0, 0, 0],
        [1, 0, width * PIXEL, 0],
      ]),
    };
    const store = await openBytes(buildLif([one]));
    expect(store.arrays.get("/0")).toMatchObject({ chunkShape: [1, 512, width], access: "plain" });
    expect(await store.get("/0/c/0/2/1")).toEqual(
      one.bytes.slice(width * height + 2 * 512 * width, width * height + 3 * 512 * width),
    );
  });
  test("that leave gaps, which are 0", async () => {
    const one = mosaic([
      [0, 0, 0, 0],
      [1, 0, (WIDTH + 3) * PIXEL, 5 * PIXEL],
    ]);
    const store = await openBytes(buildLif([one]));
    expect(await readPlane(store, "/0", { z: 0 })).toEqual(
      painted(
        one,
        [
          [0, 0],
          [WIDTH + 3, 5],
        ],
        0,
      ),
    );
  });
  test("of a grid with a tile that is missing", async () => {
    const one = mosaic(square(WIDTH, HEIGHT).slice(0, 3));
    const store = await openBytes(buildLif([one]));
    expect(await store.get("/0/c/0/0/1/1")).toBeUndefined();
    expect(await readPlane(store, "/0", { z: 0 })).toEqual(
      painted(
        one,
        [
          [0, 0],
          [0, HEIGHT],
          [WIDTH, 0],
        ],
        0,
      ),
    );
  });
  test("of colours, blue first", async () => {
    const one: LifImageToWrite = {
      name: "s",
      dimensions: [
        [X, WIDTH, 3],
        [Y, HEIGHT, 3 * WIDTH],
        [TILE, 2, 3 * PLANE],
      ],
      channels: [
        [0, 3],
        [1, 2],
        [2, 1],
      ],
      bytes: someBytes(6 * PLANE),
      more: tileScanXml([
        [0, 0, 0, 0],
        [1, 0, (WIDTH + 2) * PIXEL, 0],
      ]),
    };
    const red = { ...one, bytes: new Uint8Array(4 * PLANE) };
    for (const k of [0, 1]) {
      for (let at = 0; at < PLANE; at++)
        red.bytes[2 * k * PLANE + at] = one.bytes[3 * (k * PLANE + at) + 2] ?? 0;
    }
    const store = await openBytes(buildLif([one]));
    expect(await readPlane(store, "/0", { c: 0 })).toEqual(
      painted(
        red,
        [
          [0, 0],
          [WIDTH + 2, 0],
        ],
        0,
      ),
    );
  });
  // As LAS X merges them.
  test.each<[string, Flags, readonly (readonly [number, number])[], number[]]>([
    [
      "in x",
      { flipX: true },
      [
        [20, 0],
        [20, 30],
        [0, 0],
        [0, 30],
      ],
      [2000, -1004],
    ],
    [
      "in y",
      { flipY: true },
      [
        [0, 30],
        [0, 0],
        [20, 30],
        [20, 0],
      ],
      [-2006, 1000],
    ],
    [
      "in both",
      { flipX: true, flipY: true },
      [
        [20, 30],
        [20, 0],
        [0, 30],
        [0, 0],
      ],
      [-2006, -1004],
    ],
    [
      "x for y",
      { swapXY: true },
      [
        [0, 0],
        [30, 0],
        [0, 20],
        [30, 20],
      ],
      [1000, 2000],
    ],
    [
      "in both, and x for y",
      { flipX: true, flipY: true, swapXY: true },
      [
        [30, 20],
        [0, 20],
        [30, 0],
        [0, 0],
      ],
      [-1004, -2006],
    ],
  ])("turned %s", async (_, flags, places, translation) => {
    const one = mosaic(square(20, 30), flags);
    const store = await openBytes(buildLif([one]));
    expect(await readPlane(store, "/0", { z: 1 })).toEqual(painted(one, places, 1));
    expect(await translationOf(store)).toEqual(translation);
  });
  test("whose columns are running numbers, as in an outline drawn by hand", async () => {
    const tiles = square(WIDTH, HEIGHT).map(([, , x, y], k): TileToWrite => [k, 0, x, y]);
    expect((await openBytes(buildLif([mosaic(tiles)]))).arrays.size).toBe(1);
  });
});

describe("the tiles of a mosaic are images of their own, and it is said", () => {
  const whole = square(WIDTH, HEIGHT);
  test.each<[string, LifImageToWrite]>([
    ["whose positions are not said", mosaic([], undefined, 4)],
    ["of which 3 have positions", mosaic(whole.slice(1), undefined, 4)],
    ["whose positions are not whole pixels apart", mosaic(square(WIDTH - 0.5, HEIGHT))],
    ["whose positions are not whole pixels apart", mosaic(square(Number.NaN, HEIGHT))],
    ["whose axes are turned in a way that is not known", mosaic(whole, { flipX: true, swapXY: true })],
    ["which overlap, so that pixels would be lost", mosaic(square(0, HEIGHT))],
    ["which overlap, so that pixels would be lost", mosaic(square(WIDTH - 1, HEIGHT - 2))],
    ["which lie far apart", mosaic(square(1000 * WIDTH, HEIGHT))],
    [
      "whose rows and columns contradict their positions",
      mosaic(whole.map(([column, row, x, y]): TileToWrite => [1 - column, row, x, y])),
    ],
    [
      "whose pixel size is not known",
      {
        ...mosaic(whole),
        dimensions: [
          [X, WIDTH, 1, 0],
          [Y, HEIGHT, WIDTH, 0],
          [TILE, 4, 2 * PLANE],
        ],
      },
    ],
  ])("%s", async (reason, one) => {
    const store = await openBytes(buildLif([one]));
    expect(store.arrays.size).toBe(4);
    expect(store.findings?.map(({ message }) => message)).toEqual([
      `The tiles of 1 mosaic in project.lif are images of their own: those of "s", ${reason}.`,
    ]);
    expect(await readPlane(store, "/2/0", { z: 0 })).toEqual(one.bytes.slice(4 * PLANE, 5 * PLANE));
  });
  test("with where they are, turned as the image is", async () => {
    const store = await openBytes(buildLif([mosaic(square(9.5, 8), { flipX: true, flipY: true })]));
    expect(await translationOf(store, "/3")).toEqual([-2001.6, -1001.9]);
    const { multiscales } = (await omeAt(store, "/3")) as { multiscales: { name: string }[] };
    expect(multiscales[0]?.name).toBe("s tile 4");
  });
});
