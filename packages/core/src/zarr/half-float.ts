/** The number that the 16 bits of a float16 are (IEEE 754, "interchange formats"). */
export function floatOfHalf(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let table: Float32Array | undefined;

/** The bytes of float16 as those of float32, little-endian; no JavaScript need know float16 for it. */
export function widenHalves(bytes: Uint8Array, isBig: boolean): Uint8Array {
  table ??= Float32Array.from({ length: 65536 }, (_, bits) => floatOfHalf(bits));
  const halves = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floats = new DataView(new ArrayBuffer(bytes.length * 2));
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    floats.setFloat32(at * 2, table[halves.getUint16(at, !isBig)] as number, true);
  }
  return new Uint8Array(floats.buffer);
}
