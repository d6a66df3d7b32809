import { type AbsolutePath, openStore, type Store } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { validateOmeZarr } from "@ozx/core/validate";
import { type RangeServer, sampleMap, startRangeServer } from "@ozx/testing";
import { afterEach, expect, test } from "vitest";
import { planTransfer, runTransfer, verifyStores } from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";

let server: RangeServer | undefined;
afterEach(() => server?.close());

const SIZE = { levels: 1, size: { c: 1, z: 1, y: 8, x: 8 }, chunk: 8 } as const;
const DOCUMENTS = ["zarr.json", ".zarray", ".zgroup", ".zattrs"];

type Values = Map<AbsolutePath, Uint8Array>;

/** A sample with bare NaN in the attributes of a label image, and copies of all metadata that have it too. */
async function laxSample(version: "0.4" | "0.5"): Promise<Values> {
  const values = await sampleMap({ ...SIZE, version });
  const key = version === "0.4" ? "/labels/cells/.zattrs" : "/labels/cells/zarr.json";
  const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
  const document = JSON.parse(text(values.get(key)));
  const attributes = version === "0.4" ? document : document.attributes;
  attributes.stats = { mean: "MEAN", NaN: 'a "NaN"', most: "MOST" };
  const lax = (value: unknown): Uint8Array =>
    new TextEncoder().encode(
      JSON.stringify(value).replaceAll('"MEAN"', "NaN").replaceAll('"MOST"', "-Infinity"),
    );
  const metadata: Record<string, unknown> = {};
  for (const [name, bytes] of values) {
    const file = name.slice(name.lastIndexOf("/") + 1);
    if (!DOCUMENTS.includes(file)) continue;
    const own = name === key ? document : JSON.parse(text(bytes));
    metadata[version === "0.4" ? name.slice(1) : name.slice(1, -"/zarr.json".length)] = own;
  }
  values.set(key, lax(document));
  if (version === "0.4") values.set("/.zmetadata", lax({ zarr_consolidated_format: 1, metadata }));
  else {
    const { "": _root, ...others } = metadata;
    const root = JSON.parse(text(values.get("/zarr.json")));
    const consolidated_metadata = { kind: "inline", must_understand: false, metadata: others };
    values.set("/zarr.json", lax({ ...root, consolidated_metadata }));
  }
  return values;
}

async function served(values: Values): Promise<Store> {
  server = await startRangeServer((path) => values.get(path.slice("/image.zarr".length) as AbsolutePath));
  return openStore(server.url, { formats: [] });
}

async function convert(source: Store, needs: { zarrFormat?: 3 }): Promise<MemoryStore> {
  const target = memoryTarget();
  await runTransfer(await planTransfer(source, needs), target);
  return target.store;
}

const CASES = (["0.4", "0.5"] as const).flatMap((version) =>
  (["here", "on a server"] as const).flatMap((where) =>
    [{}, { zarrFormat: 3 } as const].map((needs) => [version, where, needs] as const),
  ),
);

test.for(CASES)(
  "consolidated metadata of %s with NaN, %s, is read and written as JSON: %j",
  async ([version, where, needs]) => {
    const values = await laxSample(version);
    const source = where === "here" ? memoryStore(values, "image.zarr") : await served(values);
    const written = await convert(source, needs);
    const documents: string[] = [];
    for await (const { key } of written.list()) {
      const name = key.slice(key.lastIndexOf("/") + 1);
      if (!DOCUMENTS.includes(name) && name !== ".zmetadata") continue;
      // A bare NaN is an error here.
      const text = new TextDecoder().decode(await written.get(key));
      JSON.parse(text);
      documents.push(text.replaceAll(/\s/g, ""));
    }
    expect(documents.join()).toContain('"stats":{"mean":"NaN","NaN":"a\\"NaN\\"","most":"-Infinity"}');
    const { groups } = await validateOmeZarr(written, { formats: [] });
    expect(groups.filter(({ severity }) => severity === "error")).toEqual([]);
    const differences: string[] = [];
    for await (const { message } of verifyStores(source, written)) differences.push(message);
    expect(differences).toEqual([]);
  },
);
