// @ts-check
// Writes what package managers install ozx by: node scripts/packaging.mjs https://github.com/OWNER/ozx
import { readFile } from "node:fs/promises";
import { fillTemplates } from "./lib/packaging.mjs";
import { inRoot } from "./lib/paths.mjs";

const [repository] = process.argv.slice(2);
if (repository === undefined) {
  console.error("the address of the repository is missing, as in https://github.com/OWNER/ozx");
  process.exitCode = 2;
} else {
  const sums = await readFile(inRoot("dist/executables/SHA256SUMS"), "utf8");
  const files = await fillTemplates(inRoot("dist/packaging"), { repository, sums });
  for (const file of files) console.log(`dist/packaging/${file}`);
}
