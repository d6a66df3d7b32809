import { deflateSync, gzipSync } from "node:zlib";
import type { AbsolutePath, Finding, JsonObject, OzxError, Store } from "@ozx/core";
import { openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { encodeShardIndex, loadCodecs } from "@ozx/core/internal";
import { validateOmeZarr } from "@ozx/core/validate";
import { encodeJson, imageMetadata, smallImage } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { type PlanOptions, planTransfer, runTransfer, verifyStores } from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";

const MB = 1024 * 1024;
const EXTENT = 512;
const CHUNK = EXTENT * EXTENT;
const codecs = await loadCodecs();
const zeros = new Uint8Array(160 * MB);

/** Zeros in each codec; the frame says how many where it can. */
const GZIP = new Uint8Array(gzipSync(zeros));
const ZLIB = new Uint8Array(deflateSync(zeros));
const ZSTD = await codecs.zstd.encode(zeros, { level: 1 });
const BLOSC = await codecs.blosc.encode(zeros, {
  cname: "zstd",
  clevel: 1,
  shuffle: "noshuffle",
  typesize: 1,
  blocksize: 0,
});
const LZ4 = await codecs.lz4.encode(zeros, {});

const BYTES = { name: "bytes" };
const v3 = (name: string, configuration: JsonObject = {}): JsonObject[] => [BYTES, { name, configuration }];
const BLOSC_V3 = v3("blosc", { cname: "zstd", clevel: 1, shuffle: "noshuffle", typesize: 1, blocksize: 0 });

function imageV3(document: JsonObject, chunk: Uint8Array): Map<AbsolutePath, Uint8Array> {
  const array = { shape: [EXTENT, EXTENT], dataType: "uint8", document } as const;
  return smallImage({ "/": imageMetadata("yx") }, { "/0": array }).set("/0/c/0/0", chunk);
}

function imageV2(array: JsonObject, chunk: Uint8Array): Map<AbsolutePath, Uint8Array> {
  const { multiscales } = imageMetadata("yx");
  const document = {
    ...{ zarr_format: 2, shape: [EXTENT, EXTENT], chunks: [EXTENT, EXTENT], dtype: "|u1", fill_value: 0 },
    ...{ order: "C", filters: null, dimension_separator: "/", ...array },
  };
  return new Map<AbsolutePath, Uint8Array>([
    ["/.zgroup", encodeJson({ zarr_format: 2 })],
    ["/.zattrs", encodeJson({ multiscales: [{ ...(multiscales as JsonObject[])[0], version: "0.4" }] })],
    ["/0/.zarray", encodeJson(document)],
    ["/0/0/0", chunk],
  ]);
}

/** A shard of one chunk, with the index at its end. */
function shardOf(inner: readonly JsonObject[], index: readonly JsonObject[] = []): JsonObject {
  return {
    name: "sharding_indexed",
    configuration: {
      chunk_shape: [EXTENT, EXTENT],
      codecs: inner,
      index_codecs: [{ name: "bytes", configuration: { endian: "little" } }, ...index, { name: "crc32c" }],
      index_location: "end",
    },
  };
}

function shardWith(chunk: Uint8Array): Uint8Array {
  const index = encodeShardIndex([{ offset: 0, length: chunk.length }]);
  return new Uint8Array([...chunk, ...index]);
}

const BOMBS: readonly (readonly [string, Map<AbsolutePath, Uint8Array>])[] = [
  ["gzip", imageV3({ codecs: v3("gzip", { level: 1 }) }, GZIP)],
  ["zstd", imageV3({ codecs: v3("zstd", { level: 1, checksum: false }) }, ZSTD)],
  ["blosc", imageV3({ codecs: BLOSC_V3 }, BLOSC)],
  ["zstd in zstd", imageV3({ codecs: [...v3("zstd"), { name: "zstd" }] }, ZSTD)],
  ["gzip in a shard", imageV3({ codecs: [shardOf(v3("gzip", { level: 1 }))] }, shardWith(GZIP))],
  [
    "gzip around a shard",
    imageV3({ codecs: [shardOf([BYTES]), { name: "gzip", configuration: { level: 1 } }] }, GZIP),
  ],
  [
    "zstd in a shard in a shard",
    imageV3({ codecs: [shardOf([shardOf(v3("zstd"))])] }, shardWith(shardWith(ZSTD))),
  ],
  ["v2 zlib", imageV2({ compressor: { id: "zlib", level: 1 } }, ZLIB)],
  ["v2 gzip", imageV2({ compressor: { id: "gzip", level: 1 } }, GZIP)],
  ["v2 zstd", imageV2({ compressor: { id: "zstd", level: 1 } }, ZSTD)],
  ["v2 lz4", imageV2({ compressor: { id: "lz4", acceleration: 1 } }, LZ4)],
  ["v2 blosc", imageV2({ compressor: { id: "blosc", cname: "zstd", clevel: 1, shuffle: 0 } }, BLOSC)],
  [
    "v2 zlib behind a filter",
    imageV2({ compressor: { id: "zlib", level: 1 }, filters: [{ id: "delta", dtype: "|u1" }] }, ZLIB),
  ],
  ["v2 zlib as a filter", imageV2({ compressor: null, filters: [{ id: "zlib", level: 1 }] }, ZLIB)],
];

/** What memory work takes at most while it runs, in bytes. */
async function memoryOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 1);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(most, process.memoryUsage().rss) - before;
}

async function convert(source: Store, options: PlanOptions): Promise<void> {
  await runTransfer(await planTransfer(source, { zarrFormat: 3 }, options), memoryTarget());
}

async function verify(source: Store): Promise<void> {
  const other = memoryStore(imageV3({ codecs: [BYTES] }, new Uint8Array(CHUNK).fill(1)), "other");
  for await (const _ of verifyStores(source, other)) return;
}

const VERBS: readonly (readonly [string, (store: Store) => Promise<unknown>])[] = [
  [
    "read",
    async (store) => {
      const { images } = await openOmeZarr(store, { formats: [] });
      await images[0]?.levels[0]?.read({ y: [0, 4], x: [0, 4] });
    },
  ],
  ["convert --codec", (store) => convert(store, { codec: { name: "gzip", level: 5 } })],
  ["convert --pyramid", (store) => convert(store, { pyramid: true })],
  ["verify", verify],
];

describe.for(BOMBS)("a chunk of zeros without an end in %s", ([, values]) => {
  const store = memoryStore(values, "bomb");

  test("is refused in little memory by every verb", async () => {
    for (const [verb, run] of VERBS) {
      let error: unknown;
      const taken = await memoryOf(() =>
        run(store).catch((thrown: unknown) => {
          error = thrown;
        }),
      );
      expect((error as OzxError | undefined)?._tag, `${verb}: ${error}`).toMatch(
        /^(CorruptData|Unsupported)$/,
      );
      expect(String(error), verb).toMatch(/\b0\b.* in bomb|bomb/);
      expect(taken, verb).toBeLessThan(64 * MB);
    }
  });

  test("is a finding", async () => {
    const rules: string[] = [];
    const taken = await memoryOf(async () => {
      const onFinding = ({ rule }: Finding): void => void rules.push(rule);
      await validateOmeZarr(store, { formats: [], deep: true, onFinding });
    });
    expect(rules.join()).toMatch(/chunk-decodes|codec/);
    expect(taken).toBeLessThan(64 * MB);
  });
});
