import { Nd2Fault } from "./fault.js";
import { levelAt, numberAt, type VariantLevel } from "./lite-variant.js";

/** How the frames of a file are stored (`SLxImageAttributes`). */
export interface FrameAttributes {
  readonly width: number;
  readonly height: number;
  /** Components of a pixel, all of them side by side: the sum of those of the channels. */
  readonly components: number;
  /** Bits of a component: 8 or 16 (unsigned) or 32 (float). */
  readonly bits: 8 | 16 | 32;
  readonly significantBits: number;
  /** Bytes from one row to the next. */
  readonly rowBytes: number;
  readonly compression: "none" | "zlib" | "lossy";
  /** Frames that were planned; there may be fewer. */
  readonly frameCount: number;
}

/** The largest sides: they fit products of two in a number. */
const MOST_PIXELS = 2 ** 31;
/** Components of a pixel, at most: spectral detectors have dozens of channels. */
const MOST_COMPONENTS = 4096;
const COMPRESSIONS = ["zlib", "lossy", "none"] as const;

/** @throws Nd2Fault where they are not those of an image */
export function parseAttributes(root: VariantLevel): FrameAttributes {
  const level = levelAt(root, "SLxImageAttributes") ?? root;
  const whole = (name: string, most: number): number => {
    const value = numberAt(level, name);
    if (value !== undefined && Number.isInteger(value) && value > 0 && value <= most) return value;
    throw new Nd2Fault(`says ${value === undefined ? "nothing" : value} for ${name} in its image attributes`);
  };
  const width = whole("uiWidth", MOST_PIXELS);
  const height = whole("uiHeight", MOST_PIXELS);
  const components = whole("uiComp", MOST_COMPONENTS);
  const bits = whole("uiBpcInMemory", 64);
  if (bits !== 8 && bits !== 16 && bits !== 32) throw new Nd2Fault(`has components of ${bits} bits`);
  const pixelRow = width * components * (bits / 8);
  const rowBytes = numberAt(level, "uiWidthBytes") || pixelRow;
  if (rowBytes < pixelRow || !Number.isInteger(rowBytes) || rowBytes > Number.MAX_SAFE_INTEGER / height) {
    throw new Nd2Fault(`has rows of ${rowBytes} bytes, which need ${pixelRow}`);
  }
  const code = numberAt(level, "eCompression") ?? 2;
  const compression = COMPRESSIONS[code];
  if (compression === undefined) throw new Nd2Fault(`has frames with the unknown compression ${code}`);
  const significant = numberAt(level, "uiBpcSignificant") ?? bits;
  return {
    width,
    height,
    components,
    bits,
    significantBits: significant > 0 && significant <= bits ? significant : bits,
    rowBytes,
    compression,
    frameCount: Math.max(0, Math.trunc(numberAt(level, "uiSequenceCount") ?? 0)),
  };
}
