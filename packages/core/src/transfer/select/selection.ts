/** Positions from `start` to `stop`, without `stop` itself; to the end where `stop` is undefined. */
export interface Span {
  readonly start: number;
  readonly stop: number | undefined;
}

/** Which part of a hierarchy to take. */
export interface TransferSelection {
  /** The node that becomes the root, as in `B/03`: a well, one image, a label image. */
  readonly path?: string | undefined;
  /** Nodes that are left out with all below them, below the root that `path` gives: tables, label images. */
  readonly leaveOut?: readonly string[] | undefined;
  /** The resolution levels of every image, by their position in its metadata: 0 is the largest. */
  readonly levels?: Span | undefined;
  /**
   * Ranges of every image by the names of its axes, in pixels of the largest level that is taken. They must lie at
   * borders of chunks in every level, so that chunks can be taken as they are.
   */
  readonly ranges?: Readonly<Record<string, Span>> | undefined;
}

/** A span as the command line has it: `0:10`, `4:`, or `1` for a single position. */
export function spellSpan({ start, stop }: Span): string {
  return stop === start + 1 ? String(start) : `${start}:${stop ?? ""}`;
}
