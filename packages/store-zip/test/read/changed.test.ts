import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import zlib from "node:zlib";
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

test("once a header was read, values are located in the file, with their CRC", async () => {
  const path = join(folder, "image.ozx");
  const values = new Map<AbsolutePath, Uint8Array>(
    [1, 2, 3].map((k) => [`/value-${k}`, new Uint8Array(1000 * k).fill(k)]),
  );
  writeFileSync(path, await writeZip(values));
  const file = readFileSync(path);
  const store = await openZipStore(await openFileSource(path));
  try {
    expect(store.locate?.("/value-2")).toBeUndefined();
    await store.get("/value-1");
    for (const [key, value] of values) {
      const { offset = 0, length = 0, ...part } = store.locate?.(key) ?? {};
      expect(file.subarray(offset, offset + length)).toEqual(Buffer.from(value));
      expect(part).toMatchObject({ path, crc32: zlib.crc32(value), opened: { size: file.length } });
    }
    const range = store.locate?.("/value-3", { offset: 5, length: 2995 });
    expect(range).toMatchObject({ length: 2995, offset: (store.locate?.("/value-3")?.offset ?? 0) + 5 });
    expect(range?.crc32).toBeUndefined();
    expect(store.locate?.("/value-3", { offset: 5, length: 2996 })).toBeUndefined();
    expect(store.locate?.("/missing")).toBeUndefined();
  } finally {
    await store.close();
  }
});
