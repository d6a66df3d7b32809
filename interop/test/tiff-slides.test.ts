import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AbsolutePath, Store } from "@ozx/core";
import { openPath } from "@ozx/core/node";
import { tiffFormat } from "@ozx/store-tiff";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPlane } from "../../packages/store-tiff/test/fixtures/read-plane.js";
import { python, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

/** A file, and the hashes of the planes of its images and their levels as tifffile reads them, by `t/c/z`. */
interface Entry {
  readonly file: string;
  readonly images: readonly (readonly Readonly<Record<string, string>>[])[];
  /** What the error says of a file that is not read. */
  readonly refused?: string;
}

describeWithTools("TIFFs as slide scanners write them", [python], () => {
  let folder: string;
  let entries: readonly Entry[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ozx-slides-"));
    entries = (await runPython("make_slides.py", folder)) as readonly Entry[];
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("have the images, levels and pixels that tifffile reads", async () => {
    for (const { file, images, refused } of entries) {
      if (refused !== undefined) continue;
      const store = await openPath(join(folder, file), { formats: [tiffFormat] });
      try {
        expect(await hashesOf(store, images), file).toEqual(images);
      } finally {
        await store.close();
      }
    }
  }, 60_000);

  test("are refused by name where their pixels are not the picture", async () => {
    const names = entries.filter(({ refused }) => refused !== undefined);
    expect(names.length).toBeGreaterThan(3);
    for (const { file, refused = "" } of names) {
      const opening = openPath(join(folder, file), { formats: [tiffFormat] });
      await expect(opening, file).rejects.toThrow(new RegExp(refused));
    }
  });
});

/** The hashes of the planes of the store, for the planes that are expected. */
async function hashesOf(store: Store, images: Entry["images"]): Promise<Entry["images"]> {
  const found: Record<string, string>[][] = [];
  for (const [image, levels] of images.entries()) {
    found.push([]);
    for (const [level, planes] of levels.entries()) {
      const path: AbsolutePath = images.length === 1 ? `/${level}` : `/${image}/${level}`;
      const hashes: Record<string, string> = {};
      for (const key of Object.keys(planes)) {
        const [t, c, z] = key.split("/").map(Number);
        const bytes = await readPlane(store, path, { t, c, z });
        hashes[key] = createHash("sha256").update(bytes).digest("hex");
      }
      found.at(-1)?.push(hashes);
    }
  }
  return found;
}
