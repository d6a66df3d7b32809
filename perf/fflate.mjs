// How fast fflate inflates, and what its archives lack: node perf/fflate.mjs
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { deflateRawSync } from "node:zlib";
import { inflateSync, Unzip, zipSync } from "fflate";
import { describeMachine } from "./lib/machine.mjs";
import { median } from "./lib/table.mjs";

const MIB = 1024 * 1024;

if (process.argv[2] === "memory") {
  console.log(keptByUnzip());
} else {
  console.log(`${describeMachine()}\n`);
  await inflating();
  counting();
  const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, "memory"]);
  console.log(`Unzip, of an archive of 640 MiB whose entries are not started: ${stdout.trim()} MiB are kept`);
}

/** A JSON document of 2 KB, as metadata are: what one takes, and what the platform's stream does. */
async function inflating() {
  const document = JSON.stringify(
    Array.from({ length: 60 }, (_, at) => ({ path: `${at}`, scale: [1, 0.5, at] })),
  );
  const bytes = new TextEncoder().encode(document.slice(0, 2048));
  const deflated = new Uint8Array(deflateRawSync(bytes));
  const ways = {
    fflate: () => inflateSync(deflated, { out: new Uint8Array(bytes.length) }),
    DecompressionStream: () =>
      new Response(
        new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw")),
      ).arrayBuffer(),
  };
  for (const [name, inflate] of Object.entries(ways)) {
    const times = [];
    for (let turn = 0; turn < 2000; turn++) {
      const started = performance.now();
      await inflate();
      times.push((performance.now() - started) * 1000);
    }
    console.log(`${name}, a document of ${bytes.length} bytes: ${median(times.slice(200)).toFixed(0)} µs`);
  }
}

function counting() {
  const files = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`${at}`, new Uint8Array()]));
  const archive = Buffer.from(zipSync(files, { level: 0 }));
  const end = archive.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  console.log(
    `zipSync of 100,000 entries: its end record counts ${archive.readUInt16LE(end + 10).toLocaleString("en")}`,
  );
}

/** The growth of the process while 40 stored entries of 16 MiB are pushed that nobody starts. */
function keptByUnzip() {
  const unzip = new Unzip(() => {});
  const piece = new Uint8Array(MIB);
  const before = process.memoryUsage.rss();
  for (let entry = 0; entry < 40; entry++) {
    const header = Buffer.alloc(30 + 4);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(20, 4);
    header.writeUInt32LE(16 * MIB, 18);
    header.writeUInt32LE(16 * MIB, 22);
    header.writeUInt16LE(4, 26);
    header.write(String(1000 + entry), 30);
    unzip.push(new Uint8Array(header));
    for (let part = 0; part < 16; part++) unzip.push(piece.slice().fill(part + 1));
  }
  return Math.round((process.memoryUsage.rss() - before) / MIB);
}
