// @ts-check
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { inRoot } from "./paths.mjs";

/**
 * Bundles the source of packages as a page would get it. Nothing is external, so that a builtin of Node is an
 * error, as it would be in the page.
 *
 * @param {string} code the page's imports
 * @param {string} folder to resolve them from, as in `packages/store-zip`
 * @returns {Promise<{ code: string, minified: number, gzipped: number }>}
 */
export async function bundleForBrowser(code, folder) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: inRoot(folder), loader: "ts" },
    bundle: true,
    minify: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    conditions: ["@ozx/source"],
    write: false,
    logLevel: "silent",
  });
  const [{ contents, text } = { contents: new Uint8Array(), text: "" }] = outputFiles;
  return { code: text, minified: contents.length, gzipped: gzipSync(contents).length };
}
