import type { AbsolutePath, JsonObject, Store } from "@ozx/core";
import { openOmeZarr } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { validateOmeZarr } from "@ozx/core/validate";
import { encodeChain, encodeJson, imageMetadata, smallImage } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import {
  needsOfVersion,
  type PlanOptions,
  planTransfer,
  planVersion,
  runTransfer,
  verifyStores,
} from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";
import { jsonOf } from "../support/store-content.js";

const LITTLE: JsonObject = { name: "bytes", configuration: { endian: "little" } };
const GZIP: JsonObject = { name: "gzip", configuration: { level: 6 } };
const SWAP: JsonObject = { name: "transpose", configuration: { order: [1, 0] } };
const INDEX = [LITTLE, { name: "crc32c" }];
const [SHAPE, SHARD] = [
  [8, 14],
  [4, 8],
] as const;

function shards(shape: readonly number[], codecs: readonly JsonObject[]): JsonObject {
  return { name: "sharding_indexed", configuration: { chunk_shape: shape, codecs, index_codecs: INDEX } };
}

/** An image of 8 × 14 uint16 in shards of 4 × 8, of which the last one is missing, and so is a chunk of the first. */
function image(codecs: readonly JsonObject[]): MemoryStore {
  const document = {
    ...{ codecs, chunk_grid: { name: "regular", configuration: { chunk_shape: SHARD } } },
    ...{ dimension_names: ["y", "x"], fill_value: 0 },
  };
  const files = smallImage({ "/": imageMetadata("yx") }, { "/0": { shape: SHAPE, document } });
  for (const [row, column] of [
    [0, 0],
    [0, 1],
    [1, 0],
  ] as const) {
    const elements = new Uint16Array(32).map((_, k) => {
      const [y, x] = [row * 4 + Math.floor(k / 8), column * 8 + (k % 8)];
      return y < 2 && x < 4 ? 0 : y * 100 + x + 1;
    });
    const bytes = new Uint8Array(elements.buffer);
    files.set(`/0/c/${row}/${column}`, encodeChain(codecs, { bytes, shape: SHARD, itemSize: 2 }));
  }
  return memoryStore(files, "image.zarr");
}

async function convert(source: Store, options: PlanOptions = {}): Promise<MemoryStore> {
  const target = memoryTarget();
  await runTransfer(await planTransfer(source, {}, options), target);
  return target.store;
}

async function differences(left: Store, right: Store): Promise<string[]> {
  const found: string[] = [];
  for await (const { message } of verifyStores(left, right)) found.push(message);
  return found;
}

const PLAIN = image([shards([2, 4], [LITTLE])]);

describe.each<[string, readonly JsonObject[]]>([
  ["shards in shards", [shards([2, 4], [shards([1, 2], [LITTLE, GZIP])])]],
  ["shards in shards in shards", [shards([4, 4], [shards([2, 4], [shards([1, 2], [SWAP, LITTLE])])])]],
  ["gzip around shards", [shards([2, 4], [LITTLE, GZIP]), GZIP]],
  ["gzip around shards in shards, and in between", [shards([2, 4], [shards([2, 2], [LITTLE]), GZIP]), GZIP]],
])("%s", (_, codecs) => {
  test("are the same as a copy of them, and as plain shards", async () => {
    const source = image(codecs);
    expect(await differences(source, await convert(source))).toEqual([]);
    expect(await differences(source, PLAIN)).toEqual([]);
    expect(await differences(PLAIN, source)).toEqual([]);
  });

  test("another pixel in them is found", async () => {
    const [source, other] = [image(codecs), image(codecs)];
    const elements = new Uint16Array(32).fill(9);
    const bytes = new Uint8Array(elements.buffer);
    await other.set("/0/c/1/0", encodeChain(codecs, { bytes, shape: SHARD, itemSize: 2 }));
    expect((await differences(source, other)).join()).toMatch(
      /^\/0 differs first at \(4, 0\): 401 in .*, 9 in /,
    );
  });

  test("--shard none takes their chunks out, with their bytes", async () => {
    const source = image(codecs);
    const chunks = await convert(source, { shard: "none" });
    expect(await differences(source, chunks)).toEqual([]);
    const { groups } = await validateOmeZarr(chunks, { formats: [], deep: true });
    expect(groups.filter(({ severity }) => severity === "error")).toEqual([]);
    const { codecs: plain } = await jsonOf(chunks, "/0/zarr.json");
    expect(JSON.stringify(plain)).not.toContain("sharding_indexed");
    const keys: string[] = [];
    for await (const { key } of chunks.list()) if (key.startsWith("/0/c/")) keys.push(key);
    expect(keys).not.toContain("/0/c/0/0");
    expect(keys.length).toBeGreaterThan(6);
  });

  test("0.4, which has no shards, takes them out too", async () => {
    const target = memoryTarget();
    const source = image(codecs);
    const plan = await planTransfer(source, needsOfVersion("0.4", {}));
    await runTransfer(await planVersion(plan, "0.4"), target);
    expect(await differences(source, target.store)).toEqual([]);
  });

  test("an interrupted --shard none resumes after each entry", async () => {
    const { generated } = await planTransfer(image(codecs), {}, { shard: "none" });
    const keys: AbsolutePath[] = [];
    for await (const { key } of generated?.produce() ?? []) keys.push(key);
    expect(keys.length).toBeLessThanOrEqual(generated?.entries ?? 0);
    for (const [at, after] of keys.entries()) {
      const rest: AbsolutePath[] = [];
      for await (const { key } of generated?.produce({ after }) ?? []) rest.push(key);
      expect(rest).toEqual(keys.slice(at + 1));
    }
  });

  test("lower-resolution levels are computed of them", async () => {
    const source = image(codecs);
    const level = (await openOmeZarr(source, { formats: [] })).images[0]?.level(0);
    expect((await level?.read())?.shape).toEqual(SHAPE);
  });

  test.each([{ shard: { y: 8, x: 8 } }, { codec: { name: "zstd" } }] as const)(
    "%j says what to do first",
    async (options) => {
      await expect(planTransfer(image(codecs), {}, options)).rejects.toThrow(/--shard none/);
    },
  );

  test("damage is named", async () => {
    const source = image(codecs);
    const bytes = (await source.get("/0/c/0/1")) ?? new Uint8Array();
    await source.set("/0/c/0/1", bytes.subarray(0, bytes.length - 3));
    await expect(convert(source, { shard: "none" })).rejects.toMatchObject({
      _tag: "CorruptData",
      message: expect.stringMatching(/^0\/c\/0\/1 in image\.zarr is damaged: it/),
    });
  });
});

test("chunks whose axes are not those of the array are not taken out, and are read", async () => {
  const source = image([SWAP, shards([4, 2], [LITTLE])]);
  await expect(planTransfer(source, {}, { shard: "none" })).rejects.toThrow(
    /transpose comes before sharding/,
  );
  expect(await differences(source, PLAIN)).toEqual([]);
});

test("complex numbers in shards of shards are compared by their parts", async () => {
  const codecs = [shards([2, 4], [shards([1, 2], [LITTLE])])];
  const complex = async (value: number): Promise<Store> => {
    const source = image(codecs);
    const document = {
      ...(await jsonOf(source, "/0/zarr.json")),
      data_type: "complex64",
      fill_value: [0, 0],
    };
    await source.set("/0/zarr.json", encodeJson(document));
    const bytes = new Uint8Array(Float32Array.from({ length: 64 }, (_, k) => (k === 9 ? value : k)).buffer);
    for (const key of ["/0/c/0/0", "/0/c/0/1", "/0/c/1/0"] as const) {
      await source.set(key, encodeChain(codecs, { bytes, shape: SHARD, itemSize: 8 }));
    }
    return source;
  };
  const source = await complex(9);
  expect(await differences(source, await convert(source, { shard: "none" }))).toEqual([]);
  expect(await differences(source, await complex(5))).toEqual([
    expect.stringMatching(/^\/0 differs first at \(0, 4\) in its imaginary part: 9 in .*, 5 in /),
  ]);
});

test("equal shards of codecs that nobody knows are the same without being decoded", async () => {
  const source = image([shards([2, 4], [shards([1, 2], [LITTLE])])]);
  const codecs = [shards([2, 4], [shards([1, 2], [LITTLE, { name: "jpeg2k", configuration: {} }])])];
  await source.set("/0/zarr.json", encodeJson({ ...(await jsonOf(source, "/0/zarr.json")), codecs }));
  const copy = await convert(source);
  expect(await differences(source, copy)).toEqual([]);
  await copy.set("/0/c/0/0", new Uint8Array(10));
  await expect(differences(source, copy)).rejects.toMatchObject({ _tag: "CorruptData" });
});
