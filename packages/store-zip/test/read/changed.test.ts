import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AbsolutePath } from "@ozx/core";
import { openFileSource } from "@ozx/core/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openZipStore } from "../fixtures/open-zip.js";
import { writeZip } from "../fixtures/write-zip.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ozx-changed-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const zipOf = (name: AbsolutePath, value: number): Promise<Uint8Array> =>
  writeZip(new Map([[name, new Uint8Array(1000).fill(value)]]));

test.each<[string, () => Promise<Uint8Array>]>([
  ["other values", () => zipOf("/aa", 2)],
  ["other names", () => zipOf("/bb", 1)],
  ["anything else", async () => new Uint8Array(5000)],
])("a file that is overwritten with %s while it is open is no damaged one", async (_, other) => {
  const path = join(folder, "image.ozx");
  writeFileSync(path, await zipOf("/aa", 1));
  const store = await openZipStore(await openFileSource(path));
  try {
    writeFileSync(path, await other());
    utimesSync(path, 1, 1);
    const changed = { _tag: "SourceChanged", message: expect.stringContaining(`${path} was changed`) };
    await expect(store.get("/aa")).rejects.toMatchObject(changed);
    expect(() => store.readSync?.("/aa", new Uint8Array(1000))).toThrowError(
      expect.objectContaining(changed),
    );
  } finally {
    await store.close();
  }
});
