import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { generate } from "../../wasm/build.mjs";

test("the engine in the repository is what its source compiles to", { timeout: 120_000 }, async () => {
  const files = await generate();
  expect(files.size).toBe(2);
  for (const [path, text] of files) {
    expect((await readFile(path, "utf8")) === text, `${path}: run node packages/core/wasm/build.mjs`).toBe(
      true,
    );
  }
});
