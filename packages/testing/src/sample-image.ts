/**
 * The sample image: a synthetic sheet of cells, in any kind of OME-Zarr that the project reads. It is computed, without
 * files or a network: the same options give the same bytes.
 *
 * @module
 */

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { AbsolutePath } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { arrayDocuments, type Documents, groupAttributes, groupDocuments } from "./sample/documents.js";
import { encodeArray } from "./sample/encode-array.js";
import { computeArrays, type SampleArray } from "./sample/pixels.js";
import { resolveSample, type SampleOptions } from "./sample/sample-options.js";

export type { SampleArray } from "./sample/pixels.js";
export type { SampleCodec, SampleOptions } from "./sample/sample-options.js";

/** A key of the sample and its bytes. */
export interface SampleEntry {
  readonly key: AbsolutePath;
  readonly value: Uint8Array;
}

/** Every key of the sample with its bytes: metadata first, then chunks. */
export async function* sampleEntries(options?: SampleOptions): AsyncGenerator<SampleEntry> {
  const sample = resolveSample(options);
  const arrays = computeArrays(sample);
  for (const [path, attributes] of groupAttributes(sample)) {
    yield* encodeDocuments(path, groupDocuments(attributes, sample));
  }
  for (const array of arrays) yield* encodeDocuments(array.path, arrayDocuments(array, sample));
  for (const array of arrays) {
    for await (const { key, value } of encodeArray(array, sample)) {
      yield { key: `${array.path}/${key}`, value };
    }
  }
}

/** The sample as a map of keys to bytes. */
export async function sampleMap(options?: SampleOptions): Promise<Map<AbsolutePath, Uint8Array>> {
  const map = new Map<AbsolutePath, Uint8Array>();
  for await (const { key, value } of sampleEntries(options)) map.set(key, value);
  return map;
}

/** The expected values of the sample, array by array. */
export function sampleArrays(options?: SampleOptions): SampleArray[] {
  return computeArrays(resolveSample(options));
}

function* encodeDocuments(path: AbsolutePath, documents: Documents): Generator<SampleEntry> {
  for (const [name, document] of documents) {
    const value = new TextEncoder().encode(JSON.stringify(document, null, 2));
    yield { key: path === "/" ? `/${name}` : `${path}/${name}`, value };
  }
}

/** The sample in memory, as a `Store`. */
export async function sampleStore(options?: SampleOptions): Promise<MemoryStore> {
  return memoryStore(await sampleMap(options), "sample");
}

/** Writes the sample as a folder of files; existing files are overwritten. */
export async function writeSampleFolder(folder: string, options?: SampleOptions): Promise<void> {
  const created = new Set<string>();
  for await (const { key, value } of sampleEntries(options)) {
    const file = join(folder, key);
    const parent = dirname(file);
    if (!created.has(parent)) {
      await mkdir(parent, { recursive: true });
      created.add(parent);
    }
    await writeFile(file, value);
  }
}
