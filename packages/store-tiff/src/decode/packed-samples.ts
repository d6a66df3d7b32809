/** Rows of unsigned samples that are no whole number of bytes. */
export interface PackedRows {
  /** Samples of a row, of all channels. */
  readonly rowSamples: number;
  /** Bytes of a row. */
  readonly storedRow: number;
  /** Of a sample: 1 to 31. */
  readonly bits: number;
}

/**
 * Widens samples to 1, 2 or 4 bytes. They are stored with the most significant bit first, and without gaps except at the
 * end of a row (TIFF 6.0, page 29), whatever the file's byte order.
 *
 * @param bytes whole rows
 * @param decoded the bytes of all samples when they are widened
 * @returns the samples in the byte order of this machine
 */
export function unpackBits(bytes: Uint8Array, rows: PackedRows, decoded: number): Uint8Array {
  const out = new Uint8Array(decoded);
  const { bits } = rows;
  if (bits < 8) unpackInto(out, bytes, rows);
  else if (bits < 16) unpackInto(new Uint16Array(out.buffer), bytes, rows);
  else if (bits <= 24) unpackInto(new Uint32Array(out.buffer), bytes, rows);
  else unpackWide(new Uint32Array(out.buffer), bytes, rows);
  return out;
}

function unpackInto(
  values: Uint8Array | Uint16Array | Uint32Array,
  bytes: Uint8Array,
  { rowSamples, storedRow, bits }: PackedRows,
): void {
  const mask = 2 ** bits - 1;
  let to = 0;
  for (let row = 0; row < bytes.length; row += storedRow) {
    let at = row;
    let buffer = 0;
    let have = 0;
    for (let k = 0; k < rowSamples; k++) {
      while (have < bits) {
        buffer = (buffer << 8) | (bytes[at++] as number);
        have += 8;
      }
      have -= bits;
      values[to++] = (buffer >>> have) & mask;
    }
  }
}

/** As above, of more bits than fit in 32 beside the rest of a byte. */
function unpackWide(
  values: Uint32Array,
  bytes: Uint8Array,
  { rowSamples, storedRow, bits }: PackedRows,
): void {
  let to = 0;
  for (let row = 0; row < bytes.length; row += storedRow) {
    let at = row;
    let buffer = 0;
    let have = 0;
    for (let k = 0; k < rowSamples; k++) {
      while (have < bits) {
        buffer = buffer * 256 + (bytes[at++] as number);
        have += 8;
      }
      have -= bits;
      values[to] = Math.floor(buffer / 2 ** have);
      buffer -= (values[to++] as number) * 2 ** have;
    }
  }
}

/** Widens unsigned samples of 24 bits, which have the file's byte order, to 32 bits, little-endian. */
export function widen24(bytes: Uint8Array, littleEndian: boolean): Uint8Array {
  const count = Math.floor(bytes.length / 3);
  const out = new Uint8Array(count * 4);
  const [low, high] = littleEndian ? [0, 2] : [2, 0];
  for (let k = 0, at = 0; k < out.length; k += 4, at += 3) {
    out[k] = bytes[at + low] as number;
    out[k + 1] = bytes[at + 1] as number;
    out[k + 2] = bytes[at + high] as number;
  }
  return out;
}

/** The exponent's bias in floats of 24 and of 32 bits. */
const BIAS_24 = 63;
const BIAS_32 = 127;

/**
 * Widens floats of 24 bits (a sign, 7 bits of exponent, 16 of mantissa; TIFF Technical Note 3) to 32 bits, without loss.
 *
 * @returns float32, little-endian
 */
export function widenFloat24(bytes: Uint8Array, littleEndian: boolean): Uint8Array {
  const values = widen24(bytes, littleEndian);
  const view = new DataView(values.buffer);
  for (let k = 0; k < values.length; k += 4) {
    const value = view.getUint32(k, true);
    const exponent = (value >>> 16) & 0x7f;
    const mantissa = value & 0xffff;
    const sign = (value & 0x800000) << 8;
    if (exponent === 0) {
      // Zero and what is smaller than the least exponent.
      const small = mantissa * 2 ** (1 - BIAS_24 - 16);
      view.setFloat32(k, sign < 0 ? -small : small, true);
    } else {
      const wide = exponent === 0x7f ? 0xff : exponent - BIAS_24 + BIAS_32;
      view.setInt32(k, sign | (wide << 23) | (mantissa << 7), true);
    }
  }
  return values;
}
