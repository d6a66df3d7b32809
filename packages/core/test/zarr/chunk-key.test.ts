import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { itemSizeOf } from "../../src/zarr/data-types.js";
import { formatChunkKey, parseChunkKey } from "../../src/zarr/zarr-node.js";

const encoding = fc.record({
  prefix: fc.constantFrom("c" as const, "" as const),
  separator: fc.constantFrom("/" as const, "." as const),
});

describe("chunk keys", () => {
  test.for([
    [[0, 1, 12], { prefix: "c", separator: "/" }, "c/0/1/12"],
    [[0, 1, 12], { prefix: "c", separator: "." }, "c.0.1.12"],
    [[0, 1, 12], { prefix: "", separator: "/" }, "0/1/12"],
    [[0, 1, 12], { prefix: "", separator: "." }, "0.1.12"],
    [[], { prefix: "c", separator: "/" }, "c"],
    [[], { prefix: "", separator: "." }, "0"],
  ] as const)("%j in %j is %s", ([position, chunkKey, key]) => {
    expect(formatChunkKey(position, chunkKey)).toBe(key);
    expect(parseChunkKey(key, { chunkKey, shape: position.map(() => 1000) })).toEqual(position);
  });

  test("what is written is read back", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 2 ** 40 }), { maxLength: 6 }), encoding, (position, chunkKey) => {
        const shape = position.map(() => 2 ** 50);
        expect(parseChunkKey(formatChunkKey(position, chunkKey), { chunkKey, shape })).toEqual(position);
      }),
    );
  });

  test("what is read is written back: no two keys are one chunk", () => {
    const key = fc.stringMatching(/^(c[./])?[0-9.a/-]{0,8}$/);
    fc.assert(
      fc.property(key, encoding, fc.nat(3), (text, chunkKey, rank) => {
        const position = parseChunkKey(text, { chunkKey, shape: Array(rank).fill(9) });
        if (position !== undefined) expect(formatChunkKey(position, chunkKey)).toBe(text);
      }),
      { numRuns: 3000 },
    );
  });

  test.for([
    "zarr.json",
    ".zarray",
    "c",
    "c/0",
    "c/0/1/2",
    "c/0/-1",
    "c/0/01",
    "c/0/1.5",
    "c/0/",
    "c/0/x",
    "c.0.1",
    "c0/1",
    "0/1",
    "c/0/ 1",
    "c/0/1e1",
    "",
  ])("%j is no chunk of a sharded or plain 2-d array", (key) => {
    const array = { chunkKey: { prefix: "c", separator: "/" }, shape: [9, 9] } as const;
    expect(parseChunkKey(key, array)).toBeUndefined();
  });
});

describe("itemSizeOf", () => {
  test.for([
    ["bool", 1],
    ["int8", 1],
    ["uint16", 2],
    ["float32", 4],
    ["complex128", 16],
    ["r24", 3],
    ["string", undefined],
    ["|O", undefined],
    ["variable_length_bytes", undefined],
  ] as const)("%s takes %s", ([dtype, size]) => {
    expect(itemSizeOf(dtype)).toBe(size);
  });
});
