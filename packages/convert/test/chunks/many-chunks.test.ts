import type { AbsolutePath, JsonObject } from "@ozx/core";
import { type EntryInput, memoryStore } from "@ozx/core/container";
import type { ShardRequest } from "@ozx/core/internal";
import { expect, test } from "vitest";
import { arrayEntries } from "../../src/chunks/array-entries.js";
import type { CodecRequest } from "../../src/index.js";

const COUNT = 200_000;
const DOCUMENT: JsonObject = {
  zarr_format: 3,
  node_type: "array",
  shape: [COUNT],
  data_type: "uint8",
  chunk_grid: { name: "regular", configuration: { chunk_shape: [1] } },
  chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
  codecs: [{ name: "bytes" }],
  fill_value: 0,
  dimension_names: ["x"],
  attributes: {},
};
const CHUNKS = Array.from({ length: COUNT }, (_, at): EntryInput => {
  const key: AbsolutePath = `/0/c/${at}`;
  return { key, size: 1, content: key };
});

// More than a call takes arguments.
test.each<[CodecRequest | undefined, ShardRequest | undefined]>([
  [{ name: "none" }, undefined],
  [undefined, { x: 1 }],
])("an array of very many chunks: codec %j, shards %j", async (codec, shard) => {
  const requests = {
    levels: new Set<AbsolutePath>(["/0"]),
    shard,
    codec,
    tasks: new Map(),
  };
  const { entries } = await arrayEntries(memoryStore(), CHUNKS, new Map([["/0", DOCUMENT]]), requests);
  expect(entries).toHaveLength(COUNT);
});
