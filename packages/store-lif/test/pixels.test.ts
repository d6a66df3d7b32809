import { describe, expect, test } from "vitest";
import { readPlane } from "../../store-tiff/test/fixtures/read-plane.js";
import { buildLif, buildLof, elementXml, type LifImageToWrite, someBytes } from "./fixtures/build-lif.js";
import { omeAt, openBytes } from "./fixtures/open.js";

const [X, Y, Z, T, EMISSION, ROTATION] = [1, 2, 3, 4, 5, 6];
const [WIDTH, HEIGHT] = [13, 11];
const PLANE = WIDTH * HEIGHT;

/** The bytes of a plane by the addresses of its values. */
function planeAt(
  bytes: Uint8Array,
  { start = 0, xStep = 1, yStep = WIDTH, width = WIDTH, height = HEIGHT, size = 1 },
): Uint8Array {
  const plane: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let byte = 0; byte < size; byte++)
        plane.push(bytes[start + y * yStep + x * xStep + byte] as number);
    }
  }
  return Uint8Array.from(plane);
}

/** An image of planes with these dimensions besides x and y. */
function image(
  more: LifImageToWrite["dimensions"] = [],
  { count = 1, ...how }: Partial<LifImageToWrite> & { readonly count?: number } = {},
): LifImageToWrite {
  return {
    name: "s",
    dimensions: [[X, WIDTH, 1], [Y, HEIGHT, WIDTH], ...more],
    bytes: someBytes(PLANE * count),
    ...how,
  };
}

describe("pixels are where the steps of the XML say", () => {
  test("with the channels inside z", async () => {
    const one = image(
      [
        [Z, 3, 2 * PLANE],
        [T, 2, 6 * PLANE],
      ],
      { channels: [[0], [PLANE]], count: 12 },
    );
    const store = await openBytes(buildLif([one]));
    expect(store.arrays.get("/0")).toMatchObject({ axes: ["t", "c", "z", "y", "x"], access: "plain" });
    for (const [t, c, z] of [
      [0, 0, 0],
      [0, 1, 2],
      [1, 0, 1],
      [1, 1, 2],
    ] as const) {
      const start = (t * 6 + z * 2 + c) * PLANE;
      expect(await readPlane(store, "/0", { t, c, z })).toEqual(planeAt(one.bytes, { start }));
    }
  });
  test("with the channels outside z", async () => {
    const one = image([[Z, 3, PLANE]], { channels: [[0], [3 * PLANE]], count: 6 });
    const store = await openBytes(buildLif([one]));
    expect(await readPlane(store, "/0", { c: 1, z: 1 })).toEqual(planeAt(one.bytes, { start: 4 * PLANE }));
  });
  test("with z faster than y", async () => {
    const one = image([], { count: 3 });
    const dimensions = [
      [X, WIDTH, 1],
      [Z, 3, WIDTH],
      [Y, HEIGHT, 3 * WIDTH],
    ] as const;
    const store = await openBytes(buildLif([{ ...one, dimensions }]));
    expect(store.arrays.get("/0")?.access).toBe("decoded");
    expect(await readPlane(store, "/0", { z: 1 })).toEqual(
      planeAt(one.bytes, { start: WIDTH, yStep: 3 * WIDTH }),
    );
  });
  test("with rows that lie far apart", async () => {
    const count = 40;
    const one = image([], { count });
    const dimensions = [
      [X, WIDTH, 1],
      [Z, count, WIDTH],
      [Y, HEIGHT, count * WIDTH],
    ] as const;
    const store = await openBytes(buildLif([{ ...one, dimensions }]));
    expect(await readPlane(store, "/0", { z: 39 })).toEqual(
      planeAt(one.bytes, { start: 39 * WIDTH, yStep: count * WIDTH }),
    );
  });
  test("with t as the fastest", async () => {
    const one = image([], { count: 4 });
    const dimensions = [
      [T, 4, 1],
      [X, WIDTH, 4],
      [Y, HEIGHT, 4 * WIDTH],
    ] as const;
    const store = await openBytes(buildLif([{ ...one, dimensions }]));
    expect(await readPlane(store, "/0", { t: 2 })).toEqual(
      planeAt(one.bytes, { start: 2, xStep: 4, yStep: 4 * WIDTH }),
    );
  });
  test.each([
    ["of 12 bits", { bits: 12 }, 2],
    ["of 32-bit floating-point numbers", { bits: 32, isFloat: true }, 4],
  ])("%s", async (_, how, size) => {
    const dimensions = [
      [X, WIDTH, size],
      [Y, HEIGHT, size * WIDTH],
    ] as const;
    const bytes = someBytes(PLANE * size);
    // No NaN, whose bytes a number need not keep.
    if (size === 4) for (let k = 3; k < bytes.length; k += 4) bytes[k] = 64;
    const store = await openBytes(buildLif([image([], { ...how, dimensions, bytes })]));
    expect(await readPlane(store, "/0")).toEqual(bytes);
  });
  test("in several chunks, also where rows are filled up", async () => {
    for (const pad of [0, 5]) {
      const [width, height] = [2000, 1500];
      const bytes = someBytes((width + pad) * height);
      const dimensions = [
        [X, width, 1],
        [Y, height, width + pad],
      ] as const;
      const store = await openBytes(buildLif([image([], { dimensions, bytes })]));
      expect(store.arrays.get("/0")?.chunkShape[1]).toBeLessThan(height);
      expect(await readPlane(store, "/0")).toEqual(planeAt(bytes, { width, height, yStep: width + pad }));
    }
  });
  test("without y", async () => {
    const dimensions = [
      [X, WIDTH, 1],
      [Z, 5, WIDTH],
    ] as const;
    const bytes = someBytes(5 * WIDTH);
    const store = await openBytes(buildLif([image([], { dimensions, bytes })]));
    expect(store.arrays.get("/0")?.shape).toEqual([1, 5, 1, WIDTH]);
    expect(await readPlane(store, "/0", { z: 3 })).toEqual(bytes.slice(3 * WIDTH, 4 * WIDTH));
  });
  test("of several wavelengths, which are channels", async () => {
    const one = image([[EMISSION, 3, 2 * PLANE]], { channels: [[0], [PLANE]], count: 6 });
    const store = await openBytes(buildLif([one]));
    expect(store.arrays.get("/0")?.shape[0]).toBe(6);
    // The second channel at the third wavelength.
    expect(await readPlane(store, "/0", { c: 5 })).toEqual(planeAt(one.bytes, { start: 5 * PLANE }));
    expect(await readPlane(store, "/0", { c: 1 })).toEqual(planeAt(one.bytes, { start: 2 * PLANE }));
  });
});

describe("a colour picture is red, green and blue by the tags of its channels", () => {
  const picture = (tags: readonly number[], pad = 0): LifImageToWrite => ({
    name: "s",
    dimensions: [
      [X, WIDTH, 3],
      [Y, HEIGHT, 3 * WIDTH + pad],
    ],
    channels: tags.map((tag, k) => [k, tag] as const),
    bytes: someBytes((3 * WIDTH + pad) * HEIGHT),
  });
  test.each([
    ["red first", [1, 2, 3], 0, "plain"],
    ["blue first", [3, 2, 1], 0, "decoded"],
    ["blue first in rows that are filled up", [3, 2, 1], 3, "decoded"],
    ["red first in rows that are filled up", [1, 2, 3], 3, "decoded"],
  ] as const)("%s", async (_, tags, pad, access) => {
    const one = picture(tags, pad);
    const store = await openBytes(buildLif([one]));
    expect(store.arrays.get("/0")?.access).toBe(access);
    for (const c of [0, 1, 2]) {
      const start = tags.indexOf((c + 1) as 1 | 2 | 3);
      expect(await readPlane(store, "/0", { c })).toEqual(
        planeAt(one.bytes, { start, xStep: 3, yStep: 3 * WIDTH + pad }),
      );
    }
    const { omero } = (await omeAt(store)) as { omero: { channels: { label: string; color: string }[] } };
    expect(omero.channels.map(({ label, color }) => [label, color])).toEqual([
      ["Red", "FF0000"],
      ["Green", "00FF00"],
      ["Blue", "0000FF"],
    ]);
  });
});

describe("images are those of the XML", () => {
  const three = ["one", "two", "three"].map((name, k) =>
    image([[Z, k + 1, PLANE]], {
      name,
      bytes: someBytes(PLANE * (k + 1)).map((byte) => byte + k),
      ...(k > 0 && { folder: "Folder 1" }),
    }),
  );
  test("with the names of folders, and their blocks in any order", async () => {
    const store = await openBytes(buildLif(three, { order: [2, 0, 1] }));
    for (const [k, { bytes }] of three.entries()) {
      const { multiscales } = (await omeAt(store, `/${k}`)) as { multiscales: { name: string }[] };
      expect(multiscales[0]?.name).toBe(["one", "Folder 1/two", "Folder 1/three"][k]);
      expect(await readPlane(store, `/${k}/0`, { z: k })).toEqual(planeAt(bytes, { start: k * PLANE }));
    }
  });
  test("of version 1, with sizes of 4 bytes", async () => {
    const store = await openBytes(buildLif(three, { version: 1 }));
    expect(await readPlane(store, "/2/0", { z: 2 })).toEqual(
      planeAt(three[2]?.bytes ?? new Uint8Array(), { start: 2 * PLANE }),
    );
  });
  test("of a LOF", async () => {
    const one = image([[Z, 2, PLANE]], { name: "lof", count: 2 });
    const store = await openBytes(buildLof(one));
    expect(await readPlane(store, "/0", { z: 1 })).toEqual(planeAt(one.bytes, { start: PLANE }));
    expect(new TextDecoder().decode(await store.get("/OME/METADATA.lif.xml"))).toContain('Name="lof"');
  });
  test("with pixel sizes, time steps and colours of lookup tables", async () => {
    const one = image([[T, 2, 2 * PLANE, 5]], { channels: [[0], [PLANE, 0, "Red"]], count: 4 });
    const { multiscales, omero } = (await omeAt(await openBytes(buildLif([one])))) as {
      multiscales: { axes: unknown[]; datasets: { coordinateTransformations: unknown[] }[] }[];
      omero: { channels: { color: string }[] };
    };
    expect(multiscales[0]?.axes).toEqual([
      { name: "t", type: "time", unit: "second" },
      { name: "c", type: "channel" },
      { name: "y", type: "space", unit: "micrometer" },
      { name: "x", type: "space", unit: "micrometer" },
    ]);
    expect(multiscales[0]?.datasets[0]?.coordinateTransformations).toEqual([
      { type: "scale", scale: [5, 1, 0.2, 0.2] },
    ]);
    expect(omero.channels.map(({ color }) => color)).toEqual(["00FF00", "FF0000"]);
  });
  test("with their own dimensions, whatever an attachment repeats", async () => {
    const more = `<Attachment Name="ProcessingHistory"><Attachment Name="x"/><ChannelDescription Resolution="8" BytesInc="9"/><DimensionDescription DimID="1" NumberOfElements="99" BytesInc="1"/></Attachment>`;
    const one = image([], { more });
    const store = await openBytes(buildLif([one]));
    expect(await readPlane(store, "/0")).toEqual(one.bytes);
  });
  test("without data that is none, and it is said", async () => {
    const one = image();
    const xml = elementXml({ ...one, name: "FLIM" }, "MemBlock_2").replaceAll(/<(\/?)Image>/g, "<$1Flim>");
    const store = await openBytes(buildLif([{ ...one, more: "" }], { further: xml }));
    expect(await readPlane(store, "/0")).toEqual(one.bytes);
    expect(store.findings?.map(({ message }) => message)).toEqual([
      '1 element of project.lif with data that are not images, as those of FLIM, is left out: the first is "FLIM".',
    ]);
  });
  test("with half-precision numbers and no pixel size, as FLIM computes them", async () => {
    const one: LifImageToWrite = {
      name: "lifetimes",
      isFloat: true,
      bits: 16,
      dimensions: [
        [X, WIDTH, 2, WIDTH - 1],
        [Y, HEIGHT, 2 * WIDTH, HEIGHT - 1],
      ],
      bytes: someBytes(2 * PLANE),
    };
    const store = await openBytes(buildLif([one]));
    expect(store.arrays.get("/0")?.dataType).toBe("float16");
    expect(await store.get("/0/c/0/0/0")).toEqual(someBytes(2 * PLANE));
    const { multiscales } = (await omeAt(store)) as { multiscales: { axes: unknown[] }[] };
    expect(multiscales[0]?.axes.at(-1)).toEqual({ name: "x", type: "space" });
  });
  test("without those whose planes all lie at one place, and it is said", async () => {
    const store = await openBytes(buildLif([image([[Z, 3, 0]]), image()]));
    expect(store.arrays.size).toBe(1);
    expect(store.findings?.[0]?.message).toContain("has 0 bytes from one to the next along z");
  });
  test("without those that cannot be read, and it is said", async () => {
    const turned = image([[ROTATION, 2, PLANE]], { name: "turned", count: 2 });
    const store = await openBytes(buildLif([image(), turned]));
    expect([...store.arrays.keys()]).toEqual(["/0"]);
    expect(store.findings?.map(({ message }) => message)).toEqual([
      '1 of the 2 images of project.lif is left out: its image "turned" has a dimension of rotation.',
    ]);
    await expect(openBytes(buildLif([turned]))).rejects.toMatchObject({ _tag: "Unsupported" });
  });
});
