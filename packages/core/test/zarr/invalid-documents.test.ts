import { arrayDocument } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { describeArrayV2, describeArrayV3 } from "../../src/zarr/read-node.js";

const place = { location: "image.zarr", path: "0/zarr.json" };
const V3 = arrayDocument({ shape: [4, 4] });
const V2 = { zarr_format: 2, shape: [4, 4], chunks: [4, 4], dtype: "<u2", compressor: null, fill_value: 0 };
const INNER = { chunk_shape: [2, 2], codecs: ["bytes"] };

function shardedBy(configuration: object) {
  return { codecs: [{ name: "sharding_indexed", configuration: { ...INNER, ...configuration } }] };
}

test.for([
  ["the order of a transposition that is no permutation", { codecs: [transposed([5, 5]), "bytes"] }],
  ["the order of a transposition with an axis twice", { codecs: [transposed([0, 0]), "bytes"] }],
  ["the order of a transposition without an axis", { codecs: [transposed([0]), "bytes"] }],
  ["a transposition inside shards", shardedBy({ codecs: [transposed([1, 2]), "bytes"] })],
  ["a codec without a name", { codecs: [{ configuration: {} }] }],
  ["a codec that is null", { codecs: [null, "bytes"] }],
  ["a configuration that is a text", { codecs: [{ name: "bytes", configuration: "little" }] }],
  [
    "a byte order that there is none of",
    { codecs: [{ name: "bytes", configuration: { endian: "middle" } }] },
  ],
  ["an index in gzip", shardedBy({ index_codecs: ["bytes", { name: "gzip", configuration: { level: 5 } }] })],
  ["an index in blosc", shardedBy({ index_codecs: ["bytes", { name: "numcodecs.blosc" }, "crc32c"] })],
  ["an index at another place", shardedBy({ index_location: "middle" })],
  ["codecs that are an object", { codecs: {} }],
] as const)("%s is invalid", ([, wrong]) => {
  expect(() => describeArrayV3({ ...V3, ...wrong }, place)).toThrow(
    expect.objectContaining({ _tag: "InvalidMetadata", ...place }),
  );
});

function transposed(order: readonly number[]) {
  return { name: "transpose", configuration: { order } };
}

test.for(["rectilinear", "hexagonal"])("the chunk grid %s is refused by its name", (name) => {
  const grid = { name, configuration: { kind: "inline", chunk_shapes: [[2, 2], [4]] } };
  expect(() => describeArrayV3({ ...V3, chunk_grid: grid }, place)).toThrow(
    expect.objectContaining({ _tag: "Unsupported", message: expect.stringContaining(`chunk grid ${name}`) }),
  );
});

test.for([
  { compressor: { type: "raw" } },
  { compressor: "blosc" },
  { compressor: { id: null } },
  { filters: ["delta"] },
  { filters: { id: "delta" } },
  { filters: [null] },
])("Zarr v2 with %j is invalid", (wrong) => {
  expect(() => describeArrayV2({ ...V2, ...wrong }, place)).toThrow(
    expect.objectContaining({ _tag: "InvalidMetadata", ...place }),
  );
});

describe("fill values", () => {
  test.for([
    ["uint8", -1],
    ["uint8", 256],
    ["uint16", -1],
    ["uint16", 65536],
    ["uint32", 2 ** 32],
    ["uint64", -1],
    ["uint64", "\u0000integer:18446744073709551616"],
    ["int8", 128],
    ["int8", -129],
    ["int16", 32768],
    ["int32", -(2 ** 31) - 1],
    ["int64", "\u0000integer:9223372036854775808"],
    ["uint16", 1.5],
    ["uint16", "NaN"],
    ["float32", "zero"],
    ["float32", []],
    ["bool", 2],
    ["bool", "true"],
  ] as const)("%s cannot be %j", ([data_type, fill_value]) => {
    expect(() => describeArrayV3({ ...V3, data_type, fill_value }, place)).toThrow(/fill_value/);
  });

  test.for([
    ["uint8", 255],
    ["int8", -128],
    ["uint16", true],
    ["uint16", "0"],
    ["uint64", "\u0000integer:18446744073709551615"],
    ["float32", "nan"],
    ["float64", "0x7ff8000000000000"],
    ["float32", "-Infinity"],
    ["float32", 1e300],
    ["bool", false],
  ] as const)("%s can be %j", ([data_type, fill_value]) => {
    expect(describeArrayV3({ ...V3, data_type, fill_value }, place).dtype).toBe(data_type);
  });

  test.for(["|u1", "<u2", "<u4", "<u8"])("-1 is none of Zarr v2's %s", (dtype) => {
    expect(() => describeArrayV2({ ...V2, dtype, fill_value: -1 }, place)).toThrow(/fill_value/);
  });
});
