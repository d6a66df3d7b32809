import { fuzzRuns } from "@ozx/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isOzxError } from "../../src/errors.js";
import { readOme } from "../../src/ome/read-ome.js";
import { checkOme } from "../../src/ome/rules/check-ome.js";
import { type Documents, groupV3, hierarchyOf } from "./hierarchy.js";
import {
  goodCollection04,
  goodCollection05,
  goodImage04,
  goodImage05,
  goodImage06,
  goodPlate05,
} from "./rules/good.js";

const RUNS = fuzzRuns({ sample: 300 });

const GOOD = [goodImage04, goodImage05, goodImage06, goodPlate05, goodCollection04, goodCollection05].map(
  (make) => Object.entries(make()).map(([key, document]) => [key, JSON.stringify(document)] as const),
);

/** Values that mean something elsewhere in the metadata do more harm than any others. */
const VALUE = fc.oneof(
  fc.constantFrom(
    "null",
    "0",
    "-1",
    "1.5",
    "1e999",
    "12345678901234567890",
    "true",
    '""',
    "[]",
    "{}",
    "[[]]",
  ),
  fc.constantFrom('"0"', '"../.."', '"0.4"', '"0.6"', '"scale"', '[{"type":"sequence"}]', '{"__proto__":1}'),
  fc.json({ maxDepth: 2 }),
);

/** Replaces the n-th value of a JSON text, whatever it is. */
function replaceValue(text: string, n: number, value: string): string {
  const values = [...text.matchAll(/(?<=[:[,])(?:"[^"]*"(?!:)|[\d.]+|\[[^[\]]*\]|\{[^{}]*\})/g)];
  const match = values[n % Math.max(1, values.length)];
  if (match === undefined) return text;
  return text.slice(0, match.index) + value + text.slice(match.index + match[0].length);
}

test("malformed metadata throws nothing but typed errors", async () => {
  const mutation = fc.record({ document: fc.nat(), at: fc.nat(), value: VALUE });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...GOOD),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      async (good, list) => {
        const documents = new Map(good);
        for (const { document, at, value } of list) {
          const [key, text] = good[document % good.length] ?? ["", ""];
          documents.set(key, replaceValue(documents.get(key) ?? text, at, value));
        }
        await readAndCheck(Object.fromEntries(documents));
      },
    ),
    { numRuns: RUNS },
  );
}, 600_000);

async function readAndCheck(documents: Documents): Promise<void> {
  const hierarchy = await hierarchyOf(documents);
  for (const path of [...hierarchy.nodes.keys(), ...hierarchy.broken.map((node) => node.path)]) {
    try {
      readOme(hierarchy, path);
    } catch (error) {
      if (!isOzxError(error)) throw error;
    }
  }
  await checkOme(hierarchy);
}

test("hundreds of brackets are not read as OME-Zarr", async () => {
  const nested = "[".repeat(300) + "]".repeat(300);
  const transforms = `${'{"type":"sequence","transformations":['.repeat(100)}${"]}".repeat(100)}`;
  const image = (transform: string): string =>
    JSON.stringify(
      groupV3({
        ome: {
          version: "0.6",
          multiscales: [{ datasets: [{ path: "0", coordinateTransformations: ["HERE"] }] }],
        },
      }),
    ).replace('"HERE"', transform);
  for (const text of [image(nested), image(transforms)]) {
    const hierarchy = await hierarchyOf({ "zarr.json": text });
    expect(() => readOme(hierarchy)).toThrow("its attributes are nested too deeply");
    expect((await checkOme(hierarchy)).map(({ message }) => message)).toEqual([
      "The attributes of / are nested too deeply to be read.",
    ]);
  }
});
