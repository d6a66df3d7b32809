import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { encodeJson, groupDocument, imageMetadata, smallImage, tempFolder, testSample } from "@ozx/testing";
import { expect } from "vitest";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
/** With as little memory as this, what takes much more than its document would end the process. */
const env = { NODE_OPTIONS: "--max-old-space-size=300" };

function names(count: number): { name: string }[] {
  return Array.from({ length: count }, (_, k) => ({ name: `R${k}` }));
}

/** A plate with one real well, A/1 by position. */
function plate(members: object, images: object[] = [{ path: "0" }]): Map<string, Uint8Array> {
  const one = { rows: names(1), columns: names(1), wells: [{ path: "R0/R0", rowIndex: 0, columnIndex: 0 }] };
  const array = { shape: [4, 4], dataType: "uint8", document: { dimension_names: ["y", "x"] } } as const;
  return smallImage(
    {
      "/": { version: "0.5", plate: { name: "plate", ...one, ...members } },
      "/R0": undefined,
      "/R0/R0": { version: "0.5", well: { images } },
      "/R0/R0/0": imageMetadata("yx"),
    },
    { "/R0/R0/0/0": array },
  );
}

/** An image with a text in place of an attribute that nobody reads. */
function imageWith(text: string): Map<string, Uint8Array> {
  const values: Map<string, Uint8Array> = smallImage(
    { "/": imageMetadata("yx") },
    { "/0": { shape: [4, 4], dataType: "uint8" } },
  );
  const root = groupDocument({ ome: imageMetadata("yx"), more: "HERE" });
  const document = new TextDecoder().decode(encodeJson(root)).replace('"HERE"', text);
  return values.set("/zarr.json", new TextEncoder().encode(document));
}

const well = { path: "R0/R0", rowIndex: 0, columnIndex: 0 };

/** The exit codes of info, validate and convert. */
const CASES: readonly (readonly [string, () => Map<string, Uint8Array>, readonly number[]])[] = [
  ["a plate of 10,000 by 10,000", () => plate({ rows: names(10_000), columns: names(10_000) }), [0, 0, 0]],
  ["a well that is listed 100,000 times", () => plate({ wells: new Array(100_000).fill(well) }), [0, 1, 0]],
  [
    "a field that is listed 100,000 times",
    () => plate({}, new Array(100_000).fill({ path: "0" })),
    [0, 1, 0],
  ],
  ["20 million empty lists", () => imageWith(`[${"[],".repeat(2e7)}0]`), [4, 1, 4]],
  ["attributes of 100,000 levels", () => imageWith("[".repeat(1e5) + "]".repeat(1e5)), [4, 1, 4]],
];

testSample(CASES, 1)("%s: takes little memory, and is told", async ([name, make, codes]) => {
  const input = temp.path(`${name.replace(/\W/g, "-")}.zarr`);
  for (const [key, bytes] of make()) {
    mkdirSync(dirname(input + key), { recursive: true });
    writeFileSync(input + key, bytes);
  }
  const verbs = [["info"], ["validate"], ["convert"]];
  for (const [k, verb] of verbs.entries()) {
    const output = verb[0] === "convert" ? [`${input}.ozx`] : [];
    const run = await runOzx([...verb, input, ...output], { env });
    expect(run, `${verb}: ${run.stderr}${run.stdout.slice(0, 600)}`).toMatchObject({
      code: codes[k],
      signal: null,
    });
    expect(run.stderr).not.toMatch(/\n\s+at |internal error/);
  }
});
