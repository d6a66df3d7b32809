// @ts-check
// Prints the shape of the code: lines, files, exports of each door, and how many files a value passes.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { inRoot } from "./lib/paths.mjs";
import { filesReached, openProgram } from "./lib/trip.mjs";

/** Where a value comes in, and what it has become at the end. */
const TRIPS = [
  {
    from: "a store to an open node",
    file: "packages/core/src/open/open-ome-zarr.ts",
    fn: "openOmeZarr",
    parameter: "source",
  },
  {
    from: "a store to a plan",
    file: "packages/core/src/transfer/plan.ts",
    fn: "planTransfer",
    parameter: "source",
  },
  {
    from: "bytes to findings",
    file: "packages/store-zip/src/rules/check-archive.ts",
    fn: "checkArchive",
    parameter: "source",
  },
  {
    from: "a hierarchy to a report",
    file: "packages/core/src/validate/validate.ts",
    fn: "validateOmeZarr",
    parameter: "subject",
  },
  {
    from: "a job to an archive",
    file: "packages/store-zip/src/write/write-archive.ts",
    fn: "writeArchive",
    parameter: "entries",
  },
];

const packages = (await readdir(inRoot("packages"))).sort();
/** @type {string[]} */
const all = [];
console.log("package       files   lines  median  longest");
for (const name of packages) {
  const folder = inRoot(`packages/${name}/src`);
  const found = (await readdir(folder, { recursive: true })).filter((path) => /\.tsx?$/.test(path));
  const files = found.map((path) => join(folder, path));
  all.push(...files);
  const lines = await Promise.all(
    files.map(async (file) => (await readFile(file, "utf8")).split("\n").length - 1),
  );
  lines.sort((a, b) => a - b);
  const total = lines.reduce((sum, count) => sum + count, 0);
  const row = [files.length, total, lines[lines.length >> 1] ?? 0, lines.at(-1) ?? 0];
  console.log(name.padEnd(10) + row.map((value) => String(value).padStart(8)).join(""));
}

const program = openProgram(all);
const checker = program.getTypeChecker();

console.log("\ndoor                        exports  with types");
for (const name of packages) {
  const manifest = JSON.parse(await readFile(inRoot(`packages/${name}/package.json`), "utf8"));
  for (const [door, target] of Object.entries(manifest.exports ?? {})) {
    const path = typeof target === "string" ? target : target["@ozx/source"];
    const source =
      typeof path === "string" ? program.getSourceFile(join(inRoot(`packages/${name}`), path)) : undefined;
    const symbol = source && checker.getSymbolAtLocation(source);
    if (symbol === undefined) continue;
    const exported = checker.getExportsOfModule(symbol);
    const values = exported.filter((one) => {
      const original = one.flags & 2097152 ? checker.getAliasedSymbol(one) : one;
      return (original.flags & 111551) !== 0;
    });
    console.log(
      `${manifest.name}${door.slice(1)}`.padEnd(26) +
        String(values.length).padStart(9) +
        String(exported.length).padStart(12),
    );
  }
}

console.log("\nfiles that a value passes");
for (const trip of TRIPS) {
  const files = filesReached(program, trip);
  console.log(`${trip.from.padEnd(26)}${String(files.length).padStart(9)}   ${trip.fn}(${trip.parameter})`);
}
