import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/** A folder for the tests of a file, or of the `describe` that calls it: made before them, removed after them. */
export interface TempFolder {
  /** A path in it, as in `path("image.zarr", "0")`. */
  path(...names: readonly string[]): string;
}

export function tempFolder(): TempFolder {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ozx-test-"));
  });
  // What a killed process or Chromium still holds open is gone a moment later.
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return {
    path(...names) {
      if (folder === "") throw new Error("the temporary folder is there inside of hooks and tests only");
      return join(folder, ...names);
    },
  };
}
