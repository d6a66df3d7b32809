import type { AbsolutePath, ArrayNode, ChunkWorkers } from "@ozx/core";
import { readHierarchy } from "@ozx/core";
import { loadCodecs } from "@ozx/core/codecs";
import { memoryStore } from "@ozx/core/container";
import {
  type ChunkTaskRequest,
  createBlockReader,
  createChunkPool,
  inlineWorkers,
  serveChunks,
} from "@ozx/core/internal";
import { fuzzRuns } from "@ozx/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stridesOf } from "../../src/image/copy-box.js";
import { positionsIn } from "../../src/image/grid-order.js";

/** Threads that are none: requests are cloned as they would be, and served here. */
function pool(sharesMemory: boolean): ChunkWorkers {
  return createChunkPool({
    workers: 2,
    sharesMemory,
    start(events) {
      const serve = serveChunks((result, transfer) => events.onResult(structuredClone(result, { transfer })));
      const send = (request: ChunkTaskRequest, transfer: ArrayBuffer[]): void => {
        // Node does not clone what is shared, though it posts it.
        const { target, ...rest } = request;
        const cloned = structuredClone(rest, { transfer });
        void Promise.resolve().then(() => serve({ ...cloned, target }));
      };
      return { send, end: async () => {} };
    },
  });
}

const WORKERS: Record<string, () => ChunkWorkers | undefined> = {
  "this thread": () => undefined,
  "workers of this thread": inlineWorkers,
  "threads with shared memory": () => pool(true),
  "threads that memory is transferred to": () => pool(false),
};

const DTYPES = ["uint8", "int16", "uint16", "int32", "float32", "float64", "int64", "bool"] as const;

interface Case {
  readonly dtype: (typeof DTYPES)[number];
  readonly axes: readonly {
    readonly size: number;
    readonly chunk: number;
    readonly bounds: [number, number];
  }[];
  readonly order: readonly number[] | undefined;
  readonly endian: "little" | "big";
  readonly codec: "none" | "gzip" | "blosc" | "zstd";
  readonly fill: number;
  readonly missing: number;
}

const axis = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 24 }))
  .chain(([size, chunk]) =>
    fc
      .tuple(fc.nat(size - 1), fc.nat(size - 1))
      .map(([a, b]) => ({ size, chunk, bounds: [Math.min(a, b), Math.max(a, b) + 1] as [number, number] })),
  );

const cases: fc.Arbitrary<Case> = fc.array(axis, { minLength: 1, maxLength: 3 }).chain((axes) =>
  fc.record({
    dtype: fc.constantFrom(...DTYPES),
    axes: fc.constant(axes),
    order: fc.option(fc.shuffledSubarray([...axes.keys()], { minLength: axes.length }), { nil: undefined }),
    endian: fc.constantFrom("little", "big"),
    codec: fc.constantFrom("none", "gzip", "blosc", "zstd"),
    fill: fc.constantFrom(0, 1),
    missing: fc.constantFrom(0, 3),
  }),
);

const CODECS = {
  none: [],
  gzip: [{ name: "gzip", configuration: { level: 1 } }],
  zstd: [{ name: "zstd", configuration: { level: 1, checksum: false } }],
  blosc: [
    {
      name: "blosc",
      configuration: { cname: "lz4", clevel: 5, shuffle: "shuffle", typesize: 2, blocksize: 0 },
    },
  ],
};

/** An array of which every so manieth chunk is missing, and what its elements are. */
async function arrayOf({ dtype, axes, order, endian, codec, fill, missing }: Case) {
  const values = new Map<AbsolutePath, Uint8Array>();
  const [shape, chunkShape] = [axes.map(({ size }) => size), axes.map(({ chunk }) => chunk)];
  const axisAt = order ?? axes.map((_, k) => k);
  const document = {
    ...{ zarr_format: 3, node_type: "array", shape, data_type: dtype, attributes: {} },
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunkShape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: dtype === "bool" ? fill === 1 : fill,
    codecs: [
      ...(order === undefined ? [] : [{ name: "transpose", configuration: { order } }]),
      { name: "bytes", configuration: { endian } },
      ...CODECS[codec],
    ],
  };
  const numberAt = (position: readonly number[]): number =>
    dtype === "bool"
      ? position.reduce((sum, at) => sum + at, 0) % 2
      : position.reduce((sum, at, axis) => sum + at * (axis * 29 + 7), 1) % 126;
  const grid = shape.map((size, axis) => Math.ceil(size / (chunkShape[axis] ?? 1)));
  const isMissing = (chunk: readonly number[]): boolean =>
    missing > 0 && chunk.reduce((sum, at) => sum + at, 0) % missing === 0;
  for (const chunk of positionsIn(
    grid.map(() => 0),
    grid,
  )) {
    if (isMissing(chunk)) continue;
    // In the order in which the chunk is stored; the position along its axis `k` is that along `axisAt[k]` of the array.
    const stored = axisAt.map((axis) => chunkShape[axis] ?? 1);
    const numbers = [
      ...positionsIn(
        stored.map(() => 0),
        stored,
      ),
    ].map((within) =>
      numberAt(chunk.map((at, axis) => at * (chunkShape[axis] ?? 1) + (within[axisAt.indexOf(axis)] ?? 0))),
    );
    const bytes = await encode(codec, bytesOf(numbers, dtype, endian === "little"));
    values.set(`/0/c/${chunk.join("/")}`, bytes);
  }
  const text = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  values.set("/0/zarr.json", text(document));
  values.set("/zarr.json", text({ zarr_format: 3, node_type: "group", attributes: {} }));
  const store = memoryStore(values);
  const node = (await readHierarchy(store)).nodes.get("/0") as ArrayNode;
  const valueAt = (position: readonly number[]): number | bigint | boolean => {
    const chunk = position.map((at, axis) => Math.floor(at / (chunkShape[axis] ?? 1)));
    const value = isMissing(chunk) ? fill : numberAt(position);
    if (dtype === "bool") return value === 1;
    return dtype === "int64" ? BigInt(value) : value;
  };
  return { store, node, valueAt };
}

function bytesOf(numbers: readonly number[], dtype: Case["dtype"], isLittle: boolean): Uint8Array {
  const size = dtype === "bool" ? 1 : Number(/\d+$/.exec(dtype)?.[0]) / 8;
  const view = new DataView(new ArrayBuffer(numbers.length * size));
  for (const [k, value] of numbers.entries()) {
    if (dtype === "float32") view.setFloat32(k * 4, value, isLittle);
    else if (dtype === "float64") view.setFloat64(k * 8, value, isLittle);
    else if (dtype === "int64") view.setBigInt64(k * 8, BigInt(value), isLittle);
    else if (size === 4) view.setInt32(k * 4, value, isLittle);
    else if (size === 2) view.setInt16(k * 2, value, isLittle);
    else view.setInt8(k, value);
  }
  return new Uint8Array(view.buffer);
}

const codecs = await loadCodecs();

async function encode(codec: Case["codec"], bytes: Uint8Array): Promise<Uint8Array> {
  if (codec === "gzip") return codecs.gzip.encode(bytes, { level: 1 });
  if (codec === "zstd") return codecs.zstd.encode(bytes, { level: 1 });
  if (codec === "blosc") {
    return codecs.blosc.encode(bytes, { cname: "lz4", clevel: 5, shuffle: "shuffle", typesize: 2 });
  }
  return bytes;
}

describe.each(Object.entries(WORKERS))("decoded by %s", (_, workers) => {
  test("blocks of all kinds of arrays have the right elements", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (drawn) => {
        const { store, node, valueAt } = await arrayOf(drawn);
        const read = await createBlockReader(store, node, workers());
        const start = drawn.axes.map(({ bounds }) => bounds[0]);
        const stop = drawn.axes.map(({ bounds }) => bounds[1]);
        const block = await read?.({ start, stop });
        expect(block?.shape).toEqual(stop.map((end, axis) => end - (start[axis] ?? 0)));
        expect(block?.stride).toEqual(stridesOf(block?.shape ?? [], 1));
        const expected = [...positionsIn(start, stop)].map(valueAt);
        expect(Array.from(block?.data as Iterable<unknown>)).toEqual(expected);
      }),
      { numRuns: fuzzRuns({ sample: 60, full: 400 }) },
    );
  });
});

const PLAIN: Case = {
  dtype: "uint16",
  axes: [
    { size: 200, chunk: 50, bounds: [0, 200] },
    { size: 200, chunk: 50, bounds: [0, 200] },
  ],
  ...{ order: undefined, endian: "little", codec: "gzip", fill: 0, missing: 0 },
};

test("a chunk that threads cannot decode is named, and no more are read", async () => {
  const { store, node } = await arrayOf(PLAIN);
  let reads = 0;
  const counted: typeof store = {
    ...store,
    async get(key, options) {
      reads++;
      return key === "/0/c/0/1" ? new Uint8Array(9) : store.get(key, options);
    },
  };
  const read = await createBlockReader(counted, node, pool(true));
  await expect(read?.({ start: [0, 0], stop: [200, 200] })).rejects.toMatchObject({
    _tag: "CorruptData",
    message: expect.stringContaining("chunk (0, 1) of /0 in memory cannot be read: it "),
  });
  expect(reads).toBeLessThanOrEqual(16);
});

test("what is aborted while threads decode ends with the signal's reason", async () => {
  const { store, node } = await arrayOf(PLAIN);
  const controller = new AbortController();
  const stopping: typeof store = {
    ...store,
    async get(key, options) {
      if (key === "/0/c/2/2") controller.abort(new Error("no longer wanted"));
      return store.get(key, options);
    },
  };
  const read = await createBlockReader(stopping, node, pool(true));
  const reading = read?.({ start: [0, 0], stop: [200, 200] }, { signal: controller.signal });
  await expect(reading).rejects.toThrow("no longer wanted");
});

test("channels in one chunk are read and decoded once for concurrent reads", async () => {
  const { store, node } = await arrayOf({
    ...PLAIN,
    axes: [
      { size: 4, chunk: 4, bounds: [0, 4] },
      { size: 20, chunk: 20, bounds: [0, 20] },
    ],
  });
  let reads = 0;
  const counted: typeof store = {
    ...store,
    async get(key, options) {
      reads++;
      return store.get(key, options);
    },
  };
  const read = await createBlockReader(counted, node);
  const rows = [0, 1, 2, 3].map((row) => read?.({ start: [row, 0], stop: [row + 1, 20] }));
  expect((await Promise.all(rows)).map((row) => row?.data.length)).toEqual([20, 20, 20, 20]);
  expect(reads).toBe(1);
});
