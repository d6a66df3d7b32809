import { type AxisName, storedCodecs, type VirtualArray } from "@ozx/virtual";
import type { ArrayChannels } from "../images/channels.js";
import type { FrameGrid } from "../images/frame-grid.js";
import type { FrameAttributes } from "../parse/attributes.js";

/** How the frames of a position become a Zarr array. */
export interface FrameArray extends VirtualArray {
  /**
   * `stored`: a chunk is a frame as it is in the file. `plain`: it is rows of a frame as they are. `decoded`: rows are made
   * for it.
   */
  readonly access: "stored" | "plain" | "decoded";
}

/** Bytes of a chunk that is cut from a larger frame. */
const BAND = 1024 * 1024;
/** Frames of up to so many bytes are one chunk. */
const WHOLE_FRAME = 2 * BAND;

/** The array of a position. */
export function frameArray(
  attributes: FrameAttributes,
  { order }: ArrayChannels,
  { t, z }: FrameGrid,
  axes: readonly AxisName[],
): FrameArray {
  const { width, height, components, bits, rowBytes, compression } = attributes;
  const itemSize = bits / 8;
  const pixelRow = width * components * itemSize;
  const isPadded = rowBytes !== pixelRow;
  const isZlib = compression === "zlib";
  const isMade = isPadded || order !== undefined;
  const access = isMade ? "decoded" : isZlib ? "stored" : "plain";
  const rows = isZlib ? height : bandRows(height, pixelRow);
  const extents = { t, z, c: components, y: height, x: width };
  const chunk = { t: 1, c: components, z: 1, y: rows, x: width };
  const reasons = [
    isZlib ? "zlib" : "not compressed",
    ...(isPadded ? ["padded rows"] : []),
    ...(order === undefined ? [] : ["blue before green and red"]),
  ];
  return {
    axes,
    shape: axes.map((axis) => extents[axis]),
    chunkShape: axes.map((axis) => chunk[axis]),
    dataType: bits === 32 ? "float32" : `uint${bits}`,
    codecs: storedCodecs(
      axes,
      { chunkChannels: components, itemSize, bigEndian: false },
      ...(access === "stored" ? [{ name: "numcodecs.zlib", configuration: { level: 1 } }] : []),
    ),
    sizes: { t, c: 1, z },
    samples: components,
    chunkChannels: components,
    rows,
    columns: width,
    chunkBytes: rows * pixelRow,
    encoding:
      access === "plain"
        ? undefined
        : access === "stored"
          ? "zlib frames, copied as they are"
          : `${reasons.join(", ")}, decoded when read`,
    access,
  };
}

/** Rows of a chunk: all of a small frame, and a part of even size of a large one. */
function bandRows(height: number, rowBytes: number): number {
  if (height * rowBytes <= WHOLE_FRAME) return height;
  const bands = Math.min(height, Math.max(1, Math.round((height * rowBytes) / BAND)));
  return Math.ceil(height / bands);
}
