import { InvalidMetadataError } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { type FinishedEntry, formatFinished, parseFinished } from "@ozx/core/internal";
import type { UploadedPart } from "@ozx/core/internal/node";

/** What a part has written. */
export interface PartResult {
  /** Its entries of known sizes. */
  readonly copied: readonly FinishedEntry[];
  /** Its generated entries, in the order of its segment. */
  readonly entries: readonly FinishedEntry[];
  /** Bytes of the segment. */
  readonly segmentBytes: number;
  /** For an upload: the parts that it sent, of entries of known sizes and of the segment. */
  readonly uploaded: readonly UploadedPart[];
  readonly uploadedSegment: readonly UploadedPart[];
  /** For an upload: what is too small for a part of its own, and goes to the end. */
  readonly rest: Uint8Array | undefined;
  readonly segmentRest: Uint8Array | undefined;
}

/** The name of the result of a part, which is there when all of the part is written. */
export function resultName(part: number): string {
  return `part-${String(part).padStart(5, "0")}.json`;
}

export function formatResult(result: PartResult): string {
  const { copied, entries, segmentBytes, uploaded, uploadedSegment, rest, segmentRest } = result;
  return JSON.stringify({
    copied: formatFinished(copied),
    entries: formatFinished(entries),
    segmentBytes,
    uploaded,
    uploadedSegment,
    ...(rest && { rest: Buffer.from(rest).toString("base64") }),
    ...(segmentRest && { segmentRest: Buffer.from(segmentRest).toString("base64") }),
  });
}

/** @throws InvalidMetadataError when it is not a result of this version */
export function parseResult(text: string, location: string): PartResult {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) throw new TypeError("not an object");
    const { copied, entries, segmentBytes, uploaded, uploadedSegment, rest, segmentRest } = value;
    return {
      copied: parseFinished([String(copied)]),
      entries: parseFinished([String(entries)]),
      segmentBytes: Number(segmentBytes),
      uploaded: uploaded as readonly UploadedPart[],
      uploadedSegment: uploadedSegment as readonly UploadedPart[],
      rest: bytesIn(rest),
      segmentRest: bytesIn(segmentRest),
    };
  } catch (cause) {
    throw new InvalidMetadataError(
      `${location} is not the result of a part: run that part again`,
      { location },
      { cause },
    );
  }
}

function bytesIn(value: unknown): Uint8Array | undefined {
  return typeof value === "string" ? new Uint8Array(Buffer.from(value, "base64")) : undefined;
}
