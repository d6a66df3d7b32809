import type { AbsolutePath, JsonObject } from "@ozx/core";
import { isJsonObject, type MemoryStore, memoryStore } from "@ozx/core/container";
import { convertOme, downgradeTo04 } from "@ozx/core/internal";
import { arrayDocument, encodeJson, groupDocument } from "@ozx/testing";

/** The versions that can be edited. */
export const VERSIONS = ["0.4", "0.5", "0.6", "0.9.dev1"] as const;
export type EditableVersion = (typeof VERSIONS)[number];

type Groups = Readonly<Record<AbsolutePath, JsonObject>>;
type Arrays = Readonly<Record<AbsolutePath, readonly [axes: string, shape: readonly number[]]>>;

const axis = (name: string): JsonObject => ({
  name,
  type: { t: "time", c: "channel" }[name] ?? "space",
  ...(name === "c" ? {} : { unit: name === "t" ? "second" : "micrometer" }),
});

/** Datasets whose lower levels have larger pixels, and so the centre of their first one elsewhere. */
function datasets(axes: string, scale: readonly number[], offset: readonly number[] = []): JsonObject[] {
  return [1, 2, 4].map((factor, level) => ({
    path: String(level),
    coordinateTransformations: [
      { type: "scale", scale: scale.map((one, k) => ("yx".includes(axes[k] ?? "") ? one * factor : one)) },
      {
        type: "translation",
        translation: scale.map((one, k) =>
          "yx".includes(axes[k] ?? "") ? (offset[k] ?? 0) + ((factor - 1) / 2) * one : 0,
        ),
      },
    ],
  }));
}

const channel = (label: string, color: string): JsonObject => ({
  label,
  color,
  active: true,
  window: { start: 0, end: 1000, min: 0, max: 65535 },
});

/** The `ome` of an image of two channels, in 0.5. */
export const IMAGE: JsonObject = {
  version: "0.5",
  multiscales: [
    {
      name: "tissue",
      axes: [..."czyx"].map(axis),
      datasets: datasets("czyx", [1, 2, 0.5, 0.5], [0, 0, 10, 20]),
    },
  ],
  omero: { channels: [channel("DNA", "0000FF"), channel("Actin", "00FF00")] },
};

const CELLS: JsonObject = {
  version: "0.5",
  multiscales: [
    { name: "cells", axes: [..."zyx"].map(axis), datasets: datasets("zyx", [2, 0.5, 0.5], [0, 10, 20]) },
  ],
  "image-label": { version: "0.5", source: { image: "../../" } },
};

export const levelsOf = (path: string, axes: string, shape: readonly number[]): Arrays =>
  Object.fromEntries(
    [1, 2, 4].map((factor, level) => [
      `${path}/${level}`,
      [axes, shape.map((extent, k) => ("yx".includes(axes[k] ?? "") ? extent / factor : extent))],
    ]),
  );

/** An image of two channels and three levels, with a label image. */
export function imageWithLabels(version: EditableVersion): MemoryStore {
  return storeOf(
    version,
    { "/": IMAGE, "/labels": { version: "0.5", labels: ["cells"] }, "/labels/cells": CELLS },
    { ...levelsOf("", "czyx", [2, 3, 8, 8]), ...levelsOf("/labels/cells", "zyx", [3, 8, 8]) },
  );
}

/** A plate of two wells with one field each. */
export function plate(version: EditableVersion): MemoryStore {
  const well = { version: "0.5", well: { version: "0.5", images: [{ path: "0", acquisition: 0 }] } };
  return storeOf(
    version,
    {
      "/": {
        version: "0.5",
        plate: {
          version: "0.5",
          name: "trial",
          rows: [{ name: "A" }, { name: "B" }],
          columns: [{ name: "1" }, { name: "2" }],
          wells: [
            { path: "A/1", rowIndex: 0, columnIndex: 0 },
            { path: "B/2", rowIndex: 1, columnIndex: 1 },
          ],
          acquisitions: [{ id: 0, name: "first" }],
        },
      },
      "/A": {},
      "/A/1": well,
      "/A/1/0": IMAGE,
      "/B": {},
      "/B/2": well,
      "/B/2/0": IMAGE,
    },
    { ...levelsOf("/A/1/0", "czyx", [2, 3, 8, 8]), ...levelsOf("/B/2/0", "czyx", [2, 3, 8, 8]) },
  );
}

/** A store of a version, of groups as 0.5 has them. */
export function storeOf(version: EditableVersion, groups: Groups, arrays: Arrays): MemoryStore {
  const values = new Map<AbsolutePath, Uint8Array>();
  const add = (path: string, name: string, document: JsonObject): void => {
    values.set(`${path === "/" ? "" : path}/${name}` as AbsolutePath, encodeJson(document));
  };
  for (const [path, ome] of Object.entries(groups)) {
    const where = { location: "image", path };
    const attributes = Object.keys(ome).length === 0 ? {} : { ome };
    if (version === "0.4") {
      add(path, ".zgroup", { zarr_format: 2 });
      if (isJsonObject(attributes.ome)) add(path, ".zattrs", downgradeTo04(attributes, where));
    } else if (version === "0.5" || attributes.ome === undefined)
      add(path, "zarr.json", groupDocument(attributes));
    else
      add(
        path,
        "zarr.json",
        groupDocument({ ome: asDraft(convertOme(attributes.ome, "0.6", where), version) }),
      );
  }
  for (const [path, [axes, shape]] of Object.entries(arrays)) {
    if (version === "0.4") {
      const stored = { dtype: "<u2", fill_value: 0, order: "C", filters: null, compressor: null };
      add(path, ".zarray", { zarr_format: 2, shape, chunks: shape, ...stored, dimension_separator: "/" });
    } else add(path, "zarr.json", arrayDocument({ shape, document: { dimension_names: [...axes] } }));
  }
  return memoryStore(values, "image");
}

/** What 0.6 has, in a version that has the same members. */
function asDraft(ome: JsonObject, version: "0.6" | "0.9.dev1"): JsonObject {
  const replace = (name: string, value: unknown): unknown => (name === "version" ? version : value);
  return JSON.parse(JSON.stringify(ome, replace)) as JsonObject;
}

/** A store of the same content with other documents. */
export async function withDocuments(
  store: MemoryStore,
  changed: ReadonlyMap<AbsolutePath, { readonly after: Uint8Array | undefined }>,
): Promise<MemoryStore> {
  const values = new Map<AbsolutePath, Uint8Array>();
  for await (const { key } of store.list()) {
    const bytes = await store.get(key);
    if (bytes !== undefined) values.set(key, bytes);
  }
  for (const [key, { after }] of changed) {
    if (after === undefined) values.delete(key);
    else values.set(key, after);
  }
  return memoryStore(values, store.name);
}
