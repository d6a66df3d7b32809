import { arrayDocument, encodeJson, groupDocument } from "@ozx/testing";
import { buildZip, type OddEntry, type OddZip } from "../fixtures/build-zip.js";

/** An archive without a single finding, in the terms of the builder, for tests to break in one place each. */

export const group = (attributes: Readonly<Record<string, unknown>> = {}): Uint8Array =>
  encodeJson(groupDocument(attributes));

export const omeGroup = (version = "0.5"): Uint8Array => group({ ome: { version } });

const SHARDING = {
  name: "sharding_indexed",
  configuration: { chunk_shape: [4, 4], codecs: [{ name: "bytes" }] },
};

export function array({
  shape = [8, 8],
  chunks = [8, 8],
  codecs = [SHARDING] as readonly object[],
} = {}): Uint8Array {
  return encodeJson(arrayDocument({ shape, chunks, dataType: "uint8", document: { codecs } }));
}

export const ZIP64 = { zip64: { local: true, central: "all" } } as const;

export const COMMENT = { ome: { version: "0.5", zipFile: { centralDirectory: { jsonFirst: true } } } };

export type DataEntry = OddEntry & { readonly data: Uint8Array };

export const entry = (name: string | Uint8Array, data: Uint8Array | string = name.toString()): DataEntry => ({
  name,
  data: typeof data === "string" ? new TextEncoder().encode(data) : data,
  ...ZIP64,
});

/** Root, two groups with an array each, and a shard of each array. */
export const ENTRIES = [
  entry("zarr.json", omeGroup()),
  entry("a/zarr.json", omeGroup()),
  entry("b/zarr.json", omeGroup()),
  entry("a/0/zarr.json", array()),
  entry("b/0/zarr.json", array()),
  entry("a/0/c/0/0", "the one shard of a"),
  entry("b/0/c/0/0", "the one shard of b"),
] as const satisfies readonly DataEntry[];

export function conforming(changes: OddZip = {}): Uint8Array {
  return buildZip({
    entries: ENTRIES,
    comment: JSON.stringify(COMMENT),
    zip64End: "sentinels",
    ...changes,
  });
}

/** The entries with one of them changed. */
export function changed(index: number, changes: Partial<OddEntry>): OddEntry[] {
  return ENTRIES.map((one, i) => (i === index ? { ...one, ...changes } : one));
}

/** The entries with one more, at the end by default. */
export function added(one: OddEntry, at: number = ENTRIES.length): OddEntry[] {
  return [...ENTRIES.slice(0, at), one, ...ENTRIES.slice(at)];
}

export function permuted(...order: readonly number[]): OddEntry[] {
  return order.map((index) => ENTRIES[index] as OddEntry);
}
