import { crc32c } from "../crc32c.js";

/** Why bytes that end with their own CRC-32C are damaged, or undefined where they are not. */
export function crc32cFault(bytes: Uint8Array): string | undefined {
  if (bytes.length < 4) return "is too short for a checksum";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = view.getUint32(bytes.length - 4, true);
  const actual = crc32c(bytes.subarray(0, bytes.length - 4));
  return stored === actual
    ? undefined
    : `does not have the CRC-32C that it claims (${hex(actual)}, not ${hex(stored)})`;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
