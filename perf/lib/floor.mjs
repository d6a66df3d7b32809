import { crc32 } from "node:zlib";
import { READERS } from "../peers/readers.mjs";
import { randomChunks } from "./read-data.mjs";
import { formatTable, median } from "./table.mjs";

/** Consecutive reads of one contender: about 10 ms. */
const BLOCK = 250;

/**
 * Measures the cost of reading a chunk beyond that of reading its bytes. All contenders take turns in one process, a
 * block of reads each, so that other load on the machine affects all of them, and each block is compared with the plain
 * one before it. Reading the bytes and computing their CRC is the least that a checked read must do.
 *
 * @returns a table with the median, the lowest tenth (which other load disturbs least), and their ratios
 */
export async function compareWithPlain(path, chunks, reads, size) {
  const plain = await READERS["fs.read"].open(path);
  const ozx = await READERS.ozx.open(path);
  const target = new Uint8Array(size);
  const contenders = [
    { name: "fs.read", read: (name) => plain.get(name) },
    { name: "fs.read, CRC", base: "fs.read", read: async (name) => crc32(await plain.get(name)) },
    { name: "ozx", base: "fs.read", read: (name) => ozx.get(name) },
    { name: "fs.readSync", read: (name) => plain.getSync(name, target), blocking: true },
    {
      name: "fs.readSync, CRC",
      base: "fs.readSync",
      read(name) {
        plain.getSync(name, target);
        crc32(target);
      },
      blocking: true,
    },
    {
      name: "ozx (blocking)",
      base: "fs.readSync",
      read: (name) => ozx.getSync(name, target),
      blocking: true,
    },
  ];
  const times = new Map(contenders.map(({ name }) => [name, []]));
  const names = contenders.map((_, index) => randomChunks(chunks, reads, index + 1));
  for (let from = 0; from + BLOCK <= reads; from += BLOCK) {
    for (const [index, { name, read, blocking }] of contenders.entries()) {
      const block = names[index].slice(from, from + BLOCK);
      const started = performance.now();
      for (const chunk of block) {
        if (blocking) read(chunk);
        else await read(chunk);
      }
      // The first blocks only warm up the compiler.
      if (from >= reads / 10) times.get(name).push(((performance.now() - started) * 1000) / BLOCK);
    }
  }
  const rows = contenders.map(({ name, base }) => {
    const own = times.get(name);
    const ratios = base && own.map((time, block) => time / times.get(base)[block]);
    return [
      name,
      median(own).toFixed(1),
      lowTenth(own).toFixed(1),
      base ? median(ratios).toFixed(2) : "",
      base ? (lowTenth(own) / lowTenth(times.get(base))).toFixed(2) : "",
    ];
  });
  return formatTable(["µs per read", "median", "low tenth", "× plain", "× low tenth"], rows);
}

function lowTenth(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 10)];
}
