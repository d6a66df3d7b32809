import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { cutInterrupted, growthRecordOf, openTailFile } from "../../src/node/index.js";

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ozx-growth-"));
  path = join(folder, "image.ozx");
});
beforeEach(() => {
  rmSync(growthRecordOf(path), { force: true });
  writeFileSync(path, "data and tail");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** What a process leaves that is killed while the file grows: its record, and part of the write. */
async function interrupt(part: string): Promise<void> {
  const file = await openTailFile(path);
  await file.beforeGrowth(9);
  const record = readFileSync(growthRecordOf(path));
  await file.write(13, text(part));
  await file.close();
  writeFileSync(growthRecordOf(path), record);
}

test("a file that was interrupted while it grew is cut back to what it was", async () => {
  await interrupt("\0".repeat(100_000));
  expect(await cutInterrupted(path)).toBe(100_000);
  expect(readFileSync(path, "utf8")).toBe("data and tail");
  expect(existsSync(growthRecordOf(path))).toBe(false);
});

test("where the change had come further, or the file is another one, nothing is cut", async () => {
  await interrupt("copy of the tail");
  writeFileSync(path, "data and MORE and more");
  expect(await cutInterrupted(path)).toBe(0);
  expect(readFileSync(path, "utf8")).toBe("data and MORE and more");
  await interrupt("copy of the tail");
  writeFileSync(path, "short");
  expect(await cutInterrupted(path)).toBe(0);
  expect(readFileSync(path, "utf8")).toBe("short");
});

test("a record that is not complete, or none, is no reason to cut", async () => {
  for (const record of ["", '{"size":3,', '{"size":3,"from":0}', "[]"]) {
    writeFileSync(growthRecordOf(path), record);
    expect(await cutInterrupted(path)).toBe(0);
    expect(readFileSync(path, "utf8")).toBe("data and tail");
  }
  expect(await cutInterrupted(path)).toBe(0);
  expect(await cutInterrupted(join(folder, "none.ozx"))).toBe(0);
});

test("a change that ends, in whatever way, leaves no record", async () => {
  const file = await openTailFile(path);
  await file.beforeGrowth(9);
  expect(existsSync(growthRecordOf(path))).toBe(true);
  await file.close();
  expect(existsSync(growthRecordOf(path))).toBe(false);
});
