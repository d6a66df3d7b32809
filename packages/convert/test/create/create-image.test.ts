import { openOmeZarr, type PixelValues, type Store } from "@ozx/core";
import { downsample, type PixelBlock, toPixelBlock } from "@ozx/core/internal";
import { validateOmeZarr } from "@ozx/core/validate";
import { describe, expect, test } from "vitest";
import { createImage, createPlate, type NewImageOptions } from "../../src/index.js";
import { growingTarget } from "./growing-target.js";

const ZYX = {
  axes: ["z", "y", "x"],
  shape: [3, 300, 270],
  dtype: "uint16",
  unit: "micrometer",
  scale: [3, 1, 1],
} as const;

function noise(count: number): Uint16Array {
  let state = 7;
  return Uint16Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 16;
  });
}

/** The part of a volume of Z × Y × X, in C order. */
function cut(
  data: Uint16Array,
  [, height = 0, width = 0]: readonly number[],
  [z, y, x]: readonly (readonly [number, number])[],
): Uint16Array {
  const out: number[] = [];
  for (let k = z?.[0] ?? 0; k < (z?.[1] ?? 0); k++)
    for (let j = y?.[0] ?? 0; j < (y?.[1] ?? 0); j++)
      for (let i = x?.[0] ?? 0; i < (x?.[1] ?? 0); i++) out.push(data[(k * height + j) * width + i] ?? 0);
  return Uint16Array.from(out);
}

/** Compared as bytes, since a list of all that differs would be endless. */
function expectSame(found: PixelBlock, expected: PixelBlock): void {
  expect(found.shape).toEqual(expected.shape);
  expect(found.data.constructor).toBe(expected.data.constructor);
  const [a, b] = [found, expected].map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  expect(a?.findIndex((byte, k) => byte !== b?.[k])).toBe(-1);
}

async function pixelsOf(store: Store, level: number): Promise<ReturnType<typeof toPixelBlock>> {
  const node = await openOmeZarr(store, { formats: [] });
  const found = node.images[0]?.level(level);
  if (found === undefined) throw new Error("no level");
  return toPixelBlock(await found.read());
}

describe.each([
  ["one plane a chunk", {}, [1, 300, 270]],
  ["whole chunks", { chunks: [1, 100, 90] }, [1, 100, 90]],
  ["row after row, over the borders of chunks", { chunks: [2, 64, 75] }, [3, 7, 270]],
  ["blocks that fit nowhere, in shards", { chunks: [1, 50, 50], shards: [2, 100, 150] }, [2, 77, 101]],
  ["all at once", { chunks: [3, 77, 91], codec: "none" }, [3, 300, 270]],
] as [string, Partial<NewImageOptions>, number[]][])("%s", (_, options, step) => {
  test("the written pixels are read, and each level is downsampled from the one above", async () => {
    const target = growingTarget();
    const data = noise(3 * 300 * 270);
    const image = await createImage(target, { ...ZYX, ...options });
    const writes: Promise<void>[] = [];
    const [dz = 1, dy = 1, dx = 1] = step;
    for (let z = 0; z < 3; z += dz)
      for (let y = 0; y < 300; y += dy)
        for (let x = 0; x < 270; x += dx) {
          const at = [
            [z, Math.min(3, z + dz)],
            [y, Math.min(300, y + dy)],
            [x, Math.min(270, x + dx)],
          ] as const;
          writes.push(image.write({ z: at[0], y: at[1], x: at[2] }, cut(data, ZYX.shape, at)));
        }
    await Promise.all(writes);
    await image.close();
    const first = await pixelsOf(target.store, 0);
    expectSame(first, { data, shape: ZYX.shape });
    expectSame(await pixelsOf(target.store, 1), downsample(first, [1, 2, 2], "mean"));
    expect((await validateOmeZarr(target.store, { deep: true, formats: [] })).groups).toEqual([]);
  });
});

test("planes are written by their positions, as they are read", async () => {
  const target = growingTarget();
  const image = await createImage(target, {
    axes: ["t", "c", "y", "x"],
    shape: [2, 2, 4, 5],
    dtype: "float32",
  });
  const plane = (t: number, c: number): Float32Array => new Float32Array(20).fill(t * 10 + c + 0.5);
  for (const t of [1, 0]) for (const c of [0, 1]) await image.write({ t, c }, plane(t, c));
  await image.close();
  const node = await openOmeZarr(target.store, { formats: [] });
  const { data } = (await node.images[0]?.level(0).read({ t: 1, c: 0 })) ?? {};
  expect(data).toEqual(plane(1, 0));
});

test("pixels that were never written are 0, and chunks that are all zeros are not stored", async () => {
  const target = growingTarget();
  const image = await createImage(target, { ...ZYX, chunks: [1, 100, 90] });
  await image.write({ z: 1, y: [150, 152], x: [10, 12] }, Uint16Array.of(1, 2, 3, 4));
  await image.close();
  expect(target.added.filter((key) => key.startsWith("/0/c/"))).toEqual(["/0/c/1/1/0"]);
  const { data } = await pixelsOf(target.store, 0);
  expect(data.filter((value) => value !== 0)).toEqual(Uint16Array.of(1, 2, 3, 4));
  const below = await pixelsOf(target.store, 1);
  expect(below.data.filter((value) => value !== 0)).toEqual(Uint16Array.of(2)); // of 2.5
});

test("the metadata is as requested", async () => {
  const target = growingTarget();
  const image = await createImage(target, {
    axes: [{ name: "t", unit: "second" }, "c", "y", "x"],
    shape: [1, 2, 600, 600],
    dtype: "uint8",
    unit: "micrometer",
    scale: [0.5, 1, 0.25, 0.25],
    translation: [0, 0, 100, 200],
    name: "cells",
    channels: [{ label: "DNA", color: "00ffff", window: { start: 5, end: 99 } }, {}],
    levels: 2,
  });
  expect(image.levels).toBe(2);
  await image.close();
  const { images } = await openOmeZarr(target.store, { formats: [] });
  expect(images[0]).toMatchObject({
    name: "cells",
    axes: [
      { name: "t", type: "time", unit: "second" },
      { name: "c", type: "channel", unit: undefined },
      { name: "y", type: "space", unit: "micrometer" },
      { name: "x", type: "space", unit: "micrometer" },
    ],
    channels: [
      { label: "DNA", color: "00FFFF", window: { start: 5, end: 99, min: 0, max: 255 } },
      { label: undefined, color: "00FF00", window: { start: 0, end: 255, min: 0, max: 255 } },
    ],
  });
  expect(images[0]?.levels.map(({ scale, translation }) => [scale, translation])).toEqual([
    [
      [0.5, 1, 0.25, 0.25],
      [0, 0, 100, 200],
    ],
    [
      [0.5, 1, 0.5, 0.5],
      [0, 0, 100.125, 200.125],
    ],
  ]);
});

test("label images have as many levels as the image", async () => {
  const target = growingTarget();
  const image = await createImage(target, {
    ...ZYX,
    axes: ["c", "y", "x"],
    shape: [2, 300, 270],
    scale: [1, 1, 1],
  });
  const labels = await image.createLabels("cells", { colors: [{ value: 1, rgba: [255, 0, 0, 255] }] });
  expect(labels.shape).toEqual([300, 270]);
  const numbers = Uint32Array.from({ length: 300 * 270 }, (_, i) => i % 1000);
  await labels.write({}, numbers);
  await image.write({ c: 0 }, noise(300 * 270));
  await image.close();
  const { images, labels: found } = await openOmeZarr(target.store, { formats: [] });
  expect(found[0]).toMatchObject({ path: "/labels/cells", name: "cells" });
  expect(found[0]?.levels).toHaveLength(images[0]?.levels.length ?? 0);
  const block = toPixelBlock((await found[0]?.level(1).read()) ?? { data: [], shape: [], stride: [] });
  expectSame(block, downsample({ data: numbers, shape: [300, 270] }, [2, 2], "nearest"));
  expect((await validateOmeZarr(target.store, { deep: true, formats: [] })).groups).toEqual([]);
});

test("a region that was written before is refused as a whole, and stays", async () => {
  const target = growingTarget();
  const image = await createImage(target, {
    axes: ["y", "x"],
    shape: [4, 4],
    dtype: "uint8",
    chunks: [2, 2],
  });
  await image.write({ y: [2, 3], x: [0, 2] }, Uint8Array.of(1, 1));
  await expect(image.write({}, new Uint8Array(16).fill(9))).rejects.toThrow("were written before");
  await image.write({ y: [0, 2] }, new Uint8Array(8).fill(2));
  await image.close();
  expect([...(await pixelsOf(target.store, 0)).data]).toEqual([
    2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0, 0, 0,
  ]);
  await expect(image.write({ y: 3 }, new Uint8Array(4))).rejects.toThrow("is closed");
});

test.each([
  [{ axes: ["x", "y", "c"] }, "in the order time, channels, space"],
  [{ axes: ["c", "x", "t"] }, "are not those of an image"],
  [{ axes: ["y", "y", "x"] }, "not all different"],
  [{ shape: [3, 300] }, "shape has 2 numbers for 3 axes"],
  [{ shape: [0, 300, 2] }, "whole numbers from 1 on, not 0, 300, 2"],
  [{ dtype: "complex64" }, "complex64 is not a data type for pixels"],
  [{ chunks: [1, 10, 10], shards: [1, 10, 15] }, "must be whole chunks"],
  [{ channels: [{}, {}] }, "2 channels are described, and the image has 1"],
  [{ channels: [{ color: "red" }] }, "the colour red is not six"],
  [{ scale: [0, 1, 1] }, "scale must be finite numbers above 0, not 0, 1, 1"],
  [{ scale: [1, Number.NaN, 1] }, "scale must be finite numbers above 0"],
  [{ translation: [0, Number.POSITIVE_INFINITY, 0] }, "translation must be finite numbers"],
  // As callers without types have them.
  [{ axes: "zyx" as never }, 'axes must be an array of names, such as ["c", "y", "x"], not "zyx"'],
  [{ shape: undefined as never }, "shape is required: an array of sizes"],
  [{ dtype: undefined as never }, "dtype is required: a string such as uint16"],
  [{ unit: 5 as never }, "unit must be a string"],
  [{ axes: ["z", { name: "y", unit: 1 as never }, "x"] }, "the unit of the axis y must be a string"],
  [{ channels: [7 as never] }, 'a channel must be its label, such as "DNA", or an object'],
  [{ channels: [{ label: 7 as never }] }, "the label of a channel must be a string"],
  ...["um", "µm", "μm", "micron", "microns", "Micrometer", "micrometres"].map((unit) => [
    { unit },
    `"${unit}" is not a unit of space in the specification's list (axis z): write micrometer`,
  ]),
  [{ unit: "nm" }, "write nanometer"],
  [{ unit: "Å" }, "write angstrom"],
  [{ unit: "pixel" }, "write a unit such as micrometer, or leave it out"],
  [{ axes: [{ name: "t", unit: "s" }, "y", "x"] }, "(axis t): write second"],
  [{ axes: [{ name: "t", unit: "ms" }, "y", "x"] }, "(axis t): write millisecond"],
] as [Partial<NewImageOptions>, string][])("%j is refused", async (options, message) => {
  const target = growingTarget();
  await expect(createImage(target, { ...ZYX, ...options })).rejects.toThrow(message);
  await expect(createImage(target, { ...ZYX, ...options })).rejects.toBeInstanceOf(RangeError);
});

test("unknown options are refused by name in every function", async () => {
  const target = growingTarget();
  const wrong = { chunk: [1, 64, 64], shard: 1 } as never;
  const image = createImage(target, { ...ZYX, ...(wrong as object) });
  await expect(image).rejects.toMatchObject({ _tag: "Usage" });
  await expect(image).rejects.toThrow('an image has no option "chunk" or "shard"; there are axes, shape');
  const labels = (await createImage(target, ZYX)).createLabels("cells", wrong);
  await expect(labels).rejects.toMatchObject({ _tag: "Usage" });
  await expect(labels).rejects.toThrow('a label image has no option "chunk" or "shard"; there are dtype');
  const plate = createPlate(target, { rows: ["A"], columns: ["1"], ...(wrong as object) });
  await expect(plate).rejects.toMatchObject({ _tag: "Usage" });
  const field = (await createPlate(target, { rows: ["A"], columns: ["1"] })).createField("A/1", {
    ...ZYX,
    ...(wrong as object),
  });
  await expect(field).rejects.toMatchObject({ _tag: "Usage" });
});

test.each([
  [{ channels: [{ name: "DNA" }] }, 'a channel has no option "name"; there are label, color, window'],
  [{ axes: ["z", "y", { name: "x", units: "micrometer" }] }, 'an axis has no option "units"; there are name'],
])("%j has an unknown member", async (options, message) => {
  const image = createImage(growingTarget(), { ...ZYX, ...options } as NewImageOptions);
  await expect(image).rejects.toMatchObject({ _tag: "Usage", message: expect.stringContaining(message) });
});

test("a channel may be its label alone", async () => {
  const target = growingTarget();
  const options = { ...ZYX, axes: ["c", "y", "x"], channels: ["DNA", "actin", { color: "ff0000" }] };
  await (await createImage(target, options)).close();
  const node = await openOmeZarr(target.store, { formats: [] });
  expect(node.images[0]?.channels.map(({ label }) => label)).toEqual(["DNA", "actin", undefined]);
});

test("nothing is begun if options are invalid", async () => {
  const target = { ...growingTarget(), begin: () => Promise.reject(new Error("begun")) };
  await expect(createImage(target, { ...ZYX, chunks: [1] })).rejects.toThrow("chunks has 1 numbers");
});

test("data of another type or size is refused", async () => {
  const image = await createImage(growingTarget(), ZYX);
  const write = (data: PixelValues): Promise<void> => image.write({ z: 0, y: 0 }, data);
  await expect(write(new Uint8Array(270))).rejects.toThrow("in a Uint16Array, not in a Uint8Array");
  await expect(write(new Uint16Array(269))).rejects.toThrow("1 × 1 × 270");
  await expect(image.write({ z: 3 }, new Uint16Array(1))).rejects.toThrow("positions 0 to 2");
});

test("a failed write fails the image, and the destination is unchanged", async () => {
  const target = growingTarget();
  const begin = target.begin;
  target.begin = async () => {
    const writer = (await begin?.()) as Awaited<ReturnType<NonNullable<typeof begin>>>;
    const add: typeof writer.add = async (entry) => {
      if (entry.key.startsWith("/0/c")) throw new Error("disk full");
      await writer.add(entry);
    };
    return { ...writer, add };
  };
  const image = await createImage(target, ZYX);
  await expect(image.write({}, noise(3 * 300 * 270))).rejects.toThrow("disk full");
  await expect(image.close()).rejects.toThrow("disk full");
  for await (const { key } of target.store.list()) throw new Error(key);
});

test("of two label images of the same name that are begun at once, the second is refused, without effect on the first", async () => {
  const target = growingTarget();
  const image = await createImage(target, ZYX);
  const [first, second, wrong] = await Promise.allSettled([
    image.createLabels("cells"),
    image.createLabels("cells"),
    image.createLabels("nuclei", { dtype: "float32" }),
  ]);
  expect(first).toMatchObject({ status: "fulfilled" });
  expect(second).toMatchObject({
    reason: expect.objectContaining({ message: expect.stringContaining("there is a label image cells") }),
  });
  expect(wrong).toMatchObject({ reason: expect.any(RangeError) });
  await image.createLabels("nuclei");
  await image.close();
  const { labels } = await openOmeZarr(target.store, { formats: [] });
  expect(labels.map(({ path }) => path)).toEqual(["/labels/cells", "/labels/nuclei"]);
});
