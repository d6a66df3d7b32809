import type { Engine } from "./engine/engine.js";
import { DamagedChunkError, wrongSizeError } from "./fault.js";
import { type DecodedSize, isSize, place } from "./size.js";

const CHECKSUM_BYTES = 4;

/**
 * Takes a CRC-32C off the end and compares it (Zarr v3's `crc32c`).
 *
 * @throws DamagedChunkError
 */
export function decodeCrc32c(
  engine: Engine,
  bytes: Uint8Array,
  size: DecodedSize,
  into?: Uint8Array,
): Uint8Array {
  const length = bytes.length - CHECKSUM_BYTES;
  if (length < 0) throw new DamagedChunkError("crc32c", "is too short for a checksum");
  if (!isSize(length, size)) {
    throw wrongSizeError("crc32c", length, typeof size === "number" ? size : size.atMost);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = view.getUint32(length, true);
  const body = bytes.subarray(0, length);
  const actual = crc32cOf(engine, body);
  if (stored !== actual) {
    throw new DamagedChunkError(
      "crc32c",
      `does not have the CRC-32C that it claims (${hex(actual)}, not ${hex(stored)})`,
    );
  }
  return place(body, into);
}

/** Puts a CRC-32C behind the bytes. */
export function encodeCrc32c(engine: Engine, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + CHECKSUM_BYTES);
  out.set(bytes);
  new DataView(out.buffer).setUint32(bytes.length, crc32cOf(engine, bytes), true);
  return out;
}

/** CRC-32C (RFC 3720, B.4). */
export function crc32cOf(engine: Engine, bytes: Uint8Array): number {
  return engine.use("crc32c", () => {
    const [at = 0] = engine.layOut("crc32c", bytes.length);
    engine.heap.set(bytes, at);
    return engine.instance.crc32c(at, bytes.length) >>> 0;
  });
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
