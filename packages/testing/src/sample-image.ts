/**
 * The project's sample: a sheet of cells under the microscope, in any kind of OME-Zarr that the project
 * reads. It needs no file, no network and no chance: the same options give the same bytes.
 *
 * @module
 */
import type { AbsolutePath } from "@ozx/core";
import { computeArrays, type SampleArray } from "./sample/arrays.js";
import { arrayDocuments, type Documents, groupDocuments } from "./sample/documents.js";
import { encodeArray } from "./sample/encode-array.js";
import { groupAttributes } from "./sample/ome.js";
import { resolveSample, type SampleOptions } from "./sample/options.js";

export type { SampleArray } from "./sample/arrays.js";
export type { SampleCodec, SampleOptions } from "./sample/options.js";

export interface SampleEntry {
  readonly key: AbsolutePath;
  readonly value: Uint8Array;
}

/** Every key of the sample and its bytes: metadata first, then chunks. */
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

/** The sample as a map, to be put into a store of any kind. */
export async function sampleMap(options?: SampleOptions): Promise<Map<AbsolutePath, Uint8Array>> {
  const map = new Map<AbsolutePath, Uint8Array>();
  for await (const { key, value } of sampleEntries(options)) map.set(key, value);
  return map;
}

/** The values that every reader must find in the sample, array by array. */
export function sampleArrays(options?: SampleOptions): SampleArray[] {
  return computeArrays(resolveSample(options));
}

function* encodeDocuments(path: AbsolutePath, documents: Documents): Generator<SampleEntry> {
  for (const [name, document] of documents) {
    const value = new TextEncoder().encode(JSON.stringify(document, null, 2));
    yield { key: path === "/" ? `/${name}` : `${path}/${name}`, value };
  }
}
