import { DamagedSegmentError } from "../segment-fault.js";

// ITU-T T.81, table B.1.
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const TEM = 0x01;
const RST0 = 0xd0;

/** A marker segment of a JPEG. */
export interface MarkerSegment {
  /** Its low byte. */
  readonly marker: number;
  /** With its marker. */
  readonly bytes: Uint8Array;
}

/** The marker segments of a JPEG before its first scan. */
export interface MarkerSegments {
  readonly segments: readonly MarkerSegment[];
  /** Where the scan starts; undefined where the stream ends before. */
  readonly end: number | undefined;
}

/** @throws DamagedSegmentError */
export function markerSegments(bytes: Uint8Array): MarkerSegments {
  const segments: MarkerSegment[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    if (bytes[at] !== 0xff) throw damagedJpeg(`has no marker at byte ${at}`);
    // Markers may be preceded by any number of 0xff (T.81, B.1.1.2).
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined) throw damagedJpeg("is truncated");
    if (marker === SOI || marker === TEM || (marker >= RST0 && marker < SOI)) continue;
    if (marker === EOI) return { segments, end: undefined };
    if (marker === SOS) return { segments, end: start };
    if (at + 2 > bytes.length) throw damagedJpeg("is truncated");
    const length = (bytes[at] as number) * 256 + (bytes[at + 1] as number);
    if (length < 2 || at + length > bytes.length) throw damagedJpeg("is truncated");
    segments.push({ marker, bytes: bytes.subarray(at - 2, at + length) });
    at += length;
  }
  return { segments, end: undefined };
}

export function damagedJpeg(reason: string): DamagedSegmentError {
  return new DamagedSegmentError("JPEG", reason);
}

/** The marker segments before the scan; none where they are damaged, which decoding reports. */
export function soundMarkerSegments(bytes: Uint8Array): readonly MarkerSegment[] {
  try {
    return markerSegments(bytes).segments;
  } catch (error) {
    if (error instanceof DamagedSegmentError) return [];
    throw error;
  }
}
