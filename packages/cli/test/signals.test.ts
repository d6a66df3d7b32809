import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { planTransfer, runTransfer } from "@ozx/convert";
import { memorySink, memoryStore } from "@ozx/core/container";
import { ozxFormat } from "@ozx/store-zip";
import { imageMetadata, isFullRun, smallImage, tempFolder, testSample } from "@ozx/testing";
import { beforeAll, expect } from "vitest";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const PRELOAD = pathToFileURL(join(import.meta.dirname, "support/signal-after.mjs")).href;
/** Chunks along each of two axes: enough that no verb is done before the signal arrives. */
const EXTENT = isFullRun ? 400 : 250;
const HALF = String(EXTENT / 2);

beforeAll(async () => {
  const array = { shape: [EXTENT, EXTENT], chunks: [1, 1], dataType: "uint8" } as const;
  const values = smallImage({ "/": imageMetadata("yx") }, { "/0": array });
  for (let y = 0; y < EXTENT; y++) {
    for (let x = 0; x < EXTENT; x++) values.set(`/0/c/${y}/${x}`, new Uint8Array([(x % 255) + 1]));
  }
  const sink = memorySink("image.ozx");
  await runTransfer(
    await planTransfer(memoryStore(values, "image"), { zarrFormat: 3 }),
    ozxFormat.target(sink),
  );
  writeFileSync(temp.path("image.ozx"), sink.bytes());
  cpSync(temp.path("image.ozx"), temp.path("copy.ozx"));
  const names = (letter: string) =>
    Array.from({ length: 316 }, (_, index) => ({ name: `${letter}${index}` }));
  const [rows, columns] = [names("R"), names("C")];
  const wells = rows.flatMap((row, rowIndex) =>
    columns.map((column, columnIndex) => ({ path: `${row.name}/${column.name}`, rowIndex, columnIndex })),
  );
  const attributes = { ome: { version: "0.5", plate: { rows, columns, wells } } };
  mkdirSync(temp.path("plate.zarr"));
  writeFileSync(
    temp.path("plate.zarr/zarr.json"),
    JSON.stringify({ zarr_format: 3, node_type: "group", attributes }),
  );
  const plan = await runOzx(["plan", "image.ozx", "planned.ozx", "-o", "image.plan", "--parts", "1"], {
    cwd: temp.path(),
  });
  expect(plan, plan.stderr).toMatchObject({ code: 0 });
}, 120_000);

const INPUT = "../image.ozx";
/** One document that lists a hundred thousand wells, none of which exists. */
const PLATE = "../plate.zarr";

testSample(
  [
    ["info", INPUT],
    ["validate", "--deep", INPUT],
    ["validate", INPUT],
    ["ls", "-l", INPUT],
    ["verify", INPUT, "../copy.ozx"],
    ["verify", "--bytes", INPUT, "../copy.ozx"],
    ["convert", INPUT, "out.zarr"],
    ["convert", INPUT, "out.ozx", "--codec", "zstd"],
    ["convert", INPUT, "out.ozx", "--shard", `y=${HALF},x=${HALF}`],
    ["convert", INPUT, "out.ozx", "--pyramid"],
    ["fix", INPUT, "-o", "out.ozx"],
    ["plan", INPUT, "out.ozx", "-o", "out.plan", "--parts", "2"],
    ["run", "../image.plan", "--part", "0"],
    ["convert", INPUT, "out.ozx", "--verify"],
    ["view", "--no-open", INPUT],
    ["validate", PLATE],
    ["convert", PLATE, "out.ozx"],
  ].map((args) => ({ args, line: args.join(" ") })),
  4,
)("SIGTERM ends ozx $line and leaves nothing behind that it does not name", async ({ args }) => {
  // Once `view` serves its page, a signal is its normal end.
  for (const after of isFullRun && args[0] !== "view" ? [0, 60] : [0]) {
    const folder = temp.path(`${args.join("").replace(/\W/g, "")}-${after}`);
    mkdirSync(folder);
    const env = { NODE_OPTIONS: `--import ${PRELOAD}`, SIGNAL_AFTER: String(after) };
    const run = await runOzx(args, { cwd: folder, env });
    expect(run, run.stderr).toMatchObject({ code: 143 });
    expect(run.stderr).toContain("interrupted");
    expect(run.stderr).not.toMatch(/\n\s+at /);
    // Of a folder of a hundred thousand files it says what is left.
    expect(readdirSync(folder).filter((name) => !run.stderr.includes(`delete ${name},`))).toEqual([]);
  }
});
