import { isOzxError, type Store } from "@ozx/core";
import fc from "fast-check";
import { expect } from "vitest";

/** A change of bytes: at a place, as a part of the length, with what is written there. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  // Most of what matters are small numbers, and the largest ones.
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constantFrom(...[[0], [0xff], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], [0xff, 0xff, 0xff, 0x7f], [1]]),
  ),
});

/** Changes of a file: where they are, what is written there, and how much of the file is kept. */
const mutation = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 6 }),
  /** Numbers at the start and the end are those of headers and directories. */
  near: fc.constantFrom("start", "end", "anywhere"),
  kept: fc.oneof(
    { weight: 4, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, { changes, near, kept }: Mutation, headers: number): Uint8Array {
  const changed = bytes.slice(0, Math.ceil(bytes.length * kept));
  const span = near === "anywhere" ? changed.length : Math.min(headers, changed.length);
  for (const { at, bytes: written } of changes) {
    const from = Math.floor(at * span) + (near === "end" ? changed.length - span : 0);
    for (const [k, byte] of [...written].entries()) if (from + k < changed.length) changed[from + k] = byte;
  }
  return changed;
}

/** Keys that are read: of a hierarchy that a few bytes made huge, not all. */
const MOST_KEYS = 200;

/** Reads what a store has: a value of the size that is listed, or an error of the project. */
export async function readAllValues(store: Store): Promise<void> {
  let keys = 0;
  for await (const { key, size } of store.list()) {
    if (++keys > MOST_KEYS) return;
    try {
      const bytes = await store.get(key);
      expect(bytes?.length, key).toBe(size);
      await store.getRange(key, { suffixLength: 3 });
      if (bytes !== undefined && bytes.length > 64 * 1024 * 1024) return;
    } catch (error) {
      if (!isOzxError(error)) throw error;
    }
  }
}

/** The options of {@link expectReadOrRefused}. */
export interface MutationOptions {
  /** How often the file is changed. */
  readonly runs: number;
  /** How many bytes at the start and the end have the most numbers of the format; 400 by default. */
  readonly headers?: number;
  /** What every message must contain: the name of the file. */
  readonly name?: string;
}

/**
 * Opens a file and reads all of it, and does so again with its bytes changed at random: what comes of that is a store, or
 * an error of the project that says why in a sentence.
 *
 */
export async function expectReadOrRefused(
  original: Uint8Array,
  open: (bytes: Uint8Array) => Promise<Store>,
  { runs, headers = 400, name = "" }: MutationOptions,
): Promise<void> {
  const whole = await open(original);
  await readAllValues(whole);
  await whole.close();
  await fc.assert(
    fc.asyncProperty(mutation, async (how) => {
      try {
        const store = await open(mutate(original, how, headers));
        await readAllValues(store);
        await store.close();
      } catch (error) {
        if (!isOzxError(error)) throw error;
        expect(error.message.length).toBeLessThan(2_000);
        expect(error.message).toContain(name);
      }
    }),
    { numRuns: runs },
  );
}
