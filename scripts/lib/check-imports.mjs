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
  /** One line is enough for a room without a rule. */
  const reported = new Set();
  let imports = 0;
  const files = await sourceFiles(packages);
  for (const file of files) {
    const text = await readFile(file, "utf8");
    const name = relative(packages, file).split(sep).join("/");
    // All that TypeScript follows: imports, exports from, import(), of values and of types.
    for (const { fileName: specifier, pos } of ts.preProcessFile(text, true, true).importedFiles) {
      imports++;
      const reason = forbidden(name, specifier);
      if (reason === undefined || (reason.endsWith(NO_RULE) && reported.has(reason))) continue;
      reported.add(reason);
      const line = text.slice(0, pos).split("\n").length;
      faults.push(`packages/${name}:${line}  imports "${specifier}": ${reason}`);
    }
  }
  if (files.length === 0) faults.push(`${packages} holds no source file: is this the right folder?`);
  return { files: files.length, imports, faults };
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
