// @ts-check
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const BUNDLED = "dist/bundled";

/**
 * How a library package is built, for its `tsup.config.ts`: file by file into `dist`, of which a bundler takes what a
 * page needs and leaves the rest, and in few files into `dist/bundled` for Node, which takes more than half a
 * millisecond for each file that it loads. Declarations come from `tsc --project tsconfig.build.json`.
 *
 * What is built follows from the package itself:
 * - Its doors are the `exports` of its package.json, each with the conditions `@ozx/source`, `types`, `node` (a file
 *   of `dist/bundled`) and `default`.
 * - A file of `src` called `*-thread.ts` is one that is started as a thread, by
 *   `new URL("./NAME-thread.js", import.meta.url)` in a file of the same folder. `dist/bundled` has no folders, so
 *   that it lies beside that file there too.
 *
 * @returns {import("tsup").Options[]}
 * @throws {Error} where the package.json of the working directory says too little, or two files would be one
 */
export function libraryBuild() {
  const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
  /** @type {import("tsup").Options} */
  const both = {
    format: "esm",
    target: "es2022",
    removeNodeProtocol: false,
    sourcemap: true,
    silent: true,
    // The source is published too.
    esbuildOptions: (options) => {
      options.sourcesContent = false;
    },
  };
  return [
    {
      ...both,
      entry: ["src/**/*.ts"],
      bundle: false,
      splitting: false,
      platform: "neutral",
      // The other build cleans its own folder, at the same time.
      clean: ["!bundled/**"],
    },
    { ...both, entry: bundledEntries(exports), outDir: BUNDLED, platform: "node", clean: true },
  ];
}

/**
 * @param {Record<string, string | Record<string, string>>} exports of a package.json
 * @returns {Record<string, string>} source files by the names that they get, without an extension
 */
function bundledEntries(exports) {
  /** @type {[name: string, file: string][]} */
  const entries = [];
  for (const [door, target] of Object.entries(exports)) {
    if (typeof target === "string") continue;
    const { "@ozx/source": source, node } = target;
    // A door without one would be loaded file by file, beside the same modules of the others.
    if (source === undefined || !node?.startsWith(`./${BUNDLED}/`)) {
      throw new Error(`package.json: exports["${door}"] needs "@ozx/source", and "node" in ./${BUNDLED}`);
    }
    entries.push([basename(node, ".js"), source]);
  }
  for (const file of readdirSync("src", { recursive: true, encoding: "utf8" })) {
    if (file.endsWith("-thread.ts")) entries.push([basename(file, ".ts"), join("src", file)]);
  }
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${BUNDLED} would have two files called ${twice}.js`);
  return Object.fromEntries(entries);
}
