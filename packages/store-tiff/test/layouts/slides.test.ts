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

/** A page of tiles of 16 × 16, of which `shown` of its pixels are the picture. */
function tiledPage(
  n: number,
  [width, height]: readonly [number, number],
  fields: readonly Field[] = [],
  shown: readonly [number, number] = [width, height],
): PageToWrite {
  const pixels = planePixels(n, ...shown);
  const [across, down] = [Math.ceil(width / 16), Math.ceil(height / 16)];
  const tiles = Array.from({ length: across * down }, (_, tile) => {
    const [top, left] = [Math.floor(tile / across) * 16, (tile % across) * 16];
    return new Uint16Array(256).map((_, k) => {
      const [y, x] = [top + Math.floor(k / 16), left + (k % 16)];
      return x < shown[0] && y < shown[1] ? (pixels[y * shown[0] + x] ?? 0) : 9999;
    });
  });
  return {
    fields: [...basicFields(width, height), [322, "long", [16]], [323, "long", [16]], ...fields],
    segments: tiles.map((tile) => bytesOf(tile)),
    tiled: true,
  };
}

describe("a slide of Leica", () => {
  const image = (name: string, view: string, dimensions: string): string =>
    `<image name="${name}"><creationDate>2012-02-02T11:23:09Z</creationDate><pixels sizeX="48" sizeY="32">${dimensions}</pixels><view ${view}/><scanSettings><objectiveSettings><objective>20</objective></objectiveSettings></scanSettings></image>`;
  const xml = (images: string): Field => [
    270,
    "ascii",
    `<?xml version="1.0"?><scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01"><collection name="c" sizeX="26564" sizeY="76734"><barcode>patient</barcode>${images}</collection></scn>`,
  ];
  const overview = image(
    "overview",
    'sizeX="26564" sizeY="76734" offsetX="0" offsetY="0"',
    '<dimension sizeX="32" sizeY="16" r="0" ifd="0"/>',
  );
  const scan = image(
    "scan",
    'sizeX="24000" sizeY="16000" offsetX="100" offsetY="200" spacingZ="1000"',
    [0, 1]
      .map((c) => `<dimension r="0" c="${c}" ifd="${1 + c}"/><dimension r="1" c="${c}" ifd="${3 + c}"/>`)
      .join(""),
  );
  const pages = (description: Field): PageToWrite[] => [
    tiledPage(0, [32, 16], [description]),
    ...[1, 2].map((n) => tiledPage(n, [48, 32])),
    ...[3, 4].map((n) => tiledPage(n, [24, 16])),
  ];

  test("has the planes and levels that its XML lists, without the picture of the glass", async () => {
    const store = await openBytes(buildTiff(pages(xml(overview + scan)), { big: true }));
    expect([...store.arrays.keys()]).toEqual(["/0", "/1"]);
    expect(await readPlane(store, "/0", { c: 1 })).toEqual(bytesOf(planePixels(2, 48, 32)));
    expect(await readPlane(store, "/1", { c: 1 })).toEqual(bytesOf(planePixels(4, 24, 16)));
    const document = await documentAt(store, "/zarr.json");
    expect(document).toMatchObject({
      attributes: {
        leica: { objective: "20", creationDate: "2012-02-02T11:23:09Z" },
        ome: {
          multiscales: [
            { name: "scan", datasets: [{ coordinateTransformations: [{ scale: [1, 0.5, 0.5] }] }, {}] },
          ],
        },
      },
    });
    expect(JSON.stringify(document)).not.toContain("patient");
    expect(store.findings[0]?.message).toMatch(/1 picture of the whole glass/);
  });

  test("has several images where several parts of the glass were scanned", async () => {
    const other = image("other", 'sizeX="100" sizeY="100" offsetX="5" offsetY="5"', '<dimension ifd="4"/>');
    const store = await openBytes(buildTiff(pages(xml(overview + scan + other))));
    expect([...store.arrays.keys()]).toEqual(["/0/0", "/0/1", "/1/0"]);
    expect(await readPlane(store, "/1/0")).toEqual(bytesOf(planePixels(4, 24, 16)));
  });

  test("that lists pages which it has not is damaged", async () => {
    const lie = image("lie", 'sizeX="1" sizeY="1" offsetX="1" offsetY="1"', '<dimension ifd="77"/>');
    await expect(openBytes(buildTiff(pages(xml(lie))))).rejects.toThrow(/has 5 pages, and lists page 77/);
  });
});

describe("a slide of Philips", () => {
  const spacing = (mm: number): string =>
    `<DataObject ObjectType="PixelDataRepresentation"><Attribute Name="DICOM_PIXEL_SPACING">&quot;${mm}&quot; &quot;${mm}&quot;</Attribute></DataObject>`;
  const description = `<DataObject ObjectType="DPUfsImport"><Attribute Name="A"><Array>${spacing(0.00025)}${spacing(0.0005)}${spacing(0.001)}</Array></Attribute></DataObject>`;
  const fields: Field[] = [
    [305, "ascii", "Philips DP v1.0"],
    [270, "ascii", description],
  ];

  test("has levels without what fills up their tiles", async () => {
    const store = await openBytes(
      buildTiff([
        tiledPage(0, [80, 48], fields),
        tiledPage(1, [48, 32], [], [40, 24]),
        tiledPage(2, [32, 16], [], [20, 12]),
        tiledPage(3, [16, 16], [[270, "ascii", "Macro"]]),
        grayPage({ width: 9, height: 7, pixels: planePixels(4, 9, 7), fields: [[270, "ascii", "Label"]] }),
      ]),
    );
    expect([...store.arrays.values()].map(({ shape }) => shape)).toEqual([
      [48, 80],
      [24, 40],
      [12, 20],
    ]);
    for (const [k, [width, height]] of (
      [
        [80, 48],
        [40, 24],
        [20, 12],
      ] as const
    ).entries()) {
      expect(await readPlane(store, `/${k}`)).toEqual(bytesOf(planePixels(k, width, height)));
    }
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: {
        ome: {
          multiscales: [
            {
              datasets: [0.25, 0.5, 1].map((size) => ({
                coordinateTransformations: [{ scale: [size, size] }],
              })),
            },
          ],
        },
      },
    });
    expect(store.findings[0]?.message).toMatch(/2 more pictures .*label/);
  });

  test("leaves out levels that do not fit its XML, and says so", async () => {
    const store = await openBytes(buildTiff([tiledPage(0, [80, 48], fields), tiledPage(1, [64, 48], [])]));
    expect([...store.arrays.keys()]).toEqual(["/0"]);
    expect(store.findings[0]?.message).toMatch(/64 × 48/);
  });
});
