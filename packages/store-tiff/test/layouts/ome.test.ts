import { describe, expect, test } from "vitest";
import { basicFields, buildTiff, grayPage, planePixels } from "../fixtures/build-tiff.js";
import { documentAt, openBytes, openInFolder } from "../fixtures/open.js";
import { readPlane } from "../fixtures/read-plane.js";
import { HEIGHT, omeImage, omeXml, planeBytes, stackOf, upTo, WIDTH } from "../fixtures/stack.js";

/** The number of a plane where z changes fastest, then c. */
const numberAt = (t: number, c: number, z: number): number => (t * 3 + c) * 4 + z;
const EVERY = [0, 1].flatMap((t) => [0, 1, 2].flatMap((c) => upTo(4).map((z) => ({ t, c, z }))));
const SIZES = { t: 2, c: 3, z: 4 };

describe("the planes of an OME-TIFF", () => {
  test.each(["XYZCT", "XYZTC", "XYCTZ", "XYCZT", "XYTCZ", "XYTZC"])("are in the order %s", async (order) => {
    const axes = [...order.slice(2).toLowerCase()] as ("t" | "c" | "z")[];
    const planes = [...EVERY].sort((a, b) => {
      const [fast, middle, slow] = axes as ["t", "c", "z"];
      return a[slow] - b[slow] || a[middle] - b[middle] || a[fast] - b[fast];
    });
    const store = await openBytes(
      stackOf(
        planes.map(({ t, c, z }) => numberAt(t, c, z)),
        omeXml(omeImage({ ...SIZES, order })),
      ),
    );
    for (const { t, c, z } of EVERY) {
      expect(await readPlane(store, "/0", { t, c, z })).toEqual(planeBytes(numberAt(t, c, z)));
    }
  });

  test("are where one TiffData each says", async () => {
    const shuffled = EVERY.map((_, k) => (k * 7 + 5) % EVERY.length);
    const tiffData = EVERY.map(
      ({ t, c, z }, k) =>
        `<TiffData IFD="${shuffled[k]}" FirstT="${t}" FirstC="${c}" FirstZ="${z}" PlaneCount="1"/>`,
    ).join("");
    const pages = upTo(EVERY.length).map((page) => shuffled.indexOf(page));
    const store = await openBytes(stackOf(pages, omeXml(omeImage({ ...SIZES, tiffData }))));
    for (const [k, at] of EVERY.entries()) expect(await readPlane(store, "/0", at)).toEqual(planeBytes(k));
  });

  test("may be counted from 1", async () => {
    const tiffData = '<TiffData FirstZ="1" IFD="0"/><TiffData FirstZ="2" IFD="1"/>';
    const store = await openBytes(stackOf([5, 6], omeXml(omeImage({ z: 2, tiffData }))));
    expect(await readPlane(store, "/0", { z: 0 })).toEqual(planeBytes(5));
    expect(await readPlane(store, "/0", { z: 1 })).toEqual(planeBytes(6));
  });

  test("that were never written are missing, and it is said", async () => {
    const store = await openBytes(stackOf(upTo(22), omeXml(omeImage(SIZES))));
    expect(await store.get("/0/c/1/2/1/0/0")).toBeDefined();
    expect(await store.get("/0/c/1/2/3/0/0")).toBeUndefined();
    expect(store.findings.map(({ message }) => message)).toEqual([
      "2 of the 24 planes of image.tif were never written: they are read as 0.",
    ]);
  });

  test("of RGB count as three channels", async () => {
    const pixels = new Uint16Array(WIDTH * HEIGHT * 3).map((_, k) => k);
    const page = grayPage({ width: WIDTH * 3, height: HEIGHT, pixels });
    const xml = omeXml(omeImage({ c: 3, channels: '<Channel ID="Channel:0:0" SamplesPerPixel="3"/>' }));
    const fields = [...basicFields(WIDTH, HEIGHT, 16, 3), [270, "ascii", xml] as const];
    const store = await openBytes(buildTiff([{ ...page, fields }]));
    expect(await documentAt(store, "/0/zarr.json")).toMatchObject({ shape: [3, HEIGHT, WIDTH] });
    const green = new Uint16Array((await readPlane(store, "/0", { c: 1 })).slice().buffer);
    expect([...green.subarray(0, 3)]).toEqual([1, 4, 7]);
  });
});

describe("the metadata of an OME-TIFF", () => {
  test("becomes scale, units, channels and names", async () => {
    const attributes =
      'PhysicalSizeX="250" PhysicalSizeXUnit="nm" PhysicalSizeY="0.25" PhysicalSizeZ="1.5" PhysicalSizeZUnit="\u00b5m" TimeIncrement="500" TimeIncrementUnit="ms" SignificantBits="12"';
    const channels =
      '<Channel ID="a" Name="DAPI" Color="65535"/><Channel ID="b" Name="GFP &amp; co" Color="16711935"/><Channel ID="c" Name="Cy5" Color="-16776961"/>';
    const xml = omeXml(omeImage({ ...SIZES, attributes, channels, name: "f\u00fcr \u00b5" }));
    const store = await openBytes(stackOf(upTo(24), xml));
    const { attributes: found } = await documentAt(store, "/zarr.json");
    const window = { start: 0, end: 4095, min: 0, max: 4095 };
    expect(found).toMatchObject({
      ome: {
        multiscales: [
          {
            name: "f\u00fcr \u00b5",
            axes: [
              { name: "t", type: "time", unit: "millisecond" },
              { name: "c", type: "channel" },
              { name: "z", type: "space", unit: "micrometer" },
              { name: "y", type: "space", unit: "micrometer" },
              { name: "x", type: "space", unit: "micrometer" },
            ],
            datasets: [
              { path: "0", coordinateTransformations: [{ type: "scale", scale: [500, 1, 1.5, 0.25, 0.25] }] },
            ],
          },
        ],
        omero: {
          channels: [
            { label: "DAPI", color: "0000FF", window },
            { label: "GFP & co", color: "00FF00", window },
            { label: "Cy5", color: "FF0000", window },
          ],
        },
      },
    });
    expect(new TextDecoder().decode(await store.get("/OME/METADATA.ome.xml"))).toBe(xml);
  });

  test("gives no scale for a unit without a length", async () => {
    const attributes = 'PhysicalSizeX="2" PhysicalSizeXUnit="pixel" PhysicalSizeY="0"';
    const store = await openBytes(stackOf([0], omeXml(omeImage({ attributes }))));
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: {
        ome: {
          multiscales: [
            {
              axes: [{ name: "y" }, { name: "x" }],
              datasets: [{ coordinateTransformations: [{ scale: [1, 1] }] }],
            },
          ],
        },
      },
    });
  });

  test("may be Latin-1", async () => {
    const text = omeXml(omeImage({ name: "f\u00fcr" }));
    const latin1 = Uint8Array.from(`${text}\0`, (letter) => letter.charCodeAt(0));
    const page = grayPage({
      width: WIDTH,
      height: HEIGHT,
      pixels: planePixels(0, WIDTH, HEIGHT),
      fields: [[270, "ascii", latin1]],
    });
    const store = await openBytes(buildTiff([page]));
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: { ome: { multiscales: [{ name: "f\u00fcr" }] } },
    });
  });

  test("that defines entities is refused", async () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE OME [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><OME><Image Name="&b;"/></OME>`;
    await expect(openBytes(stackOf([0], bomb))).rejects.toMatchObject({ _tag: "Unsupported" });
  });

  test("that is not well-formed is an error that names the file", async () => {
    await expect(openBytes(stackOf([0], "<OME><Image></OME>"))).rejects.toThrow(
      /the OME-XML of image\.tif is not well-formed XML/,
    );
  });

  test("that is cut off is not OME-XML: the pages are what they are", async () => {
    const store = await openBytes(stackOf([0, 1], omeXml(omeImage({ c: 2 })).slice(0, -20)));
    expect(store.layout.title).toBe("TIFF");
  });
});

describe("several images of an OME-TIFF", () => {
  test("are a collection", async () => {
    const images =
      omeImage({ id: 0, c: 2, tiffData: '<TiffData IFD="0" PlaneCount="2"/>' }) +
      omeImage({ id: 1, tiffData: '<TiffData IFD="2" PlaneCount="1"/>' });
    const store = await openBytes(stackOf([4, 5, 6], omeXml(images)));
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: { ome: { "bioformats2raw.layout": 3 } },
    });
    expect(await documentAt(store, "/OME/zarr.json")).toMatchObject({
      attributes: { ome: { series: ["0", "1"] } },
    });
    expect(await readPlane(store, "/0/0", { c: 1 })).toEqual(planeBytes(5));
    expect(await readPlane(store, "/1/0")).toEqual(planeBytes(6));
  });

  test("are the fields of a plate", async () => {
    const images = upTo(3).map((id) => omeImage({ id, tiffData: `<TiffData IFD="${id}" PlaneCount="1"/>` }));
    const sample = (id: number): string =>
      `<WellSample ID="s${id}" Index="${id}"><ImageRef ID="Image:${id}"/></WellSample>`;
    const body = `<Plate ID="p" Name="P1" Rows="2" Columns="3" RowNamingConvention="letter" ColumnNamingConvention="number"><Well ID="w" Row="1" Column="2">${sample(1)}${sample(0)}</Well><Well ID="v" Row="0" Column="0">${sample(2)}</Well></Plate>`;
    const store = await openBytes(stackOf(upTo(3), omeXml(images.join(""), { body })));
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: {
        ome: {
          plate: {
            name: "P1",
            rows: [{ name: "A" }, { name: "B" }],
            wells: [{ path: "A/1" }, { path: "B/3" }],
            field_count: 2,
          },
        },
      },
    });
    expect(await readPlane(store, "/A/1/0/0")).toEqual(planeBytes(2));
    expect(await readPlane(store, "/B/3/0/0")).toEqual(planeBytes(0));
    expect(await readPlane(store, "/B/3/1/0")).toEqual(planeBytes(1));
  });
});

describe("an OME-TIFF in several files", () => {
  const uuids = upTo(2).map((k) => `urn:uuid:0000000${k}`);
  const tiffData = uuids
    .map(
      (uuid, t) =>
        `<TiffData FirstT="${t}" IFD="0" PlaneCount="3"><UUID FileName="t${t}.ome.tif">${uuid}</UUID></TiffData>`,
    )
    .join("");
  const image = omeImage({ t: 2, z: 3, tiffData });
  const set = Object.fromEntries(
    uuids.map((uuid, t) => [
      `t${t}.ome.tif`,
      stackOf([3 * t, 3 * t + 1, 3 * t + 2], omeXml(image, { uuid })),
    ]),
  );

  test.each(["t0.ome.tif", "t1.ome.tif"])("is whole from %s", async (name) => {
    const store = await openInFolder(set, name);
    for (const n of upTo(6)) {
      expect(await readPlane(store, "/0", { t: Math.floor(n / 3), z: n % 3 })).toEqual(planeBytes(n));
    }
  });

  test("names the file that is missing when its planes are read", async () => {
    const store = await openInFolder({ "t0.ome.tif": set["t0.ome.tif"] as Uint8Array }, "t0.ome.tif");
    expect(await readPlane(store, "/0", { t: 0, z: 2 })).toEqual(planeBytes(2));
    await expect(readPlane(store, "/0", { t: 1 })).rejects.toThrow(/t1\.ome\.tif is missing/);
  });

  test("may have its metadata in a companion file, which can be opened too", async () => {
    const binary = (k: number): string =>
      omeXml("", { uuid: uuids[k] as string, binary: "all.companion.ome" });
    const files = {
      "all.companion.ome": new TextEncoder().encode(omeXml(image, { uuid: "urn:uuid:9" })),
      "t0.ome.tif": stackOf([0, 1, 2], binary(0)),
      "t1.ome.tif": stackOf([3, 4, 5], binary(1)),
    };
    for (const name of Object.keys(files)) {
      const store = await openInFolder(files, name);
      expect(await readPlane(store, "/0", { t: 1, z: 1 }), name).toEqual(planeBytes(4));
    }
    const { "all.companion.ome": _, ...rest } = files;
    await expect(openInFolder(rest, "t1.ome.tif")).rejects.toThrow(
      /all\.companion\.ome, which is not beside it/,
    );
  });

  test("that was renamed as a whole is still found", async () => {
    const alone = omeImage({
      z: 2,
      tiffData: '<TiffData IFD="0" PlaneCount="2"><UUID FileName="old.ome.tif">urn:uuid:5</UUID></TiffData>',
    });
    const store = await openInFolder({ "new.ome.tif": stackOf([7, 8], omeXml(alone)) }, "new.ome.tif");
    expect(await readPlane(store, "/0", { z: 1 })).toEqual(planeBytes(8));
  });

  test("does not read files outside of its folder", async () => {
    const outside = omeImage({
      z: 2,
      tiffData:
        '<TiffData IFD="0" FirstZ="0" PlaneCount="1"/><TiffData IFD="0" FirstZ="1" PlaneCount="1"><UUID FileName="../../secret.tif">urn:uuid:5</UUID></TiffData>',
    });
    const store = await openInFolder({ "a.tif": stackOf([1], omeXml(outside)) }, "a.tif");
    await expect(readPlane(store, "/0", { z: 1 })).rejects.toMatchObject({ _tag: "NotFound" });
  });
});

describe("the lower resolutions of an OME-TIFF", () => {
  test("are in SubIFDs of its pages", async () => {
    const half = (n: number): Uint16Array => planePixels(100 + n, 6, 5);
    const pages = upTo(2).map((n) => ({
      ...grayPage({
        width: WIDTH,
        height: HEIGHT,
        pixels: planePixels(n, WIDTH, HEIGHT),
        fields:
          n === 0
            ? [
                [
                  270,
                  "ascii",
                  omeXml(omeImage({ z: 2, attributes: 'PhysicalSizeX="0.5" PhysicalSizeY="0.5"' })),
                ],
              ]
            : [],
      }),
      subs: [grayPage({ width: 6, height: 5, pixels: half(n), fields: [[254, "long", [1]]] })],
    }));
    const store = await openBytes(buildTiff(pages, { big: true }));
    expect(await readPlane(store, "/0", { z: 1 })).toEqual(planeBytes(1));
    const low = await readPlane(store, "/1", { z: 1 });
    expect(new Uint16Array(low.slice().buffer)).toEqual(half(1));
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: {
        ome: {
          multiscales: [
            {
              datasets: [
                {},
                { coordinateTransformations: [{ scale: [1, (0.5 * HEIGHT) / 5, (0.5 * WIDTH) / 6] }] },
              ],
            },
          ],
        },
      },
    });
  });
});
