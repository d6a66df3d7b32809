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
  const order = orderInFile(headerOffsets);
  let next = end;
  let nextIndex = -1;
  for (let k = count - 1; k >= 0; k--) {
    const index = order === undefined ? k : (order[k] as number);
    const offset = headerOffsets[index] as number;
    const nameLength =
      ((marks[index] as number) & MARK_RENAMED) === 0
        ? (nameEnds[index] as number) - (index === 0 ? 0 : (nameEnds[index - 1] as number))
        : (lengthsInFile.get(index) ?? 0);
    // The least that its local header takes, whose extra field is unknown.
    const least = LOCAL_HEADER_SIZE + nameLength;
    if (offset + least + (compressedSizes[index] as number) > next) {
      marks[index] = (marks[index] as number) | MARK_OVERLAPS;
      if (nextIndex >= 0) marks[nextIndex] = (marks[nextIndex] as number) | MARK_OVERLAPS;
    }
    if (offset <= next) {
      next = offset;
      nextIndex = index;
    }
  }
}
