import { type OpenLevel, openOmeZarr, type Pixels, type Selection, type Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { encodeJson, imageMetadata, sampleMap, sampleStore } from "@ozx/testing";
import { expect, test } from "vitest";
import { get } from "zarrita";
import { crc32c } from "../../src/zarr/codec/checksums.js";
import { type TinyArray, tinyStore, watched } from "./fixtures.js";

const NO_FORMATS = { formats: [] };

async function openTiny(array: TinyArray, axes = "cyx"): Promise<OpenLevel> {
  const store = tinyStore({ "/": imageMetadata(axes) }, { "/0": array });
  const node = await openOmeZarr(store, NO_FORMATS);
  const [level] = node.images[0]?.levels ?? [];
  if (level === undefined) throw new Error("no level");
  return level;
}

/** The values in C order, whatever the strides. */
function valuesOf({ data, shape, stride }: Pixels): unknown[] {
  const elements = Array.from(data as Iterable<unknown>);
  const walk = (axis: number, at: number): unknown[] =>
    axis === shape.length
      ? [elements[at]]
      : Array.from({ length: shape[axis] ?? 0 }, (_, i) =>
          walk(axis + 1, at + i * (stride[axis] ?? 0)),
        ).flat();
  return walk(0, 0);
}

const CUBE: TinyArray = { shape: [2, 3, 4], chunks: [1, 2, 3] };

test("without a selection, all pixels", async () => {
  const pixels = await (await openTiny(CUBE)).read();
  expect(pixels).toMatchObject({ shape: [2, 3, 4], stride: [12, 4, 1], axes: ["c", "y", "x"] });
  expect([...(pixels.data as Uint16Array)]).toEqual(Array.from({ length: 24 }, (_, i) => i));
});

test.each<[Selection, readonly number[], readonly string[], readonly number[]]>([
  [{ c: 1, y: 2 }, [4], ["x"], [20, 21, 22, 23]],
  [{ c: 1, y: [1, 3], x: [2, 4] }, [2, 2], ["y", "x"], [18, 19, 22, 23]],
  [{ c: [0, 1], y: 0, x: 3 }, [1], ["c"], [3]],
  [{ c: 1, y: 2, x: 3 }, [], [], [23]],
  [{ c: undefined, y: 0, x: 0 }, [2], ["c"], [0, 12]],
])("the selection %j", async (selection, shape, axes, values) => {
  const pixels = await (await openTiny(CUBE)).read(selection);
  expect(pixels).toMatchObject({ shape, axes });
  expect(valuesOf(pixels)).toEqual(values);
});

test.each<[Selection, string]>([
  [{ z: 0 }, '/0 in tiny has no axis "z"; its axes are c, y, x'],
  [{ c: 2 }, '/0 in tiny has positions 0 to 1 on its axis "c"; 2 is not one of them'],
  [{ c: -1 }, "-1 is not one of them"],
  [{ c: 0.5 }, "0.5 is not one of them"],
  [{ c: Number.NaN }, "NaN is not one of them"],
  [{ x: [0, 5] }, "[0, 5] must be a start and a larger stop, from 0 to 4"],
  [{ x: [2, 2] }, "[2, 2] must be"],
])("the selection %j is outside", async (selection, message) => {
  const reading = (await openTiny(CUBE)).read(selection);
  await expect(reading).rejects.toThrow(RangeError);
  await expect(reading).rejects.toThrow(message);
});

test("a level that does not exist", async () => {
  const node = await openOmeZarr(tinyStore({ "/": imageMetadata() }, { "/0": CUBE }), NO_FORMATS);
  expect(() => node.images[0]?.level(1)).toThrow(RangeError);
  expect(() => node.images[0]?.level(1)).toThrow("has levels 0 to 0, but not 1");
});

test("a level whose array is missing keeps its number, and says so when it is read", async () => {
  const store = tinyStore({ "/": imageMetadata("cyx", ["0", "gone"]) }, { "/0": CUBE });
  const [image] = (await openOmeZarr(store, NO_FORMATS)).images;
  expect(image?.levels.map(({ path }) => path)).toEqual(["/0", "/gone"]);
  await expect(image?.level(1).read()).rejects.toThrow('There is no array at /gone for level "gone"');
});

test.for(["not JSON", '{"zarr_format":3}', '{"zarr_format":3,"node_type":"array","shape":"?"}'])(
  "the largest level keeps its number where its document is %s",
  async (document) => {
    const arrays = { "/0": CUBE, "/1": { ...CUBE, start: 100 } };
    const store = tinyStore({ "/": imageMetadata("cyx", ["0", "1"]) }, arrays);
    await store.set("/0/zarr.json", new TextEncoder().encode(document));
    const [image] = (await openOmeZarr(store, NO_FORMATS)).images;
    expect(image?.levels).toHaveLength(2);
    const largest = image?.level(0);
    await expect(largest?.read()).rejects.toMatchObject({ _tag: "InvalidMetadata" });
    await expect(largest?.array()).rejects.toMatchObject({ _tag: "InvalidMetadata" });
    expect(() => largest?.shape).toThrow("0/zarr.json");
    const pixels = await image?.level(1).read({ c: 0, y: 0, x: [0, 2] });
    expect(pixels?.data).toEqual(Uint16Array.of(100, 101));
  },
);

test("an image of which no level can be read says why", async () => {
  const store = tinyStore({ "/": imageMetadata("cyx", ["gone"]) });
  const [image] = (await openOmeZarr(store, NO_FORMATS)).images;
  expect(() => image?.level(0)).toThrow("has no readable level");
});

test("an array with more or fewer dimensions than its image has axes is refused", async () => {
  const level = await openTiny(CUBE, "yx");
  await expect(level.read()).rejects.toMatchObject({ _tag: "InvalidMetadata" });
  expect((await get(await level.array())).shape).toEqual([2, 3, 4]);
});

test("missing chunks are the fill value, exact beyond 2^53", async () => {
  const document = { data_type: "uint64", fill_value: "EXACT" };
  const store = tinyStore(
    { "/": imageMetadata("yx") },
    { "/0": { shape: [2, 2], chunks: [2, 2], document } },
  );
  const text = new TextDecoder().decode(await store.get("/0/zarr.json"));
  const bare = memoryStore(
    new Map([
      ["/zarr.json", (await store.get("/zarr.json")) ?? new Uint8Array()],
      ["/0/zarr.json", new TextEncoder().encode(text.replace('"EXACT"', "18446744073709551615"))],
    ]),
  );
  const node = await openOmeZarr(bare, NO_FORMATS);
  const pixels = (await node.images[0]?.level(0).read({ y: 0 })) as Pixels;
  expect(valuesOf(pixels)).toEqual([18446744073709551615n, 18446744073709551615n]);
});

test.each([
  ["<i8", [], null, [0n, 0n]],
  [">u8", [], null, [0n, 0n]],
  ["<f4", [], null, [0, 0]],
  ["|b1", [], null, [false, false]],
  ["|O", [{ id: "vlen-utf8" }], null, ["", ""]],
  ["|O", [{ id: "vlen-utf8" }], 0, ["", ""]],
  ["<U3", [], null, ["", ""]],
  ["|S3", [], null, ["", ""]],
])("missing chunks of v2, %s with %j and the fill value %j", async (dtype, filters, fill_value, expected) => {
  const array = { zarr_format: 2, shape: [2, 2], chunks: [2, 2], compressor: null, order: "C" };
  const store = memoryStore(
    new Map([
      ["/.zgroup", encodeJson({ zarr_format: 2 })],
      ["/.zattrs", encodeJson(imageMetadata("yx"))],
      ["/0/.zarray", encodeJson({ ...array, dtype, filters, fill_value })],
    ]),
  );
  const node = await openOmeZarr(store, NO_FORMATS);
  const pixels = (await node.images[0]?.level(0).read({ y: 0 })) as Pixels;
  expect(valuesOf(pixels)).toEqual(expected);
});

test.each([
  ["float32", "0x7fc00000", Number.NaN],
  ["float64", "0x3ff0000000000000", 1],
  ["float32", "-Infinity", -Infinity],
  ["float32", "0x80000000", -0],
])("missing chunks of %s with the fill value %s", async (data_type, fill_value, value) => {
  // Stored under keys that no chunk has.
  const chunk_key_encoding = { name: "default", configuration: { separator: "." } };
  const document = { data_type, fill_value, chunk_key_encoding };
  const store = tinyStore(
    { "/": imageMetadata("yx") },
    { "/0": { shape: [2, 2], chunks: [2, 2], document } },
  );
  const node = await openOmeZarr(store, NO_FORMATS);
  const pixels = (await node.images[0]?.level(0).read({ y: 0 })) as Pixels;
  expect(valuesOf(pixels)).toEqual([value, value]);
});

test("paths with characters that are special in URLs", async () => {
  const path = "50%#?& ä\\";
  const store = tinyStore(
    { "/": imageMetadata("yx", [path]) },
    { [`/${path}`]: { shape: [2, 2], chunks: [2, 2] } },
  );
  const node = await openOmeZarr(store, NO_FORMATS);
  expect(valuesOf((await node.images[0]?.level(0).read()) as Pixels)).toEqual([0, 1, 2, 3]);
});

test("arrays in F order come with strides, and the right pixels", async () => {
  const options = { version: "0.4", levels: 1, size: { c: 2, z: 2, y: 8, x: 6 }, chunk: 4 } as const;
  const [inC, inF] = await Promise.all(
    (["C", "F"] as const).map(async (order) => {
      const node = await openOmeZarr(await sampleStore({ ...options, order }), NO_FORMATS);
      return node.images[0]?.level(0).read({ c: 1, z: [0, 2] }) as Promise<Pixels>;
    }),
  );
  expect(inC?.stride).toEqual([48, 6, 1]);
  expect(inF?.stride).toEqual([1, 2, 16]);
  expect(valuesOf(inF as Pixels)).toEqual(valuesOf(inC as Pixels));
});

test("shards, with one read for the index and one for each chunk", async () => {
  const options = { levels: 1, size: { c: 1, z: 1 } } as const;
  const plain = await openOmeZarr(await sampleStore(options), NO_FORMATS);
  const store = watched(await sampleStore({ ...options, shards: true }));
  const sharded = await openOmeZarr(store, NO_FORMATS);
  store.asked.length = 0;
  const part = { c: 0, z: 0, y: [10, 20], x: [0, 300] } as const;
  expect(valuesOf((await sharded.images[0]?.level(0).read(part)) as Pixels)).toEqual(
    valuesOf((await plain.images[0]?.level(0).read(part)) as Pixels),
  );
  expect(store.asked).toHaveLength(3);
});

test("shards with the index at their start", async () => {
  const values = await sampleMap({ levels: 1, size: { c: 1, z: 1 }, shards: true });
  const before = await openOmeZarr(memoryStore(new Map(values)), NO_FORMATS);
  for (const [key, value] of values) {
    if (key === "/0/zarr.json") {
      const text = new TextDecoder().decode(value);
      values.set(
        key,
        new TextEncoder().encode(text.replace('"index_location": "end"', '"index_location": "start"')),
      );
    } else if (key.startsWith("/0/c/")) values.set(key, indexFirst(value));
  }
  const after = await openOmeZarr(memoryStore(values), NO_FORMATS);
  const read = async (node: typeof after): Promise<unknown[]> =>
    valuesOf((await node.images[0]?.level(0).read()) as Pixels);
  expect(await read(after)).toEqual(await read(before));
});

/** Moves the index of a shard of 8 chunks from the end to the start. */
function indexFirst(shard: Uint8Array): Uint8Array {
  const size = 16 * 8 + 4;
  const index = shard.slice(shard.length - size);
  const view = new DataView(index.buffer);
  for (let at = 0; at < size - 4; at += 16) {
    const offset = view.getBigUint64(at, true);
    if (offset !== 0xffffffffffffffffn) view.setBigUint64(at, offset + BigInt(size), true);
  }
  view.setUint32(size - 4, crc32c(index.subarray(0, size - 4)), true);
  const moved = new Uint8Array(shard.length);
  moved.set(index);
  moved.set(shard.subarray(0, shard.length - size), size);
  return moved;
}

const SHARDING = {
  name: "sharding_indexed",
  configuration: { chunk_shape: [1, 2, 2], codecs: [{ name: "bytes" }], index_codecs: [{ name: "bytes" }] },
};

/** Chunks that fill the shards of the cube. */
const FITTING = { ...SHARDING.configuration, chunk_shape: [1, 2, 3] };

test.each<[string, TinyArray["document"], string, string]>([
  [
    "an unknown codec around shards",
    { codecs: [{ ...SHARDING, configuration: FITTING }, { name: "jpegxl" }] },
    "Unsupported",
    "the codec jpegxl is not supported",
  ],
  [
    "shards of broken chunks inside shards",
    {
      codecs: [
        {
          ...SHARDING,
          configuration: {
            ...FITTING,
            codecs: [{ ...SHARDING, configuration: { ...FITTING, chunk_shape: [1, 2, 2] } }],
          },
        },
      ],
    },
    "Unsupported",
    "shards that chunks do not fill",
  ],
  [
    "a storage transformer of shards with a codec around them",
    {
      codecs: [{ ...SHARDING, configuration: FITTING }, { name: "crc32c" }],
      storage_transformers: [{ name: "x" }],
    },
    "Unsupported",
    "storage transformer",
  ],
  [
    "shards of broken chunks",
    { codecs: [{ ...SHARDING, configuration: { ...SHARDING.configuration, chunk_shape: [1, 2, 5] } }] },
    "InvalidMetadata",
    "are not divisible into chunks",
  ],
  ["an unknown codec", { codecs: [{ name: "jpegxl" }] }, "Unsupported", "jpegxl"],
  ["an unknown data type", { data_type: "complex128" }, "Unsupported", "complex128"],
  ["a storage transformer", { storage_transformers: [{ name: "x" }] }, "Unsupported", "storage transformer"],
])("%s is refused rather than read wrongly", async (_, document, _tag, message) => {
  const level = await openTiny({ ...CUBE, document });
  const reading = level.read();
  await expect(reading).rejects.toMatchObject({ _tag });
  await expect(reading).rejects.toThrow(message);
});

const SHUFFLE = { id: "shuffle", elementsize: 2 };

test.each([
  ["<u2", [SHUFFLE, { id: "delta", dtype: "|u1" }], "the filter shuffle before another one"],
  ["<u2", [{ id: "zlib" }, { id: "delta", dtype: "<u2" }], "the filter zlib before another one"],
  ["<u2", [{ id: "delta", dtype: "<u2", astype: "<i4" }], "the filter delta with another type"],
  ["|b1", [{ id: "delta", dtype: "|b1" }], "the filter delta of |b1"],
])("%s with the filters %j is refused rather than read wrongly", async (dtype, filters, message) => {
  const reading = (await openFiltered(dtype, filters)).read();
  await expect(reading).rejects.toMatchObject({ _tag: "Unsupported" });
  await expect(reading).rejects.toThrow(message);
});

test.each([
  [[SHUFFLE]],
  [[{ id: "delta", dtype: "<u2" }, SHUFFLE]],
  [[SHUFFLE, SHUFFLE]],
  [[SHUFFLE, { id: "bitround" }]],
])("the filters %j are decoded", async (filters) => {
  const level = await openFiltered("<u2", filters);
  expect(valuesOf(await level.read())).toEqual([0, 0, 0, 0]);
});

async function openFiltered(dtype: string, filters: readonly object[]): Promise<OpenLevel> {
  const array = {
    zarr_format: 2,
    shape: [2, 2],
    chunks: [2, 2],
    compressor: null,
    order: "C",
    fill_value: 0,
  };
  const store = memoryStore(
    new Map([
      ["/.zgroup", encodeJson({ zarr_format: 2 })],
      ["/.zattrs", encodeJson(imageMetadata("yx"))],
      ["/0/.zarray", encodeJson({ ...array, dtype, filters })],
      ["/0/0.0", new Uint8Array(8)],
    ]),
  );
  const level = (await openOmeZarr(store, NO_FORMATS)).images[0]?.level(0);
  if (level === undefined) throw new Error("no level");
  return level;
}

test("a truncated chunk is an error, not pixels", async () => {
  const store = tinyStore({ "/": imageMetadata("yx") }, { "/0": { shape: [4, 4], chunks: [2, 2] } });
  await store.set("/0/c/1/1", new Uint8Array(6));
  const node = await openOmeZarr(store, NO_FORMATS);
  await expect(node.images[0]?.level(0).read()).rejects.toMatchObject({
    _tag: "CorruptData",
    message: expect.stringContaining("chunk (1, 1) of /0 in tiny cannot be read"),
  });
  expect(valuesOf((await node.images[0]?.level(0).read({ y: 0 })) as Pixels)).toEqual([0, 1, 2, 3]);
});

test("bytes that do not decompress are an error that names the chunk", async () => {
  const values = await sampleMap({ levels: 1, size: { c: 1, z: 1 }, codec: "gzip" });
  values.set("/0/c/0/0/0/0", encodeJson("nonsense"));
  const node = await openOmeZarr(memoryStore(values, "odd"), NO_FORMATS);
  await expect(node.images[0]?.level(0).read()).rejects.toMatchObject({
    _tag: "CorruptData",
    path: "/0",
    message: expect.stringContaining("chunk (0, 0, 0, 0) of /0 in odd"),
  });
});

test("a selection that no typed array can hold", async () => {
  const document = { shape: [2 ** 15, 2 ** 30, 2 ** 30] };
  const level = await openTiny({ ...CUBE, document });
  await expect(level.read()).rejects.toMatchObject({
    _tag: "Unsupported",
    message: "the selection of /0 in tiny is too large for one read: read it in parts",
  });
});

test("an aborted read rejects with the reason", async () => {
  const level = await openTiny(CUBE);
  const reason = new Error("enough");
  await expect(level.read({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test("a read that takes too long is not corrupt data", async () => {
  const inner = tinyStore({ "/": imageMetadata() }, { "/0": CUBE });
  const slow: Store = {
    ...inner,
    async get(key, options) {
      if (key.includes("/c/")) await new Promise((resolve) => setTimeout(resolve, 30));
      return inner.get(key, options);
    },
  };
  const node = await openOmeZarr(slow, NO_FORMATS);
  const array = await node.images[0]?.level(0).array();
  await expect(array?.getChunk([0, 0, 0], { signal: AbortSignal.timeout(1) })).rejects.toMatchObject({
    name: "TimeoutError",
  });
});

test("concurrent reads of a chunk fetch it once, until the last of them has aborted", async () => {
  const array: TinyArray = { shape: [3, 2, 2], chunks: [3, 2, 2] };
  const inner = tinyStore({ "/": imageMetadata("cyx") }, { "/0": array });
  const asked: (AbortSignal | undefined)[] = [];
  let goOn = (): void => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const store: Store = {
    ...inner,
    list: (...args) => inner.list(...args),
    getRange: (...args) => inner.getRange(...args),
    async get(key, options) {
      if (key.includes("/c/")) {
        asked.push(options?.signal);
        await held;
      }
      return inner.get(key, options);
    },
  };
  const node = await openOmeZarr(store, NO_FORMATS);
  const level = node.images[0]?.level(0);
  const [left, reason] = [new AbortController(), new Error("enough")];
  const first = level?.read({ c: 0 }, { signal: left.signal });
  const others = [1, 2].map((c) => level?.read({ c }));
  await expect.poll(() => asked.length).toBe(1);
  left.abort(reason);
  await expect(first).rejects.toBe(reason);
  expect(asked[0]?.aborted).toBe(false);
  goOn();
  const values = (await Promise.all(others)).map((pixels) => pixels && valuesOf(pixels));
  expect(values).toEqual([
    [4, 5, 6, 7],
    [8, 9, 10, 11],
  ]);
  expect(asked.length).toBe(1);

  await level?.read({ c: 1 });
  expect(asked.length, "nothing is kept").toBe(2);
});

test.for(["uint16", "uint8", "float32", "bool", "int64"])(
  "an axis without positions gives no pixels of %s",
  async (data_type) => {
    const level = await openTiny({ ...CUBE, shape: [0, 3, 4], document: { data_type, shape: [0, 3, 4] } });
    const whole = await level.read();
    expect(whole).toMatchObject({ shape: [0, 3, 4], stride: [12, 4, 1], axes: ["c", "y", "x"] });
    expect(whole.data).toHaveLength(0);
    expect(await level.read({ c: [0, 0], y: 1 })).toMatchObject({ shape: [0, 4], axes: ["c", "x"] });
    await expect(level.read({ c: 0 })).rejects.toThrow('has no positions on its axis "c"');
  },
);

test("an axis of the name __proto__ is read as any other", async () => {
  const axes = ["__proto__", "y", "x"].map((name) => ({
    name,
    type: name === "__proto__" ? "other" : "space",
  }));
  const { multiscales, ...ome } = imageMetadata() as { multiscales: [object] };
  const store = tinyStore({ "/": { ...ome, multiscales: [{ ...multiscales[0], axes }] } }, { "/0": CUBE });
  const level = (await openOmeZarr(store, NO_FORMATS)).images[0]?.level(0);
  expect((await level?.read())?.shape).toEqual([2, 3, 4]);
  expect((await level?.read({ ["__proto__"]: 1, y: 0 }))?.shape).toEqual([4]);
});

test("codecs that nobody knows leave no rejection behind", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  const codecs = [{ name: "bytes" }, { name: "numcodecs.bz2" }, { name: "numcodecs.lzma" }, { name: "foo" }];
  for (const data_type of ["uint8", "uint16"]) {
    const level = await openTiny({ ...CUBE, document: { codecs, data_type } });
    await expect(level.read()).rejects.toMatchObject({ _tag: "Unsupported", feature: "the codec bz2" });
    await expect(level.array()).rejects.toMatchObject({ _tag: "Unsupported" });
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});
