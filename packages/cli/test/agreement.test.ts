import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  checkOutput,
  needsOfVersion,
  planTransfer,
  planVersion,
  runTransfer,
  verifyStores,
} from "@ozx/convert";
import { type AbsolutePath, isOzxError, type JsonObject, type Store } from "@ozx/core";
import {
  type EntryInput,
  isJsonObject,
  memorySink,
  memorySource,
  memoryStore,
  readEntry,
} from "@ozx/core/container";
import { openPath } from "@ozx/core/node";
import { validateOmeZarr } from "@ozx/core/validate";
import { ozxFormat } from "@ozx/store-zip";
import {
  arrayDocument,
  encodeJson,
  foreignImages,
  fuzzRuns,
  groupDocument,
  isFullRun,
  sampled,
  sharedPath,
  skipFor,
  testSample,
  withoutSharedData,
} from "@ozx/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formats } from "../src/formats.js";

type Values = Map<AbsolutePath, Uint8Array>;

const VERSIONS = [undefined, "0.4", "0.5", "0.6"] as const;

/** What is written of an input in a version; undefined where it is refused. */
async function written(store: Store, version: (typeof VERSIONS)[number], allowMissing: boolean) {
  try {
    const needs =
      version === undefined ? ozxFormat : needsOfVersion(version, version === "0.4" ? {} : ozxFormat);
    const planned = await planTransfer(store, needs, { allowMissing });
    const plan = version === undefined ? planned : await planVersion(planned, version);
    const invalid = await checkOutput(plan);
    const remarks = plan.findings.filter(({ severity }) => severity !== "info").map(({ message }) => message);
    if (version === "0.4") {
      const values: Values = new Map();
      const take = async (entry: EntryInput) => void values.set(entry.key, await readEntry(store, entry));
      for (const entry of plan.entries) await take(entry);
      for await (const { key, bytes } of plan.generated?.produce() ?? []) {
        if (bytes instanceof Uint8Array) values.set(key, bytes);
      }
      return { output: memoryStore(values, "output"), plan, invalid, remarks };
    }
    const sink = memorySink("output.ozx");
    await runTransfer(plan, ozxFormat.target?.(sink) ?? expect.unreachable());
    return { output: memorySource(sink.bytes(), "output.ozx"), plan, invalid, remarks };
  } catch (error) {
    if (isOzxError(error)) return undefined;
    throw error;
  }
}

/** What differs between an input and what was written of it. */
async function differences(store: Store, { output, plan }: NonNullable<Awaited<ReturnType<typeof written>>>) {
  const other = "list" in output ? output : await ozxFormat.open(output);
  const found: string[] = [];
  try {
    for await (const { message } of verifyStores(store, other, { described: plan.described }))
      found.push(message);
  } catch (error) {
    // A document that cannot be read is copied as it is where nothing needs it.
    if (!isOzxError(error, "InvalidMetadata")) throw error;
  }
  return found;
}

/** Checks that `convert` and `validate` agree on an input, in every version that can be written of it. */
async function expectAgreement(store: Store): Promise<number> {
  let outputs = 0;
  for (const version of VERSIONS) {
    const found = (await written(store, version, false)) ?? (await written(store, version, true));
    if (found === undefined) continue;
    outputs++;
    const { groups } = await validateOmeZarr(found.output, { formats });
    const errors = groups.filter(({ severity }) => severity === "error");
    const said = `${version}: ${[...found.remarks, found.invalid?.message].join("\n")}`;
    const messages = errors.flatMap(({ examples }) => examples.map(({ message }) => message));
    // What is written without a remark is valid, and nothing valid is told not to be.
    if (messages.length > 0)
      expect(found.invalid ?? found.remarks[0], `${said}\n${messages.join("\n")}`).toBeDefined();
    if (found.invalid !== undefined) expect(messages.join("\n"), said).not.toBe("");
  }
  return outputs;
}

describe("what convert writes without a remark is valid", () => {
  describe("of strangers' files", skipFor(withoutSharedData("cases")), () => {
    const folder = sharedPath("cases");
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => name !== "README.md") : [];
    testSample([...names, "../cardiomyocyte-v04.zarr"], 12)("%s", async (name) => {
      let store: Store;
      try {
        store = await openPath(join(folder, name), { formats, wholeIndex: true });
      } catch (error) {
        // What is not opened is not written either.
        expect(isOzxError(error)).toBe(true);
        return;
      }
      await expectAgreement(store);
      await store.close();
    });
  });

  describe("of the specification's suites and examples", skipFor(withoutSharedData("ngff-spec")), () => {
    const root = sharedPath("ngff-spec");
    test.for(["0.4", "0.5", "0.6rc0", "0.6rc0 as 0.6", "0.6rc0 as 0.9.dev1"])("%s", async (name) => {
      const [version = "", other] = name.split(" as ");
      const inputs = existsSync(root) ? attributesIn(join(root, version)) : [];
      expect(inputs.length).toBeGreaterThan(50);
      let outputs = 0;
      for (const attributes of sampled(inputs, 24)) {
        const input = other === undefined ? attributes : inVersion(attributes, other);
        outputs += await expectAgreement(memoryStore(hierarchyOf(input), "suite.zarr"));
      }
      expect(outputs).toBeGreaterThan(isFullRun ? 100 : 16);
    });
  });

  test("of images of all kinds that strangers have, and is the same as the input", async () => {
    const property = fc.asyncProperty(foreignImages(), async ({ values }) => {
      const store = memoryStore(values, "image.zarr");
      await expectAgreement(store);
      for (const version of VERSIONS) {
        const found = await written(store, version, true);
        if (found !== undefined) expect(await differences(store, found), String(version)).toEqual([]);
      }
    });
    await fc.assert(property, { numRuns: fuzzRuns({ sample: 25, full: 250 }) });
  });

  describe("of public archives", skipFor(withoutSharedData("zips")), () => {
    const folder = sharedPath("zips");
    const names = existsSync(folder)
      ? readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
          /\.(?:zip|bin|notzip)$/.test(name),
        )
      : [];
    testSample(names, 6)("%s", async (name) => {
      try {
        const store = await openPath(join(folder, name), { formats, wholeIndex: true });
        await expectAgreement(store);
        await store.close();
      } catch (error) {
        expect(isOzxError(error)).toBe(true);
      }
    });
  });
});

/** All attributes in the JSON files of a folder: of suites, of single cases, and of examples. */
function attributesIn(folder: string): JsonObject[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /[^/.]\.json$/.test(file) && !file.endsWith(".config.json"))
    .sort()
    .flatMap((file): JsonObject[] => {
      const text = readFileSync(join(folder, file), "utf8").replace(/^\s*\/\/.*$/gm, "");
      const document = JSON.parse(text) as JsonObject;
      const { tests, attributes } = document;
      if (Array.isArray(tests))
        return tests.map(({ data }: { data: JsonObject }) => data).filter(isJsonObject);
      return [isJsonObject(attributes) ? attributes : document];
    });
}

function inVersion(attributes: JsonObject, version: string): JsonObject {
  const { ome } = attributes;
  return isJsonObject(ome) ? { ...attributes, ome: { ...ome, version } } : attributes;
}

/** The smallest hierarchy in which the attributes can stand: with an array for each level that they name. */
function hierarchyOf(attributes: JsonObject): Values {
  const { ome } = attributes;
  const isV3 = isJsonObject(ome);
  const values: Values = new Map(
    isV3
      ? [["/zarr.json", encodeJson(groupDocument(attributes))]]
      : [
          ["/.zgroup", encodeJson({ zarr_format: 2 })],
          ["/.zattrs", encodeJson(attributes)],
        ],
  );
  for (const multiscale of listIn(isV3 ? ome : attributes, "multiscales")) {
    const [system] = listIn(multiscale, "coordinateSystems");
    const axes = listIn(system ?? multiscale, "axes");
    const shape = axes.map(() => 2);
    const names = axes.map(({ name }) => (typeof name === "string" ? name : null));
    for (const { path } of listIn(multiscale, "datasets")) {
      if (typeof path !== "string" || path === "" || path.startsWith(".")) continue;
      const own: AbsolutePath = `/${path}`;
      if (isV3) {
        const document = { dimension_names: names };
        values.set(`${own}/zarr.json`, encodeJson(arrayDocument({ shape, document })));
      } else {
        const zarray = { zarr_format: 2, shape, chunks: shape, dtype: "|u1", fill_value: 0, order: "C" };
        values.set(`${own}/.zarray`, encodeJson({ ...zarray, filters: null, compressor: null }));
      }
    }
  }
  return values;
}

function listIn(object: JsonObject, key: string): JsonObject[] {
  const value = object[key];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
