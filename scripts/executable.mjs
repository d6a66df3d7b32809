// @ts-check
// Makes ozx as one file that needs no Node: node scripts/executable.mjs [linux-x64 macos-arm64 … | all]
import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { buildExecutables, ownTarget, TARGETS } from "./lib/executable.mjs";
import { inRoot } from "./lib/paths.mjs";
import { ensureBuilt, ensureInstalled } from "./lib/ready.mjs";
import { main, step } from "./lib/step.mjs";

const FOLDER = inRoot("dist/executables");

const asked = process.argv.slice(2);
const targets = asked.length === 0 ? [ownTarget()] : asked[0] === "all" ? [...TARGETS.keys()] : asked;
const unknown = targets.find((target) => !TARGETS.has(target));

if (unknown !== undefined) {
  console.error(`there is no target ${unknown}: choose all, or some of ${[...TARGETS.keys()].join(", ")}`);
  process.exitCode = 2;
} else {
  await main(async () => {
    await ensureInstalled();
    await ensureBuilt();
    await step(`Making the executables ${targets.join(", ")}`, makeAll);
  });
}

async function makeAll() {
  const files = await buildExecutables(targets, FOLDER);
  const sums = await Promise.all(
    files.map(async (file) => {
      const sum = createHash("sha256")
        .update(await readFile(file))
        .digest("hex");
      console.log(`  ${file}  ${Math.round((await stat(file)).size / 1e6)} MB`);
      return `${sum}  ${basename(file)}\n`;
    }),
  );
  // As sha256sum reads and writes it.
  await writeFile(`${FOLDER}/SHA256SUMS`, sums.join(""));
}
