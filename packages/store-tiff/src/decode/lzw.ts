import { DamagedSegmentError, tooShort } from "./segment-fault.js";

const CLEAR = 256;
const END = 257;
/** The first code of a string. */
const FIRST = 258;
/** Codes have 9 to 12 bits. */
const LEAST_BITS = 9;
const MOST_BITS = 12;
const TABLE = 1 << MOST_BITS;
/** Strings of up to so many bytes are copied four by four. */
const SHORT = 16;

/**
 * Decodes LZW as TIFF 6.0, section 13, has it. Where the stream starts with a Clear code of the other bit order, it is
 * of the kind that libtiff calls old-style: least significant bit first, and codes grow one later.
 *
 * What follows `length` bytes is ignored, and so is whether there is an end code: not all writers have it.
 *
 * @param length the bytes that must come out
 * @throws DamagedSegmentError
 */
export function decodeLzw(bytes: Uint8Array, length: number): Uint8Array {
  const lsb = isOldStyle(bytes);
  const late = lsb ? 0 : 1;
  const size = bytes.length;
  const out = new Uint8Array(length);
  const words = new DataView(out.buffer);
  // Where each string was in the output when its code was defined: no string is stored a second time. The string of the
  // next code starts where this one ends but for one byte, so that no lengths are needed.
  const starts = new Int32Array(TABLE + 1);
  // Four bytes are read at once, also at the end.
  const padded = new Uint8Array(size + 4);
  padded.set(bytes);
  const codes = new DataView(padded.buffer);
  // The byte and the bit in it at which the next code starts.
  let at = 0;
  let shift = 0;
  let width = LEAST_BITS;
  let mask = (1 << width) - 1;
  let next = FIRST;
  // The number of codes at which they grow.
  let limit = (1 << width) - late;
  let to = 0;
  let lastStart = 0;
  let isFirst = true;
  while (to < length) {
    if (at >= size) throw tooShort("LZW", to, length);
    const code = lsb
      ? (codes.getUint32(at, true) >>> shift) & mask
      : (codes.getUint32(at) >>> (32 - width - shift)) & mask;
    shift += width;
    at += shift >>> 3;
    shift &= 7;
    if (code === CLEAR) {
      width = LEAST_BITS;
      mask = (1 << width) - 1;
      next = FIRST;
      limit = (1 << width) - late;
      isFirst = true;
      continue;
    }
    if (code === END) throw tooShort("LZW", to, length);
    // The new string is the one that was read last and the first byte of this one, which follows it in the output.
    if (isFirst) isFirst = false;
    else if (next < TABLE) {
      starts[next++] = lastStart;
      starts[next] = to;
      if (next === limit && width < MOST_BITS) {
        width++;
        mask = (1 << width) - 1;
        limit = (1 << width) - late;
      }
    }
    lastStart = to;
    if (code < CLEAR) {
      out[to++] = code;
      continue;
    }
    if (code >= next) {
      throw new DamagedSegmentError("LZW", `does not decode: it uses code ${code} before it is defined`);
    }
    let from = starts[code] as number;
    const lastLength = (starts[code + 1] as number) - from + 1;
    const end = to + lastLength;
    // A string that this code has defined itself reaches into what is not written yet.
    if (from + lastLength > to || end + SHORT > length) {
      const last = Math.min(end, length);
      while (to < last) out[to++] = out[from++] as number;
    } else if (lastLength <= SHORT) {
      // What is written too much, the following strings overwrite.
      for (let k = 0; k < lastLength; k += 4) words.setInt32(to + k, words.getInt32(from + k));
      to = end;
    } else {
      out.copyWithin(to, from, from + lastLength);
      to = end;
    }
  }
  // The last code may not be all there.
  if (at > size || (at === size && shift > 0)) throw tooShort("LZW", lastStart, length);
  return out;
}

/** The Clear code in nine bits, least significant bit first. */
function isOldStyle(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0 && ((bytes[1] as number) & 1) === 1;
}
