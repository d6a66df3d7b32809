import { describe, expect, test } from "vitest";
import { describeArrayV3 } from "../../src/zarr/read-node.js";

const place = { location: "image.zarr", path: "0/zarr.json" };
const bytes = { name: "bytes", configuration: { endian: "little" } };
const zstd = { name: "zstd", configuration: { level: 3, checksum: false } };

function regular(chunk_shape: unknown): object {
  return { name: "regular", configuration: { chunk_shape } };
}

const document = {
  zarr_format: 3,
  node_type: "array",
  shape: [3, 100, 90],
  data_type: "uint16",
  chunk_grid: regular([1, 64, 64]),
  chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
  fill_value: 0,
  codecs: [bytes, zstd],
  dimension_names: ["c", "y", null],
  attributes: {},
};

function sharded(configuration: object): object {
  return { ...document, codecs: [{ name: "sharding_indexed", configuration }] };
}

describe("describeArrayV3", () => {
  test("says what the document says", () => {
    expect(describeArrayV3(document, place)).toEqual({
      shape: [3, 100, 90],
      chunkShape: [1, 64, 64],
      shardShape: undefined,
      dtype: "uint16",
      codecs: [bytes, zstd],
      dimensionNames: ["c", "y", null],
      chunkKey: { prefix: "c", separator: "/" },
      fillValue: 0,
    });
  });

  test("a sharded array has the inner chunks and their codecs", () => {
    const description = describeArrayV3(
      { ...sharded({ chunk_shape: [1, 16, 16], codecs: [bytes], index_codecs: [bytes] }) },
      place,
    );
    expect(description).toMatchObject({
      chunkShape: [1, 16, 16],
      shardShape: [1, 64, 64],
      codecs: [bytes],
    });
  });

  test("bare names stand for objects, since Zarr 3.1", () => {
    const description = describeArrayV3(
      { ...document, data_type: { name: "string" }, codecs: ["vlen-utf8"], chunk_key_encoding: "v2" },
      place,
    );
    expect(description.dtype).toBe("string");
    expect(description.codecs).toEqual([{ name: "vlen-utf8" }]);
    expect(description.chunkKey).toEqual({ prefix: "", separator: "." });
  });

  test.for([
    [{ name: "default" }, { prefix: "c", separator: "/" }],
    [
      { name: "default", configuration: { separator: "." } },
      { prefix: "c", separator: "." },
    ],
    [{ name: "v2" }, { prefix: "", separator: "." }],
    [
      { name: "v2", configuration: { separator: "/" } },
      { prefix: "", separator: "/" },
    ],
  ])("chunk keys: %j", ([chunk_key_encoding, expected]) => {
    expect(describeArrayV3({ ...document, chunk_key_encoding }, place).chunkKey).toEqual(expected);
  });

  test("names of dimensions may be missing", () => {
    const { dimension_names: _, ...without } = document;
    expect(describeArrayV3(without, place).dimensionNames).toBeUndefined();
    expect(describeArrayV3({ ...document, dimension_names: null }, place).dimensionNames).toBeUndefined();
  });

  test.for([
    ["shape", { ...document, shape: [3, -1, 90] }],
    ["shape", { ...document, shape: undefined }],
    ["chunk_grid's chunk_shape", { ...document, chunk_grid: regular([64, 64]) }],
    ["chunk_grid's chunk_shape", { ...document, chunk_grid: regular([1, 0, 64]) }],
    ["chunk_grid's chunk_shape", { ...document, chunk_grid: undefined }],
    ["chunk_grid's chunk_shape", { ...document, chunk_grid: { name: "regular" } }],
    ["codecs", { ...document, codecs: undefined }],
    ["codecs", { ...document, codecs: { name: "bytes" } }],
    ["codec", { ...document, codecs: [{ configuration: {} }] }],
    ["codec", { ...document, codecs: [null] }],
    ["sharding_indexed codec's chunk_shape", sharded({ codecs: [bytes] })],
    ["sharding_indexed codec's chunk_shape", sharded({ chunk_shape: [16], codecs: [bytes] })],
    ["codecs", sharded({ chunk_shape: [1, 16, 16] })],
    ["dimension_names", { ...document, dimension_names: ["y", "x"] }],
    ["dimension_names", { ...document, dimension_names: ["c", "y", 1] }],
    ["chunk_key_encoding", { ...document, chunk_key_encoding: undefined }],
    [
      "chunk_key_encoding",
      { ...document, chunk_key_encoding: { name: "default", configuration: { separator: "-" } } },
    ],
    ["data_type", { ...document, data_type: undefined }],
  ] as const)("refuses a wrong %s and names it: %#", ([member, wrong]) => {
    expect(() => describeArrayV3({ ...wrong }, place)).toThrow(
      expect.objectContaining({
        _tag: "InvalidMetadata",
        ...place,
        message: expect.stringMatching(new RegExp(`${member} of 0/zarr\\.json in image\\.zarr`)),
      }),
    );
  });

  test.for([
    ["chunk grid rectilinear", { ...document, chunk_grid: { name: "rectilinear", configuration: {} } }],
    ["chunk grid hilbert", { ...document, chunk_grid: "hilbert" }],
    ["chunk key encoding fanout", { ...document, chunk_key_encoding: { name: "fanout" } }],
  ] as const)("names what it does not support: the %s", ([feature, other]) => {
    expect(() => describeArrayV3({ ...other }, place)).toThrow(
      expect.objectContaining({ _tag: "Unsupported", feature, ...place }),
    );
  });
});
