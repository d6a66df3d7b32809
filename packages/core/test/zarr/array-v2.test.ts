import { describe, expect, test } from "vitest";
import { describeArrayV2 } from "../../src/zarr/read-node.js";

const place = { location: "image.zarr", path: "0/.zarray" };
const document = {
  zarr_format: 2,
  shape: [3, 100, 90],
  chunks: [1, 64, 64],
  dtype: "<u2",
  fill_value: 0,
  order: "C",
  filters: null,
  compressor: { id: "blosc", cname: "lz4", clevel: 5, shuffle: 1, blocksize: 0 },
  dimension_separator: "/",
};

describe("describeArrayV2", () => {
  test("says what the document says", () => {
    expect(describeArrayV2(document, place)).toEqual({
      shape: [3, 100, 90],
      chunkShape: [1, 64, 64],
      shardShape: undefined,
      dtype: "uint16",
      codecs: [document.compressor],
      dimensionNames: undefined,
      chunkKey: { prefix: "", separator: "/" },
      fillValue: 0,
    });
  });

  test("the separator is a dot unless it is stated", () => {
    const { dimension_separator: _, ...without } = document;
    expect(describeArrayV2(without, place).chunkKey).toEqual({ prefix: "", separator: "." });
  });

  test("filters come before the compressor, and none is none", () => {
    const filters = [{ id: "delta", dtype: "<u2" }, { id: "shuffle" }];
    const codecs = describeArrayV2({ ...document, filters }, place).codecs;
    expect(codecs.map((codec) => codec["id"])).toEqual(["delta", "shuffle", "blosc"]);
    expect(describeArrayV2({ ...document, compressor: null }, place).codecs).toEqual([]);
  });

  test.for([
    ["|b1", "bool"],
    ["|u1", "uint8"],
    ["|i1", "int8"],
    [">i4", "int32"],
    ["<u8", "uint64"],
    ["<f2", "float16"],
    [">f8", "float64"],
    ["<c16", "complex128"],
    ["|O", "|O"],
    ["|S5", "|S5"],
    ["<U7", "<U7"],
    ["<M8[ns]", "<M8[ns]"],
    // numpy reads a dtype without a byte order as that of the machine.
    ["u2", "uint16"],
    ["=f4", "float32"],
  ])("dtype %s is called %s", ([dtype, name]) => {
    expect(describeArrayV2({ ...document, dtype }, place).dtype).toBe(name);
  });

  test("a structured dtype is spelled out", () => {
    const dtype = [["x", "<f4"]];
    expect(describeArrayV2({ ...document, dtype }, place).dtype).toBe('[["x","<f4"]]');
  });

  test("an array without dimensions and one without elements are fine", () => {
    expect(describeArrayV2({ ...document, shape: [], chunks: [] }, place).shape).toEqual([]);
    expect(describeArrayV2({ ...document, shape: [0], chunks: [1] }, place).shape).toEqual([0]);
  });

  test.for([
    ["shape", undefined],
    ["shape", "3"],
    ["shape", [3, -1, 4]],
    ["shape", [3, 1.5, 4]],
    ["shape", [3, null, 4]],
    ["chunks", undefined],
    ["chunks", [1, 64]],
    ["chunks", [1, 64, 0]],
    ["chunks", [1, 64, "64"]],
    ["dimension_separator", "-"],
    ["dimension_separator", 1],
    ["dtype", undefined],
  ] as const)("refuses %s %j and names it", ([member, value]) => {
    expect(() => describeArrayV2({ ...document, [member]: value }, place)).toThrow(
      expect.objectContaining({
        _tag: "InvalidMetadata",
        ...place,
        message: expect.stringMatching(new RegExp(`${member}.* of 0/\\.zarray in image\\.zarr`)),
      }),
    );
  });
});
