import { readFile } from "node:fs/promises";
import { outsideSample, skipFor } from "@ozx/testing";
import { expect, test } from "vitest";
import { generate } from "../../wasm/build.mjs";

/** The compiler takes half a minute, and longer on a machine that is busy. */
const COMPILES = { timeout: 300_000, ...skipFor(outsideSample()) };

test("the engine in the repository is what its source compiles to", COMPILES, async () => {
  const files = await generate();
  expect(files.size).toBe(2);
  for (const [path, text] of files) {
    expect((await readFile(path, "utf8")) === text, `${path}: run node packages/core/wasm/build.mjs`).toBe(
      true,
    );
  }
});
