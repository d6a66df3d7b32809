import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { generate } from "../../libraries/build.mjs";

describe("the decoders and the encoder in the repository", async () => {
  test("are what their packages have", async () => {
    const files = await generate();
    expect(files.size).toBe(6);
    for (const [path, text] of files) {
      const isSame = (await readFile(path, "utf8")) === text;
      expect(isSame, `${path}: run node packages/virtual/libraries/build.mjs`).toBe(true);
    }
  });

  test("look for no file, and for nothing of Node", async () => {
    for (const [path, text] of await generate()) {
      expect(text, path).not.toMatch(/\brequire\(|\bimport\b|import\.meta|\bprocess\b|new Function|\beval\(/);
    }
  });
});
