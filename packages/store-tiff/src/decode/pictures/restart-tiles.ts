import { DamagedSegmentError } from "../segment-fault.js";
import { type JpegHeader, readJpegHeader } from "./jpeg-stream.js";

/** A JPEG that restarts where its rows are cut into equal parts. */
export interface RestartTiles {
  /** Pixels between two restarts, and rows of them. */
  readonly width: number;
  readonly height: number;
  readonly across: number;
  readonly down: number;
  /** Whether colours are sampled more coarsely, so that those at the edge of a tile depend on the next one. */
  readonly isSubsampled: boolean;
  /** What makes a JPEG of the bytes between two restarts. */
  readonly header: Uint8Array;
}

const [DRI, SOF0, RST0, RST7] = [0xdd, 0xc0, 0xd0, 0xd7];

/**
 * How a JPEG is cut by its restart markers (ITU-T T.81, B.2.4.4). The size in its header is not looked at: 65,535 pixels are
 * the most that it can say.
 *
 * @param bytes of the JPEG up to its scan data, and no more
 * @returns undefined where it does not restart, or not at equal distances in all rows
 */
export function restartTiles(
  bytes: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): RestartTiles | undefined {
  let parsed: JpegHeader;
  try {
    parsed = readJpegHeader(bytes);
  } catch (error) {
    if (error instanceof DamagedSegmentError) return undefined;
    throw error;
  }
  const { frame, segments, components } = parsed;
  const interval = segments.find(({ marker }) => marker === DRI)?.bytes;
  const size = segments.find(({ marker }) => marker === frame)?.bytes;
  if (frame !== SOF0 || interval === undefined || interval.length < 6 || size === undefined) return undefined;
  const units = (interval[4] as number) * 256 + (interval[5] as number);
  // The sampling of each component: 4 bits across, 4 down.
  const samplings = Array.from({ length: components }, (_, k) => size[11 + 3 * k] ?? 0x11);
  const unitWidth = 8 * Math.max(...samplings.map((factors) => factors >> 4));
  const unitHeight = 8 * Math.max(...samplings.map((factors) => factors % 16));
  const perRow = Math.ceil(width / unitWidth);
  if (units === 0 || unitWidth === 0 || unitHeight === 0 || perRow % units !== 0) return undefined;
  const tile = { width: units * unitWidth, height: unitHeight };
  if (tile.width > 65_535) return undefined;
  const header = bytes.slice();
  const at = size.byteOffset - bytes.byteOffset + 5;
  header.set([tile.height >> 8, tile.height % 256, tile.width >> 8, tile.width % 256], at);
  return {
    ...tile,
    across: perRow / units,
    down: Math.ceil(height / unitHeight),
    isSubsampled: unitWidth > 8 || unitHeight > 8,
    header,
  };
}

/** Makes a JPEG of the bytes between two restarts. */
export function joinRestartTile(header: Uint8Array, bytes: Uint8Array): Uint8Array {
  const [mark, marker = 0] = bytes.subarray(-2);
  const isRestart = mark === 0xff && marker >= RST0 && marker <= RST7;
  const end = isRestart ? bytes.length - 2 : bytes.length;
  const joined = new Uint8Array(header.length + end);
  joined.set(header);
  joined.set(bytes.subarray(0, end), header.length);
  return joined;
}
