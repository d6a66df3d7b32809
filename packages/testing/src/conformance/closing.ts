import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drain, expectBytes, heldValue } from "./bytes.js";
import { type Fixture, LARGE_KEY, RANGED_KEY } from "./hierarchy.js";

/**
 * Once a store is closed its calls fail, or bring what they brought before: never what is in another file that was
 * opened meanwhile. It is closed twice.
 */
export function testClosing(fixture: () => Fixture): void {
  let others: { readonly folder: string; readonly files: readonly number[] } | undefined;
  let streamed: Promise<Uint8Array | undefined> | undefined;
  let opened: ((target: Uint8Array) => number) | undefined;

  beforeAll(async () => {
    const { store, entries } = fixture();
    // Stores remember where values are.
    for (const key of entries.keys()) await store.getRange(key, { offset: 0, length: 1 });
    streamed = drain(await store.stream(LARGE_KEY));
    streamed.catch(() => {});
    const reader = store.openSync?.(LARGE_KEY);
    opened = reader && ((target) => reader.read(target));
    await store.close();
    const folder = mkdtempSync(join(tmpdir(), "ozx-others-"));
    const path = join(folder, "other");
    writeFileSync(path, new Uint8Array(16 * 1024 * 1024).fill(0xdd));
    others = { folder, files: Array.from({ length: 16 }, () => openSync(path, "r")) };
  });
  afterAll(() => {
    others?.files.forEach((file) => {
      closeSync(file);
    });
    if (others !== undefined) rmSync(others.folder, { recursive: true });
  });

  const unlessRefused = async (work: () => unknown): Promise<Uint8Array | undefined> => {
    try {
      return (await work()) as Uint8Array | undefined;
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      return undefined;
    }
  };

  test("values and parts of them are refused or right", async () => {
    const { store, entries } = fixture();
    for (const [key, value] of entries) {
      const whole = await unlessRefused(() => store.get(key));
      if (whole !== undefined) expectBytes(whole, value, key);
      const part = await unlessRefused(() => store.getRange(key, { offset: 1, length: 100 }));
      if (part !== undefined) expectBytes(part, value.subarray(1, 101), `100 bytes of ${key}`);
    }
  });

  test("streams are refused or right, also one that was begun before", async () => {
    const held = fixture();
    const value = heldValue(held, LARGE_KEY);
    for (const stream of [async () => drain(await held.store.stream(LARGE_KEY)), () => streamed]) {
      const found = await unlessRefused(stream);
      if (found !== undefined) expectBytes(found, value, "a stream");
    }
  });

  test("blocking reads are refused or right, also one that was begun before", async () => {
    const held = fixture();
    const reads: [string, (target: Uint8Array) => number | undefined][] = [
      [RANGED_KEY, (target) => held.store.readSync?.(RANGED_KEY, target)],
      [LARGE_KEY, (target) => held.store.openSync?.(LARGE_KEY)?.read(target)],
      [LARGE_KEY, (target) => opened?.(target)],
    ];
    for (const [key, read] of reads) {
      const target = new Uint8Array(1000);
      const found = await unlessRefused(() => target.subarray(0, read(target) ?? 0));
      if (found === undefined || found.length === 0) continue;
      expectBytes(found, heldValue(held, key as typeof LARGE_KEY).subarray(0, found.length), key);
    }
  });
}
