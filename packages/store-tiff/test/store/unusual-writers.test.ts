import { deflateSync } from "node:zlib";
import { isOzxError } from "@ozx/core";
import { describe, expect, test } from "vitest";
import {
  basicFields,
  buildTiff,
  bytesOf,
  type Field,
  grayPage,
  type PageToWrite,
  planePixels,
} from "../fixtures/build-tiff.js";
import { documentAt, openBytes } from "../fixtures/open.js";
import { readPlane } from "../fixtures/read-plane.js";
import { restartJpeg } from "../fixtures/restart-jpeg.js";

const [WIDTH, HEIGHT] = [45, 37];
const PIXELS = planePixels(0, WIDTH, HEIGHT);
const BYTES = bytesOf(PIXELS);
const PAGE = { width: WIDTH, height: HEIGHT, pixels: PIXELS };

/** The page with its fields as they are replaced. */
function withFields(page: PageToWrite, ...fields: Field[]): PageToWrite {
  const tags = fields.map(([tag]) => tag as number);
  return { ...page, fields: [...page.fields.filter(([tag]) => !tags.includes(tag)), ...fields] };
}

const strips = grayPage({ ...PAGE, rows: 10 });
const oneStrip = grayPage(PAGE);
const deflated: PageToWrite = {
  ...withFields(oneStrip, [259, "short", [8]]),
  segments: [new Uint8Array(deflateSync(BYTES))],
};
const tiled: PageToWrite = {
  fields: [...basicFields(WIDTH, HEIGHT), [322, "long", [48]], [323, "long", [48]]],
  segments: [tileOf(PIXELS, 48)],
  tiled: true,
};

function tileOf(pixels: Uint16Array, size: number): Uint8Array {
  const tile = new Uint16Array(size * size);
  for (let y = 0; y < HEIGHT; y++) tile.set(pixels.subarray(y * WIDTH, (y + 1) * WIDTH), y * size);
  return bytesOf(tile);
}

describe("pixels are found where a page does not say, or lies about,", () => {
  test.each<[string, PageToWrite]>([
    ["the bytes of strips, which are 0", { ...strips, counts: [0, 0, 0, 0] }],
    ["the bytes of strips, which are not listed", { ...strips, counts: [] }],
    ["the bytes of its strip, which are 0", { ...oneStrip, counts: [0] }],
    ["the bytes of its strip, which are too few", { ...oneStrip, counts: [100] }],
    ["the bytes of its strip, which are more than the file has", { ...oneStrip, counts: [1e9] }],
    ["the bytes of its compressed strip, which are 0", { ...deflated, counts: [0] }],
    ["the bytes of its compressed strip, which are not listed", { ...deflated, counts: [] }],
    ["the bytes of its tile, which are 0", { ...tiled, counts: [0] }],
    ["the rows of its strips", { ...strips, fields: strips.fields.filter(([tag]) => tag !== 278) }],
    ["the format of its samples (4: undefined)", withFields(oneStrip, [339, "short", [4]])],
  ])("%s", async (_, page) => {
    const store = await openBytes(buildTiff([page]));
    expect(await readPlane(store, "/0")).toEqual(BYTES);
  });
});

describe("what is sound but not supported is refused without calling the file damaged:", () => {
  const rgb = (...fields: Field[]): PageToWrite =>
    withFields(
      { fields: basicFields(WIDTH, HEIGHT, 8, 3), segments: [new Uint8Array(WIDTH * HEIGHT * 3)] },
      ...fields,
    );
  const compressed = new Uint8Array(deflateSync(new Uint8Array(WIDTH * HEIGHT * 3)));
  test.each<[string, PageToWrite, RegExp]>([
    ["YCbCr", rgb([262, "short", [6]]), /YCbCr with no compression, which is only supported with JPEG/],
    [
      "YCbCr in Deflate",
      { ...rgb([262, "short", [6]], [259, "short", [8]]), segments: [compressed] },
      /YCbCr with the compression Deflate/,
    ],
    ["samples of 5, 6 and 5 bits", rgb([258, "short", [5, 6, 5]]), /samples of different bits/],
    ["tiles with a depth", withFields(oneStrip, [32_997, "long", [4]]), /a depth \(ImageDepth\)/],
  ])("%s", async (_, page, message) => {
    const error: unknown = await openBytes(buildTiff([page])).catch((reason: unknown) => reason);
    expect(isOzxError(error, "Unsupported")).toBe(true);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
    expect(error).toMatchObject({ message: expect.not.stringMatching(/damaged/) });
  });
});

describe("pixels that were never written have the value that GDAL wrote for them:", () => {
  const noData = (text: string): Field => [42_113, "ascii", text];
  test.each<[string, PageToWrite, number]>([
    ["a strip", { ...strips, segments: strips.segments.map((one, k) => (k === 1 ? undefined : one)) }, 10],
    [
      "a compressed strip",
      {
        ...withFields(strips, [259, "short", [8]], [317, "short", [1]]),
        segments: strips.segments.map((one, k) =>
          one === undefined || k === 1 ? undefined : new Uint8Array(deflateSync(one)),
        ),
      },
      10,
    ],
    ["a tile", { ...tiled, segments: [undefined] }, 0],
  ])("%s", async (what, page, top) => {
    const expected = PIXELS.slice();
    expected.fill(700, top * WIDTH, what === "a tile" ? undefined : (top + 10) * WIDTH);
    const store = await openBytes(buildTiff([withFields(page, noData("700"))]));
    expect(await readPlane(store, "/0")).toEqual(bytesOf(expected));
    // A value that the pixels cannot have, and one that is no number, are none.
    for (const text of ["-9999", "1e9", "0.5", "x", "nan"]) {
      const other = await openBytes(buildTiff([withFields(page, noData(text))]));
      expect((await documentAt(other, "/0/zarr.json"))["fill_value"], text).toBe(0);
    }
  });

  test("floating-point numbers may be none", async () => {
    for (const [text, value] of [
      ["nan", "NaN"],
      ["-inf", "-Infinity"],
      ["-9999.5", -9999.5],
    ] as const) {
      const page = {
        ...tiled,
        fields: [...withFields(tiled, [258, "short", [32]], [339, "short", [3]]).fields, noData(text)],
        segments: [undefined],
      };
      const store = await openBytes(buildTiff([page]));
      expect((await documentAt(store, "/0/zarr.json"))["fill_value"]).toBe(value);
      const [found] = new Float32Array((await readPlane(store, "/0")).buffer);
      expect(found).toBe(Number(value));
    }
  });
});

// Which Bio-Formats' own reader, and with other names of the software no other reader, takes for red, green and blue.
describe("planes of JPEG that are called YCbCr", () => {
  const planes = [200, 100, 30].map((value) =>
    restartJpeg([value, value, value, value], { width: 16, height: 16, interval: 4 }),
  );
  const page: PageToWrite = withFields(
    { fields: basicFields(16, 16, 8, 3), segments: planes.map(({ bytes }) => bytes) },
    [259, "short", [7]],
    [262, "short", [6]],
    [278, "long", [16]],
    [284, "short", [2]],
  );

  test("are colours where Bio-Formats wrote them", async () => {
    const store = await openBytes(buildTiff([withFields(page, [305, "ascii", "OME Bio-Formats 7.3.1"])]));
    for (const [c, value] of [200, 100, 30].entries()) {
      expect(await readPlane(store, "/0", { c })).toEqual(new Uint8Array(256).fill(value));
    }
  });

  test("are refused by name where others did", async () => {
    const store = await openBytes(buildTiff([page]));
    await expect(readPlane(store, "/0")).rejects.toThrow("JPEG with planes of YCbCr");
  });
});
