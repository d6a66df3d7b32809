// Runs the loader and prints its speed: node examples/dataloader/main.mjs [image.ozx [patches [threads [axis=extent,… [image]]]]]
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomPatches } from "./loader.mjs";

const [inputPath, patches = "1000", threads = "4", extents = "y=64,x=64", image = ""] = process.argv.slice(2);

try {
  await show();
} catch (error) {
  console.error(`dataloader: ${error.message}`);
  process.exitCode = 1;
}

async function show() {
  const [count, threadCount] = [wholeNumber("patches", patches), wholeNumber("threads", threads)];
  const path = inputPath ?? makeSample();
  let sum = 0;
  let pixels = 0;
  const started = performance.now();
  const options = { patch: patchOf(extents), count, threads: threadCount, image };
  for await (const { data } of randomPatches(path, options)) {
    // A model would be trained here.
    for (const value of data) sum += Number(value);
    pixels += data.length;
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${patches} patches by ${threads} threads in ${seconds.toFixed(2)} s, mean ${(sum / pixels).toFixed(3)}`,
  );
}

function wholeNumber(name, text) {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new RangeError(`${name} must be a positive integer, not "${text}"`);
}

/** Parses `z=8,y=64,x=64` to the option `patch` of the loader. */
function patchOf(text) {
  return Object.fromEntries(
    text.split(",").map((part) => {
      const [, name, extent] = /^([^=]+)=(.*)$/.exec(part) ?? [];
      if (name === undefined) throw new RangeError(`a patch must have the form y=64,x=64, not "${text}"`);
      return [name, wholeNumber(name, extent)];
    }),
  );
}

/** The sample image as a sharded .ozx, in a temporary folder that is removed at the end. */
function makeSample() {
  const folder = mkdtempSync(join(tmpdir(), "ozx-dataloader-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const run = (script, ...args) =>
    execFileSync(process.execPath, [fileURLToPath(new URL(`../../${script}`, import.meta.url)), ...args]);
  run("scripts/make-sample.mjs", join(folder, "cells.zarr"));
  const archive = join(folder, "cells.ozx");
  run(
    "packages/cli/bin/ozx.js",
    "convert",
    "--quiet",
    "--shard",
    "auto",
    join(folder, "cells.zarr"),
    archive,
  );
  return archive;
}
