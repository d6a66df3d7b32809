// @ts-check
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";

/**
 * Moves the directory of an archive further back, behind bytes that no disk has to hold: it is as large as one of so much
 * data, and its entries stay where they are.
 *
 * @param {string} path of an archive with ZIP64 end records, as ozx writes it
 * @param {number} extra bytes
 */
export function makeSparse(path, extra) {
  const bytes = readFileSync(path);
  const zip64End = bytes.lastIndexOf("PK\u0006\u0006");
  const locator = bytes.lastIndexOf("PK\u0006\u0007");
  const directory = Number(bytes.readBigUInt64LE(zip64End + 48));
  bytes.writeBigUInt64LE(BigInt(directory + extra), zip64End + 48);
  bytes.writeBigUInt64LE(BigInt(zip64End + extra), locator + 8);
  const file = openSync(path, "r+");
  ftruncateSync(file, directory);
  writeSync(file, bytes.subarray(directory), 0, bytes.length - directory, directory + extra);
  closeSync(file);
}
