import { LOCAL_HEADER_SIZE } from "../records/local-header.js";
import { type CentralDirectory, MARK_OVERLAPS, MARK_RENAMED } from "./central-directory.js";

/**
 * Indices of entries in the order in which they lie in the file, the earlier header of the directory first where
 * two lie at one place; undefined when the directory has them in that order, as most do.
 */
export function orderInFile(offsets: Float64Array): Uint32Array | undefined {
  let sorted = true;
  let exact = true;
  let last = 0;
  let previous = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < offsets.length; i++) {
    const offset = offsets[i] as number;
    if (offset < previous) sorted = false;
    if (!(offset >= 0 && offset <= Number.MAX_SAFE_INTEGER)) exact = false;
    if (offset > last) last = offset;
    previous = offset;
  }
  if (sorted) return undefined;
  if (exact && offsets.length >= WORTH_COUNTING) return sortByDigits(offsets, last);
  return countUp(offsets.length).sort((a, b) => (offsets[a] as number) - (offsets[b] as number) || a - b);
}

/** The same with all indices where they are in order. */
export function fileOrder(offsets: Float64Array): Uint32Array {
  return orderInFile(offsets) ?? countUp(offsets.length);
}

/** Fewer are sorted sooner by comparing. */
const WORTH_COUNTING = 8192;
const DIGIT = 0x10000;
const WORD = 0x1_0000_0000;

/**
 * Sorts by the lowest 16 bits, then by the next, and so on, each time keeping the order of those that are equal: a
 * tenth of the time of comparing, which calls back into JavaScript twenty million times for a million entries.
 */
function sortByDigits(offsets: Float64Array, last: number): Uint32Array {
  let sorting: SortPass = { indices: countUp(offsets.length), keys: new Uint32Array(offsets.length) };
  let spare: SortPass = {
    indices: new Uint32Array(offsets.length),
    keys: new Uint32Array(offsets.length),
  };
  for (let unit = 1; unit <= last; unit *= WORD) {
    const { indices, keys } = sorting;
    for (let k = 0; k < keys.length; k++) keys[k] = ((offsets[indices[k] as number] as number) / unit) >>> 0;
    for (const shift of [0, 16]) {
      distributeByDigit(sorting, spare, shift);
      [sorting, spare] = [spare, sorting];
    }
  }
  return sorting.indices;
}

/** Keys move along with their indices, which is quicker than to look them up at each one's place in memory. */
interface SortPass {
  readonly indices: Uint32Array;
  readonly keys: Uint32Array;
}

function distributeByDigit(from: SortPass, to: SortPass, shift: number): void {
  const { indices, keys } = from;
  const places = new Uint32Array(DIGIT);
  for (let k = 0; k < keys.length; k++) next(places, digitAt(keys, k, shift));
  let place = 0;
  for (let digit = 0; digit < DIGIT; digit++) {
    const many = places[digit] as number;
    places[digit] = place;
    place += many;
  }
  for (let k = 0; k < keys.length; k++) {
    const at = next(places, digitAt(keys, k, shift));
    to.indices[at] = indices[k] as number;
    to.keys[at] = keys[k] as number;
  }
}

/** What stands at a digit, which becomes one more. */
function next(places: Uint32Array, digit: number): number {
  const place = places[digit] as number;
  places[digit] = place + 1;
  return place;
}

function digitAt(keys: Uint32Array, k: number, shift: number): number {
  return ((keys[k] as number) >>> shift) & (DIGIT - 1);
}

function countUp(length: number): Uint32Array {
  const indices = new Uint32Array(length);
  for (let i = 0; i < length; i++) indices[i] = i;
  return indices;
}

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
