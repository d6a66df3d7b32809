import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { readValues, type SampleOptions, sampleArrays, sampleMap, sampleStore } from "../src/index.js";

const small = { size: { c: 2, z: 3, y: 45, x: 50 }, levels: 3, chunk: 16 } as const;

const variants: SampleOptions[] = [
  { version: "0.4" },
  { version: "0.4", codec: "none", order: "F" },
  { version: "0.4", codec: "blosc", order: "F", byteOrder: ">", dtype: "int32" },
  { version: "0.4", codec: "gzip", separator: ".", dtype: "float32" },
  { version: "0.4", codec: "none", byteOrder: ">" },
  { version: "0.5" },
  { version: "0.5", codec: "gzip", byteOrder: ">" },
  { version: "0.5", codec: "blosc", dtype: "uint8", separator: "." },
  { version: "0.5", codec: "none", dtype: "float64" },
  { version: "0.5", codec: "none", shards: true },
  { version: "0.5", codec: "zstd", shards: true, dtype: "int16", byteOrder: ">" },
  { version: "0.5", codec: "blosc", shards: true, dtype: "float32" },
];

async function digest(options: SampleOptions): Promise<string> {
  const hash = createHash("sha256");
  for (const [key, value] of await sampleMap(options)) hash.update(`${key} ${value.length}\n`).update(value);
  return hash.digest("hex");
}

describe("the sample", () => {
  test.for(variants)("zarrita reads the values that were painted: %j", async (variant) => {
    const options = { ...small, ...variant };
    const store = await sampleStore(options);
    for (const { path, shape, content } of sampleArrays(options)) {
      const read = await readValues(store, path);
      expect(read.shape, path).toEqual(shape);
      expect(read.values, path).toEqual(Array.from<unknown>(content.values));
    }
  });

  test("the same options give the same bytes, also in other releases of this project", async () => {
    const options = { ...small, codec: "none" } as const;
    expect(await digest(options)).toBe(await digest({ ...options }));
    expect(await digest({ ...options, seed: 2 })).not.toBe(await digest(options));
    // Compressors may change with their libraries; what is compressed may not, unless on purpose.
    expect(await digest({ ...options, version: "0.4" })).toMatchInlineSnapshot(
      `"d61aa669604cb340b38c6b8e099116a07aa38363b4d072e98a0d43d92b4fe60f"`,
    );
    expect(await digest({ ...options, version: "0.5", shards: true })).toMatchInlineSnapshot(
      `"8561333de9912144bf4e8426765d57a5efd460e74ab78e6bf1b6a9ba578ff86c"`,
    );
  });

  test.for(["gzip", "zstd", "blosc"] as const)("%s gives the same bytes twice", async (codec) => {
    expect(await digest({ ...small, codec })).toBe(await digest({ ...small, codec }));
  });

  test("has several cells with numbers, nuclei that are brighter than what surrounds them", () => {
    const arrays = sampleArrays({ size: { c: 1, z: 1, y: 128, x: 128 }, levels: 1 });
    const image = arrays.find(({ path }) => path === "/0")?.content.values ?? [];
    const labels = arrays.find(({ path }) => path === "/labels/cells/0")?.content.values ?? [];
    expect(new Set<unknown>(labels).size).toBeGreaterThan(20);
    const cells = labels.length - [...labels].filter((label) => label === 0).length;
    expect(cells / labels.length).toBeGreaterThan(0.6);
    const lit = [...image].filter((value) => Number(value) > 1000).length / image.length;
    expect(lit).toBeGreaterThan(0.05);
    expect(lit).toBeLessThan(0.5);
  });

  test("levels are halves of each other, labels keep their numbers", () => {
    const arrays = sampleArrays(small);
    const shapes = arrays.filter(({ path }) => /^\/\d$/.test(path)).map(({ shape }) => shape);
    expect(shapes).toEqual([
      [2, 3, 45, 50],
      [2, 3, 23, 25],
      [2, 3, 12, 13],
    ]);
    const numbers = arrays
      .filter(({ path }) => path.startsWith("/labels"))
      .map(({ content }) => content.values);
    const known = new Set<unknown>(numbers[0]);
    for (const level of numbers) for (const number of level) expect(known.has(number)).toBe(true);
  });

  test("leaves out what holds only the fill value, in chunks and in shards", async () => {
    const sparse = { size: { c: 1, z: 3, y: 90, x: 90 }, chunk: 8, levels: 1, codec: "none" } as const;
    const keys = [...(await sampleMap(sparse)).keys()].filter((key) => key.startsWith("/labels/cells/0/c/"));
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.length).toBeLessThan(3 * 12 * 12);
    const shards = await sampleMap({ ...sparse, shards: true });
    const absent = [...shards].some(
      ([key, value]) =>
        key.startsWith("/labels/cells/0/c/") && Buffer.from(value).includes(Buffer.alloc(16, 0xff)),
    );
    expect(absent).toBe(true);
  });

  test.for<[SampleOptions, string]>([
    [{ version: "0.5", order: "F" }, "order"],
    [{ version: "0.4", shards: true }, "shards"],
    [{ levels: 0 }, "levels"],
    [{ size: { x: 1.5 } }, "x"],
  ])("refuses %j", async ([options, word]) => {
    await expect(sampleMap(options)).rejects.toThrow(RangeError);
    await expect(sampleMap(options)).rejects.toThrow(word);
  });
});

test("nothing in the sample depends on how an engine rounds", async () => {
  for (const file of ["numbers", "tissue", "paint", "pixels", "encode-array"]) {
    const code = await readFile(new URL(`../src/sample/${file}.ts`, import.meta.url), "utf8");
    const calls = [...code.matchAll(/(?<!`)Math\.(\w+)\(/g)].map(([, name]) => name);
    expect(["sqrt", "floor", "ceil", "round", "min", "max", "abs", "imul"]).toEqual(
      expect.arrayContaining(calls),
    );
  }
});
