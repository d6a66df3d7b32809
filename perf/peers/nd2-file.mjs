// Writes ND2 files of synthetic frames, in pieces.
import { closeSync, openSync, writeSync } from "node:fs";

/** Chunks, and the pixels in those of frames, start at multiples of this. */
const ALIGNMENT = 4096;

const name = (text) => {
  const units = Buffer.from(`${text}\0`, "utf16le");
  return [units.length / 2, units];
};

/** A named unsigned integer, as a lite variant. */
function uint(key, value) {
  const [length, text] = name(key);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return Buffer.concat([Buffer.from([3, length]), text, bytes]);
}

/** A level of named values, each of which is a lite variant. */
function level(key, items) {
  const [length, text] = name(key);
  const head = Buffer.concat([Buffer.from([11, length]), text, Buffer.alloc(12)]);
  const body = Buffer.concat(items);
  head.writeUInt32LE(items.length, head.length - 12);
  head.writeBigUInt64LE(BigInt(head.length + body.length), head.length - 8);
  return Buffer.concat([head, body, Buffer.alloc(8 * items.length)]);
}

/**
 * Writes an ND2 of 16-bit frames along t, which are not compressed.
 *
 * @param {string} path
 * @param {{ count: number, side: number, pixelsOf(t: number): Uint8Array }} frames
 */
export function writeNd2(path, { count, side, pixelsOf }) {
  const file = openSync(path, "w");
  const map = [];
  let end = 0;
  const add = (key, parts, nameLength) => {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const head = Buffer.alloc(16 + nameLength);
    head.writeUInt32LE(0x0abeceda, 0);
    head.writeUInt32LE(nameLength, 4);
    head.writeBigUInt64LE(BigInt(length), 8);
    head.write(key, 16, "latin1");
    const place = Buffer.alloc(16);
    place.writeBigUInt64LE(BigInt(end), 0);
    place.writeBigUInt64LE(BigInt(length), 8);
    map.push(Buffer.from(key, "latin1"), place);
    const fill = Buffer.alloc((ALIGNMENT - ((head.length + length) % ALIGNMENT)) % ALIGNMENT);
    for (const bytes of [head, ...parts, fill]) {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, end + at);
      end += bytes.length;
    }
  };
  add("ND2 FILE SIGNATURE CHUNK NAME01!", [Buffer.from("Ver3.0".padEnd(64, "\0"))], 32);
  map.length = 0;
  for (let t = 0; t < count; t++) add(`ImageDataSeq|${t}!`, [Buffer.alloc(8), pixelsOf(t)], ALIGNMENT - 24);
  const attributes = {
    uiWidth: side,
    uiWidthBytes: 2 * side,
    uiHeight: side,
    uiComp: 1,
    uiBpcInMemory: 16,
    uiBpcSignificant: 16,
    uiSequenceCount: count,
    eCompression: 2,
  };
  const values = Object.entries(attributes).map(([key, value]) => uint(key, value));
  add("ImageAttributesLV!", [level("SLxImageAttributes", values)], 64);
  const loop = [uint("eType", 1), level("uLoopPars", [uint("uiCount", count)])];
  add("ImageMetadataLV!", [level("SLxExperiment", loop)], 64);
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(end));
  const entries = Buffer.concat([...map, Buffer.from("ND2 CHUNK MAP SIGNATURE 0000001!"), start]);
  const head = Buffer.alloc(48);
  head.writeUInt32LE(0x0abeceda, 0);
  head.writeUInt32LE(32, 4);
  head.writeBigUInt64LE(BigInt(entries.length), 8);
  head.write("ND2 FILEMAP SIGNATURE NAME 0001!", 16, "latin1");
  const tail = Buffer.concat([head, entries]);
  for (let at = 0; at < tail.length; ) at += writeSync(file, tail, at, tail.length - at, end + at);
  closeSync(file);
}
