// Decoding and encoding chunks in memory, beside numcodecs.js and numcodecs: node perf/decode-codecs.mjs --help
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadCodecs } from "@ozx/core/codecs";
import { readOptions } from "./lib/options.mjs";

const HELP = `node perf/decode-codecs.mjs [options]
  --only text      only rows whose data or codec has this text
  --python PATH    a Python with numcodecs (interop/.venv/bin/python)
  --rounds N       rounds, the best of which counts (5)

MB (10^6) of decoded bytes per second of processor time, one thread, warm. Each result is compared with the raw bytes first.`;

const options = readOptions(
  {
    only: { type: "string", default: "" },
    python: {
      type: "string",
      default: fileURLToPath(new URL("../interop/.venv/bin/python", import.meta.url)),
    },
    rounds: { type: "string", default: "5" },
  },
  HELP,
);
const rounds = Number(options.rounds);
const folder = mkdtempSync(join(tmpdir(), "ozx-codecs-"));
const script = fileURLToPath(new URL("peers/codec_chunks.py", import.meta.url));
const rows = JSON.parse(
  execFileSync(options.python, [script, folder], { encoding: "utf8", maxBuffer: 1 << 26 }),
);

const ours = await loadCodecs();
const engine = await loadCodecs({ platform: false });
const plain = await loadCodecs({ engine: "plain", platform: false });

/** @param {string} name */
async function numcodecs(name) {
  const file = new URL(`../packages/core/node_modules/numcodecs/dist/${name}.js`, import.meta.url);
  const { default: Codec } = await import(file.href);
  return Codec.fromConfig({ id: name });
}

/**
 * @param {() => unknown} run
 * @param {number} size
 */
async function speed(run, size) {
  const repeats = Math.max(4, Math.min(100, Math.round(16e6 / size)));
  for (let k = 0; k < Math.max(6, repeats); k++) await run();
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage();
    for (let k = 0; k < repeats; k++) await run();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / repeats);
  }
  return Math.round(size / best);
}

/** @param {Record<string, unknown>[]} table */
function print(table) {
  const names = Object.keys(table[0] ?? {});
  console.log(`| ${names.join(" | ")} |\n|${names.map(() => "---|").join("")}`);
  for (const row of table) console.log(`| ${names.map((name) => row[name]).join(" | ")} |`);
}

const decoded = [];
for (const row of rows) {
  if (!`${row.data} ${row.codec}`.includes(options.only)) continue;
  const name = row.codec.split(" ", 1)[0];
  const chunk = new Uint8Array(readFileSync(join(folder, row.file)));
  const raw = readFileSync(join(folder, row.raw));
  const into = new Uint8Array(raw.length);
  for (const codecs of [ours, engine, plain]) {
    if (raw.compare(codecs[name].decode(chunk, raw.length)) !== 0)
      throw new Error(`${row.file} is decoded wrongly`);
  }
  const theirs = await numcodecs(name);
  decoded.push({
    data: row.data,
    codec: row.codec,
    ratio: row.ratio.toFixed(2),
    into: await speed(() => ours[name].decode(chunk, raw.length, into), raw.length),
    new: await speed(() => ours[name].decode(chunk, raw.length), raw.length),
    "engine into": await speed(() => engine[name].decode(chunk, raw.length, into), raw.length),
    plain: await speed(() => plain[name].decode(chunk, raw.length, into), raw.length),
    "numcodecs.js": await speed(() => theirs.decode(chunk), raw.length),
    Python: Math.round(row.decode),
  });
}
console.log(`\nDecoding, Node ${process.versions.node}: into = into a buffer that is used again\n`);
print(decoded);

const encoded = [];
const raw = new Uint8Array(readFileSync(join(folder, "u16-2M.raw")));
const blosc = { typesize: 2, clevel: 5, shuffle: "shuffle" };
/** @type {[string, (codecs: typeof ours) => Promise<Uint8Array>][]} */
const encoders = [
  ["blosc lz4 shuffle", (codecs) => codecs.blosc.encode(raw, { ...blosc, cname: "lz4" })],
  [
    "blosc lz4 bitshuffle",
    (codecs) => codecs.blosc.encode(raw, { ...blosc, cname: "lz4", shuffle: "bitshuffle" }),
  ],
  ["blosc zstd shuffle", (codecs) => codecs.blosc.encode(raw, { ...blosc, cname: "zstd" })],
  ["zstd 3", (codecs) => codecs.zstd.encode(raw, { level: 3 })],
  ["lz4", (codecs) => codecs.lz4.encode(raw, {})],
  ["gzip 5", (codecs) => codecs.gzip.encode(raw, { level: 5 })],
];
for (const [codec, encode] of encoders) {
  if (!codec.includes(options.only)) continue;
  const row = rows.find((candidate) => candidate.data === "u16 2M" && candidate.codec === codec);
  encoded.push({
    codec,
    ours: await speed(() => encode(ours), raw.length),
    ratio: (raw.length / (await encode(ours)).length).toFixed(2),
    Python: Math.round(row.encode),
    "Python's ratio": row.ratio.toFixed(2),
  });
}
console.log(`\nEncoding of "u16 2M", Node ${process.versions.node}\n`);
if (encoded.length > 0) print(encoded);
rmSync(folder, { recursive: true, force: true });
