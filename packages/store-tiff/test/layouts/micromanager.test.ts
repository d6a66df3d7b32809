import { describe, expect, test } from "vitest";
import { tiffFormat } from "../../src/index.js";
import { type AcquiredPlane, buildMmStack, buildNdtiff } from "../fixtures/build-micromanager.js";
import { documentAt, memoryFolder, openBytes, openFolder, openInFolder } from "../fixtures/open.js";
import { readPlane } from "../fixtures/read-plane.js";
import { HEIGHT, omeXml, planeBytes, upTo, WIDTH } from "../fixtures/stack.js";

/** Two channels, three slices and two times of a position, in the order in which a microscope takes them. */
const planesOf = (p: number): AcquiredPlane[] =>
  upTo(12).map((k) => ({
    n: p * 12 + k,
    c: k % 2,
    z: Math.floor(k / 2) % 3,
    t: Math.floor(k / 6),
    p,
    metadata: {
      PixelSizeUm: 0.26,
      Channel: ["GFP", "mCherry"][k % 2],
      PositionName: `Pos${p}`,
      "ElapsedTime-ms": 3000 * Math.floor(k / 6),
    },
  }));
const SUMMARY = { "z-step_um": -0.5, ChColors: [-16_711_936, -65_536], BitDepth: 12 };

describe("a stack by Micro-Manager", () => {
  test("has its planes where its index map says", async () => {
    const shuffled = planesOf(0).map((_, k, all) => all[(k * 5 + 3) % 12] as AcquiredPlane);
    const store = await openBytes(buildMmStack(shuffled, SUMMARY, { spare: 4 }));
    for (const { n, t, c, z } of shuffled)
      expect(await readPlane(store, "/0", { t, c, z })).toEqual(planeBytes(n));
    expect(store.findings).toEqual([]);
  });

  test("has the sizes, times, channels and colours that it says", async () => {
    const store = await openBytes(buildMmStack(planesOf(0), SUMMARY));
    const window = { start: 0, end: 4095, min: 0, max: 4095 };
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: {
        ome: {
          multiscales: [
            { name: "Pos0", datasets: [{ coordinateTransformations: [{ scale: [3, 1, 0.5, 0.26, 0.26] }] }] },
          ],
          omero: {
            channels: [
              { label: "GFP", color: "00FF00", window },
              { label: "mCherry", color: "FF0000", window },
            ],
          },
        },
        micromanager: { Summary: SUMMARY },
      },
    });
  });

  test("that was stopped has what was acquired, and says what is missing", async () => {
    const planes = planesOf(0).slice(0, -1);
    const store = await openBytes(
      buildMmStack(planes, { ...SUMMARY, Frames: 9 }, { spare: 50, crashed: true }),
    );
    expect(await documentAt(store, "/0/zarr.json")).toMatchObject({ shape: [2, 2, 3, HEIGHT, WIDTH] });
    expect(await store.get("/0/c/1/1/2/0/0")).toBeUndefined();
    expect(store.findings[0]?.message).toMatch(/^1 of the 12 planes/);
  });

  test("of several positions is a collection, from any of its files and from their folder", async () => {
    const summary = {
      StagePositions: [
        { Label: "Pos0", GridRow: 0 },
        { Label: "Pos1", GridRow: 1 },
      ],
    };
    const files = {
      "acq_MMStack_Pos0.ome.tif": buildMmStack(planesOf(0), summary, { xml: omeXml("<Image/>") }),
      "acq_MMStack_Pos1.ome.tif": buildMmStack(planesOf(1).slice(0, 6), summary),
      "acq_MMStack_Pos1_1.ome.tif": buildMmStack(planesOf(1).slice(6), summary),
    };
    const stores = [
      await openFolder(files),
      ...(await Promise.all(Object.keys(files).map((name) => openInFolder(files, name)))),
    ];
    for (const store of stores) {
      expect(await readPlane(store, "/0/0", { t: 1, c: 1, z: 2 })).toEqual(planeBytes(11));
      expect(await readPlane(store, "/1/0", { t: 1, c: 0, z: 2 })).toEqual(planeBytes(22));
      expect(await documentAt(store, "/1/zarr.json")).toMatchObject({
        attributes: {
          micromanager: { StagePosition: { GridRow: 1 } },
          ome: { multiscales: [{ name: "Pos1" }] },
        },
      });
    }
  });

  test("whose positions are sites of wells is a plate", async () => {
    const labels = ["B2-Site_1", "A12-Site_0", "B2-Site_0"];
    const files = Object.fromEntries(
      labels.map((Label, p) => [
        `hcs_MMStack_${Label}.ome.tif`,
        buildMmStack([{ n: p, p }], { StagePositions: labels.map((label) => ({ Label: label })) }),
      ]),
    );
    const store = await openFolder(files);
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: { ome: { plate: { wells: [{ path: "A/12" }, { path: "B/2" }] } } },
    });
    expect(await readPlane(store, "/A/12/0/0")).toEqual(planeBytes(1));
    expect(await readPlane(store, "/B/2/0/0")).toEqual(planeBytes(2));
    expect(await readPlane(store, "/B/2/1/0")).toEqual(planeBytes(0));
  });

  test("of two acquisitions in one folder is refused, with their names", async () => {
    const files = {
      "a_MMStack_Pos0.ome.tif": buildMmStack([{ n: 0 }]),
      "b_MMStack_Pos0.ome.tif": buildMmStack([{ n: 1 }]),
    };
    await expect(openFolder(files)).rejects.toThrow(
      "folder has 2 acquisitions (a, b …): give a file of one of them",
    );
  });
});

describe("NDTiff", () => {
  const images = upTo(12).map((k) => ({
    n: k,
    axes: {
      time: Math.floor(k / 6),
      channel: ["GFP", "mCherry"][k % 2] as string,
      z: (Math.floor(k / 2) % 3) - 1,
    },
    metadata: {
      PixelSizeUm: 0.26,
      "ElapsedTime-ms": 2000 * Math.floor(k / 6),
      ZPosition_um_Intended: 0.5 * Math.floor(k / 2),
    },
  }));

  test.each([
    [3, "NDTiff.index"],
    [2, "Full resolution/NDTiff.index"],
  ] as const)("%i has its images where its index says", async (major, path) => {
    const { tiff, index } = buildNdtiff(images, {}, { major });
    const folder = path.slice(0, -"NDTiff.index".length);
    const store = await openFolder({ [path]: index, [`${folder}set_NDTiffStack.tif`]: tiff });
    for (const [k, { n }] of images.entries()) {
      const at = { t: Math.floor(k / 6), c: k % 2, z: Math.floor(k / 2) % 3 };
      expect(await readPlane(store, "/0", at)).toEqual(planeBytes(n));
    }
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: {
        ome: {
          multiscales: [{ datasets: [{ coordinateTransformations: [{ scale: [2, 1, 0.5, 0.26, 0.26] }] }] }],
          omero: { channels: [{ label: "GFP" }, { label: "mCherry" }] },
        },
      },
    });
  });

  test("that lacks images or has one twice says what is missing, and takes the later", async () => {
    const { tiff, index } = buildNdtiff([...images.slice(0, 11), { n: 50, axes: images[0]?.axes ?? {} }]);
    const store = await openInFolder(
      { "set_NDTiffStack.tif": tiff, "NDTiff.index": index },
      "set_NDTiffStack.tif",
    );
    expect(await readPlane(store, "/0", {})).toEqual(planeBytes(50));
    expect(store.findings[0]?.message).toMatch(/^1 of the 12 planes/);
  });

  test("whose index was cut off has the images before", async () => {
    const { tiff, index } = buildNdtiff(images);
    const files = { "set_NDTiffStack.tif": tiff, "NDTiff.index": index.subarray(0, index.length - 10) };
    const store = await openInFolder(files, "set_NDTiffStack.tif");
    expect(await readPlane(store, "/0", { t: 1, c: 0, z: 2 })).toEqual(planeBytes(10));
    expect(await store.get("/0/c/1/1/2/0/0")).toBeUndefined();
  });

  test("without its index is an error that says so", async () => {
    const { tiff } = buildNdtiff(images);
    await expect(openInFolder({ "set_NDTiffStack.tif": tiff }, "set_NDTiffStack.tif")).rejects.toThrow(
      /^NDTiff\.index, which says/,
    );
  });
});

test("a folder without TIFFs is of another format", async () => {
  expect(await tiffFormat.openFolder?.(memoryFolder({ "notes.txt": new Uint8Array(3) }))).toBeUndefined();
});
