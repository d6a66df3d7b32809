import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { arrayDocument, groupDocument } from "@ozx/testing";
import type { AbsolutePath, Hierarchy } from "../../src/index.js";
import { readHierarchy } from "../../src/index.js";
import { memoryStore } from "../../src/store/memory-store.js";
import type { JsonObject } from "../../src/zarr/json.js";

/** Documents by key, without the leading slash: `{ ".zgroup": {...}, "0/.zarray": {...} }`. */
export type Documents = Readonly<Record<string, JsonObject | string>>;

/** The hierarchy that a store with these documents has; a string is stored as it is. */
export async function hierarchyOf(documents: Documents): Promise<Hierarchy> {
  const values = new Map<AbsolutePath, Uint8Array>();
  for (const [key, document] of Object.entries(documents)) {
    const text = typeof document === "string" ? document : JSON.stringify(document);
    values.set(`/${key}`, new TextEncoder().encode(text));
  }
  return readHierarchy(memoryStore(values, "sample.zarr"));
}

/** The hierarchy of a folder, of which only the metadata is loaded. */
export async function hierarchyOfFolder(folder: string): Promise<Hierarchy> {
  const values = new Map<AbsolutePath, Uint8Array>();
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!/(?:^|\/)(?:zarr\.json|\.z(?:array|group|attrs))$/.test(entry)) continue;
    values.set(`/${entry}`, readFileSync(join(folder, entry)));
  }
  return readHierarchy(memoryStore(values, folder));
}

export function groupV3(attributes: JsonObject = {}): JsonObject {
  return groupDocument(attributes) as JsonObject;
}

export function arrayV3(
  shape: readonly number[],
  names: readonly (string | null)[] | undefined,
  dataType = "uint16",
): JsonObject {
  const chunks = shape.map(() => 64);
  const document = { data_type: dataType, ...(names && { dimension_names: names }) };
  return arrayDocument({ shape, chunks, document }) as JsonObject;
}

export function arrayV2(shape: readonly number[], dtype = "<u2"): JsonObject {
  return {
    zarr_format: 2,
    shape,
    chunks: shape.map(() => 64),
    dtype,
    compressor: null,
    fill_value: 0,
    filters: null,
    order: "C",
    dimension_separator: "/",
  };
}

export const YX: readonly JsonObject[] = [
  { name: "y", type: "space", unit: "micrometer" },
  { name: "x", type: "space", unit: "micrometer" },
];

export function scale(...numbers: number[]): JsonObject {
  return { type: "scale", scale: numbers };
}

export function translation(...numbers: number[]): JsonObject {
  return { type: "translation", translation: numbers };
}
