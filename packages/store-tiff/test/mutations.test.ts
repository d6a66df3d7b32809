import { deflateSync } from "node:zlib";
import { isOzxError } from "@ozx/core";
import { expectReadOrRefused, fuzzRuns, readAllValues } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fluoviewFile } from "./fixtures/build-fluoview.js";
import { buildMmStack, buildNdtiff } from "./fixtures/build-micromanager.js";
import { asFloats, ndpiPage } from "./fixtures/build-ndpi.js";
import { basicFields, buildTiff, bytesOf, type Field, grayPage, planePixels } from "./fixtures/build-tiff.js";
import { openBytes, openInFolder } from "./fixtures/open.js";
import { HEIGHT, omeImage, omeXml, stackOf, upTo, WIDTH } from "./fixtures/stack.js";

type Files = Readonly<Record<string, Uint8Array>>;

const IMAGEJ = "ImageJ=1.53t\nimages=6\nchannels=2\nslices=3\nhyperstack=true\nunit=um\nspacing=0.5\n";
const XML = omeXml(
  omeImage({ c: 2, z: 3, channels: '<Channel ID="Channel:0:0" Name="a" Color="-16776961"/>' }),
);
const PLANES = upTo(6).map((n) => ({ n, c: n % 2, z: n >> 1, metadata: { PositionIndex: 0, Channel: "a" } }));

const SCN = `<scn><collection sizeX="9" sizeY="9"><image name="a"><pixels sizeX="9" sizeY="9">${[0, 1]
  .map((c) => `<dimension c="${c}" z="0" ifd="${2 * c}"/><dimension c="${c}" z="1" ifd="${2 * c + 1}"/>`)
  .join("")}</pixels><view sizeX="5" sizeY="5" offsetX="1" offsetY="1"/></image></collection></scn>`;
const SPACING = (mm: number): string =>
  `<DataObject ObjectType="PixelDataRepresentation"><Attribute Name="DICOM_PIXEL_SPACING">"${mm}" "${mm}"</Attribute></DataObject>`;
const PHILIPS: readonly Field[] = [
  [305, "ascii", "Philips DP v1.0"],
  [270, "ascii", `<DataObject ObjectType="DPUfsImport">${SPACING(0.1)}${SPACING(0.2)}</DataObject>`],
];

/** Files of all kinds that are told apart, the first of which is changed and opened. */
const SETS: readonly (readonly [name: string, files: Files])[] = [
  ["a plain stack", { "a.tif": stackOf(upTo(4)) }],
  ["a big-endian BigTIFF", { "a.tif": stackOf(upTo(4), undefined, { big: true, bigEndian: true }) }],
  ["an OME-TIFF", { "a.ome.tif": stackOf(upTo(6), XML) }],
  ["an ImageJ stack", { "a.tif": stackOf(upTo(6), IMAGEJ) }],
  ["an MMStack", { "a_MMStack_Pos0.ome.tif": buildMmStack(PLANES, { Channels: 2, ChNames: ["a", "b"] }) }],
  ["deflated tiles with levels", { "a.tif": pyramid() }],
  ["a slide of Leica", { "a.tif": stackOf(upTo(4), SCN) }],
  ["a slide of Philips", { "a.tif": pyramid(true) }],
  ["a slide of Hamamatsu", { "a.tif": buildTiff([ndpiPage({}), ndpiPage({})], { patch: asFloats }) }],
  ["a stack of FluoView", { "a.tif": fluoviewFile([["Z", 2, 1, "um"]], 2) }],
  ["an NDTiff index", ndtiff("NDTiff.index", "set_NDTiffStack.tif")],
  ["an NDTiff file", ndtiff("set_NDTiffStack.tif", "NDTiff.index")],
];

function pyramid(isPhilips = false): Uint8Array {
  const level = (size: number) => ({
    fields: [
      ...(isPhilips ? PHILIPS : []),
      ...basicFields(size, size).map((field) => (field[0] === 259 ? ([259, "short", [8]] as const) : field)),
      [322, "long", [16]] as const,
      [323, "long", [16]] as const,
    ],
    segments: upTo((size / 16) ** 2).map((n) => new Uint8Array(deflateSync(bytesOf(planePixels(n, 16, 16))))),
    tiled: true,
  });
  if (isPhilips) return buildTiff([level(32), level(16)]);
  return buildTiff([{ ...level(32), subs: [level(16)] }]);
}

function ndtiff(changed: string, other: string): Files {
  const { tiff, index } = buildNdtiff(upTo(4).map((n) => ({ n, axes: { z: n, channel: "a" } })));
  const files: Files = { "NDTiff.index": index, "set_NDTiffStack.tif": tiff };
  return { [changed]: files[changed] as Uint8Array, [other]: files[other] as Uint8Array };
}

test.each(SETS)(
  "%s with changed bytes is read, or refused with an error that says why",
  { timeout: 120_000 },
  async (_, files) => {
    const [name = ""] = Object.keys(files);
    const original = files[name] as Uint8Array;
    const opened = name === "NDTiff.index" ? "set_NDTiffStack.tif" : name;
    const open = (bytes: Uint8Array) => openInFolder({ ...files, [name]: bytes }, opened);
    await expectReadOrRefused(original, open, {
      runs: Math.ceil(fuzzRuns({ sample: 600 }) / SETS.length),
    });
  },
);

test("XML that ends anywhere, or has any other character, is read or refused", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: XML.length - 1 }),
      fc.constantFrom(
        "",
        "<",
        ">",
        "&",
        '"',
        "/",
        "]]>",
        "<!--",
        "<!DOCTYPE x>",
        "\u0000",
        "99999999999",
        "-1",
      ),
      async (at, text) => {
        const xml = XML.slice(0, at) + text + XML.slice(at + text.length);
        try {
          await readAllValues(await openBytes(stackOf(upTo(6), xml)));
        } catch (error) {
          if (!isOzxError(error)) throw error;
        }
      },
    ),
    { numRuns: fuzzRuns({ sample: 100, full: 1_000 }) },
  );
});

test("the unchanged files are read", async () => {
  for (const [, files] of SETS) {
    const store = await openInFolder(files, Object.keys(files).find((name) => name.endsWith(".tif")) ?? "");
    await readAllValues(store);
    expect(store.arrays.size).toBeGreaterThan(0);
  }
  expect(
    grayPage({ width: WIDTH, height: HEIGHT, pixels: planePixels(0, WIDTH, HEIGHT) }).segments,
  ).toHaveLength(1);
});
