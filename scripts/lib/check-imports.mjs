// @ts-check
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import ts from "typescript";
import { forbidden, NO_RULE } from "./import-rules.mjs";

/**
 * Holds every import of every package's source against the rules.
 *
 * @param {string} folder that holds `packages/`
 * @returns {Promise<{ files: number, imports: number, faults: string[] }>} a line for each fault
 */
export async function checkImports(folder) {
  const packages = join(folder, "packages");
  const faults = [];
  /** One line is enough for a folder without a rule. */
  const reported = new Set();
  let imports = 0;
  /** @type {Map<string, Set<string>>} */
  const graph = new Map();
  const files = await sourceFiles(packages);
  for (const file of files) {
    const text = await readFile(file, "utf8");
    const name = relative(packages, file).split(sep).join("/");
    // All that TypeScript follows: imports, exports from, import(), of values and of types.
    for (const { fileName: specifier, pos } of ts.preProcessFile(text, true, true).importedFiles) {
      imports++;
      if (specifier.startsWith(".")) addImport(graph, name, specifier);
      const reason = forbidden(name, specifier);
      if (reason === undefined || (reason.endsWith(NO_RULE) && reported.has(reason))) continue;
      reported.add(reason);
      const line = text.slice(0, pos).split("\n").length;
      faults.push(`packages/${name}:${line}  imports "${specifier}": ${reason}`);
    }
  }
  for (const circle of circlesIn(graph)) {
    faults.push(
      `packages/${circle.join(" → ")}: these files import each other in a circle: give what closes it a file of its own`,
    );
  }
  if (files.length === 0) faults.push(`${packages} holds no source file: is this the right folder?`);
  return { files: files.length, imports, faults };
}

/**
 * @param {Map<string, Set<string>>} graph
 * @param {string} file as in `core/src/zarr/json.ts`
 * @param {string} specifier as in `../store/store.js`
 */
function addImport(graph, file, specifier) {
  const target = new URL(specifier, `file:///${file}`).pathname.slice(1).replace(/\.[jt]sx?$/, "");
  const from = file.replace(/\.[jt]sx?$/, "");
  const known = graph.get(from) ?? new Set();
  graph.set(from, known.add(target));
}

/**
 * Files that import each other, each circle once, from where a walk in the order of names enters it.
 *
 * @param {ReadonlyMap<string, ReadonlySet<string>>} graph
 * @returns {string[][]}
 */
function circlesIn(graph) {
  /** @type {string[][]} */
  const circles = [];
  const done = new Set();
  /** @type {string[]} */
  const path = [];
  /** @param {string} file */
  const visit = (file) => {
    const start = path.indexOf(file);
    if (start >= 0) circles.push([...path.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of [...graph.keys()].sort()) visit(file);
  return circles;
}

/**
 * The scripts below `src` of every package.
 *
 * @param {string} packages
 */
async function sourceFiles(packages) {
  const found = [];
  for (const name of await readdir(packages)) {
    const source = join(packages, name, "src");
    const names = await readdir(source, { recursive: true }).catch(() => []);
    found.push(...names.filter((path) => /\.[cm]?[jt]sx?$/.test(path)).map((path) => join(source, path)));
  }
  return found.sort();
}
