import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isSymbolicLink,
  parseCentralHeader,
  writeCentralHeader,
  writtenCentralHeaderSize,
} from "../../src/records/central-header.js";
import { viewOf } from "../../src/records/fields.js";
import {
  localHeaderLength,
  parseLocalHeader,
  writeLocalHeader,
  writtenLocalHeaderSize,
} from "../../src/records/local-header.js";
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
