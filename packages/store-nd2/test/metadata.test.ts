import { expect, test } from "vitest";
import { readPlane } from "../../store-tiff/test/fixtures/read-plane.js";
import { parseLiteVariant, variantJson } from "../src/parse/lite-variant.js";
import { buildNd2, loop, planeOf, u32, variant } from "./fixtures/build-nd2.js";
import { documentAt, omeAt, openBytes } from "./fixtures/open.js";

test("values of all types are read", () => {
  const values = {
    flag: true,
    whole: u32(4_000_000_000),
    negative: { i32: -7 },
    large: { u64: 2n ** 60n },
    small: { i64: -5n },
    real: 0.25,
    text: "µm ✓",
    bytes: Uint8Array.of(1, 0, 255),
    list: ["a", "b"],
    empty: {},
    level: { inner: { deep: 1.5 } },
  };
  const { root } = variantJson(parseLiteVariant(variant("root", values)));
  expect(root).toEqual({
    ...values,
    whole: 4_000_000_000,
    negative: -7,
    large: "1152921504606846976",
    small: -5,
    bytes: "0100ff",
  });
});

test("a flag that is neither 0 nor 1 is true, and zeros may follow", () => {
  const bytes = variant("flag", true);
  bytes[bytes.length - 1] = 116;
  expect(variantJson(parseLiteVariant(Buffer.concat([bytes, Buffer.alloc(8)])))).toEqual({ flag: true });
});

test.each([false, true])("channels, pixel sizes and texts are kept (compressed: %s)", async (compress) => {
  const how = {
    components: [1, 1],
    names: ["DAPI", "GFP"],
    compress,
    frames: [0, 1],
    experiment: loop(4, 2),
  };
  const store = await openBytes(buildNd2(how));
  const { multiscales, omero } = (await omeAt(store)) as {
    multiscales: { axes: unknown[]; datasets: { coordinateTransformations: unknown[] }[] }[];
    omero: { channels: { label: string; color: string; window: unknown }[] };
  };
  expect(multiscales[0]?.axes).toEqual([
    { name: "c", type: "channel" },
    { name: "z", type: "space", unit: "micrometer" },
    { name: "y", type: "space", unit: "micrometer" },
    { name: "x", type: "space", unit: "micrometer" },
  ]);
  expect(multiscales[0]?.datasets[0]?.coordinateTransformations).toEqual([
    { type: "scale", scale: [1, 0.5, 0.25, 0.25] },
  ]);
  expect(omero.channels).toMatchObject([
    { label: "DAPI", color: "0000FF", window: { min: 0, max: 4095 } },
    { label: "GFP", color: "00FF00" },
  ]);
  const { attributes } = await documentAt(store, "/zarr.json");
  expect(attributes).toMatchObject({
    nd2: { text: { TextInfoItem_5: "a note", TextInfoItem_9: "1/2/2026" } },
  });
  const kept = await documentAt(store, "/OME/METADATA.nd2.json");
  expect(kept["picture"]).toMatchObject({ SLxPictureMetadata: { dCalibration: 0.25, bCalibrated: true } });
  expect(kept["acquisitionTimes"]).toEqual([0, 100]);
  expect(kept["experiment"]).toMatchObject({ SLxExperiment: { eType: 4 } });
});

test("metadata in XML, as before version 3, says the same", async () => {
  const how = {
    components: [1, 1],
    names: ["D & A", "GFP"],
    width: 11,
    pad: 2,
    frames: [0, 1, 2, 3],
    experiment: loop(2, 2, { inner: loop(4, 2) }),
  };
  const [xml, binary] = [await openBytes(buildNd2({ ...how, xml: true })), await openBytes(buildNd2(how))];
  for (const key of [
    "/zarr.json",
    "/OME/zarr.json",
    "/0/zarr.json",
    "/1/zarr.json",
    "/1/0/zarr.json",
  ] as const) {
    expect(await documentAt(xml, key), key).toEqual(await documentAt(binary, key));
  }
  for (const z of [0, 1]) {
    expect(await readPlane(xml, "/1/0", { z, c: 1 })).toEqual(planeOf(2 + z, 1, how));
  }
});

test("flags in XML, which are base64, say which positions were taken", async () => {
  const experiment = loop(2, 3, { pItemValid: Uint8Array.of(1, 0, 1) });
  const store = await openBytes(buildNd2({ frames: [0, 1], experiment, xml: true }));
  expect([...store.arrays.keys()]).toEqual(["/0/0", "/1/0"]);
  expect(await readPlane(store, "/1/0")).toEqual(planeOf(1, 0));
});

test("flags in a form that is not known are refused, where they matter", async () => {
  const experiment = loop(2, 3, { pItemValid: "1, 0, 1" });
  await expect(openBytes(buildNd2({ frames: [0, 1], experiment, xml: true }))).rejects.toThrow(
    /does not say in a known way which steps/,
  );
  const store = await openBytes(buildNd2({ frames: [0, 1, 2], experiment, xml: true }));
  expect([...store.arrays.keys()]).toEqual(["/0/0", "/1/0", "/2/0"]);
});

test("a list of flags says which positions were taken", async () => {
  const experiment = loop(2, 3, { pItemValid: [true, false, true] });
  const store = await openBytes(buildNd2({ frames: [0, 1], experiment }));
  expect([...store.arrays.keys()]).toEqual(["/0/0", "/1/0"]);
});

test("the position of the stage is that of the image", async () => {
  const store = await openBytes(buildNd2({ frames: [0, 1], experiment: loop(2, 2) }));
  expect((await documentAt(store, "/1/zarr.json"))["attributes"]).toMatchObject({
    nd2: { stagePosition: { x: 100, y: -50, z: 3, unit: "micrometer" } },
  });
});

test("a file that is not calibrated has no pixel size", async () => {
  const store = await openBytes(buildNd2({ metadata: { bCalibrated: false } }));
  const { multiscales } = (await omeAt(store)) as { multiscales: { axes: unknown[] }[] };
  expect(multiscales[0]?.axes).toContainEqual({ name: "x", type: "space" });
});

test("channels that do not fit the frames are left out, and it is said", async () => {
  const planes = { uiCount: u32(1), sPlaneNew: { a0: { uiCompCount: u32(1), sDescription: "only" } } };
  const store = await openBytes(buildNd2({ components: [1, 1], metadata: { sPicturePlanes: planes } }));
  expect((await omeAt(store))["omero"]).toBeUndefined();
  expect(store.findings?.map(({ rule }) => rule)).toEqual(["unknown-channels"]);
});
