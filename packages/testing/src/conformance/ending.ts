import { closeSync, openSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tempFolder } from "../temp-folder.js";
import { drain, expectBytes, expectedValue, type Fixture, LARGE_KEY, RANGED_KEY } from "./fixture.js";

/** Every asynchronous call can be aborted by its signal. */
export function testAborting(fixture: () => Fixture): void {
  const aborted = { name: "AbortError" };

  test("an aborted signal stops every call", async () => {
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

  test("a signal stops a running stream, and the store stays usable", async () => {
    const held = fixture();
    const controller = new AbortController();
    const stream = await held.store.stream(LARGE_KEY, { signal: controller.signal });
    const reading = async (): Promise<void> => {
      for await (const piece of stream ?? []) {
        expect(piece.length, "a piece, not the whole").toBeLessThan(expectedValue(held, LARGE_KEY).length);
        controller.abort();
      }
    };
    await expect(reading()).rejects.toMatchObject(aborted);
    expectBytes(await held.store.get(LARGE_KEY), expectedValue(held, LARGE_KEY), LARGE_KEY);
  });

  test("a signal stops a running listing", async () => {
    const { store } = fixture();
    const controller = new AbortController();
    const listing = async (): Promise<void> => {
      for await (const _ of store.list({ signal: controller.signal })) controller.abort();
    };
    await expect(listing()).rejects.toMatchObject(aborted);
  });

  test("a signal that is aborted later changes nothing", async () => {
    const held = fixture();
    const controller = new AbortController();
    const value = await held.store.get(RANGED_KEY, { signal: controller.signal });
    const streamed = await drain(await held.store.stream(RANGED_KEY, { signal: controller.signal }));
    controller.abort();
    expectBytes(value, expectedValue(held, RANGED_KEY), RANGED_KEY);
    expectBytes(streamed, expectedValue(held, RANGED_KEY), RANGED_KEY);
  });
}

/**
 * After a store is closed, its calls either fail or return the right bytes, but never those of another file that has been
 * opened since. The store is closed twice.
 */
export function testClosing(fixture: () => Fixture): void {
  const temp = tempFolder();
  let otherFiles: readonly number[] = [];
  let streamed: Promise<Uint8Array | undefined> | undefined;
  let readOpened: ((target: Uint8Array) => number) | undefined;

  beforeAll(async () => {
    const { store, entries } = fixture();
    // Lets the store cache the positions of its values.
    for (const key of entries.keys()) await store.getRange(key, { offset: 0, length: 1 });
    streamed = drain(await store.stream(LARGE_KEY));
    streamed.catch(() => {});
    const reader = store.openSync?.(LARGE_KEY);
    readOpened = reader && ((target) => reader.read(target));
    await store.close();
    // These files get the descriptors that the store has freed.
    writeFileSync(temp.path("other"), new Uint8Array(16 * 1024 * 1024).fill(0xdd));
    otherFiles = Array.from({ length: 16 }, () => openSync(temp.path("other"), "r"));
  });
  afterAll(() => {
    for (const file of otherFiles) closeSync(file);
  });

  const unlessRefused = async (work: () => unknown): Promise<Uint8Array | undefined> => {
    try {
      return (await work()) as Uint8Array | undefined;
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      return undefined;
    }
  };

  test("values and parts of them are refused or correct", async () => {
    const { store, entries } = fixture();
    for (const [key, value] of entries) {
      const whole = await unlessRefused(() => store.get(key));
      if (whole !== undefined) expectBytes(whole, value, key);
      const part = await unlessRefused(() => store.getRange(key, { offset: 1, length: 100 }));
      if (part !== undefined) expectBytes(part, value.subarray(1, 101), `100 bytes of ${key}`);
    }
  });

  test("streams are refused or correct, also one that was started before", async () => {
    const held = fixture();
    const value = expectedValue(held, LARGE_KEY);
    for (const stream of [async () => drain(await held.store.stream(LARGE_KEY)), () => streamed]) {
      const found = await unlessRefused(stream);
      if (found !== undefined) expectBytes(found, value, "a stream");
    }
  });

  test("blocking reads are refused or correct, also by a reader that was opened before", async () => {
    const held = fixture();
    const reads: [string, (target: Uint8Array) => number | undefined][] = [
      [RANGED_KEY, (target) => held.store.readSync?.(RANGED_KEY, target)],
      [LARGE_KEY, (target) => held.store.openSync?.(LARGE_KEY)?.read(target)],
      [LARGE_KEY, (target) => readOpened?.(target)],
    ];
    for (const [key, read] of reads) {
      const target = new Uint8Array(1000);
      const found = await unlessRefused(() => target.subarray(0, read(target) ?? 0));
      if (found === undefined || found.length === 0) continue;
      expectBytes(found, expectedValue(held, key as typeof LARGE_KEY).subarray(0, found.length), key);
    }
  });
}
