/** What the XML says of a file. Sizes of images are not read: those of several scenes are not the sizes of any. */
export interface CziMetadata {
  /** Metres of a pixel. */
  readonly pixelSizes: Readonly<Partial<Record<"x" | "y" | "z", number>>>;
  /** Seconds between points in time. */
  readonly interval?: number | undefined;
  /** As in `2016-02-12T09:41:02.4915604Z`. */
  readonly acquired?: string | undefined;
  /** Of a sample, where they are fewer than it has. */
  readonly significantBits?: number | undefined;
  /** By the number in their ids, which is their start along C. */
  readonly channels: ReadonlyMap<number, MetadataChannel>;
  /** By their indices, which are their starts along S. */
  readonly scenes: ReadonlyMap<number, MetadataScene>;
}

export interface MetadataChannel {
  readonly name?: string | undefined;
  /** Six hexadecimal digits. */
  readonly color?: string | undefined;
  /** The parts of the range of values that are shown as black and in full colour. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

export interface MetadataScene {
  readonly name?: string | undefined;
  /** As in `A1`, where it is a part of a well. */
  readonly well?: string | undefined;
}
