import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/** A temporary folder. */
export interface TempFolder {
  /** A path inside it, as in `path("image.zarr", "0")`. */
  path(...names: readonly string[]): string;
}

/** A temporary folder for the tests of a file, or of the surrounding `describe`; removed after them. */
export function tempFolder(): TempFolder {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ozx-test-"));
  });
  // Retries, because a killed process or Chromium may hold files open for a moment longer.
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return {
    path(...names) {
      if (folder === "") throw new Error("the temporary folder exists only inside hooks and tests");
      return join(folder, ...names);
    },
  };
}
