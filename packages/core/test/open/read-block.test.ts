import type { AbsolutePath, ArrayNode, ChunkWorkers } from "@ozx/core";
import { readHierarchy } from "@ozx/core";
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
import * as zarr from "zarrita";

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

/** An array that zarrita wrote, with every so manieth chunk missing. */
async function arrayOf({ dtype, axes, order, endian, codec, fill, missing }: Case) {
  const values = new Map<AbsolutePath, Uint8Array>();
  const shape = axes.map(({ size }) => size);
  const fillValue = dtype === "bool" ? fill === 1 : dtype === "int64" ? BigInt(fill) : fill;
  const array = await zarr.create(zarr.root(values).resolve("/0"), {
    shape,
    chunkShape: axes.map(({ chunk }) => chunk),
    dtype,
    fillValue: fillValue as never,
    codecs: [
      ...(order === undefined ? [] : [{ name: "transpose", configuration: { order: [...order] } }]),
      { name: "bytes", configuration: { endian } },
      ...CODECS[codec],
    ],
  });
  const count = shape.reduce((product, size) => product * size, 1);
  const numbers = Array.from({ length: count }, (_, at) => (at * 2654435761) % 251);
  const data =
    dtype === "bool"
      ? numbers.map((value) => value > 100)
      : dtype === "int64"
        ? BigInt64Array.from(numbers, BigInt)
        : numbers;
  const chunkOf = await array.getChunk(shape.map(() => 0));
  const Values = chunkOf.data.constructor as new (values: unknown) => zarr.TypedArray<zarr.DataType>;
  const stride = shape.map((_, k) => shape.slice(k + 1).reduce((product, size) => product * size, 1));
  await zarr.set(array, null, { data: new Values(data), shape, stride } as never);
  const keys = [...values.keys()].filter((key) => !key.endsWith("zarr.json"));
  for (const [k, key] of keys.entries()) if (missing > 0 && k % missing === 0) values.delete(key);
  const store = memoryStore(values);
  values.set("/zarr.json", new TextEncoder().encode('{"zarr_format":3,"node_type":"group","attributes":{}}'));
  const node = (await readHierarchy(store)).nodes.get("/0") as ArrayNode;
  return { store, node, array };
}

describe.each(Object.entries(WORKERS))("decoded by %s", (_, workers) => {
  test("blocks of all kinds of arrays are what zarrita reads", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (drawn) => {
        const { store, node, array } = await arrayOf(drawn);
        const read = await createBlockReader(store, node, workers());
        const start = drawn.axes.map(({ bounds }) => bounds[0]);
        const stop = drawn.axes.map(({ bounds }) => bounds[1]);
        const block = await read?.({ start, stop });
        const expected = await zarr.get(
          array,
          drawn.axes.map(({ bounds }) => zarr.slice(...bounds)),
        );
        expect(block?.shape).toEqual(expected.shape);
        expect(Array.from(block?.data as Iterable<unknown>)).toEqual(inOrder(expected));
      }),
      { numRuns: fuzzRuns({ sample: 60 }) },
    );
  });
});

/** All elements in C order. */
function inOrder({ data, shape, stride }: zarr.Chunk<zarr.DataType>): unknown[] {
  const values = Array.from(data as Iterable<unknown>);
  const walk = (axis: number, at: number): unknown[] =>
    axis === shape.length
      ? [values[at]]
      : Array.from({ length: shape[axis] ?? 0 }, (_, k) =>
          walk(axis + 1, at + k * (stride[axis] ?? 0)),
        ).flat();
  return walk(0, 0);
}

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
