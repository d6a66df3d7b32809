import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drain, expectBytes, type Fixture, heldValue, LARGE_KEY, RANGED_KEY } from "./fixture.js";

/** Every asynchronous call listens to its signal. */
export function testAborting(fixture: () => Fixture): void {
  const aborted = { name: "AbortError" };

  test("a signal that is aborted already stops every call", async () => {
    const { store } = fixture();
    const options = { signal: AbortSignal.abort() };
    await expect(store.get(RANGED_KEY, options)).rejects.toMatchObject(aborted);
    await expect(store.getRange(RANGED_KEY, { suffixLength: 4 }, options)).rejects.toMatchObject(aborted);
    await expect(store.stream(RANGED_KEY, options)).rejects.toMatchObject(aborted);
    const listing = async (): Promise<void> => {
      for await (const _ of store.list(options));
    };
    await expect(listing()).rejects.toMatchObject(aborted);
  });

  test("a signal stops a stream on its way, and the store reads on", async () => {
    const held = fixture();
    const controller = new AbortController();
    const stream = await held.store.stream(LARGE_KEY, { signal: controller.signal });
    const reading = async (): Promise<void> => {
      for await (const piece of stream ?? []) {
        expect(piece.length, "a piece, not the whole").toBeLessThan(heldValue(held, LARGE_KEY).length);
        controller.abort();
      }
    };
    await expect(reading()).rejects.toMatchObject(aborted);
    expectBytes(await held.store.get(LARGE_KEY), heldValue(held, LARGE_KEY), LARGE_KEY);
  });

  test("a signal stops a listing on its way", async () => {
    const { store } = fixture();
    const controller = new AbortController();
    const listing = async (): Promise<void> => {
      for await (const _ of store.list({ signal: controller.signal })) controller.abort();
    };
    await expect(listing()).rejects.toMatchObject(aborted);
  });

  test("a signal that is aborted afterwards changes nothing", async () => {
    const held = fixture();
    const controller = new AbortController();
    const value = await held.store.get(RANGED_KEY, { signal: controller.signal });
    const streamed = await drain(await held.store.stream(RANGED_KEY, { signal: controller.signal }));
    controller.abort();
    expectBytes(value, heldValue(held, RANGED_KEY), RANGED_KEY);
    expectBytes(streamed, heldValue(held, RANGED_KEY), RANGED_KEY);
  });
}

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
