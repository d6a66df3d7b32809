import { expect, test } from "vitest";
import { packedFiles } from "../../../../scripts/lib/packed-files.mjs";

test("is published with what was built, its source, a README and the licence, and nothing else", async () => {
  const files = await packedFiles("packages/store-zip");
  expect(files).toEqual(
    expect.arrayContaining([
      "README.md",
      "LICENSE",
      "package.json",
      "dist/index.js",
      "dist/index.d.ts",
      "dist/node/index.js",
      "dist/node/index.d.ts",
      "dist/node/writer-thread.js",
    ]),
  );
  const others = files.filter(
    (path) => !/^(dist\/|src\/|(README|CHANGELOG)\.md$|LICENSE$|package\.json$)/.test(path),
  );
  expect(others).toEqual([]);
});
