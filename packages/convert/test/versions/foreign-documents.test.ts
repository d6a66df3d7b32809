import { memoryStore } from "@ozx/core/container";
import { validateOmeZarr } from "@ozx/core/validate";
import { encodeJson, groupDocument, imageMetadata, sampleMap, smallImage } from "@ozx/testing";
import { expect, test } from "vitest";
import { needsOfVersion, planTransfer, planVersion, runTransfer } from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";
import { jsonOf } from "../support/store-content.js";

const V3 = { zarrFormat: 3 } as const;
const ARRAY = { shape: [4, 4], valueAt: (i: number) => i, document: { dimension_names: ["y", "x"] } };

async function convert(values: Map<`/${string}`, Uint8Array>, version?: "0.4" | "0.5" | "0.6") {
  const store = memoryStore(values, "image.zarr");
  const needs = version ? needsOfVersion(version, {}) : V3;
  const plan = await planTransfer(store, needs);
  const target = memoryTarget();
  await runTransfer(version ? await planVersion(plan, version) : plan, target);
  const { groups } = await validateOmeZarr(target.store, { formats: [] });
  const errors = groups.filter(({ severity }) => severity === "error");
  return { plan, written: target.store, errors };
}

test("NaN and Infinity in attributes are written as the texts that zarr-python reads back", async () => {
  const values = smallImage({ "/": imageMetadata("yx") }, { "/0": ARRAY });
  const text = JSON.stringify(groupDocument({ ome: imageMetadata("yx"), stats: { min: "MIN", max: "MAX" } }));
  const lax = text.replace('"MIN"', "NaN").replace('"MAX"', "-Infinity");
  values.set("/zarr.json", new TextEncoder().encode(lax));
  const { groups } = await validateOmeZarr(memoryStore(values, "image.zarr"), { formats: [] });
  expect(groups[0]).toMatchObject({ rule: "zarr-strict-json", severity: "warning", count: 1 });
  const { plan, written, errors } = await convert(values);
  expect(errors).toEqual([]);
  expect(plan.findings).toMatchObject([{ rule: "strict-json", where: "/zarr.json" }]);
  const { attributes } = (await jsonOf(written, "/zarr.json")) as { attributes: { stats: object } };
  expect(attributes.stats).toEqual({ min: "NaN", max: "-Infinity" });
});

test.for([undefined, "0.4", "0.5", "0.6"] as const)(
  "0.4 metadata in Zarr v3 becomes valid as %s",
  async (version) => {
    const values = smallImage({ "/": {} }, { "/0": { shape: [4, 4], valueAt: (i) => i } });
    const { multiscales } = imageMetadata("yx") as { multiscales: object[] };
    const flat = { multiscales: multiscales.map((one) => ({ ...one, version: "0.4" })) };
    values.set("/zarr.json", encodeJson(groupDocument(flat)));
    const { plan, errors } = await convert(values, version);
    expect(errors).toEqual([]);
    expect(plan).toMatchObject({ from: "0.4", to: "0.5" });
    expect(plan.findings.map(({ rule }) => rule)).toContain("moved-metadata");
  },
);

test.for([undefined, "0.4", "0.5", "0.6"] as const)(
  "0.5 metadata in Zarr v2 becomes valid as %s",
  async (version) => {
    const values = await sampleMap({ version: "0.4", levels: 1, size: { c: 1, z: 1, y: 8, x: 8 }, chunk: 8 });
    values.delete("/labels/.zgroup");
    for (const key of values.keys()) if (key.startsWith("/labels/")) values.delete(key);
    values.set("/.zattrs", encodeJson({ ome: imageMetadata("czyx") }));
    const { plan, errors } = await convert(values, version);
    expect(errors).toEqual([]);
    expect(plan).toMatchObject({ from: "0.5", to: "0.5" });
  },
);

test("a row of a plate without a document, and a group of labels without a version, get theirs", async () => {
  const well = { version: "0.5", well: { images: [{ path: "0" }] } };
  const wells = [{ path: "A/1", rowIndex: 0, columnIndex: 0 }];
  const plate = {
    version: "0.5",
    plate: { name: "p", rows: [{ name: "A" }], columns: [{ name: "1" }], wells },
  };
  const label = { ...imageMetadata("yx"), "image-label": {} };
  const values = smallImage(
    {
      "/": plate,
      "/A/1": well,
      "/A/1/0": imageMetadata("yx"),
      "/A/1/0/labels": { labels: ["n"] },
      "/A/1/0/labels/n": label,
    },
    { "/A/1/0/0": ARRAY, "/A/1/0/labels/n/0": ARRAY },
  );
  const { plan, written, errors } = await convert(values);
  expect(errors).toEqual([]);
  expect(plan.findings.map(({ rule }) => rule)).toContain("completed-documents");
  expect(await jsonOf(written, "/A/zarr.json")).toMatchObject({ node_type: "group" });
  expect(await jsonOf(written, "/A/1/0/labels/zarr.json")).toMatchObject({
    attributes: { ome: { version: "0.5", labels: ["n"] } },
  });
});
