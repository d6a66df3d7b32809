import { describe, expect, test } from "vitest";
import { crc32c, encodeShard } from "../src/sample/encode-array.js";

describe("crc32c", () => {
  // RFC 3720, appendix B.4.
  test.for([
    ["zeros", new Uint8Array(32), 0x8a9136aa],
    ["ones", new Uint8Array(32).fill(255), 0x62a8ab43],
    ["counting", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ["digits", new TextEncoder().encode("123456789"), 0xe3069283],
  ] as const)("of %s", ([, bytes, expected]) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});

test("a shard is its chunks, then the index with its checksum", () => {
  const shard = encodeShard([Uint8Array.of(1, 2, 3), undefined, new Uint8Array(0), Uint8Array.of(4)]);
  const view = new DataView(shard.buffer);
  expect(shard.length).toBe(4 + 4 * 16 + 4);
  expect(shard.subarray(0, 4)).toEqual(Uint8Array.of(1, 2, 3, 4));
  const index = Array.from({ length: 8 }, (_, i) => view.getBigUint64(4 + i * 8, true));
  const absent = 2n ** 64n - 1n;
  expect(index).toEqual([0n, 3n, absent, absent, 3n, 0n, 3n, 1n]);
  expect(view.getUint32(68, true)).toBe(crc32c(shard.subarray(4, 68)));
});
