import { openOmeZarr } from "@ozx/core";
import { memorySink } from "@ozx/core/container";
import { expect, test } from "vitest";
import { createTiffWriter, needsBigTiff, type TiffForm } from "../../src/write/tiff-writer.js";
import { type WriteTiffOptions, writeOmeTiff } from "../../src/write/write-ome-tiff.js";
import { openBytes } from "../fixtures/open.js";
import { readPlane } from "../fixtures/read-plane.js";
import { type TypedImage, typedImage, typedPlane } from "../fixtures/typed-image.js";

const WHOLE = { shape: [2, 2, 3, 9, 14], chunks: [1, 1, 2, 4, 5] } as const;

const TYPES: readonly (readonly [dtype: string, item: number, stored: string])[] = [
  ["bool", 1, "uint8"],
  ["uint8", 1, "uint8"],
  ["int8", 1, "int8"],
  ["uint16", 2, "uint16"],
  ["int16", 2, "int16"],
  ["uint32", 4, "uint32"],
  ["int32", 4, "int32"],
  ["uint64", 8, "uint64"],
  ["int64", 8, "int64"],
  ["float32", 4, "float32"],
  ["float64", 8, "float64"],
];

async function written(how: TypedImage, options?: WriteTiffOptions): Promise<Uint8Array> {
  const sink = memorySink("image.ome.tif");
  await writeOmeTiff(await typedImage(how), sink, options);
  return sink.bytes();
}

/** Compares every plane with what was asked for. */
async function expectPlanes(
  bytes: Uint8Array,
  how: TypedImage,
  { y, x, z, t, c }: Readonly<Record<"t" | "c" | "z" | "y" | "x", readonly [number, number]>>,
): Promise<void> {
  const store = await openBytes(bytes, "image.ome.tif");
  for (let at = t[0]; at < t[1]; at++) {
    for (let channel = c[0]; channel < c[1]; channel++) {
      for (let depth = z[0]; depth < z[1]; depth++) {
        const plane = await readPlane(store, "/0", { t: at - t[0], c: channel - c[0], z: depth - z[0] });
        const expected = typedPlane(how, { t: at, c: channel, z: depth }, { y, x });
        expect(Buffer.compare(plane, expected), `t ${at}, c ${channel}, z ${depth}`).toBe(0);
      }
    }
  }
  await store.close();
}

const ALL = { t: [0, 2], c: [0, 2], z: [0, 3], y: [0, 9], x: [0, 14] } as const;

test.each(TYPES)("values of %s are read as they were", async (dtype, item, stored) => {
  const how = { ...WHOLE, dtype, item };
  for (const deflated of [false, true]) {
    const bytes = await written(how, { deflated });
    await expectPlanes(bytes, how, ALL);
    await using node = await openOmeZarr(await openBytes(bytes), { formats: [] });
    expect(node.images[0]?.level(0).dtype).toBe(stored);
  }
});

test("float16 becomes float32 of the same values", async () => {
  const how = { ...WHOLE, dtype: "float16", item: 2 };
  const image = await typedImage(how);
  const before = await image.level(0).read();
  await using node = await openOmeZarr(await openBytes(await written(how)), { formats: [] });
  const after = await node.images[0]?.level(0).read();
  expect(after?.data).toEqual(before.data);
});

test("a part, of a plane that is wider than strips are, in tiles", async () => {
  const how = { dtype: "uint16", item: 2, shape: [1, 2, 1, 12, 3000], chunks: [1, 2, 1, 5, 700] };
  const ranges = { c: [1, 2], y: [2, 11], x: [100, 2900] } as const;
  const bytes = await written(how, { ranges, deflated: true });
  await expectPlanes(bytes, how, { t: [0, 1], z: [0, 1], ...ranges });
  await using node = await openOmeZarr(await openBytes(bytes), { formats: [] });
  expect(node.images[0]?.channels.map(({ label, color }) => [label, color])).toEqual([['"GFP" é', "FF0080"]]);
});

test("names, colours, sizes and units are read as they were", async () => {
  const how = { ...WHOLE, dtype: "uint16", item: 2 };
  const store = await openBytes(await written(how));
  await using node = await openOmeZarr(store, { formats: [] });
  const [image] = node.images;
  expect(image?.name).toBe("a & <b> µ");
  expect(image?.axes.map(({ name, unit }) => [name, unit])).toEqual([
    ["t", "second"],
    ["c", undefined],
    ["z", "micrometer"],
    ["y", "micrometer"],
    ["x", "micrometer"],
  ]);
  expect(image?.level(0).scale).toEqual([1.5, 1, 2, 0.325, 0.325]);
  expect(image?.channels.map(({ label, color }) => [label, color])).toEqual([
    ["DAPI", "3F7FFF"],
    ['"GFP" é', "FF0080"],
  ]);
});

test("reports its progress, and stops when it is aborted", async () => {
  const image = await typedImage({ ...WHOLE, dtype: "uint16", item: 2 });
  const seen: number[] = [];
  const all = 2 * 2 * 3 * 9 * 14 * 2;
  await writeOmeTiff(image, memorySink(), {
    onProgress: (progress) => {
      expect(progress.all).toBe(all);
      seen.push(progress.done);
    },
  });
  expect(seen.at(-1)).toBe(all);
  expect(seen.length).toBeGreaterThan(3);
  const controller = new AbortController();
  const stopped = writeOmeTiff(image, memorySink(), {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await expect(stopped).rejects.toThrow("aborted");
});

test("an axis that OME-TIFF lacks takes one position", async () => {
  const axes = [{ name: "angle", type: "angle" }, ...["y", "x"].map((name) => ({ name, type: "space" }))];
  const how = { dtype: "uint8", item: 1, shape: [3, 4, 5], chunks: [1, 4, 5], axes };
  await expect(written(how)).rejects.toThrow("choose one position along angle");
  const bytes = await written(how, { ranges: { angle: [1, 2] } });
  const plane = await readPlane(await openBytes(bytes), "/0");
  expect(plane).toEqual(
    typedPlane({ ...how, shape: [1, 1, 3, 4, 5] }, { t: 0, c: 0, z: 1 }, { y: [0, 4], x: [0, 5] }),
  );
});

const FORM: TiffForm = {
  ...{ pages: 1, width: 65_536, height: 32_000, bits: 16, sampleFormat: 1, deflated: false, description: "" },
  segment: { tiled: true, width: 512, height: 512 },
};

test("what may be larger than 4 GiB is a BigTIFF, whose offsets have 8 bytes", async () => {
  expect(needsBigTiff(FORM)).toBe(false);
  expect(needsBigTiff({ ...FORM, deflated: true, height: 32_700 })).toBe(true);
  expect(needsBigTiff({ ...FORM, height: 32_768 })).toBe(true);
  const small: TiffForm = {
    ...{ pages: 2, width: 4, height: 2, bits: 8, sampleFormat: 1, deflated: false, description: "x" },
    segment: { tiled: false, width: 4, height: 2 },
  };
  const sink = memorySink();
  const writer = createTiffWriter(sink, small, true);
  await writer.write(0, 0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  await writer.write(1, 0, Uint8Array.of(9, 8, 7, 6, 5, 4, 3, 2));
  await writer.finish();
  const bytes = sink.bytes();
  const store = await openBytes(bytes);
  expect([...bytes.subarray(0, 8)]).toEqual([0x49, 0x49, 43, 0, 8, 0, 0, 0]);
  expect([...(await readPlane(store, "/0", { z: 1 }))]).toEqual([9, 8, 7, 6, 5, 4, 3, 2]);
});
