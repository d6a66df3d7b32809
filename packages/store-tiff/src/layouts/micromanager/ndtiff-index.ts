import { viewOf } from "../../parse/header.js";
import { parseLoose } from "./acquisition.js";

/** An image in an `NDTiff.index`. */
export interface NdtiffRecord {
  /** Its coordinates: a number or a name along each axis. */
  readonly axes: Readonly<Record<string, number | string>>;
  readonly file: string;
  /** Where its pixels start. */
  readonly pixels: number;
  readonly width: number;
  readonly height: number;
  /** 0 8-bit, 1 16-bit, 2 RGB, 3 to 6 10, 12, 14 and 11 bits in 16. */
  readonly pixelType: number;
  readonly metadataAt: number;
  readonly metadataLength: number;
}

/** The index is in memory as a whole, so a file name or the axes cannot be longer. */
const LONGEST_TEXT = 1024 * 1024;

/**
 * Parses an index (NDTiffStorage, `README.md`). It grows while images are acquired, so a last record that is cut off ends
 * it.
 */
export function* parseIndex(bytes: Uint8Array): Generator<NdtiffRecord> {
  const view = viewOf(bytes);
  let at = 0;
  const text = (): string | undefined => {
    if (at + 4 > bytes.length) return undefined;
    const length = view.getUint32(at, true);
    if (length > LONGEST_TEXT || at + 4 + length > bytes.length) return undefined;
    const found = bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return new TextDecoder().decode(found);
  };
  for (;;) {
    const axes = text();
    const file = axes === undefined ? undefined : text();
    if (axes === undefined || file === undefined || at + 32 > bytes.length) return;
    const numbers = [0, 4, 8, 12, 20, 24].map((field) => view.getUint32(at + field, true)) as [
      ...[number, number, number, number, number, number],
    ];
    const [pixels, width, height, pixelType, metadataAt, metadataLength] = numbers;
    at += 32;
    yield { axes: coordinates(axes), file, pixels, width, height, pixelType, metadataAt, metadataLength };
  }
}

function coordinates(text: string): Record<string, number | string> {
  const known = Object.entries(parseLoose(text)).filter(
    (entry): entry is [string, number | string] =>
      (typeof entry[1] === "number" && Number.isSafeInteger(entry[1])) || typeof entry[1] === "string",
  );
  return Object.fromEntries(known);
}
