import type { AbsolutePath, JsonObject, Store } from "@ozx/core";
import { openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { validateOmeZarr } from "@ozx/core/validate";
import { encodeChain, encodeJson, imageMetadata, smallImage } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { type PlanOptions, planTransfer, planVersion, runTransfer, verifyStores } from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";

// Since Zarr 3.1, an extension without configuration may be its bare name ("Extension definition" of the core
// specification).

const VALUES = Uint16Array.from({ length: 64 }, (_, k) => k * 300 + 1);
const SHAPE = [8, 8];

type Codecs = readonly (string | JsonObject)[];

function shards(chunk: number, codecs: Codecs, index: Codecs = ["bytes", "crc32c"]): JsonObject {
  const configuration = { chunk_shape: [chunk, chunk], codecs, index_codecs: index };
  return { name: "sharding_indexed", configuration };
}

/** The same codecs as objects, for the oracle that encodes. */
function asObjects(codecs: Codecs): JsonObject[] {
  return codecs.map((codec) => {
    if (typeof codec === "string") return { name: codec };
    const { configuration } = codec as { configuration?: { codecs?: Codecs } };
    if (configuration?.codecs === undefined) return codec;
    return { ...codec, configuration: { ...configuration, codecs: asObjects(configuration.codecs) } };
  });
}

function image(codecs: Codecs, more: JsonObject = {}): Store {
  const document = { codecs, dimension_names: ["y", "x"], ...more };
  const files = smallImage({ "/": imageMetadata("yx") }, { "/0": { shape: SHAPE, document } });
  const bytes = new Uint8Array(VALUES.buffer);
  const key: AbsolutePath = more["chunk_key_encoding"] === "v2" ? "/0/0.0" : "/0/c/0/0";
  files.set(key, encodeChain(asObjects(codecs), { bytes, shape: SHAPE, itemSize: 2 }));
  return memoryStore(files, "image.zarr");
}

const CASES: readonly (readonly [string, () => Store])[] = [
  ["of a codec", () => image(["bytes"])],
  ["of a codec in shards, and of those of their index", () => image([shards(4, ["bytes"])])],
  [
    "of the codec of an index without a checksum's configuration",
    () =>
      image([
        shards(4, [{ name: "bytes", configuration: { endian: "little" } }], [{ name: "bytes" }, "crc32c"]),
      ]),
  ],
  ["of codecs in shards of shards", () => image([shards(4, [shards(2, ["bytes"])])])],
  ["of the chunk key encoding", () => image(["bytes"], { chunk_key_encoding: "default" })],
  ["of the chunk key encoding of Zarr v2", () => image(["bytes"], { chunk_key_encoding: "v2" })],
  ["of nothing, but the data type as an object", () => image(["bytes"], { data_type: { name: "uint16" } })],
];

async function differences(left: Store, right: Store): Promise<string[]> {
  const found: string[] = [];
  for await (const { message } of verifyStores(left, right)) found.push(message);
  return found;
}

async function convert(source: Store, options: PlanOptions, version?: "0.4"): Promise<Store> {
  const target = memoryTarget();
  const needs = version === undefined ? {} : { shards: false as const };
  const plan = await planTransfer(source, needs, options);
  await runTransfer(version === undefined ? plan : await planVersion(plan, version), target);
  return target.store;
}

describe.each(CASES)("the bare name %s", (_, open) => {
  test("is read, and valid", async () => {
    const node = await openOmeZarr(open(), { formats: [] });
    expect((await node.images[0]?.level(0).read())?.data).toEqual(VALUES);
    const report = await validateOmeZarr(open(), { formats: [], deep: true });
    expect(report.groups.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  test("stays when it is copied, and leaves the same pixels when chunks are moved or encoded", async () => {
    const source = open();
    const copied = await convert(source, {});
    expect(await copied.get("/0/zarr.json")).toEqual(await source.get("/0/zarr.json"));
    const flat = await convert(source, { shard: "none" });
    const results = [
      flat,
      await convert(flat, { shard: { y: 8, x: 8 } }),
      await convert(flat, { codec: { name: "zstd", level: 3 } }),
      await convert(source, {}, "0.4"),
    ];
    for (const result of results) expect(await differences(source, result)).toEqual([]);
  });
});

test("an unknown bare name is refused by its name", async () => {
  const source = image([shards(4, ["bytes"])]);
  const document = JSON.parse(new TextDecoder().decode(await source.get("/0/zarr.json")));
  document.codecs[0].configuration.codecs.push("brotli");
  const root = await source.get("/zarr.json");
  const files = new Map<AbsolutePath, Uint8Array>([["/0/zarr.json", encodeJson(document)]]);
  if (root !== undefined) files.set("/zarr.json", root);
  const node = await openOmeZarr(memoryStore(files, "image.zarr"), { formats: [] });
  await expect(node.images[0]?.level(0).read()).rejects.toThrow("the codec brotli is not supported");
});
