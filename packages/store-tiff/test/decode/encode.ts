/** Encodes LZW as TIFF 6.0 says, most significant bit first. */
export function encodeLzw(bytes: Uint8Array): Uint8Array {
  const codes: number[] = [];
  let buffer = 0;
  let bits = 0;
  let width = 9;
  const write = (code: number): void => {
    buffer = (buffer << width) | code;
    bits += width;
    while (bits >= 8) {
      bits -= 8;
      codes.push((buffer >>> bits) & 255);
    }
    buffer &= (1 << bits) - 1;
  };
  let table = new Map<number, number>();
  let next = 258;
  write(256);
  let prefix = -1;
  for (const byte of bytes) {
    const known = prefix < 0 ? byte : table.get(prefix * 256 + byte);
    if (known !== undefined) {
      prefix = known;
      continue;
    }
    write(prefix);
    table.set(prefix * 256 + byte, next++);
    if (next === 4095) {
      write(256);
      table = new Map();
      next = 258;
      width = 9;
    } else if (next === 1 << width && width < 12) width++;
    prefix = byte;
  }
  if (prefix >= 0) write(prefix);
  // The decoder has one string more by now.
  if (next + 1 === 1 << width && width < 12) width++;
  write(257);
  if (bits > 0) codes.push((buffer << (8 - bits)) & 255);
  return Uint8Array.from(codes);
}

/** Encodes PackBits with runs wherever two bytes are the same. */
export function encodePackBits(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at;
    const isRun = bytes[at] === bytes[at + 1];
    while (at < bytes.length && at - start < 128 && (bytes[at] === bytes[at + 1]) === isRun) at++;
    if (isRun) {
      // The last of them differs from what follows.
      at = Math.min(at + 1, start + 128, bytes.length);
      out.push(257 - (at - start), bytes[start] as number);
    } else {
      out.push(at - start - 1, ...bytes.subarray(start, at));
    }
  }
  return Uint8Array.from(out);
}

/** Rows of samples of `size` bytes, most significant byte first, as differences to the pixel before. */
export function differences(rows: readonly (readonly bigint[])[], size: number, samples: number): bigint[][] {
  return rows.map((row) =>
    row.map((value, k) =>
      k < samples ? value : BigInt.asUintN(8 * size, value - (row[k - samples] as bigint)),
    ),
  );
}

/** Numbers of `size` bytes. */
export function toBytes(
  rows: readonly (readonly bigint[])[],
  size: number,
  littleEndian: boolean,
): Uint8Array {
  const out: number[] = [];
  for (const value of rows.flat()) {
    const bytes = Array.from({ length: size }, (_, k) => Number((value >> BigInt(8 * k)) & 255n));
    out.push(...(littleEndian ? bytes : bytes.reverse()));
  }
  return Uint8Array.from(out);
}

/** The floating point predictor of Adobe's technical note: bytes apart by significance, then differences. */
export function floatDifferences(
  rows: readonly (readonly bigint[])[],
  size: number,
  samples: number,
): Uint8Array {
  const out: number[] = [];
  for (const row of rows) {
    const bytes: number[] = [];
    for (let byte = size - 1; byte >= 0; byte--) {
      for (const value of row) bytes.push(Number((value >> BigInt(8 * byte)) & 255n));
    }
    out.push(
      ...bytes.map((value, k) => (k < samples ? value : (value - (bytes[k - samples] as number)) & 255)),
    );
  }
  return Uint8Array.from(out);
}
