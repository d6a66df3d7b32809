import { expect, test } from "vitest";
import { createDirectoryParser, type DirectoryClaims } from "../../src/directory/parse-directory.js";
import { findEntry } from "../../src/index.js";
import { buildZip, extraBlock, type OddEntry, zip64Extra } from "../fixtures/build-zip.js";
import { ascii } from "../fixtures/bytes.js";

const entries: OddEntry[] = [
  { name: "zarr.json", data: ascii("{}") },
  { name: "0/" },
  { name: "0/zarr.json", data: ascii("first") },
  { name: "large", zip64: { central: "all" }, data: ascii("large") },
  { name: Uint8Array.of(0x81, 0x82), data: ascii("code page 437") },
  { name: "täg", data: ascii("UTF-8") },
  { name: "extra", data: ascii("x"), central: { extra: extraBlock(0x5455, ascii("time!")) } },
  { name: "link", data: ascii("x"), central: { externalAttributes: 0o120777 * 0x10000 } },
  { name: "0/zarr.json", data: ascii("second") },
  { name: "on-top", data: ascii("x"), central: { headerOffset: 0 } },
  { name: "remark", data: ascii("x"), central: { comment: ascii("a remark ".repeat(30)) } },
  { name: "both", central: { extra: zip64Extra(1), compressedSize: 0xffff_ffff } },
];

/** A directory and what its end records say about it. */
function directoryOf(listed: readonly OddEntry[]): { bytes: Uint8Array; claims: DirectoryClaims } {
  const zip = buildZip({ entries: listed });
  const end = new DataView(zip.buffer, zip.byteOffset + zip.length - 22);
  const [size, start] = [end.getUint32(12, true), end.getUint32(16, true)];
  return {
    bytes: zip.subarray(start, start + size),
    claims: { entries: listed.length, size, shift: 0, start },
  };
}

function parseInPieces(size: number, { bytes, claims }: ReturnType<typeof directoryOf>, shared = false) {
  const parser = createDirectoryParser(claims, { shared });
  const piece = new Uint8Array(size);
  for (let at = 0; at < bytes.length; at += size) {
    // The same buffer each time: nothing of it may be kept.
    const part = bytes.subarray(at, at + size);
    piece.set(part);
    parser.push(piece.subarray(0, part.length));
  }
  return parser.finish();
}

test("a directory cut into pieces of any size gives the same columns", () => {
  const directory = directoryOf(entries);
  const whole = parseInPieces(directory.bytes.length, directory);
  expect(whole.count).toBe(entries.length);
  expect(findEntry(whole, "0/zarr.json")?.index).toBe(8);
  for (let size = 1; size < 400; size++) expect(parseInPieces(size, directory), `${size}`).toEqual(whole);
});

test("columns in shared memory hold the same", () => {
  const directory = directoryOf(entries);
  const { count, ...columns } = parseInPieces(50, directory, true);
  const { count: expected, ...own } = parseInPieces(50, directory);
  expect(count).toBe(expected);
  for (const [name, column] of Object.entries(columns)) {
    expect(column.buffer, name).toBeInstanceOf(SharedArrayBuffer);
    expect([...column], name).toEqual([...own[name as keyof typeof own]]);
  }
  expect(findEntry({ count, ...columns }, "täg")?.name).toBe("täg");
});

test("a head that has come serves before the rest has", () => {
  const { bytes, claims } = directoryOf(entries);
  const parser = createDirectoryParser(claims);
  parser.push(bytes.subarray(0, 300));
  const head = parser.head(3);
  expect(parser.count).toBeGreaterThanOrEqual(3);
  expect(findEntry(head, "0/zarr.json")).toMatchObject({ index: 2, marks: 0 });
  expect(findEntry(head, "large")).toBeUndefined();
  parser.push(bytes.subarray(300));
  expect(parser.finish()).toEqual(parseInPieces(bytes.length, { bytes, claims }));
  // What was handed out before is a copy.
  expect(findEntry(head, "0/zarr.json")).toMatchObject({ index: 2, marks: 0 });
});

test("more rows than the count claims are parsed", () => {
  const many = Array.from({ length: 1000 }, (_, i): OddEntry => ({ name: `0/c/${i}` }));
  const { bytes, claims } = directoryOf(many);
  const parser = createDirectoryParser({ ...claims, entries: 3 });
  for (let at = 0; at < bytes.length; at += 777) parser.push(bytes.subarray(at, at + 777));
  expect(findEntry(parser.finish(), "0/c/999")?.index).toBe(999);
});
