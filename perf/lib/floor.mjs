import { crc32 } from "node:zlib";
import { READERS } from "../peers/readers.mjs";
import { randomChunks } from "./read-data.mjs";
import { formatTable, median } from "./table.mjs";

/** Reads by one way before it is another one's turn: some 10 ms. */
const BLOCK = 250;

/**
 * What reading a chunk takes beyond what reading its bytes takes: all ways take turns in one process, a block of reads
 * each, so that what else the machine does hits all of them, and each block is compared with the plain one before it.
 *
 * Reading the bytes and computing their CRC, which tells whether they are those that were written, is all that must be.
 *
 * @returns a table of the median, of the lowest tenth, which other work disturbs least, and of their ratios
 */
export async function compareWithPlain(path, chunks, reads, size) {
  const plain = await READERS["fs.read"].open(path);
  const ozx = await READERS.ozx.open(path);
  const target = new Uint8Array(size);
  const ways = [
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
  const times = new Map(ways.map(({ name }) => [name, []]));
  const names = ways.map((_, way) => randomChunks(chunks, reads, way + 1));
  for (let from = 0; from + BLOCK <= reads; from += BLOCK) {
    for (const [way, { name, read, blocking }] of ways.entries()) {
      const block = names[way].slice(from, from + BLOCK);
      const started = performance.now();
      for (const chunk of block) {
        if (blocking) read(chunk);
        else await read(chunk);
      }
      // The first blocks are for the compiler.
      if (from >= reads / 10) times.get(name).push(((performance.now() - started) * 1000) / BLOCK);
    }
  }
  const rows = ways.map(({ name, base }) => {
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
  return formatTable(["µs a read", "median", "low tenth", "× plain", "× low tenth"], rows);
}

function lowTenth(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 10)];
}
