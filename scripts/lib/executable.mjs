// @ts-check
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { inRoot } from "./paths.mjs";
import { run } from "./run.mjs";
import { BUN_CACHE, bun, ensureRuntimes } from "./runtimes.mjs";

/**
 * The platforms that executables are made for: the names that users know, and Bun's.
 *
 * @type {ReadonlyMap<string, string>}
 */
export const TARGETS = new Map([
  ["linux-x64", "bun-linux-x64-baseline"],
  ["linux-arm64", "bun-linux-arm64"],
  ["linux-x64-musl", "bun-linux-x64-musl"],
  ["macos-arm64", "bun-darwin-arm64"],
  ["macos-x64", "bun-darwin-x64"],
  ["windows-x64", "bun-windows-x64-baseline"],
]);

/** The target that this machine runs, unless it is one of those that need musl. */
export function ownTarget() {
  const os = process.platform === "darwin" ? "macos" : process.platform === "win32" ? "windows" : "linux";
  return `${os}-${process.arch}`;
}

/**
 * Makes executables of one file from what is built: the command, its threads, its codecs and the page.
 *
 * @param {readonly string[]} targets keys of {@link TARGETS}
 * @param {string} folder where they are written
 * @returns {Promise<string[]>} the files, in the order of the targets
 */
export async function buildExecutables(targets, folder) {
  await ensureRuntimes(bun);
  const stage = await mkdtemp(join(tmpdir(), "ozx-executable-"));
  try {
    const entries = await bundle(stage);
    await mkdir(folder, { recursive: true });
    const files = [];
    for (const target of targets) {
      const file = join(folder, `ozx-${target}${target.startsWith("windows") ? ".exe" : ""}`);
      // The first file of a cross-build is downloaded from npm.
      const args = ["build", "--compile", `--target=${TARGETS.get(target)}`, "--outfile", file, ...entries];
      await run(bun.file, args, { quiet: true, cwd: stage, env: { BUN_INSTALL: BUN_CACHE } });
      files.push(file);
    }
    return files;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/**
 * Puts everything into one folder of few files, in which each finds the others by the names that it uses for them in
 * the packages: the command first, its threads, the formats that threads import, and the page.
 *
 * @param {string} stage
 * @returns {Promise<string[]>} the files of the program, the command first
 */
async function bundle(stage) {
  const threads = await threadFiles();
  const sources = join(stage, "sources");
  await mkdir(sources);
  const [command, formats] = [join(sources, "ozx.js"), join(sources, "index.js")];
  await writeFile(command, COMMAND);
  await writeFile(formats, FORMATS);
  await build({
    entryPoints: { ozx: command, index: formats, ...threads },
    outdir: stage,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    conditions: ["node"],
    alias: { "ozx/main": inRoot("packages/cli/dist/main.js") },
    nodePaths: [inRoot("packages/cli/node_modules")],
    // Names stay, as they are read in stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    logLevel: "error",
  });
  await writeFile(join(stage, "page.js"), await pageModule());
  await refuseMissing(stage);
  return ["ozx", "index", "page", ...Object.keys(threads)].map((name) => `./${name}.js`);
}

/**
 * Without the file of a thread, what it does would be done by the calling thread, and nobody would notice.
 *
 * @param {string} stage
 */
async function refuseMissing(stage) {
  const files = (await readdir(stage)).filter((name) => name.endsWith(".js"));
  for (const file of files) {
    const code = await readFile(join(stage, file), "utf8");
    for (const [, named = ""] of code.matchAll(/new URL\("\.\/([\w-]+\.js)", import\.meta\.url\)/g)) {
      if (!files.includes(named)) throw new Error(`the executable has no ${named}, which ${file} needs`);
    }
  }
}

const COMMAND = `
import { gunzipSync } from "node:zlib";
import { main } from "ozx/main";

await main(process.argv, {
  async page() {
    const { default: files } = await import(new URL("./page.js", import.meta.url).href);
    return new Map(files.map(([name, text]) => [name, gunzipSync(Buffer.from(text, "base64"))]));
  },
});
`;

/** Each package calls the module that threads import its format from \`index.js\`. */
const FORMATS = `
export { ozxFormat } from "@ozx/store-zip";
export { tiffFormat } from "@ozx/store-tiff";
export { cziFormat } from "@ozx/store-czi";
export { nd2Format } from "@ozx/store-nd2";
export { lifFormat } from "@ozx/store-lif";
`;

/**
 * What is started as a thread, or loaded by one, in any package; see `libraryBuild`.
 *
 * @returns {Promise<Record<string, string>>} built files by their names
 */
async function threadFiles() {
  /** @type {[string, string][]} */
  const found = [];
  const folders = await readdir(inRoot("packages"));
  // Libraries have theirs in `bundled`, and the command beside itself.
  for (const built of folders.flatMap((folder) => [`${folder}/dist/bundled`, `${folder}/dist`])) {
    for (const file of await readdir(inRoot(`packages/${built}`)).catch(() => [])) {
      if (file.endsWith("-thread.js"))
        found.push([basename(file, ".js"), inRoot(`packages/${built}/${file}`)]);
    }
  }
  return Object.fromEntries(found);
}

/** The page as a module that is loaded by `ozx view` alone. */
async function pageModule() {
  const folder = inRoot("packages/cli/dist/page");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const file = join(parentPath, name);
        const path = file.slice(folder.length + 1).replaceAll("\\", "/");
        return [path, gzipSync(await readFile(file), { level: 9 }).toString("base64")];
      }),
  );
  if (!files.some(([path]) => path === "index.html")) {
    throw new Error(`${dirname(folder)} has no page: run npm run build`);
  }
  return `export default ${JSON.stringify(files.sort())};`;
}
