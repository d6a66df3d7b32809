import { describe, expect, test } from "vitest";
import { readPlane } from "../../store-tiff/test/fixtures/read-plane.js";
import { buildNd2, loop, type Nd2ToWrite, planeOf } from "./fixtures/build-nd2.js";
import { chunksOf, omeAt, openBytes } from "./fixtures/open.js";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

describe("a frame has the pixels that were written", () => {
  const files: readonly (readonly [string, Nd2ToWrite, string])[] = [
    ["with channels side by side", { components: [1, 1, 1] }, "plain"],
    ["of 8 bits", { bits: 8 }, "plain"],
    ["of floating-point numbers", { bits: 32, components: [1, 1] }, "plain"],
    ["with rows that are filled up", { bits: 8, width: 13, pad: 3 }, "decoded"],
    [
      "with several channels in rows that are filled up",
      { components: [1, 1], width: 11, pad: 2 },
      "decoded",
    ],
    ["compressed", { components: [1, 1], zlib: true }, "stored"],
    ["compressed with rows that are filled up", { bits: 8, width: 13, pad: 3, zlib: true }, "decoded"],
    ["in several chunks", { width: 1024, height: 1500 }, "plain"],
    ["in several chunks with rows that are filled up", { width: 1024, height: 1500, pad: 2 }, "decoded"],
    ["of a row that is longer than a chunk", { width: 1_100_000, height: 3, bits: 8 }, "plain"],
  ];
  test.each(files)("%s", async (_, how, access) => {
    const store = await openBytes(buildNd2({ ...how, frames: [0, 1], experiment: loop(1, 2) }));
    expect(store.arrays.get("/0")?.access).toBe(access);
    for (const t of [0, 1]) {
      for (const c of upTo(how.components?.length ?? 1)) {
        expect(await readPlane(store, "/0", { t, c })).toEqual(planeOf(t, c, how));
      }
    }
    await store.close();
  });

  test("as red, green and blue, where the file has blue first", async () => {
    const how: Nd2ToWrite = { bits: 8, width: 11, components: [3], pad: 3 };
    const store = await openBytes(buildNd2(how));
    for (const c of upTo(3)) expect(await readPlane(store, "/0", { c })).toEqual(planeOf(0, 2 - c, how));
    const { omero } = (await omeAt(store)) as { omero: { channels: { label: string; color: string }[] } };
    expect(omero.channels.map(({ label, color }) => [label, color])).toEqual([
      ["Red", "FF0000"],
      ["Green", "00FF00"],
      ["Blue", "0000FF"],
    ]);
  });

  test("beside a colour picture, whose channels are called after it", async () => {
    const how: Nd2ToWrite = { components: [1, 3], names: ["GFP", "BF"], zlib: true };
    const store = await openBytes(buildNd2(how));
    for (const [c, component] of [0, 3, 2, 1].entries()) {
      expect(await readPlane(store, "/0", { c })).toEqual(planeOf(0, component, how));
    }
    const { omero } = (await omeAt(store)) as { omero: { channels: { label: string }[] } };
    expect(omero.channels.map(({ label }) => label)).toEqual(["GFP", "BF red", "BF green", "BF blue"]);
  });
});

describe("frames are in the order of the loops", () => {
  const nested = (...types: readonly (readonly [number, number])[]) =>
    types.reduceRight<ReturnType<typeof loop> | undefined>(
      (inner, [type, count]) => loop(type, count, inner === undefined ? {} : { inner }),
      undefined,
    );
  test("time outside z", async () => {
    const store = await openBytes(buildNd2({ frames: upTo(6), experiment: nested([1, 3], [4, 2]) }));
    expect(store.arrays.get("/0")?.axes).toEqual(["t", "c", "z", "y", "x"]);
    for (const n of upTo(6)) {
      expect(await readPlane(store, "/0", { t: n >> 1, z: n % 2 })).toEqual(planeOf(n, 0));
    }
  });
  test("z outside time", async () => {
    const store = await openBytes(buildNd2({ frames: upTo(6), experiment: nested([4, 2], [1, 3]) }));
    for (const n of upTo(6)) {
      expect(await readPlane(store, "/0", { z: Math.floor(n / 3), t: n % 3 })).toEqual(planeOf(n, 0));
    }
  });
  test.each([
    ["positions outside time", [2, 2], [1, 3], (n: number) => [Math.floor(n / 3), n % 3]],
    ["time outside positions", [1, 3], [2, 2], (n: number) => [n % 2, n >> 1]],
  ] as const)("%s", async (_, outer, inner, placeOf) => {
    const store = await openBytes(buildNd2({ frames: upTo(6), experiment: nested([...outer], [...inner]) }));
    expect([...store.arrays.keys()]).toEqual(["/0/0", "/1/0"]);
    for (const n of upTo(6)) {
      const [position, t] = placeOf(n);
      expect(await readPlane(store, `/${position}/0`, { t })).toEqual(planeOf(n, 0));
    }
    const { multiscales } = (await omeAt(store, "/1")) as { multiscales: { name: string }[] };
    expect(multiscales[0]?.name).toBe("pos2");
  });
  test("without positions that were turned off", async () => {
    const experiment = loop(2, 3, { pItemValid: Uint8Array.of(1, 0, 1) });
    const store = await openBytes(buildNd2({ frames: upTo(2), experiment }));
    expect([...store.arrays.keys()]).toEqual(["/0/0", "/1/0"]);
    expect(await readPlane(store, "/1/0")).toEqual(planeOf(1, 0));
  });
  test("with time steps of several periods", async () => {
    const periods = [1, 3, 5].map((count) => ({ uiCount: { u32: count }, dPeriod: 500 }));
    const experiment = loop(8, 0, {
      uLoopPars: { pPeriod: periods, pPeriodValid: Uint8Array.of(1, 1, 0) },
    });
    const store = await openBytes(buildNd2({ frames: upTo(4), experiment }));
    expect(store.arrays.get("/0")?.shape[0]).toBe(4);
    const { multiscales } = (await omeAt(store)) as {
      multiscales: { axes: unknown[]; datasets: { coordinateTransformations: { scale: number[] }[] }[] }[];
    };
    expect(multiscales[0]?.axes[0]).toEqual({ name: "t", type: "time", unit: "millisecond" });
    expect(multiscales[0]?.datasets[0]?.coordinateTransformations[0]?.scale).toEqual([500, 1, 0.25, 0.25]);
  });
  test.each([
    ["of which none was acquired", [0, 0, 0], 1],
    ["with flags for the first only", [1], 1],
    ["without flags", [], 9],
  ] as const)("with periods %s", async (_, flags, count) => {
    const periods = [1, 3, 5].map((steps) => ({ uiCount: { u32: steps } }));
    const experiment = loop(8, 3, {
      uLoopPars: { uiCount: { u32: 3 }, pPeriod: periods, pPeriodValid: Uint8Array.from(flags) },
    });
    const store = await openBytes(buildNd2({ frames: upTo(count), experiment }));
    expect(store.arrays.get("/0")?.shape.length).toBe(count === 1 ? 3 : 4);
    expect(store.arrays.get("/0")?.shape[0]).toBe(count);
    expect(await readPlane(store, "/0", count === 1 ? {} : { t: 8 })).toEqual(planeOf(count - 1, 0));
  });
  test("whose loops are within a period, as after a pause", async () => {
    const part = { ppNextLevelEx: [{ SLxExperiment: loop(2, 3) }] };
    const experiment = loop(8, 0, {
      uLoopPars: { pPeriod: [{ uiCount: { u32: 2 } }], pSubLoops: [part, part] },
    });
    const store = await openBytes(buildNd2({ frames: upTo(6), experiment }));
    expect([...store.arrays.keys()]).toEqual(["/0/0", "/1/0", "/2/0"]);
    expect(await readPlane(store, "/1/0", { t: 1 })).toEqual(planeOf(4, 0));
  });
  test("with loops beside one another, of which the first counts", async () => {
    const inside = [loop(4, 2), loop(4, 3), loop(2, 2)];
    const experiment = { ...loop(1, 2), ppNextLevelEx: inside };
    const store = await openBytes(buildNd2({ frames: upTo(6), experiment }));
    expect(store.arrays.get("/0")?.shape.slice(0, 3)).toEqual([2, 1, 3]);
    expect(await readPlane(store, "/0", { t: 1, z: 1 })).toEqual(planeOf(4, 0));
  });
  test("with lists of coordinates in place of points", async () => {
    const uLoopPars = { uiCount: { u32: 3 }, dPosX: [1, 2, 3], dPosY: [4, 5, 6], pPosName: ["a", "b", "c"] };
    const experiment = loop(2, 3, { uLoopPars, pItemValid: Uint8Array.of(0, 1, 1) });
    const store = await openBytes(buildNd2({ frames: upTo(2), experiment }));
    const { multiscales } = (await omeAt(store, "/1")) as { multiscales: { name: string }[] };
    expect(multiscales[0]?.name).toBe("c");
  });
  test("in any order in the file, and those that are missing are missing chunks", async () => {
    const store = await openBytes(buildNd2({ frames: [2, 0], experiment: loop(1, 4) }));
    expect(await chunksOf(store, "/0")).toEqual(["/0/c/0/0/0/0", "/0/c/2/0/0/0"]);
    expect(await readPlane(store, "/0", { t: 2 })).toEqual(planeOf(2, 0));
    expect((await readPlane(store, "/0", { t: 1 })).every((byte) => byte === 0)).toBe(true);
    expect(store.findings?.map(({ message }) => message)).toEqual([
      "2 of the 4 planes of scan.nd2 were never written: they are read as 0.",
    ]);
  });
  test("where no loop says what they are, along t", async () => {
    const store = await openBytes(buildNd2({ frames: upTo(3) }));
    expect(store.arrays.get("/0")?.shape[0]).toBe(3);
    expect(store.findings?.map(({ rule }) => rule)).toEqual(["unknown-axis"]);
  });
  test("beyond those of the loops, of which the outermost is longer", async () => {
    const store = await openBytes(buildNd2({ frames: upTo(5), experiment: nested([1, 2], [4, 2]) }));
    expect(store.arrays.get("/0")?.shape.slice(0, 3)).toEqual([3, 1, 2]);
    expect(await readPlane(store, "/0", { t: 2, z: 0 })).toEqual(planeOf(4, 0));
    expect(store.findings?.map(({ rule }) => rule)).toEqual(["missing-planes", "more-frames"]);
  });
  test("in wells that are called so", async () => {
    const points = ["B02_0001", "B02_0002", "C04_0001"].map((pPosName) => ({ pPosName }));
    const experiment = loop(2, 3, { uLoopPars: { uiCount: { u32: 3 }, Points: points } });
    const store = await openBytes(buildNd2({ frames: upTo(3), experiment }));
    expect([...store.arrays.keys()]).toEqual(["/B/2/0/0", "/B/2/1/0", "/C/4/0/0"]);
    expect(await readPlane(store, "/C/4/0/0")).toEqual(planeOf(2, 0));
  });
});

test("a file without its chunk map has its frames all the same", async () => {
  const store = await openBytes(buildNd2({ frames: upTo(3), experiment: loop(1, 3), noMap: true }));
  for (const t of upTo(3)) expect(await readPlane(store, "/0", { t })).toEqual(planeOf(t, 0));
  expect(store.findings?.map(({ rule }) => rule)).toEqual(["no-chunk-map"]);
});

test("frames that are said to be lossy, and are not compressed, are read as they are", async () => {
  const store = await openBytes(buildNd2({ attributes: { eCompression: { u32: 1 } } }));
  expect(await readPlane(store, "/0")).toEqual(planeOf(0, 0));
});

test("words that are damaged leave the pixels", async () => {
  const bytes = buildNd2();
  const at = Buffer.from(bytes).indexOf("SLxImageTextInfo", 0, "utf16le");
  bytes[at - 2] = 99;
  const store = await openBytes(bytes);
  expect(await readPlane(store, "/0")).toEqual(planeOf(0, 0));
});
