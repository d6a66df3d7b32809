import { expect, test } from "vitest";
import { packedFiles } from "../../../../scripts/lib/packed-files.mjs";

test("is published with what was built, its source, a README and the licence, and nothing else", async () => {
  const files = await packedFiles("packages/cli");
  expect(files).toEqual(
    expect.arrayContaining([
      "bin/ozx.js",
      "dist/main.js",
      "README.md",
      "LICENSE",
      "package.json",
      "dist/index.js",
      "dist/index.d.ts",
    ]),
  );
  const others = files.filter(
    (path) => !/^(bin\/|dist\/|src\/|(README|CHANGELOG)\.md$|LICENSE$|package\.json$)/.test(path),
  );
  expect(others).toEqual([]);
});
