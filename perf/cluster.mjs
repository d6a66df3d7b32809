// One archive by many jobs, and into a bucket: node perf/cluster.mjs --help
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { makeImage } from "./lib/data.mjs";
import { describeMachine } from "./lib/machine.mjs";
import { isInstalled, measure } from "./lib/measure.mjs";
import { readOptions } from "./lib/options.mjs";
import { makePlate } from "./lib/plate-data.mjs";
import { formatTable } from "./lib/table.mjs";
import { OZX, openWorkspace, remove } from "./lib/workspace.mjs";

const options = readOptions(
  {
    case: { type: "string", default: "plate,levels,fields,bucket" },
    scale: { type: "string", default: "1" },
    dir: { type: "string" },
  },
  `node perf/cluster.mjs [options]
  --case LIST  plate, levels, fields, bucket (all)
  --scale X    fraction of the wells and bytes, as in 0.1 (1)
  --dir PATH   folder for data and outputs; the data is kept for later runs`,
);
const scale = Number(options.scale);
const cases = options.case.split(",");
console.log(`${describeMachine()}\n`);
const workspace = openWorkspace(options.dir);
const at = (name) => join(workspace, name);
const ozx = (...args) => measure([...OZX, ...args]);
const rows = [];
const add = (what, value, goal, isMet) => rows.push([what, value, goal, isMet ? "met" : "missed"]);
const PARTS = 4;

/** Runs all parts of a plan by GNU parallel, and finishes it. */
async function byParts(input, output, args) {
  const plan = at("plan.json");
  for (const path of [plan, output]) remove(path);
  const planned = await ozx("plan", "-q", input, output, "-o", plan, "--parts", String(PARTS), ...args);
  const { parts } = JSON.parse(readFileSync(plan, "utf8"));
  const command = `${OZX.join(" ")} run -q ${plan} --part {}`;
  const run = await measure(
    ["parallel", "--halt", "now,fail=1", command, ":::", ...Array(parts).keys()].map(String),
  );
  const finished = await ozx("finish", "-q", plan);
  return { planned, run, finished };
}

async function sha256(path) {
  const hash = createHash("sha256");
  for await (const block of createReadStream(path)) hash.update(block);
  return hash.digest("hex");
}

const plate = at("plate.zarr");
if (cases.includes("plate") || cases.includes("levels")) {
  makePlate(plate, { wells: Math.ceil(96 * scale), fields: 4, side: 2048, chunk: 512 });
}

if (cases.includes("plate")) {
  const [one, many] = [at("one.ozx"), at("many.ozx")];
  await ozx("convert", "-q", "-f", plate, one, "--shard", "auto");
  const log = at("written");
  remove(log);
  process.env["NODE_OPTIONS"] =
    `--import ${pathToFileURL(fileURLToPath(new URL("lib/report-io.mjs", import.meta.url)))}`;
  process.env["OZX_IO_LOG"] = log;
  const { run, finished } = await byParts(plate, many, ["--shard", "auto"]);
  delete process.env["NODE_OPTIONS"];
  const written = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .reduce((sum, line) => sum + Number(line), 0);
  const { size } = statSync(many);
  const isSame = (await sha256(one)) === (await sha256(many));
  add("plate in 4 parts, the same sha256", isSame ? "yes" : "no", "yes", isSame);
  add("bytes written ÷ bytes of the result", (written / size).toFixed(4), "≤ 1.01", written / size <= 1.01);
  rows.push(["parts, then the end", `${run.seconds.toFixed(1)} s, ${finished.seconds.toFixed(2)} s`, "", ""]);
}

if (cases.includes("levels")) {
  const [many, copy] = [at("levels.ozx"), at("copy.ozx")];
  const { finished } = await byParts(plate, many, ["--codec", "zstd:3", "--pyramid"]);
  const seconds = [];
  for (let round = 0; round < 3; round++) {
    remove(copy);
    await measure(["sync"]);
    seconds.push((await measure(["sh", "-c", `cp --reflink=never ${many} ${copy} && sync ${copy}`])).seconds);
  }
  const cp = seconds.sort((a, b) => a - b)[1];
  const ratio = finished.seconds / cp;
  add(
    "zstd:3 and levels: finish",
    `${finished.seconds.toFixed(2)} s`,
    `1.2 × cp and sync (${cp.toFixed(2)} s)`,
    ratio <= 1.2,
  );
  rows.push(["of a result of", `${(statSync(many).size / 1e6).toFixed(0)} MB`, "", ""]);
}

if (cases.includes("fields")) {
  const fields = at("fields.zarr");
  makePlate(fields, { wells: Math.ceil(2500 * scale), fields: 4, side: 16, chunk: 16 });
  const { planned, finished } = await byParts(fields, at("fields.ozx"), []);
  for (const [what, { seconds, rss }] of Object.entries({ plan: planned, finish: finished })) {
    add(`10,000 fields: ${what}`, `${seconds.toFixed(1)} s`, "≤ 20 s", seconds <= 20);
    add(`10,000 fields: ${what}`, `${rss.toFixed(0)} MiB`, "≤ 1 GB", rss <= 954);
  }
}

const VERSITYGW = fileURLToPath(new URL("../interop/.cache/go/bin/versitygw", import.meta.url));
if (cases.includes("bucket") && existsSync(VERSITYGW) && isInstalled("aws")) await compareUploads();

async function compareUploads() {
  const image = at("image.zarr");
  makeImage(image, Array(Math.ceil(500 * scale)).fill(4_000_000));
  await ozx("convert", "-q", "-f", image, at("image.ozx"));
  const [port, data] = [18_473, at("bucket-data")];
  remove(data);
  mkdirSync(join(data, "perf"), { recursive: true });
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: "AK",
    AWS_SECRET_ACCESS_KEY: "SK",
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  });
  const server = spawn(VERSITYGW, ["--port", `127.0.0.1:${port}`, "--region", "us-east-1", "posix", data], {
    env: { ...process.env, ROOT_ACCESS_KEY: "AK", ROOT_SECRET_KEY: "SK" },
    stdio: "ignore",
  });
  try {
    await setTimeout(2000);
    const times = { ozx: [], aws: [] };
    let memory = 0;
    for (let round = 0; round < 3; round++) {
      const up = await ozx("convert", "-q", "-f", image, "s3://perf/image.ozx", "--jobs", "4");
      rmSync(join(data, "perf", "image.ozx"), { force: true });
      const cp = await measure(["aws", "s3", "cp", "--quiet", at("image.ozx"), "s3://perf/cp.ozx"]);
      rmSync(join(data, "perf", "cp.ozx"), { force: true });
      times.ozx.push(up.seconds);
      times.aws.push(cp.seconds);
      memory = Math.max(memory, up.rss);
    }
    const [mine, theirs] = [times.ozx, times.aws].map((all) => all.sort((a, b) => a - b)[1]);
    const speed = theirs / mine;
    add(
      "2 GB into a bucket",
      `${mine.toFixed(1)} s`,
      `0.8 × the speed of aws s3 cp (${theirs.toFixed(1)} s)`,
      speed >= 0.8,
    );
    add("2 GB into a bucket", `${memory.toFixed(0)} MiB`, "≤ 300 MB", memory <= 286);
  } finally {
    server.kill();
  }
}

console.log(formatTable(["", "result", "goal", ""], rows));
