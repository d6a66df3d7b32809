/** Values that lie apart, and where they belong. */
export interface GatherLayout {
  /** Offsets of the channels in the bytes. */
  readonly channels: readonly number[];
  readonly rows: number;
  readonly columns: number;
  /** Bytes from one to the next. */
  readonly rowStep: number;
  readonly columnStep: number;
  readonly itemSize: number;
}

/** The bytes from the first value on that hold all values. */
export function gatheredSpan({
  channels,
  rows,
  columns,
  rowStep,
  columnStep,
  itemSize,
}: GatherLayout): number {
  const last = channels.reduce((most, offset) => Math.max(most, offset), 0);
  return last + (rows - 1) * rowStep + (columns - 1) * columnStep + itemSize;
}

/** Collects values channel by channel, row by row. What lies beyond the bytes is never asked for. */
export function gather(bytes: Uint8Array, layout: GatherLayout): Uint8Array {
  const { channels, rows, columns, rowStep, columnStep, itemSize } = layout;
  const rowSize = columns * itemSize;
  const values = new Uint8Array(channels.length * rows * rowSize);
  for (const [c, offset] of channels.entries()) {
    for (let y = 0; y < rows; y++) {
      let from = offset + y * rowStep;
      let to = (c * rows + y) * rowSize;
      if (columnStep === itemSize) {
        values.set(bytes.subarray(from, from + rowSize), to);
        continue;
      }
      for (let x = 0; x < columns; x++, from += columnStep) {
        for (let byte = 0; byte < itemSize; byte++) values[to++] = bytes[from + byte] as number;
      }
    }
  }
  return values;
}
