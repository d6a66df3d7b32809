import { DamagedSegmentError } from "../segment-fault.js";
import { unsupportedPicture } from "./picture.js";

const NAME = "JPEG 2000";

// ITU-T T.800, annex A.
const SOC = 0xff4f;
const SIZ = 0xff51;
const COD = 0xff52;
const SOT = 0xff90;

/** The first bytes of a JP2 file (T.800, I.5.1), as a big-endian word. */
const SIGNATURE_BOX = 0x0000000c;

/** What a JPEG 2000 codestream, or the JP2 file around it, says of its samples. */
export interface Jpeg2000Header {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** Bits of a sample. */
  readonly precision: number;
  readonly isSigned: boolean;
  /** Whether the second and the third component have fewer samples than the first. */
  readonly isSubsampled: boolean;
  /** Whether the codestream's own colour transform is used, which the decoder undoes. */
  readonly hasTransform: boolean;
  /** The enumerated colour space of a JP2 file (16 sRGB, 17 gray, 18 sYCC); undefined in a codestream alone. */
  readonly colorSpace: number | undefined;
}

/** A tile of a codestream costs the decoder some kilobytes. */
const MOST_TILES = 4096;

/**
 * Reads the main header.
 *
 * @throws DamagedSegmentError; UnsupportedSegmentError for what OpenJPEG's wrapper would decode to wrong samples
 */
export function readJpeg2000Header(bytes: Uint8Array): Jpeg2000Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const { start, colorSpace } = findCodestream(view);
    return { ...readMainHeader(view, start), colorSpace };
  } catch (error) {
    if (error instanceof RangeError) throw damaged("is truncated", error);
    throw error;
  }
}

function findCodestream(view: DataView): { start: number; colorSpace: number | undefined } {
  if (view.getUint16(0) === SOC) return { start: 0, colorSpace: undefined };
  if (view.getUint32(0) !== SIGNATURE_BOX) throw damaged("is neither a codestream nor a JP2 file");
  let colorSpace: number | undefined;
  for (const box of boxes(view, 0, view.byteLength)) {
    if (box.type === "jp2c") return { start: box.start, colorSpace };
    if (box.type !== "jp2h") continue;
    for (const { type, start } of boxes(view, box.start, box.end)) {
      if (type === "pclr") throw unsupportedPicture(NAME, "a palette");
      // Method 1 names a colour space; the first box counts (T.800, I.5.3.3).
      if (type === "colr" && view.getUint8(start) === 1) colorSpace ??= view.getUint32(start + 3);
    }
  }
  throw damaged("has no codestream");
}

/** The boxes in a part of a JP2 file (T.800, I.4). */
function* boxes(
  view: DataView,
  from: number,
  to: number,
): Generator<{ readonly type: string; readonly start: number; readonly end: number }> {
  let at = from;
  while (at + 8 <= to) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at + 4, 4));
    const head = length === 1 ? 16 : 8;
    const size = length === 0 ? to - at : length === 1 ? Number(view.getBigUint64(at + 8)) : length;
    if (size < head || at + size > to) throw damaged("is truncated");
    yield { type, start: at + head, end: at + size };
    at += size;
  }
}

function readMainHeader(view: DataView, start: number): Omit<Jpeg2000Header, "colorSpace"> {
  if (view.getUint16(start) !== SOC || view.getUint16(start + 2) !== SIZ) throw damaged("has no size");
  const size = readSize(view, start + 4);
  let at = start + 4 + view.getUint16(start + 4);
  for (;;) {
    const marker = view.getUint16(at);
    if (marker === SOT) throw damaged("has no coding style");
    // COD: length, style, progression order, layers (2 bytes), transform.
    if (marker === COD) return { ...size, hasTransform: view.getUint8(at + 8) !== 0 };
    at += 2 + view.getUint16(at + 2);
  }
}

/** The marker segment SIZ (T.800, A.5.1), without its marker. */
function readSize(view: DataView, at: number): Omit<Jpeg2000Header, "colorSpace" | "hasTransform"> {
  const field = (k: number): number => view.getUint32(at + 4 + 4 * k);
  const width = field(0);
  const height = field(1);
  if (field(2) !== 0 || field(3) !== 0) throw unsupportedPicture(NAME, "an offset");
  const tiles = Math.ceil(width / field(4)) * Math.ceil(height / field(5));
  if (!(tiles >= 1 && tiles <= MOST_TILES)) throw unsupportedPicture(NAME, `${tiles} tiles`);
  const components = view.getUint16(at + 36);
  if (view.getUint16(at) !== 38 + 3 * components || components === 0)
    throw damaged("has a size that contradicts itself");
  const first = readComponent(view, at + 38);
  const rest = Array.from({ length: components - 1 }, (_, k) => readComponent(view, at + 41 + 3 * k));
  if (rest.some(({ depth }) => depth !== first.depth))
    throw unsupportedPicture(NAME, "samples of different types");
  const isSubsampled = [first, ...rest].some(({ across, down }) => across !== 1 || down !== 1);
  if (isSubsampled && !isChroma(first, rest)) throw unsupportedPicture(NAME, "subsampled components");
  return {
    width,
    height,
    components,
    precision: (first.depth & 0x7f) + 1,
    isSigned: first.depth >= 0x80,
    isSubsampled,
  };
}

interface Component {
  /** Its bits less one; the highest bit is set where they are signed. */
  readonly depth: number;
  readonly across: number;
  readonly down: number;
}

function readComponent(view: DataView, at: number): Component {
  return { depth: view.getUint8(at), across: view.getUint8(at + 1), down: view.getUint8(at + 2) };
}

/** Whether components are subsampled as those of YCbCr: 4:2:2 or 4:2:0. */
function isChroma(first: Component, [cb, cr, ...rest]: readonly Component[]): boolean {
  if (cb === undefined || cr === undefined || rest.length > 0) return false;
  return (
    first.across === 1 &&
    first.down === 1 &&
    cb.across === 2 &&
    (cb.down === 1 || cb.down === 2) &&
    cr.across === cb.across &&
    cr.down === cb.down
  );
}

function damaged(reason: string, cause?: unknown): DamagedSegmentError {
  return new DamagedSegmentError(NAME, reason, cause === undefined ? undefined : { cause });
}
