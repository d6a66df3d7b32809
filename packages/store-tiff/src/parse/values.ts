import { getUint64, viewOf } from "./header.js";
import { sizeOfType } from "./tags.js";

/**
 * The values of a field as numbers. A RATIONAL is its quotient, and NaN where its denominator is 0. Of the types for
 * text and bytes, each byte is a number.
 *
 * @param bytes whole values of the type
 * @param type of the field, a known one
 */
export function readNumbers(bytes: Uint8Array, type: number, littleEndian: boolean): Float64Array {
  const size = sizeOfType(type) ?? 1;
  const view = viewOf(bytes);
  const read = READERS.get(type) ?? ((from: DataView, at: number) => from.getUint8(at));
  const numbers = new Float64Array(Math.floor(bytes.length / size));
  for (let k = 0; k < numbers.length; k++) numbers[k] = read(view, k * size, littleEndian);
  return numbers;
}

type Read = (view: DataView, at: number, littleEndian: boolean) => number;

const rational =
  (part: Read): Read =>
  (view, at, littleEndian) => {
    const denominator = part(view, at + 4, littleEndian);
    return denominator === 0 ? Number.NaN : part(view, at, littleEndian) / denominator;
  };
const uint32: Read = (view, at, littleEndian) => view.getUint32(at, littleEndian);
const int32: Read = (view, at, littleEndian) => view.getInt32(at, littleEndian);

const READERS: ReadonlyMap<number, Read> = new Map([
  [3, (view, at, littleEndian) => view.getUint16(at, littleEndian)],
  [4, uint32],
  [5, rational(uint32)],
  [6, (view, at) => view.getInt8(at)],
  [8, (view, at, littleEndian) => view.getInt16(at, littleEndian)],
  [9, int32],
  [10, rational(int32)],
  [11, (view, at, littleEndian) => view.getFloat32(at, littleEndian)],
  [12, (view, at, littleEndian) => view.getFloat64(at, littleEndian)],
  [13, uint32],
  [16, getUint64],
  [17, (view, at, littleEndian) => Number(view.getBigInt64(at, littleEndian))],
  [18, getUint64],
]);

/**
 * The text of an ASCII field up to its first NUL. The specification allows ASCII only: writers of OME-XML write UTF-8
 * and ImageJ writes Latin-1, so whatever is not UTF-8 is read as Latin-1 (of which Windows-1252 has all letters).
 */
export function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(text);
  } catch {
    return new TextDecoder("windows-1252").decode(text);
  }
}
