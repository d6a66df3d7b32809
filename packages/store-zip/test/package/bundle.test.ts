import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { bundleForBrowser } from "../../../../scripts/lib/bundle-for-browser.mjs";
import { inRoot } from "../../../../scripts/lib/paths.mjs";

const CEILING = 134_000;

test("everything of @ozx/core and @ozx/store-zip runs in a browser, and is small", async () => {
  const { code, minified, gzipped, later } = await bundleForBrowser(
    'export * from "@ozx/core"; export * from "@ozx/store-zip";',
    "packages/store-zip",
  );
  process.stdout.write(
    `@ozx/core and @ozx/store-zip in a browser: ${minified} bytes, ${gzipped} gzipped; codecs when needed: ${later}\n`,
  );
  expect(code).not.toMatch(/\b(from|import|require)\s*\(?\s*["']node:/);
  expect(gzipped).toBeLessThan(CEILING);
});

test("a page that only opens an archive as a store gets little of it", async () => {
  const { gzipped } = await bundleForBrowser(
    'export { blobSource } from "@ozx/core"; export { openOzx } from "@ozx/store-zip";',
    "packages/store-zip",
  );
  process.stdout.write(`openOzx alone: ${gzipped} bytes gzipped\n`);
  expect(gzipped).toBeLessThan(25_000);
});

test("a builtin of Node would be noticed", async () => {
  const bundle = bundleForBrowser('export * from "@ozx/core/node";', "packages/store-zip");
  await expect(bundle).rejects.toThrow('Could not resolve "node:fs');
});

test("errors keep their names where a bundler shortens those of classes", async () => {
  const { outputFiles } = await build({
    stdin: {
      contents:
        'import { NotFoundError } from "@ozx/core"; console.log(String(new NotFoundError("no", {})));',
      resolveDir: inRoot("packages/store-zip"),
    },
    ...{ bundle: true, minify: true, format: "esm", platform: "node", external: ["zarrita", "@zarrita/*"] },
    conditions: ["@ozx/source"],
    write: false,
  });
  const code = outputFiles[0]?.text ?? "";
  expect(code).not.toContain("class NotFoundError");
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code]);
  expect((await run).stdout).toBe("NotFoundError: no\n");
});
