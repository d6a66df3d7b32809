import { expect, test } from "vitest";
import { bundleForBrowser } from "../../../../scripts/lib/bundle-for-browser.mjs";

const CEILING = 60_000;

test("everything of @ozx/core and @ozx/store-zip runs in a browser, and is small", async () => {
  const bundle = await bundleForBrowser(
    'export * from "@ozx/core"; export * from "@ozx/store-zip";',
    "packages/store-zip",
  );
  process.stdout.write(
    `@ozx/core and @ozx/store-zip in a browser: ${bundle.minified} bytes, ${bundle.gzipped} gzipped\n`,
  );
  expect(bundle.code).not.toMatch(/\b(from|import|require)\s*\(?\s*["']node:/);
  expect(bundle.gzipped).toBeLessThan(CEILING);
});

test("a builtin of Node would be noticed", async () => {
  const bundle = bundleForBrowser('export * from "@ozx/core/node";', "packages/store-zip");
  await expect(bundle).rejects.toThrow('Could not resolve "node:fs');
});
