import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  findExtraBlock,
  parseExtraField,
  parseUnicodePath,
  resolveZip64,
  UNICODE_PATH_ID,
} from "../../src/records/extra-fields.js";
import { RecordError } from "../../src/records/fields.js";
import { extraBlock, zip64Extra } from "../fixtures/build-zip.js";
import { ascii, join, u16, u32, u64 } from "../fixtures/bytes.js";

describe("extra field", () => {
  const blocks = (extra: Uint8Array) => [...parseExtraField(extra)];

  test("the first block of an id is found, and a block after it must fit too", () => {
    const extra = join(extraBlock(7, ascii("a")), extraBlock(0x7075, ascii("b")), extraBlock(7, ascii("c")));
    expect(findExtraBlock(extra, 7)).toEqual(ascii("a"));
    expect(findExtraBlock(extra, 0x7075)).toEqual(ascii("b"));
    expect(findExtraBlock(extra, 8)).toBeUndefined();
    expect(findExtraBlock(join(extra, "odd"), 8)).toBeUndefined();
    expect(() => findExtraBlock(join(extra, u16(7), u16(1)), 7)).toThrow(RecordError);
  });

  test("is a run of blocks", () => {
    const extra = join(extraBlock(0x5455, ascii("abc")), extraBlock(7, new Uint8Array(0)));
    expect(blocks(extra)).toEqual([
      { id: 0x5455, data: ascii("abc") },
      { id: 7, data: new Uint8Array(0) },
    ]);
  });

  test.for([0, 1, 2, 3])("may end with %d bytes of padding", (padding) => {
    expect(blocks(join(extraBlock(7, ascii("x")), new Uint8Array(padding).fill(0xff)))).toHaveLength(1);
  });

  test("is damaged where a block is longer than it", () => {
    expect(() => blocks(join(u16(7), u16(5), "four"))).toThrow(RecordError);
  });
});

describe("ZIP64 extra field", () => {
  const FF32 = 0xffff_ffff;
  const fields = { size: FF32, compressedSize: FF32, headerOffset: FF32, disk: 0xffff };

  test("stands in for the fields that hold sentinels, in APPNOTE's order", () => {
    const extra = extraBlock(1, join(u64(5e9), u64(4e9), u64(6e9), u32(3)));
    expect(resolveZip64(fields, extra)).toEqual({
      size: 5e9,
      compressedSize: 4e9,
      headerOffset: 6e9,
      disk: 3,
    });
  });

  test.for([
    [{ size: FF32 }, [7], { size: 7 }],
    [{ compressedSize: FF32 }, [7], { compressedSize: 7 }],
    [{ headerOffset: FF32 }, [7], { headerOffset: 7 }],
    [{ size: FF32, headerOffset: FF32 }, [7, 8], { size: 7, headerOffset: 8 }],
    [{ compressedSize: FF32, headerOffset: FF32 }, [7, 8], { compressedSize: 7, headerOffset: 8 }],
  ] as const)("%j takes the values %j", ([sentinels, values, expected]) => {
    const plain = { size: 1, compressedSize: 2, headerOffset: 3, disk: 0 };
    expect(resolveZip64({ ...plain, ...sentinels }, zip64Extra(...values))).toEqual({
      ...plain,
      ...expected,
    });
  });

  test("is not looked at where no field holds a sentinel", () => {
    const plain = { size: 1, compressedSize: 2, headerOffset: 3, disk: 0 };
    expect(resolveZip64(plain, zip64Extra(9, 9, 9))).toEqual(plain);
    expect(resolveZip64(plain, extraBlock(1, ascii("odd")))).toEqual(plain);
  });

  test("sentinels without it are values, as Info-ZIP and libarchive write 4,294,967,295", () => {
    expect(resolveZip64(fields, extraBlock(0x5455, ascii("time")))).toEqual(fields);
  });

  test.for([0, 8, 16, 24])("is damaged when %d bytes of it must hold all four", (length) => {
    const extra = extraBlock(1, new Uint8Array(length));
    expect(() => resolveZip64(fields, extra)).toThrow(RecordError);
  });

  test("counts by its first block where there are two", () => {
    const extra = join(zip64Extra(1, 2, 3), zip64Extra(7, 8, 9));
    expect(resolveZip64({ ...fields, disk: 0 }, extra)).toMatchObject({ size: 1, headerOffset: 3 });
  });
});

describe("Unicode Path extra field", () => {
  const name = ascii("old");
  const field = (version: number, crc: number, path: string): Uint8Array =>
    extraBlock(UNICODE_PATH_ID, join([version], u32(crc), path));

  test("gives the name", () => {
    const extra = join(extraBlock(0x5455, ascii("time")), field(1, crc32(name), "neu/ü"));
    expect(parseUnicodePath(extra, name)).toEqual(new TextEncoder().encode("neu/ü"));
  });

  test.for([
    ["of a later version", field(2, crc32(name), "x")],
    ["about another name", field(1, crc32(ascii("other")), "x")],
    ["without a name", field(1, crc32(name), "")],
    ["truncated", extraBlock(UNICODE_PATH_ID, Uint8Array.of(1, 2))],
  ] as const)("is passed over %s", ([, extra]) => {
    expect(parseUnicodePath(extra, name)).toBeUndefined();
    expect(parseUnicodePath(join(extra, field(1, crc32(name), "right")), name)).toEqual(ascii("right"));
  });
});
