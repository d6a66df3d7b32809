import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outsideSample, skipFor } from "@ozx/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFileSource } from "../../src/node/index.js";
import { openDirectoryStore } from "../../src/node/read/directory-store.js";

/** Node reads and writes less than 2 GiB at once; the file has holes instead of so many bytes. */
const SIZE = 2 ** 31 + 100;
/** They take as much memory, which may have to be freed first. */
const LARGE = { timeout: 180_000, ...skipFor(outsideSample()) };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ozx-large-"));
  writeFileSync(join(folder, "value"), "start");
  truncateSync(join(folder, "value"), SIZE);
});
afterAll(() => rmSync(folder, { recursive: true }));

function startOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes?.subarray(0, 5));
}

test("a folder's value of 2 GiB is read by one call", LARGE, async () => {
  const value = await openDirectoryStore(folder).get("/value");
  expect(value?.length).toBe(SIZE);
  expect(startOf(value)).toBe("start");
});

test("2 GiB of a folder's value are read", LARGE, async () => {
  const value = await openDirectoryStore(folder).getRange("/value", { offset: 0, length: SIZE });
  expect(value?.length).toBe(SIZE);
  expect(startOf(value)).toBe("start");
});

test("2 GiB of a file are read in every way", LARGE, async () => {
  const source = await openFileSource(join(folder, "value"));
  try {
    const whole = await source.read(0, SIZE);
    expect([whole.length, startOf(whole)]).toEqual([SIZE, "start"]);
    whole.fill(1, 0, 5);
    source.readSync?.(0, whole);
    expect(startOf(whole)).toBe("start");
    whole.fill(1, 0, 5);
    await source.readInto?.(0, [whole.subarray(0, 3), whole.subarray(3)]);
    expect(startOf(whole)).toBe("start");
  } finally {
    await source.close();
  }
});

test("a value that does not fit into memory is an error that names the file", async () => {
  const path = join(folder, "huge");
  writeFileSync(path, "");
  truncateSync(path, 2 ** 43);
  const refused = { _tag: "Unsupported", message: expect.stringContaining(path) };
  const source = await openFileSource(path);
  try {
    await expect(source.read(0, 2 ** 43)).rejects.toMatchObject(refused);
  } finally {
    await source.close();
  }
  const store = openDirectoryStore(folder);
  await expect(store.get("/huge")).rejects.toMatchObject(refused);
  await expect(store.getRange("/huge", { suffixLength: 2 ** 43 })).rejects.toMatchObject(refused);
});
