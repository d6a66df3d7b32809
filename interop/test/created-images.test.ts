import { rm } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { addLabels, createImage, createPlate, type NewImageOptions } from "../../packages/cli/src/index.js";
import { inInterop, python, runOzx, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

interface Created {
  readonly ome: string;
  readonly arrays: { readonly [path: string]: { shape: number[]; dtype: string; values: unknown[] } };
}

const SHAPE = [2, 3, 70, 90] as const;
const COUNT = SHAPE.reduce((product, extent) => product * extent, 1);
const IMAGE = {
  axes: ["c", "z", "y", "x"],
  shape: SHAPE,
  unit: "micrometer",
  scale: [1, 2, 0.5, 0.5],
  levels: 2,
} satisfies Partial<NewImageOptions>;

const STORAGES = [
  ["zstd", { chunks: [1, 1, 32, 32] }],
  ["blosc in shards", { chunks: [1, 1, 32, 32], shards: [1, 2, 64, 64], codec: "blosc:lz4:5:shuffle" }],
  ["gzip", { chunks: [2, 2, 50, 50], codec: "gzip:1" }],
  ["none, in shards", { chunks: [1, 3, 35, 45], shards: [2, 3, 70, 90], codec: "none" }],
] as [string, Partial<NewImageOptions>][];

const TYPES = { uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, float32: Float32Array } as const;

describeWithTools("zarr-python", [python], () => {
  describe.each([".ozx", ".zarr"])("reads from %s", (suffix) => {
    test.each(STORAGES)("what createImage writes, %s", async (name, storage) => {
      for (const [dtype, Pixels] of Object.entries(TYPES)) {
        const path = inInterop(`.cache/work/created-${name.replace(/\W/g, "")}-${dtype}${suffix}`);
        await rm(path, { recursive: true, force: true });
        const values = new Pixels(
          Array.from({ length: COUNT }, (_, i) => ((i * 7919) % 251) - (dtype === "int16" ? 100 : 0)),
        );
        const image = await createImage(path, { ...IMAGE, ...storage, dtype });
        const plane = 70 * 90;
        for (const c of [1, 0]) {
          await image.write({ c }, values.subarray(c * 3 * plane, (c + 1) * 3 * plane));
        }
        const labels = await image.createLabels("cells", { dtype: "uint64" });
        await labels.write(
          {},
          BigUint64Array.from({ length: 3 * plane }, (_, i) => BigInt(i)),
        );
        await image.close();
        const found = (await runPython("read_created.py", path, "0", "1", "labels/cells/0")) as Created;
        expect(found.ome).toBe("0.5");
        expect(found.arrays["0"]).toEqual({ shape: [...SHAPE], dtype, values: [...values] });
        expect(found.arrays["1"]?.shape).toEqual([2, 3, 35, 45]);
        expect(found.arrays["labels/cells/0"]?.values.slice(0, 3)).toEqual([0, 1, 2]);
        if (dtype === "uint16") await runOzx("validate", "--deep", path);
      }
    });
  });

  test.each([
    ["0.4", ".zarr"],
    ["0.5", ".zarr"],
    ["0.6", ".zarr"],
    ["0.6", ".ozx"],
  ])("reads labels added to OME-Zarr %s in %s", async (version, suffix) => {
    const base = inInterop(`.cache/work/labelled-${version}`);
    for (const path of [`${base}.ozx`, `${base}-5.ozx`, `${base}.zarr`]) {
      await rm(path, { recursive: true, force: true });
    }
    const image = await createImage(`${base}-5.ozx`, { ...IMAGE, dtype: "uint8" });
    await image.close();
    await runOzx("convert", `${base}-5.ozx`, base + suffix, "--ome-zarr-version", version);
    const labels = await addLabels(base + suffix, "cells", {
      chunks: [1, 32, 32],
      codec: "blosc:lz4:5:shuffle",
    });
    const values = Uint32Array.from({ length: 3 * 70 * 90 }, (_, i) => i % 1000);
    await labels.write({}, values);
    await labels.close();
    const found = (await runPython(
      "read_created.py",
      base + suffix,
      "labels/cells/0",
      "labels/cells/1",
    )) as Created;
    expect(found.ome).toBe(version);
    expect(found.arrays["labels/cells/0"]).toEqual({
      shape: [3, 70, 90],
      dtype: "uint32",
      values: [...values],
    });
    expect(found.arrays["labels/cells/1"]?.shape).toEqual([3, 35, 45]);
  });

  test("reads every field of a plate", async () => {
    const path = inInterop(".cache/work/created-plate.ozx");
    await rm(path, { force: true });
    const plate = await createPlate(path, { rows: ["A", "B"], columns: ["1", "2"] });
    for (const [k, well] of ["A/1", "B/2", "B/2"].entries()) {
      const field = await plate.createField(well, { axes: ["y", "x"], shape: [20, 30], dtype: "uint8" });
      await field.write({}, new Uint8Array(600).fill(k + 1));
    }
    await plate.close();
    const { arrays } = (await runPython("read_created.py", path, "A/1/0/0", "B/2/0/0", "B/2/1/0")) as Created;
    expect(Object.values(arrays).map(({ values }) => values[599])).toEqual([1, 2, 3]);
    await runOzx("validate", "--deep", path);
  });
});
