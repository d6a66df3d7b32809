import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  END_SIZE,
  findEnds,
  parseEnd,
  parseZip64End,
  parseZip64Locator,
  pointsToZip64,
  writeEnd,
  writeZip64End,
  writeZip64Locator,
  ZIP64_END_SIZE,
  ZIP64_LOCATOR_SIZE,
} from "../../src/records/end-records.js";
import { RecordError, viewOf } from "../../src/records/fields.js";
import { ascii, join, u16, u32, u64 } from "../fixtures/bytes.js";
import { BOUNDARY_SIZES, smallBytes, u64Value } from "./arbitraries.js";

describe("end of central directory", () => {
  test("parsing brings back the comment, and leaves the rest to the ZIP64 record", () => {
    fc.assert(
      fc.property(smallBytes, smallBytes, (before, comment) => {
        const bytes = join(before, new Uint8Array(END_SIZE + comment.length));
        expect(writeEnd(viewOf(bytes), before.length, comment)).toBe(bytes.length);
        expect(findEnds(bytes)).toEqual([before.length]);
        const end = parseEnd(bytes, before.length);
        expect(end.comment).toEqual(comment);
        expect(pointsToZip64(end)).toBe(true);
        expect(end).toMatchObject({
          disk: 0,
          directoryDisk: 0,
          entries: 0xffff,
          directoryOffset: 0xffff_ffff,
        });
      }),
    );
  });

  const classic = (fields: readonly number[]): Uint8Array => {
    const [disk = 0, directoryDisk = 0, onDisk = 0, entries = 0, size = 0, offset = 0] = fields;
    return join(
      ascii("PK\x05\x06"),
      ...[disk, directoryDisk, onDisk, entries].map(u16),
      ...[size, offset].map(u32),
      u16(0),
    );
  };

  test.for([
    [[1, 2, 3, 4, 5, 6], false],
    [[0xfffe, 0xfffe, 0xfffe, 0xfffe, 0xffff_fffe, 0xffff_fffe], false],
    [[0xffff, 0, 0, 0, 0, 0], true],
    [[0, 0xffff, 0, 0, 0, 0], true],
    [[0, 0, 0xffff, 0, 0, 0], true],
    [[0, 0, 0, 0xffff, 0, 0], true],
    [[0, 0, 0, 0, 0xffff_ffff, 0], true],
    [[0, 0, 0, 0, 0, 0xffff_ffff], true],
  ] as const)("reads %j, which points to ZIP64: %s", ([fields, points]) => {
    const end = parseEnd(classic(fields), 0);
    expect([
      end.disk,
      end.directoryDisk,
      end.entriesOnDisk,
      end.entries,
      end.directorySize,
      end.directoryOffset,
    ]).toEqual(fields);
    expect(pointsToZip64(end)).toBe(points);
  });

  test("a signature in the comment is text", () => {
    const comment = join("see PK\x05\x06 for more: ", classic([]), "!");
    const bytes = join(classic([]).subarray(0, 20), u16(comment.length), comment);
    expect(findEnds(bytes)).toEqual([0]);
  });

  test("two records whose comments both end with the file are both found, the last first", () => {
    const inner = classic([]);
    const bytes = join(classic([]).subarray(0, 20), u16(inner.length), inner);
    expect(findEnds(bytes)).toEqual([END_SIZE, 0]);
  });

  test("the longest comment is found, and nothing before it", () => {
    const comment = new Uint8Array(0xffff);
    const record = join(classic([]).subarray(0, 20), u16(0xffff), comment);
    expect(findEnds(record)).toEqual([0]);
    expect(findEnds(join("before", record))).toEqual([6]);
  });

  test.for([0, 1, 21])("%d bytes hold none", (length) => {
    expect(findEnds(classic([]).subarray(0, length))).toEqual([]);
  });
});

describe("ZIP64 end of central directory", () => {
  test("parsing brings back what was written", () => {
    fc.assert(
      fc.property(u64Value, u64Value, u64Value, (entries, directorySize, directoryOffset) => {
        const bytes = new Uint8Array(ZIP64_END_SIZE);
        const extent = { entries, directorySize, directoryOffset };
        expect(writeZip64End(viewOf(bytes), 0, extent)).toBe(ZIP64_END_SIZE);
        expect(parseZip64End(bytes)).toEqual({
          ...extent,
          entriesOnDisk: entries,
          disk: 0,
          directoryDisk: 0,
          length: ZIP64_END_SIZE,
        });
      }),
    );
  });

  test("values beyond 2^53 come back larger than any file", () => {
    const huge = [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
    for (const value of huge) {
      const bytes = join(
        ascii("PK\x06\x06"),
        u64(44),
        new Uint8Array(12),
        u64(value),
        u64(value),
        u64(value),
        u64(value),
      );
      const { entries, directorySize, directoryOffset } = parseZip64End(bytes);
      expect([entries, directorySize, directoryOffset]).toEqual([Infinity, Infinity, Infinity]);
    }
  });

  test("is not parsed where it is missing or truncated", () => {
    const bytes = new Uint8Array(ZIP64_END_SIZE);
    expect(() => parseZip64End(bytes)).toThrow(RecordError);
    writeZip64End(viewOf(bytes), 0, { entries: 0, directorySize: 0, directoryOffset: 0 });
    expect(() => parseZip64End(bytes.subarray(0, ZIP64_END_SIZE - 1))).toThrow(RecordError);
  });
});

describe("ZIP64 locator", () => {
  test.for(BOUNDARY_SIZES)("keeps an offset of %d", (endOffset) => {
    const bytes = new Uint8Array(ZIP64_LOCATOR_SIZE);
    expect(writeZip64Locator(viewOf(bytes), 0, endOffset)).toBe(ZIP64_LOCATOR_SIZE);
    expect(parseZip64Locator(bytes, 0)).toEqual({ disk: 0, endOffset, disks: 1 });
  });

  test("is undefined where there is none", () => {
    const bytes = new Uint8Array(ZIP64_LOCATOR_SIZE + 1);
    writeZip64Locator(viewOf(bytes), 0, 7);
    expect(parseZip64Locator(bytes, -1)).toBeUndefined();
    expect(parseZip64Locator(bytes, 1)).toBeUndefined();
    expect(parseZip64Locator(bytes, 2)).toBeUndefined();
  });
});
