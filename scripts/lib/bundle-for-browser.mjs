// @ts-check
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/**
 * Bundles packages as a page would get them. Nothing is external, so that a builtin of Node is an error, as it would
 * be in the page.
 *
 * @param {string} code the page's imports
 * @param {string} folder to resolve them from
 * @param {object} [options]
 * @param {string[]} [options.conditions] `@ozx/source` takes the source of packages in place of what is published
 * @param {boolean} [options.splitting] false: everything in one file, what is needed later too
 * @returns {Promise<{ code: string, minified: number, gzipped: number, later: number }>} all code; the size of
 *   what the page loads at once; and gzipped what it loads when it needs it, such as a codec
 */
export async function bundleForBrowser(code, folder, { conditions = [], splitting = true } = {}) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: folder, loader: "ts" },
    bundle: true,
    minify: true,
    splitting,
    outdir: "bundle",
    absWorkingDir: folder,
    platform: "browser",
    format: "esm",
    target: "es2022",
    conditions,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const outputs = Object.values(metafile.outputs);
  const atOnce = new Set(outputs.flatMap((output, at) => (output.entryPoint === "<stdin>" ? [at] : [])));
  const paths = Object.keys(metafile.outputs);
  // A set is walked to its end, also when it grows on the way.
  for (const at of atOnce) {
    for (const { path, kind } of outputs[at]?.imports ?? []) {
      if (kind === "import-statement") atOnce.add(paths.indexOf(path));
    }
  }
  const sizes = { minified: 0, gzipped: 0, later: 0 };
  for (const [at, path] of paths.entries()) {
    const { contents } = outputFiles.find((file) => file.path === resolve(folder, path)) ?? {};
    if (contents === undefined) throw new Error(`the bundle has no ${path}`);
    const gzipped = gzipSync(contents).length;
    if (!atOnce.has(at)) sizes.later += gzipped;
    else {
      sizes.minified += contents.length;
      sizes.gzipped += gzipped;
    }
  }
  return { code: outputFiles.map(({ text }) => text).join("\n"), ...sizes };
}
