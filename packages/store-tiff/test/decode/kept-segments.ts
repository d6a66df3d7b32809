import { readFileSync } from "node:fs";
import type { SegmentLayout } from "../../src/decode/decode-segment.js";

/** A segment that Python's tifffile or imagecodecs has written: interop/python/make_tiff_segments.py. */
export interface KeptSegment {
  readonly name: string;
  readonly layout: SegmentLayout;
  readonly encoded: Uint8Array;
  /** The SHA-256 of its pixels, little-endian. */
  readonly decoded: string;
}

/** All that are kept: one of each kind that the tests cannot write themselves. */
export function keptSegments(): readonly KeptSegment[] {
  const text = readFileSync(new URL("./segments.json", import.meta.url), "utf8");
  const segments = JSON.parse(text) as readonly {
    readonly name: string;
    readonly layout: Omit<SegmentLayout, "jpegTables"> & { readonly jpegTables?: string };
    readonly encoded: string;
    readonly decoded: string;
  }[];
  return segments.map(({ name, layout: { jpegTables, ...layout }, encoded, decoded }) => ({
    name,
    layout: { ...layout, ...(jpegTables !== undefined && { jpegTables: bytesOf(jpegTables) }) },
    encoded: bytesOf(encoded),
    decoded,
  }));
}

/** The one whose name starts so. */
export function keptSegment(start: string): KeptSegment {
  const segment = keptSegments().find(({ name }) => name.startsWith(start));
  if (segment === undefined) throw new Error(`no segment is kept that is called ${start}`);
  return segment;
}

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}
