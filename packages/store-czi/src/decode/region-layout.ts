import type { LayoutDecoder } from "@ozx/virtual/decode";

/** How a rectangle of pixels is painted from tiles, as plain data that a thread can be sent. */
export interface RegionLayout {
  readonly rows: number;
  readonly columns: number;
  /** The samples that come out. */
  readonly kind: "uint" | "int" | "float";
  readonly itemSize: number;
  readonly samples: number;
  /** From the bottom to the top. */
  readonly tiles: readonly TileLayout[];
}

/** A tile, or rows of it where it is not compressed. */
export interface TileLayout {
  /** Its bytes in the frame: those of its pixels as they are stored, and after them those of its mask. */
  readonly pixelBytes: number;
  readonly maskBytes: number;
  readonly pixelType: number;
  readonly compression: number;
  readonly width: number;
  readonly height: number;
  /** The first of the rows that are in the frame, in the tile. */
  readonly firstRow: number;
  /** Where the first pixel in the frame belongs in the region; negative where it lies outside. */
  readonly left: number;
  readonly top: number;
}

/** Paints a region: `decodeRegion`, here or in a thread. */
export type RegionDecoder = LayoutDecoder<RegionLayout>;

/** Decoded bytes of a region. */
export function sizeOfRegion({ rows, columns, itemSize, samples }: RegionLayout): number {
  return rows * columns * itemSize * samples;
}
