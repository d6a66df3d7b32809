import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isSymbolicLink,
  parseCentralHeader,
  writeCentralHeader,
  writtenCentralHeaderSize,
} from "../../src/records/central-header.js";
import { RecordError, viewOf } from "../../src/records/fields.js";
import {
  localHeaderLength,
  parseLocalHeader,
  writeLocalHeader,
  writtenLocalHeaderSize,
} from "../../src/records/local-header.js";
import { buildZip, extraBlock } from "../fixtures/build-zip.js";
import { BOUNDARY_SIZES, smallBytes, u32Value, u64Value } from "./arbitraries.js";

const entry = fc.record({
  name: smallBytes,
  flags: fc.constantFrom(0, 0x800),
  size: u64Value,
  crc: u32Value,
  headerOffset: u64Value,
});

describe("local header", () => {
  test("parsing brings back what was written", () => {
    fc.assert(
      fc.property(entry, fc.nat(9), (written, before) => {
        const length = writtenLocalHeaderSize(written.name.length);
        const bytes = new Uint8Array(before + length + 5).fill(0xee);
        expect(writeLocalHeader(viewOf(bytes), before, written)).toBe(before + length);
        const header = bytes.subarray(before);
        expect(localHeaderLength(header)).toBe(length);
        expect(parseLocalHeader(header)).toMatchObject({
          name: written.name,
          flags: written.flags,
          method: 0,
          crc: written.crc,
          size: written.size,
          compressedSize: written.size,
          zip64: true,
          dataStart: length,
        });
        expect([...bytes.subarray(0, before), ...bytes.subarray(before + length)]).not.toContain(0);
      }),
    );
  });

  test.for(BOUNDARY_SIZES)("keeps a size of %d", (size) => {
    const bytes = new Uint8Array(writtenLocalHeaderSize(1));
    writeLocalHeader(viewOf(bytes), 0, { name: Uint8Array.of(0x61), flags: 0, size, crc: 0 });
    expect(parseLocalHeader(bytes)).toMatchObject({ size, compressedSize: size });
  });
});

describe("headers of other writers", () => {
  const u16Value = fc.oneof(fc.constantFrom(0, 1, 0xfffe, 0xffff), fc.nat(0xffff));
  // A sentinel without a ZIP64 field is a value like any other.
  const fields = fc.record({
    madeBy: u16Value,
    versionNeeded: u16Value,
    flags: u16Value,
    method: u16Value,
    crc: u32Value,
    compressedSize: u32Value,
    size: u32Value,
    name: smallBytes,
    extra: fc.constantFrom(new Uint8Array(0), extraBlock(0x5455, Uint8Array.of(1, 2, 3, 4, 5))),
    comment: smallBytes,
    disk: u16Value,
    externalAttributes: u32Value,
    headerOffset: u32Value,
  });

  test("are read field by field", () => {
    fc.assert(
      fc.property(fields, (written) => {
        const {
          madeBy: _,
          comment,
          disk: __,
          externalAttributes,
          headerOffset,
          versionNeeded,
          ...both
        } = written;
        const zip = buildZip({
          entries: [{ name: written.name, local: { ...both, versionNeeded }, central: written }],
        });
        const local = parseLocalHeader(zip);
        expect(local).toMatchObject({ ...both, zip64: false });
        expect(local.dataStart).toBe(30 + written.name.length + written.extra.length);
        const central = parseCentralHeader(zip, local.dataStart);
        expect(central).toMatchObject({ ...both, disk: written.disk, externalAttributes, headerOffset });
        expect(central.madeBy).toBe(written.madeBy);
        expect(central.zip64).toBe(false);
        expect(central.length).toBe(46 + written.name.length + written.extra.length + comment.length);
      }),
    );
  });

  test("hold no ZIP64 where their sentinels are values beside another extra field", () => {
    const extra = extraBlock(0x5455, new Uint8Array(16));
    const sizes = { size: 0xffff_ffff, compressedSize: 0xffff_ffff, extra };
    const zip = buildZip({ entries: [{ name: "a", local: sizes, central: sizes }] });
    const local = parseLocalHeader(zip);
    expect(local).toMatchObject({ size: 0xffff_ffff, compressedSize: 0xffff_ffff, zip64: false });
    expect(parseCentralHeader(zip, local.dataStart)).toMatchObject({ size: 0xffff_ffff, zip64: false });
  });

  test("are not parsed where they are truncated or lack their signature", () => {
    const zip = buildZip({ entries: [{ name: "name", local: { extra: extraBlock(7, Uint8Array.of(1)) } }] });
    const { dataStart } = parseLocalHeader(zip);
    for (let length = 0; length < dataStart; length++) {
      expect(() => parseLocalHeader(zip.subarray(0, length))).toThrow(RecordError);
    }
    for (let length = 0; length < 50; length++) {
      expect(() => parseCentralHeader(zip.subarray(dataStart, dataStart + length))).toThrow(RecordError);
    }
    expect(() => parseLocalHeader(zip.subarray(1))).toThrow(RecordError);
    expect(() => parseCentralHeader(zip, dataStart + 1)).toThrow(RecordError);
  });
});

describe("central header", () => {
  test("parsing brings back what was written, one header after the other", () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 4 }), (written) => {
        const length = written.reduce((sum, { name }) => sum + writtenCentralHeaderSize(name.length), 0);
        const bytes = new Uint8Array(length);
        let end = 0;
        for (const one of written) end = writeCentralHeader(viewOf(bytes), end, one);
        expect(end).toBe(length);
        let at = 0;
        for (const one of written) {
          const parsed = parseCentralHeader(bytes, at);
          expect(parsed).toMatchObject({
            name: one.name,
            flags: one.flags,
            method: 0,
            crc: one.crc,
            size: one.size,
            compressedSize: one.size,
            headerOffset: one.headerOffset,
            disk: 0,
            zip64: true,
            length: writtenCentralHeaderSize(one.name.length),
          });
          expect(isSymbolicLink(parsed)).toBe(false);
          at += parsed.length;
        }
      }),
    );
  });

  test.for(BOUNDARY_SIZES)("keeps a size and an offset of %d", (value) => {
    const bytes = new Uint8Array(writtenCentralHeaderSize(0));
    const written = { name: new Uint8Array(0), flags: 0, size: value, crc: 1, headerOffset: value };
    writeCentralHeader(viewOf(bytes), 0, written);
    expect(parseCentralHeader(bytes)).toMatchObject({ size: value, headerOffset: value });
  });
});
