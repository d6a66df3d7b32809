import { type ByteSource, isOzxError } from "@ozx/core";
import { memorySource } from "@ozx/core/container";
import { fuzzRuns } from "@ozx/testing";
import fc from "fast-check";
import { describe, test } from "vitest";
import { planRepair } from "../../src/index.js";
import { checkArchive } from "../../src/rules/check-archive.js";
import { buildPattern, ZIP64_PATTERNS, type Zip64Pattern } from "../fixtures/zip64-patterns.js";
import { BROKEN_ARCHIVES } from "./broken-archives.js";
import { COMMENT, conforming, ENTRIES } from "./conforming.js";

const numRuns = fuzzRuns({ sample: 200, full: 2_500 });

/** Archives to be spoiled: one that conforms, one for each rule, one for each way of ZIP64. */
const SEEDS: readonly Uint8Array[] = [
  conforming(),
  ...BROKEN_ARCHIVES.filter(({ rule }) => rule !== "cd-size").map(({ bytes }) => bytes()),
  ...Object.keys(ZIP64_PATTERNS).map((pattern) => buildPattern(pattern as Zip64Pattern, ENTRIES)),
];

/** Numbers that lengths, counts and offsets go wrong with. */
const ODD_NUMBERS = [0, 1, 0x2d, 0x7f, 0x80, 0xfe, 0xff];

type Edit =
  | { readonly kind: "set"; readonly at: number; readonly value: number }
  | { readonly kind: "fill"; readonly at: number; readonly length: number; readonly value: number }
  | { readonly kind: "cut"; readonly at: number; readonly length: number }
  | { readonly kind: "repeat"; readonly at: number; readonly length: number };

const position = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  // Most of what can go wrong is at the end.
  fc.double({ min: 0.5, max: 1, noNaN: true, maxExcluded: true }),
);
const value = fc.oneof(fc.constantFrom(...ODD_NUMBERS), fc.nat(255));
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("set" as const), at: position, value }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("fill" as const),
      at: position,
      length: fc.constantFrom(2, 4, 8),
      value: fc.constantFrom(...ODD_NUMBERS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("cut" as const, "repeat" as const),
      at: position,
      length: fc.nat(64),
    }),
  },
);

function apply(bytes: Uint8Array, change: Edit): Uint8Array {
  const at = Math.floor(change.at * bytes.length);
  switch (change.kind) {
    case "set":
      bytes[at] = change.value;
      return bytes;
    case "fill":
      return bytes.fill(change.value, at, at + change.length);
    case "cut":
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + change.length)]);
    case "repeat":
      return Uint8Array.from([...bytes.subarray(0, at + change.length), ...bytes.subarray(at)]);
  }
}

const spoiled = fc
  .tuple(fc.constantFrom(...SEEDS), fc.array(edit, { minLength: 1, maxLength: 6 }))
  .map(([seed, edits]) => edits.reduce(apply, seed.slice()));

/** A document or comment with a member taken out, or replaced by anything. */
const spoiledJson = fc
  .tuple(
    fc.constantFrom(
      COMMENT,
      ...ENTRIES.slice(0, 5).map(({ data }) => JSON.parse(new TextDecoder().decode(data))),
    ),
    fc.array(fc.tuple(fc.nat(7), fc.jsonValue({ maxDepth: 3 })), { minLength: 1, maxLength: 3 }),
  )
  .map(([document, changes]) =>
    changes.reduce<unknown>(
      (spoilt, [steps, replacement]) => replaceAt(spoilt, steps, replacement),
      document,
    ),
  );

function replaceAt(value: unknown, steps: number, replacement: unknown): unknown {
  if (steps === 0 || typeof value !== "object" || value === null) return replacement;
  const entries = Object.entries(value);
  const chosen = steps % Math.max(1, entries.length);
  const changed = entries.map(([key, member], i) => [
    key,
    i === chosen ? replaceAt(member, steps - 1, replacement) : member,
  ]);
  return Array.isArray(value) ? changed.map(([, member]) => member) : Object.fromEntries(changed);
}

/** Reads of such a source do not block, as those of a network do not. */
function withoutBlocking(source: ByteSource): ByteSource {
  const { readSync: _, ...rest } = source;
  return rest;
}

async function survives(bytes: Uint8Array, isBlocking: boolean): Promise<void> {
  const source = memorySource(bytes, "x.ozx");
  let findings = 0;
  for await (const _ of checkArchive(isBlocking ? source : withoutBlocking(source), { deep: true }))
    findings++;
  if (findings > 10_000) throw new Error(`${findings} findings of ${bytes.length} bytes`);
  await planRepair(memorySource(bytes)).catch((error: unknown) => {
    if (!isOzxError(error)) throw error;
  });
}

describe("no archive makes a check throw, or go on forever", () => {
  test("bytes changed, cut out and repeated", { timeout: 60_000 + numRuns * 50 }, async () => {
    await fc.assert(fc.asyncProperty(spoiled, fc.boolean(), survives), { numRuns });
  });

  test("metadata and comments changed", { timeout: 60_000 + numRuns * 50 }, async () => {
    await fc.assert(
      fc.asyncProperty(spoiledJson, fc.nat(5), fc.boolean(), async (document, place, isBlocking) => {
        const text = JSON.stringify(document) ?? "";
        const data = new TextEncoder().encode(text);
        const entries = ENTRIES.map((one, i) => (i === place ? { ...one, data } : one));
        const changes = place === 5 ? { comment: data.subarray(0, 0xffff) } : { entries };
        await survives(conforming(changes), isBlocking);
      }),
      { numRuns },
    );
  });
});
