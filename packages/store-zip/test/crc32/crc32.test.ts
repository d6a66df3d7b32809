import zlib from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32, crc32Table } from "../../src/crc32/crc32.js";
import { ascii } from "../fixtures/bytes.js";

describe.for([
  ["table", crc32Table],
  ["exported", crc32],
] as const)("CRC-32, %s", ([, crc]) => {
  test.for([
    ["", 0],
    ["a", 0xe8b7be43],
    ["123456789", 0xcbf43926],
    ["The quick brown fox jumps over the lazy dog", 0x414fa339],
  ] as const)("of %j", ([text, expected]) => {
    expect(crc(ascii(text))).toBe(expected);
  });

  test("of 32 zeros and of 32 bytes of 0xff", () => {
    expect(crc(new Uint8Array(32))).toBe(0x190a55ad);
    expect(crc(new Uint8Array(32).fill(0xff))).toBe(0xff6cab0b);
  });

  test("agrees with zlib for every length up to 70 at every alignment", () => {
    const bytes = Uint8Array.from({ length: 80 }, (_, i) => (i * 167 + 13) & 0xff);
    for (let start = 0; start < 8; start++) {
      for (let length = 0; length <= 70; length++) {
        const part = bytes.subarray(start, start + length);
        expect(crc(part), `${length} bytes at ${start}`).toBe(zlib.crc32(part));
      }
    }
  });

  test("carried on piece by piece is that of the whole", () => {
    const bytes = fc.uint8Array({ maxLength: 5000, size: "max" });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(5000), { maxLength: 6 }), (whole, cuts) => {
        const edges = [0, ...cuts.filter((cut) => cut <= whole.length).sort((a, b) => a - b), whole.length];
        let sum = 0;
        for (let i = 1; i < edges.length; i++) sum = crc(whole.subarray(edges[i - 1], edges[i]), sum);
        expect(sum).toBe(zlib.crc32(whole));
        expect(crc(whole)).toBe(sum);
      }),
    );
  });
});
