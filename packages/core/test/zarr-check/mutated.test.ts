import { fuzzRuns, type SampleOptions, sampleMap } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { collectFindings } from "../../src/findings.js";
import { type AbsolutePath, isOzxError, readHierarchy } from "../../src/index.js";
import { checkOme } from "../../src/ome/rules/check-ome.js";
import { memoryStore } from "../../src/store/memory-store.js";
import { keyName } from "../../src/store/store-keys.js";
import { checkZarr } from "../../src/zarr/check/check-zarr.js";
import { zarrRules } from "../../src/zarr/check/zarr-rules.js";

const RUNS = fuzzRuns({ sample: 200, full: 2_500 });

const SMALL = { size: { c: 1, z: 1, y: 16, x: 16 }, levels: 2, chunk: 16 } as const;
const VARIANTS: readonly SampleOptions[] = [
  SMALL,
  { ...SMALL, shards: true },
  { ...SMALL, version: "0.4", codec: "blosc" },
  { ...SMALL, version: "0.4", codec: "gzip", order: "F", separator: "." },
];

/** Values that mean something elsewhere in the metadata do more harm than any others. */
const VALUE = fc.oneof(
  fc.constantFrom<unknown>(null, 0, -1, 1.5, 2 ** 53, 1e308, true, "", [], {}, [[]], [0], [1, 1, 1, 1]),
  fc.constantFrom<unknown>(
    "gzip",
    "sharding_indexed",
    "vlen-utf8",
    "crc32c",
    "start",
    "big",
    "v2",
    "|O",
    "<U3",
  ),
  fc.constantFrom<unknown>(
    "float16",
    "r24",
    "string",
    "int64",
    "NaN",
    "../..",
    [{ name: "transpose" }],
    [2 ** 31],
  ),
  fc.constantFrom<unknown>(
    [{ name: "cast_value" }],
    [{ name: "sharding_indexed" }],
    [{ name: "json2" }],
    "zlib",
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

const MUTATION = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("value"), key: fc.nat(), at: fc.nat(), value: VALUE }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("byte"), key: fc.nat(), at: fc.nat(), value: fc.nat(255) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("cut"), key: fc.nat(), at: fc.nat(), value: VALUE }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("gone"), key: fc.nat(), at: fc.nat(), value: VALUE }),
  },
);

type Files = Map<AbsolutePath, Uint8Array>;

function mutate(
  files: Files,
  { kind, key, at, value }: { kind: string; key: number; at: number; value: unknown },
): void {
  const all = [...files.keys()];
  const documents = all.filter((name) => /^(zarr\.json|\.z\w+)$/.test(keyName(name)));
  const candidates = kind === "value" ? documents : all;
  const name = candidates[key % candidates.length];
  const bytes = name && files.get(name);
  if (name === undefined || bytes === undefined || bytes.length === 0) return;
  const copy = bytes.slice();
  switch (kind) {
    case "value":
      files.set(name, replaceValue(bytes, at, value));
      return;
    case "byte":
      copy[at % copy.length] = value as number;
      files.set(name, copy);
      return;
    case "cut":
      files.set(name, copy.subarray(0, at % copy.length));
      return;
    default:
      files.delete(name);
  }
}

/** Replaces the n-th member or item of a document, whatever it is. */
function replaceValue(bytes: Uint8Array, n: number, value: unknown): Uint8Array {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return bytes;
  }
  let count = 0;
  JSON.stringify(document, (_, member) => {
    count++;
    return member;
  });
  let at = 0;
  const text = JSON.stringify(document, (_, member) => (at++ === n % count ? value : member));
  return new TextEncoder().encode(text ?? "null");
}

async function validate(files: Files): Promise<void> {
  const store = memoryStore(files, "mutated.zarr");
  const rules = zarrRules({ deep: true });
  const ids = new Set(rules.map(({ id }) => id));
  const collector = collectFindings({ rules });
  const hierarchy = await readHierarchy(store);
  for await (const finding of checkZarr(store, hierarchy, { deep: true })) {
    expect(ids).toContain(finding.rule);
    expect(finding.message).toMatch(/^\S[\s\S]*\.$/);
    collector.add(finding, "zarr");
  }
  for (const finding of await checkOme(hierarchy)) collector.add(finding, "ome");
  collector.groups();
}

test("validating a mutated image throws nothing but typed errors", {
  timeout: 60_000 + RUNS * 60,
}, async () => {
  const originals = await Promise.all(VARIANTS.map((options) => sampleMap(options)));
  await fc.assert(
    fc.asyncProperty(
      fc.nat(VARIANTS.length - 1),
      fc.array(MUTATION, { minLength: 1, maxLength: 3 }),
      async (variant, mutations) => {
        const files: Files = new Map(originals[variant]);
        for (const mutation of mutations) mutate(files, mutation);
        try {
          await validate(files);
        } catch (error) {
          if (!isOzxError(error)) throw error;
        }
      },
    ),
    { numRuns: RUNS },
  );
});
