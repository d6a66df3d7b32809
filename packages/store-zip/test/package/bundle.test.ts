import { expect, test } from "vitest";
import { bundleForBrowser } from "../../../../scripts/lib/bundle-for-browser.mjs";

const CEILING = 125_000;

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
