// Writes CZIs of synthetic tiles, in pieces.
import { closeSync, openSync, writeSync } from "node:fs";

/** The start of every segment: its id, and the bytes of its data. */
function segment(id, data) {
  const allocated = Math.ceil(data.length / 32) * 32;
  const bytes = Buffer.alloc(32 + allocated);
  bytes.write(id);
  bytes.writeBigInt64LE(BigInt(allocated), 16);
  bytes.writeBigInt64LE(BigInt(data.length), 24);
  data.copy(bytes, 32);
  return bytes;
}

function entryOf({ position, type, compression, dimensions }) {
  const bytes = Buffer.alloc(32 + 20 * dimensions.length);
  bytes.write("DV");
  bytes.writeInt32LE(type, 2);
  bytes.writeBigInt64LE(BigInt(position), 6);
  bytes.writeInt32LE(compression, 18);
  bytes.writeInt32LE(dimensions.length, 28);
  for (const [k, [name, start, size]] of dimensions.entries()) {
    bytes.write(name, 32 + 20 * k);
    bytes.writeInt32LE(start, 36 + 20 * k);
    bytes.writeInt32LE(size, 40 + 20 * k);
    bytes.writeInt32LE(size, 48 + 20 * k);
  }
  return bytes;
}

/**
 * Writes a CZI of 16-bit tiles.
 *
 * @param {string} path
 * @param {{ count: number, compression: number, dimensionsOf(k: number): readonly [string, number, number][], pixelsOf(k: number): Uint8Array }} tiles
 */
export function writeCzi(path, { count, compression, dimensionsOf, pixelsOf }) {
  const file = openSync(path, "w");
  let end = 544;
  const add = (bytes) => {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, end + at);
    end += bytes.length;
  };
  const entries = [];
  for (let k = 0; k < count; k++) {
    const entry = entryOf({ position: end, type: 1, compression, dimensions: dimensionsOf(k) });
    const pixels = pixelsOf(k);
    const head = Buffer.alloc(Math.max(256, 16 + entry.length));
    head.writeBigInt64LE(BigInt(pixels.length), 8);
    entry.copy(head, 16);
    add(segment("ZISRAWSUBBLOCK", Buffer.concat([head, pixels])));
    entries.push(entry);
  }
  const xml = Buffer.from(
    `<ImageDocument><Metadata><Comment>${"x".repeat(512 * 1024)}</Comment></Metadata></ImageDocument>`,
  );
  const metadata = Buffer.concat([Buffer.alloc(256), xml]);
  metadata.writeInt32LE(xml.length, 0);
  const header = Buffer.alloc(512);
  header.writeInt32LE(1, 0);
  header.writeBigInt64LE(BigInt(end), 60);
  add(segment("ZISRAWMETADATA", metadata));
  const directory = Buffer.concat([Buffer.alloc(128), ...entries]);
  directory.writeInt32LE(entries.length, 0);
  header.writeBigInt64LE(BigInt(end), 52);
  add(segment("ZISRAWDIRECTORY", directory));
  writeSync(file, segment("ZISRAWFILE", header), 0, 544, 0);
  closeSync(file);
}
