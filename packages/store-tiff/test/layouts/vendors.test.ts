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
import { HEIGHT, planeBytes, runOf, stackOf, upTo, WIDTH } from "../fixtures/stack.js";

/** A page of one tile. */
function tiledPage(n: number, width: number, height: number, fields: readonly Field[] = []): PageToWrite {
  const pixels = new Uint16Array(32 * 32);
  for (const [k, value] of planePixels(n, width, height).entries()) {
    pixels[Math.floor(k / width) * 32 + (k % width)] = value;
  }
  return {
    fields: [...basicFields(width, height), [322, "long", [32]], [323, "long", [32]], ...fields],
    segments: [bytesOf(pixels)],
    tiled: true,
  };
}

describe("a slide", () => {
  test("of Aperio has levels of its first page, and neither label nor macro image", async () => {
    const description = (rest = "|AppMag = 20|MPP = 0.4990"): Field => [
      270,
      "ascii",
      `Aperio Image Library v11\r\n32x24${rest}`,
    ];
    const strip = (n: number, width: number, height: number, subfile: number) =>
      grayPage({
        width,
        height,
        pixels: planePixels(n, width, height),
        fields: [description(""), [254, "long", [subfile]]],
      });
    const store = await openBytes(
      buildTiff([
        tiledPage(0, 32, 24, [description()]),
        strip(1, 8, 6, 0),
        tiledPage(2, 16, 12, [description()]),
        strip(3, 11, 5, 1),
        strip(4, 10, 7, 9),
      ]),
    );
    expect([...store.arrays.keys()]).toEqual(["/0", "/1"]);
    expect(await readPlane(store, "/1")).toEqual(bytesOf(planePixels(2, 16, 12)));
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: {
        aperio: { AppMag: "20" },
        ome: {
          multiscales: [
            {
              datasets: [
                { coordinateTransformations: [{ scale: [0.499, 0.499] }] },
                { coordinateTransformations: [{ scale: [0.998, 0.998] }] },
              ],
            },
          ],
        },
      },
    });
    expect(store.findings[0]?.message).toMatch(/3 more pictures .* such as its label/);
  });

  test("of PerkinElmer has channels with the names and colours of its pages", async () => {
    const xml = (name: string, color: string): Field[] => [
      [305, "ascii", "PerkinElmer-QPI"],
      [270, "ascii", `<P><Name>${name}</Name><Color>${color}</Color></P>`],
    ];
    const store = await openBytes(
      buildTiff([
        tiledPage(0, 32, 24, xml("DAPI", "0,0,255")),
        tiledPage(1, 32, 24, xml("Opal 520", "0,255,0")),
        grayPage({ width: 8, height: 6, pixels: planePixels(9, 8, 6) }),
        tiledPage(2, 16, 12, [[254, "long", [1]]]),
        tiledPage(3, 16, 12, [[254, "long", [1]]]),
      ]),
    );
    expect(await readPlane(store, "/1", { c: 1 })).toEqual(bytesOf(planePixels(3, 16, 12)));
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: {
        ome: {
          omero: {
            channels: [
              { label: "DAPI", color: "0000FF" },
              { label: "Opal 520", color: "00FF00" },
            ],
          },
        },
      },
    });
  });

  test("of Roche, whose tiles overlap, is refused", async () => {
    const xmp: Field = [700, "bytes", new TextEncoder().encode("<Metadata><iScan/></Metadata>")];
    await expect(openBytes(buildTiff([tiledPage(0, 32, 24, [xmp])]))).rejects.toThrow(/Roche BIF/);
  });
});

describe("pages of several sizes", () => {
  test("that are marked as reduced are levels", async () => {
    const reduced: Field = [254, "long", [1]];
    const pages = [tiledPage(0, 32, 24), tiledPage(1, 16, 12, [reduced]), tiledPage(2, 8, 6, [reduced])];
    const store = await openBytes(buildTiff(pages));
    expect([...store.arrays.keys()]).toEqual(["/0", "/1", "/2"]);
    expect(await readPlane(store, "/2")).toEqual(bytesOf(planePixels(2, 8, 6)));
  });

  test("that are unlike are images of a collection", async () => {
    const page = (n: number, width: number) =>
      grayPage({ width, height: 5, pixels: planePixels(n, width, 5) });
    const store = await openBytes(buildTiff([page(0, 7), page(1, 9), page(2, 7)]));
    expect(await readPlane(store, "/0/0", { z: 1 })).toEqual(bytesOf(planePixels(2, 7, 5)));
    expect(await readPlane(store, "/1/0")).toEqual(bytesOf(planePixels(1, 9, 5)));
  });
});

test("a Zeiss LSM has channels in its pages, and thumbnails between them", async () => {
  const info = new DataView(new ArrayBuffer(280));
  info.setInt32(16, 2, true);
  info.setInt32(20, 2, true);
  info.setInt32(24, 3, true);
  for (const [k, metres] of [1e-7, 2e-7, 5e-7].entries()) info.setFloat64(40 + 8 * k, metres, true);
  info.setUint16(88, 6, true);
  info.setFloat64(112, 1.5, true);
  // The record of colours is written at the start of the file.
  info.setUint32(108, 8, true);
  const names = [..."Ch1\0Ch2-T2\0"].map((letter) => letter.charCodeAt(0));
  const colors = new DataView(new ArrayBuffer(24 + 8 + 8 + 11));
  for (const [k, value] of [colors.byteLength, 2, 2, 24, 32].entries()) colors.setUint32(4 * k, value, true);
  colors.setUint32(24, 0x0000ff, true);
  colors.setUint32(28, 0x00ff00, true);
  const bytes = new Uint8Array(colors.buffer);
  colors.setUint32(32, 4, true);
  bytes.set(names.slice(0, 4), 36);
  colors.setUint32(40, 7, true);
  bytes.set(names.slice(4), 44);
  const pages = upTo(6).flatMap((k): PageToWrite[] => [
    {
      fields: [
        ...basicFields(WIDTH, HEIGHT, 16, 2),
        [284, "short", [2]],
        ...(k === 0 ? [[34_412, "bytes", new Uint8Array(info.buffer)] as const] : []),
      ],
      segments: [planeBytes(2 * k), planeBytes(2 * k + 1)],
    },
    grayPage({ width: 4, height: 3, pixels: planePixels(k, 4, 3), fields: [[254, "long", [1]]] }),
  ]);
  const store = await openBytes(buildTiff(pages, { start: bytes }));
  for (const [t, c, z] of [
    [0, 1, 0],
    [2, 0, 1],
    [1, 1, 1],
  ] as const) {
    expect(await readPlane(store, "/0", { t, c, z })).toEqual(planeBytes(2 * (2 * t + z) + c));
  }
  expect(await documentAt(store, "/zarr.json")).toMatchObject({
    attributes: {
      ome: {
        multiscales: [{ datasets: [{ coordinateTransformations: [{ scale: [1.5, 1, 0.5, 0.2, 0.1] }] }] }],
        omero: {
          channels: [
            { label: "Ch1", color: "FF0000" },
            { label: "Ch2-T2", color: "00FF00" },
          ],
        },
      },
    },
  });
});

test("a MetaMorph stack has as many planes as UIC2 has rows", async () => {
  const rows = new Uint8Array(
    new Uint32Array(upTo(3).flatMap((k) => [500, 1000, 2_451_545, 1000 * k, 0, 0])).buffer,
  );
  const patch = (file: Uint8Array): Uint8Array => {
    // Its count is that of the planes, though each has six numbers.
    const view = new DataView(file.buffer);
    const ifd = view.getUint32(4, true);
    for (let k = 0; k < view.getUint16(ifd, true); k++) {
      const at = ifd + 2 + 12 * k;
      if (view.getUint16(at, true) === 33_629) view.setUint32(at + 4, 3, true);
    }
    return file;
  };
  const numbers = new Uint32Array(rows.buffer);
  const pairs = upTo(9).map((k): [number, number] => [numbers[2 * k] ?? 0, numbers[2 * k + 1] ?? 0]);
  const fields: Field[] = [[33_629, "rational", pairs]];
  const store = await openBytes(patch(runOf(upTo(3), fields)));
  expect(await readPlane(store, "/0", { z: 2 })).toEqual(planeBytes(2));
});

test("a recording by ScanImage has channels fastest, then frames, then slices", async () => {
  const settings = [
    "SI.hChannels.channelSave = [1;3]",
    "SI.hStackManager.framesPerSlice = 2",
    "SI.hStackManager.numSlices = 3",
    "SI.hStackManager.stackZStepSize = 2",
    "SI.hFastZ.enable = false",
  ].join("\n");
  const pages = upTo(12).map((n) =>
    grayPage({
      width: WIDTH,
      height: HEIGHT,
      pixels: planePixels(n, WIDTH, HEIGHT),
      fields: [[305, "ascii", settings]],
    }),
  );
  const store = await openBytes(buildTiff(pages, { big: true }));
  for (const [t, c, z] of [
    [1, 0, 0],
    [0, 1, 2],
    [1, 1, 1],
  ] as const) {
    expect(await readPlane(store, "/0", { t, c, z })).toEqual(planeBytes((z * 2 + t) * 2 + c));
  }
});

test("a stack by tifffile has the axes of its JSON", async () => {
  const text = JSON.stringify({ shape: [2, 3, HEIGHT, WIDTH], axes: "CTYX" });
  for (const bytes of [stackOf(upTo(6), text), runOf(upTo(6), [[270, "ascii", text]])]) {
    const store = await openBytes(bytes);
    expect(await readPlane(store, "/0", { c: 1, t: 2 })).toEqual(planeBytes(5));
    expect(store.findings).toEqual([]);
  }
});

test("a stack by tifffile with one IFD has all of its planes, also where its JSON has no axes", async () => {
  for (const [axes, found] of [
    ["", "z"],
    [', "axes": "QYX"', "z"],
    [', "axes": "TYX"', "t"],
  ] as const) {
    const description = `{"shape": [3, ${HEIGHT}, ${WIDTH}]${axes}}`;
    const store = await openBytes(runOf(upTo(3), [[270, "ascii", description]]));
    for (const n of upTo(3)) expect(await readPlane(store, "/0", { [found]: n })).toEqual(planeBytes(n));
    expect(store.findings.map(({ rule }) => rule)).toEqual(axes.includes("T") ? [] : ["unknown-axis"]);
  }
  // A shape that the file is too short for says nothing of its page.
  const short = await openBytes(runOf(upTo(2), [[270, "ascii", `{"shape": [9, ${HEIGHT}, ${WIDTH}]}`]]));
  expect(await readPlane(short, "/0")).toEqual(planeBytes(0));
});

test("a stack by tifffile with axes has the lower resolutions of its SubIFDs", async () => {
  const half = (n: number) =>
    grayPage({ width: 6, height: 5, pixels: planePixels(n, 6, 5), fields: [[254, "long", [1]]] });
  const pages = upTo(2).map((n) => ({
    ...grayPage({
      width: WIDTH,
      height: HEIGHT,
      pixels: planePixels(n, WIDTH, HEIGHT),
      fields: [[270, "ascii", `{"shape": [2, ${HEIGHT}, ${WIDTH}], "axes": "TYX"}`]],
    }),
    subs: [half(n + 7)],
  }));
  const store = await openBytes(buildTiff(pages));
  expect(await readPlane(store, "/1", { t: 1 })).toEqual(bytesOf(planePixels(8, 6, 5)));
});
