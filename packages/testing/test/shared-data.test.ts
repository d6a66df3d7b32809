import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { sharedData } from "../src/index.js";

describe("sharedData", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ozx-shared-"));
    vi.stubEnv("OZX_SHARED_DATA", folder);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  test("finds what is there", async () => {
    await writeFile(join(folder, "README.md"), "");
    expect(sharedData("README.md")).toBe(join(folder, "README.md"));
  });

  test("what is not there is undefined", () => {
    expect(sharedData("missing.zarr")).toBeUndefined();
  });
});
