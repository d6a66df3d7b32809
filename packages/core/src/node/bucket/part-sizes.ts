import { MOST_PARTS, SMALLEST_PART } from "./multipart-upload.js";

const MIB = 1024 * 1024;
/** Large enough that requests cost little beside their bytes. */
const USUAL_PART = 8 * MIB;
/** The largest object of S3. */
export const LARGEST_OBJECT = 5 * 1024 ** 4;

/** Where each part of an object starts and ends. */
export interface PartSizes {
  /** Bytes of part `index`, from 0; the last part of an object may have fewer. */
  sizeOf(index: number): number;
  /** Where part `index` starts in the object. */
  startOf(index: number): number;
  /** The part that holds the byte at a position. */
  partAt(position: number): number;
  /** The most bytes that fit into the parts that S3 allows. */
  readonly capacity: number;
}

/** After this many parts of one size, each further group of parts is twice as large, in case an object grows. */
const EQUAL_PARTS = 8000;
const GROUP = 250;

/**
 * The sizes of the parts of an object of at least `least` bytes. Most of the parts that S3 allows are used if it has no more, and
 * the sizes grow after that: an object whose size was not known may get 15 times as large. The same `least` gives the same parts, which an
 * upload that is resumed relies on.
 */
export function partSizesFor(least: number): PartSizes {
  const usual = Math.max(USUAL_PART, Math.ceil(least / EQUAL_PARTS / MIB) * MIB);
  const sizeOf = (index: number): number =>
    index < EQUAL_PARTS ? usual : usual * 2 ** (Math.floor((index - EQUAL_PARTS) / GROUP) + 1);
  /** The start of each group of larger parts. */
  const starts: number[] = [EQUAL_PARTS * usual];
  for (let index = EQUAL_PARTS; index < MOST_PARTS; index += GROUP) {
    starts.push((starts.at(-1) ?? 0) + GROUP * sizeOf(index));
  }
  return {
    sizeOf,
    capacity: Math.min(LARGEST_OBJECT, starts.at(-1) ?? 0),
    startOf(index) {
      if (index < EQUAL_PARTS) return index * usual;
      const group = Math.floor((index - EQUAL_PARTS) / GROUP);
      return (starts[group] ?? 0) + (index - EQUAL_PARTS - group * GROUP) * sizeOf(index);
    },
    partAt(position) {
      if (position < EQUAL_PARTS * usual) return Math.floor(position / usual);
      const group = starts.findLastIndex((start) => start <= position);
      const first = EQUAL_PARTS + group * GROUP;
      return first + Math.floor((position - (starts[group] ?? 0)) / sizeOf(first));
    },
  };
}

/**
 * Cuts `length` bytes into as few parts as have at most `most` bytes, of about equal sizes: none is smaller than S3
 * allows, if `length` is not.
 *
 * @returns the sizes of the parts
 */
export function cutIntoParts(length: number, most: number): number[] {
  if (most < 2 * SMALLEST_PART) throw new RangeError(`parts of at most ${most} bytes may become too small`);
  const count = Math.max(1, Math.ceil(length / most));
  return Array.from(
    { length: count },
    (_, index) => Math.floor((length * (index + 1)) / count) - Math.floor((length * index) / count),
  );
}
