// @ts-check
// From a fresh clone to an .ozx file that one can look at: npm run demo
import { mkdir, rm } from "node:fs/promises";
import { inRoot } from "./lib/paths.mjs";
import { ensureBuilt, ensureInstalled } from "./lib/ready.mjs";
import { runNode } from "./lib/run.mjs";
import { main, step } from "./lib/step.mjs";

const FOLDER = "demo-output";
const SOURCE = `${FOLDER}/cells-v0.4.zarr`;
const ARCHIVE = `${FOLDER}/cells.ozx`;
const UNPACKED = `${FOLDER}/cells-unpacked.zarr`;

await main(async () => {
  await ensureInstalled();
  await ensureBuilt();
  await step("Making a sample: three channels of cells with labels, as OME-Zarr 0.4", async () => {
    await rm(inRoot(FOLDER), { recursive: true, force: true });
    await mkdir(inRoot(FOLDER));
    await runNode("scripts/make-sample.mjs", [SOURCE, "--version", "0.4", "--codec", "blosc"], {
      quiet: true,
    });
  });
  await command("Packing it into one file, which makes it OME-Zarr 0.5", ["convert", SOURCE, ARCHIVE]);
  await command("Unpacking that file again", ["convert", ARCHIVE, UNPACKED]);
  await command("What is in the file, and does it follow RFC-9", ["info", "-v", ARCHIVE]);
  console.log(`
Here they are:
  ${SOURCE}      the image as a folder of many files
  ${ARCHIVE}            the same pixels in one file
  ${UNPACKED}  that file unpacked

Try next:
  node packages/cli/bin/ozx.js view ${ARCHIVE}
  node packages/cli/bin/ozx.js info ${SOURCE}
  node packages/cli/bin/ozx.js convert ${ARCHIVE} ${FOLDER}/cells-sharded.ozx --shard auto
  node packages/cli/bin/ozx.js convert YOUR-IMAGE.zarr YOUR-IMAGE.ozx
  node packages/cli/bin/ozx.js --help`);
});

/**
 * Shows a command of the ozx command line and runs it.
 *
 * @param {string} title
 * @param {readonly string[]} args
 */
async function command(title, args) {
  console.log(`\n• ${title}\n  $ ozx ${args.join(" ")}`);
  await runNode("packages/cli/bin/ozx.js", args);
}
