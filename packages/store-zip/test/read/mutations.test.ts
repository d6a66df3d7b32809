import { memorySource } from "@ozx/core/container";
import { fuzzRuns } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { describeArchive } from "../../src/index.js";
import { openArchive } from "../../src/read/archive.js";
import { buildZip, type OddEntry } from "../fixtures/build-zip.js";
import { ascii } from "../fixtures/bytes.js";
import { errorsOf, expectTypedErrors, readAll } from "../fixtures/read-all.js";
import { buildPattern, ZIP64_PATTERNS, type Zip64Pattern } from "../fixtures/zip64-patterns.js";

const RUNS = fuzzRuns({ sample: 500 });

const ENTRIES: OddEntry[] = [
  { name: "zarr.json", data: ascii('{"zarr_format":3}') },
  { name: "0/c/0", data: Uint8Array.from({ length: 90 }, (_, i) => i) },
  { name: "0/c/1", data: ascii("deflated ".repeat(9)), deflate: true },
  { name: "late", data: ascii("late"), descriptor: "signed" },
  { name: "ü", data: ascii("u") },
  { name: "folder/" },
];

const seeds: readonly Uint8Array[] = [
  ...(Object.keys(ZIP64_PATTERNS) as Zip64Pattern[]).map((pattern) => buildPattern(pattern, ENTRIES)),
  buildZip({ entries: ENTRIES, comment: '{"ome":{"version":"0.5"}}' }),
  buildZip({ entries: ENTRIES, prefix: ascii("before"), listing: [5, 3, 1, 0, 2, 4] }),
];

/** Changes of one kind at a place, which is counted from the end in half of them: there the records are. */
const change = fc.record({
  kind: fc.constantFrom("flip", "set", "wide", "insert", "delete", "copy"),
  at: fc.nat(0xffff),
  fromEnd: fc.boolean(),
  value: fc.oneof(fc.constantFrom(0, 1, 0xff, 0x7f), fc.nat(0xff)),
  length: fc.integer({ min: 1, max: 8 }),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, { kind, at, fromEnd, value, length }: Change): Uint8Array {
  if (bytes.length === 0) return bytes;
  const place = fromEnd ? bytes.length - 1 - (at % Math.min(bytes.length, 700)) : at % bytes.length;
  const changed = Array.from(bytes);
  if (kind === "flip") changed[place] = (changed[place] ?? 0) ^ (1 << (value & 7));
  else if (kind === "set") changed[place] = value;
  else if (kind === "wide") changed.fill(value, place, place + length);
  else if (kind === "insert") changed.splice(place, 0, ...new Array<number>(length).fill(value));
  else if (kind === "delete") changed.splice(place, length);
  else changed.splice(place, length, ...changed.slice(value, value + length * 8));
  return Uint8Array.from(changed);
}

test("the archives that are changed are whole", async () => {
  for (const seed of seeds) {
    const outcome = await readAll(memorySource(seed));
    expect(errorsOf(outcome)).toEqual([]);
    expect(outcome.entries).toHaveLength(5);
  }
});

test("no change makes a reader throw anything but its own errors", {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      async (seed, changes) => {
        const source = memorySource(changes.reduce(mutate, seed));
        expectTypedErrors(await readAll(source));
        const described = await openArchive(source)
          .then((archive) => describeArchive(archive))
          .catch((error: unknown) => error);
        expectTypedErrors(
          described instanceof Error ? { openError: described, entries: [] } : { entries: [] },
        );
      },
    ),
    { numRuns: RUNS },
  );
});
