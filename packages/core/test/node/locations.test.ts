import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeSampleFolder } from "@ozx/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPath } from "../../src/node/open/open-location.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ozx-test-locations-"));
  await writeSampleFolder(join(folder, "an image.zarr"), { levels: 1 });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("the address of a file on this computer is its path", async () => {
  const path = join(folder, "an image.zarr");
  const store = await openPath(pathToFileURL(path).href, { formats: [] });
  expect(store.name).toBe(path);
  expect(await store.get("/zarr.json")).toBeDefined();
  await expect(openPath("file://elsewhere/image.zarr%2F", { formats: [] })).rejects.toMatchObject({
    _tag: "Usage",
  });
});

test.each([
  ["gs://bucket/folder/x.ozx", "Usage", "https://storage.googleapis.com/bucket/folder/x.ozx"],
  ["localhost:8802/image.ozx", "NotFound", "write http:// before it"],
  ["example.org:80", "NotFound", "write http:// before it"],
  ["none.ozx", "NotFound", "check the path"],
])("%s is an error with the way out", async (location, tag, words) => {
  await expect(openPath(location, { formats: [] })).rejects.toMatchObject({
    _tag: tag,
    message: expect.stringContaining(words),
  });
});
