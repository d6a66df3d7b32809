import { LOCAL_HEADER_SIZE } from "../records/local-header.js";
import { type CentralDirectory, MARK_OVERLAPS, MARK_RENAMED } from "./central-directory.js";
import { orderInFile } from "./file-order.js";

/**
 * Marks entries whose header or data must lie on top of another entry's or of the central directory: bombs
 * are built so (Fifield 2019), and one of the two cannot be what it claims.
 *
 * @param lengthsInFile the lengths of names in the file of the entries that are marked as renamed
 * @param end where the central directory starts
 */
export function markOverlaps(
  directory: CentralDirectory,
  lengthsInFile: ReadonlyMap<number, number>,
  end: number,
): void {
  const { count, nameEnds, headerOffsets, compressedSizes, marks } = directory;
  const mark = (index: number): void => {
    marks[index] = (marks[index] as number) | MARK_OVERLAPS;
  };
  const order = orderInFile(headerOffsets);
  /** Up to where those before reach, and which of them reaches there. */
  let reached = 0;
  let reaching = -1;
  for (let k = 0; k < count; k++) {
    const index = order === undefined ? k : (order[k] as number);
    const offset = headerOffsets[index] as number;
    const nameLength =
      ((marks[index] as number) & MARK_RENAMED) === 0
        ? (nameEnds[index] as number) - (index === 0 ? 0 : (nameEnds[index - 1] as number))
        : (lengthsInFile.get(index) ?? 0);
    // The least that its local header takes, whose extra field is unknown.
    const stop = offset + LOCAL_HEADER_SIZE + nameLength + (compressedSizes[index] as number);
    if (stop > end) mark(index);
    if (offset < reached) {
      mark(index);
      mark(reaching);
    }
    if (stop > reached) [reached, reaching] = [stop, index];
  }
}
