import type { JsonObject, Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { validateOmeZarr } from "@ozx/core/validate";
import { encodeJson, imageMetadata, sampleMap, smallImage } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import {
  checkOutput,
  parseCodecRequest,
  planTransfer,
  runTransfer,
  type TargetNeeds,
  verifyStores,
} from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";
import { jsonOf } from "../support/store-content.js";

type Values = Map<`/${string}`, Uint8Array>;

const ARRAY = { shape: [4, 4], valueAt: (i: number) => i, document: { dimension_names: ["y", "x"] } };
const WELLS = [{ path: "A/1", rowIndex: 0, columnIndex: 0 }];

function plate(change: JsonObject = {}): JsonObject {
  const rows = { name: "p", rows: [{ name: "A" }], columns: [{ name: "1" }], wells: WELLS };
  return { version: "0.5", plate: { ...rows, ...change } };
}

async function convert(values: Values, needs: TargetNeeds = { zarrFormat: 3 }) {
  const source = memoryStore(values, "image.zarr");
  const plan = await planTransfer(source, needs);
  const target = memoryTarget();
  await runTransfer(plan, target);
  const { groups } = await validateOmeZarr(target.store, { formats: [] });
  const errors = groups.filter(({ severity }) => severity === "error").map(({ rule }) => rule);
  const differences: string[] = [];
  for await (const { message } of verifyStores(source, target.store, { described: plan.described })) {
    differences.push(message);
  }
  return { plan, written: target.store, errors, differences, invalid: await checkOutput(plan) };
}

async function omeAt(store: Store, path: `/${string}`): Promise<unknown> {
  const { attributes } = await jsonOf(store, `${path}/zarr.json`);
  return (attributes as JsonObject)["ome"];
}

describe("a well without a document", () => {
  const images = { "/A/1/0": imageMetadata("yx"), "/A/1/1": imageMetadata("yx"), "/A/1/notes": undefined };
  const arrays = { "/A/1/0/0": ARRAY, "/A/1/1/0": ARRAY };
  const found = { version: "0.5", well: { version: "0.5", images: [{ path: "0" }, { path: "1" }] } };

  test.for([
    ["no document", {}],
    ["an empty group", { "/A/1": undefined }],
  ] as const)("gets one with the images found, where it has %s", async ([, groups]) => {
    const { plan, written, errors, differences, invalid } = await convert(
      smallImage({ "/": plate(), ...groups, ...images }, arrays),
    );
    expect(errors).toEqual([]);
    expect(invalid).toBeUndefined();
    expect(await omeAt(written, "/A/1")).toEqual(found);
    expect(plan.findings.map(({ message }) => message).join("\n")).toMatch(
      /1 folder \(\/A\) had no zarr\.json, and is written as a group\.\n1 well \(\/A\/1\) had no metadata/,
    );
    expect(differences).toEqual([]);
  });

  test("gets one from Zarr v2 too", async () => {
    const sample = await sampleMap({ version: "0.4", levels: 1, size: { c: 1, z: 1, y: 8, x: 8 }, chunk: 8 });
    const values: Values = new Map([
      ["/.zgroup", encodeJson({ zarr_format: 2 })],
      ["/.zattrs", encodeJson({ plate: { ...(plate()["plate"] as JsonObject), version: "0.4" } })],
      ...[...sample].map(([key, bytes]) => [`/A/1/0${key}`, bytes] as const),
    ]);
    const { written, errors, differences } = await convert(values);
    expect(errors).toEqual([]);
    expect(await omeAt(written, "/A/1")).toMatchObject({ well: { images: [{ path: "0" }] } });
    expect(differences).toEqual([]);
  });

  test("is not guessed where the plate has several acquisitions, and a line says that it is not valid", async () => {
    const acquisitions = [{ id: 0 }, { id: 1 }];
    const { written, errors, invalid } = await convert(
      smallImage({ "/": plate({ acquisitions }), ...images }, arrays),
    );
    expect(await omeAt(written, "/A/1")).toBeUndefined();
    expect(errors).toEqual(["ome-plate-well-metadata"]);
    expect(invalid?.message).toMatch(/^The output is not valid: The plate \/ lists \/A\/1 as a well/);
  });
});

test("a group of labels without a document gets one with the label images found", async () => {
  const label = { ...imageMetadata("yx"), "image-label": {} };
  const { written, errors, differences } = await convert(
    smallImage(
      { "/": imageMetadata("yx"), "/labels/cells": label, "/labels/by-hand/nuclei": label },
      { "/0": ARRAY, "/labels/cells/0": ARRAY, "/labels/by-hand/nuclei/0": ARRAY },
    ),
  );
  expect(errors).toEqual([]);
  expect(await omeAt(written, "/labels")).toEqual({ version: "0.5", labels: ["by-hand/nuclei", "cells"] });
  expect(differences).toEqual([]);
});

test("levels of 0.5 without dimension_names get those of the axes, and 0.6 has no such rule", async () => {
  const { document: _, ...unnamed } = ARRAY;
  const { written, errors, plan } = await convert(
    smallImage({ "/": imageMetadata("yx") }, { "/0": unnamed }),
  );
  expect(errors).toEqual([]);
  expect(await jsonOf(written, "/0/zarr.json")).toMatchObject({ dimension_names: ["y", "x"] });
  expect(plan.findings.map(({ rule }) => rule)).toEqual(["completed-documents"]);
});

test("dimension_names of other axes are not changed, and a line says that the output is not valid", async () => {
  const other = { ...ARRAY, document: { dimension_names: ["x", "y"] } };
  const { errors, invalid } = await convert(smallImage({ "/": imageMetadata("yx") }, { "/0": other }));
  expect(errors).toEqual(["ome-dimension-names"]);
  expect(invalid).toMatchObject({ rule: "output-not-valid", severity: "warning", where: "/" });
});

test.for([
  ["gzip", "level", -1, 6],
  ["blosc", "clevel", 12, 5],
  ["zstd", "level", 30, 22],
] as const)("a %s %s of %i in Zarr v3 becomes %i, wherever it is", async ([name, member, level, usual]) => {
  const codec = (value: number): JsonObject => ({ name, configuration: { [member]: value } });
  const bytes = { name: "bytes", configuration: { endian: "little" } };
  const sharded = (inner: readonly JsonObject[], extent = 2): JsonObject => ({
    name: "sharding_indexed",
    configuration: {
      chunk_shape: [extent, extent],
      codecs: inner,
      index_codecs: [bytes, { name: "crc32c" }],
    },
  });
  const chains: ((one: JsonObject) => readonly JsonObject[])[] = [
    (one) => [bytes, one],
    (one) => [sharded([bytes, one])],
    (one) => [sharded([sharded([bytes, one], 1)])],
    (one) => [sharded([bytes]), one],
  ];
  for (const chain of chains) {
    const document = { ...ARRAY.document, codecs: chain(codec(level)) };
    const values = smallImage({ "/": imageMetadata("yx") }, { "/0": { shape: [4, 4], document } });
    const before = await validateOmeZarr(memoryStore(values), { formats: [] });
    expect(before.groups).toContainEqual(
      expect.objectContaining({ rule: "zarr-codec-level", severity: "error" }),
    );
    for (const needs of [{ zarrFormat: 3 }, {}] as const) {
      const { plan, written, errors, differences } = await convert(values, needs);
      expect(errors).toEqual([]);
      expect(differences).toEqual([]);
      expect(await jsonOf(written, "/0/zarr.json")).toMatchObject({ codecs: chain(codec(usual)) });
      expect(plan.findings.map(({ message }) => message)).toEqual([
        "1 array (/0) had a compression level that its codec does not have, and gets the usual one.",
      ]);
    }
  }
});

test.for([
  ["zlib's level in gzip", "gzip", { level: -1 }],
  [
    "a level of another library in blosc",
    "blosc",
    { clevel: 11, cname: "lz4", shuffle: "noshuffle", typesize: 2 },
  ],
  ["a level beyond zstd's", "zstd", { level: 99, checksum: false }],
] as const)("new levels of an image with %s can be written", async ([, name, configuration]) => {
  const array = { ...ARRAY, shape: [600, 300] };
  const plain = memoryStore(smallImage({ "/": imageMetadata("yx") }, { "/0": array }));
  const encoded = memoryTarget();
  await runTransfer(await planTransfer(plain, {}, { codec: parseCodecRequest(name) }), encoded);
  const document = await jsonOf(encoded.store, "/0/zarr.json");
  const [bytes] = document["codecs"] as JsonObject[];
  await encoded.store.set(
    "/0/zarr.json",
    encodeJson({ ...document, codecs: [bytes, { name, configuration }] }),
  );
  const target = memoryTarget();
  await runTransfer(await planTransfer(encoded.store, { zarrFormat: 3 }, { pyramid: true }), target);
  const { groups } = await validateOmeZarr(target.store, { formats: [], deep: true });
  expect(groups.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(await target.store.get("/1/c/0/0")).toBeDefined();
});

test("copies of metadata that lack what is completed are removed", async () => {
  const values = smallImage(
    { "/": plate(), "/A/1": { version: "0.5", well: { images: [{ path: "0" }] } } },
    {},
  );
  for (const [key, bytes] of smallImage({ "/": imageMetadata("yx") }, { "/0": ARRAY })) {
    values.set(`/A/1/0${key}`, bytes);
  }
  const root = JSON.parse(new TextDecoder().decode(values.get("/zarr.json")));
  const consolidated_metadata = { kind: "inline", must_understand: false, metadata: {} };
  values.set("/zarr.json", encodeJson({ ...root, consolidated_metadata }));
  const { written, errors } = await convert(values);
  expect(errors).toEqual([]);
  expect(await jsonOf(written, "/zarr.json")).not.toHaveProperty("consolidated_metadata");
});

test("an attribute of the name labels, of somebody else's group, does not move", async () => {
  const values = smallImage({ "/": imageMetadata("yx"), "/notes": undefined }, { "/0": ARRAY });
  values.set(
    "/notes/zarr.json",
    encodeJson({ zarr_format: 3, node_type: "group", attributes: { labels: ["a"] } }),
  );
  const { plan, written } = await convert(values);
  expect(plan.findings).toEqual([]);
  expect(await jsonOf(written, "/notes/zarr.json")).toMatchObject({ attributes: { labels: ["a"] } });
});

test("what is copied as it is, without a repair, is told to be not valid", async () => {
  const axes = [{ name: "y", type: "space" }];
  const ome = { version: "0.5", multiscales: [{ axes, datasets: [] }] };
  for (const needs of [{}, { zarrFormat: 3 }] as const) {
    const source = memoryStore(smallImage({ "/": ome }), "image.zarr");
    const plan = await planTransfer(source, needs, { allowMissing: true });
    expect((await checkOutput(plan))?.message).toMatch(
      /^The output is not valid: .* errors?\); ozx validate/,
    );
  }
});
