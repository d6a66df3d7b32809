import type { AbsolutePath, ArrayDescription, JsonObject } from "@ozx/core";
import { type EntryInput, type EntryProducer, isJsonObject, keyName, parentKey } from "@ozx/core/container";
import { describeArrayV3, downgradeTo04, joinKey, listOf, resolvePath } from "@ozx/core/internal";
import { documentInput } from "../chunks/document-entries.js";
import { type Arrays, keyBeforeV2, keyInV2, refuseKeyClash } from "./chunk-keys.js";
import { downgradeArray } from "./downgrade-array.js";

/** The entries of a hierarchy: those whose sizes are known, and those that are generated. */
interface WrittenEntries {
  readonly entries: readonly EntryInput[];
  readonly generated?: EntryProducer | undefined;
}

/**
 * The entries of an OME-Zarr 0.5 hierarchy as 0.4: Zarr v2 documents for every node, chunks under nested keys with
 * unchanged bytes, and all other files unchanged.
 *
 * @param location the source's name, for messages
 * @param documents the `zarr.json` of every node by its path
 * @throws UnsupportedError naming what Zarr v2 or OME-Zarr 0.4 lacks
 * @throws InvalidMetadataError if a file has the key of a downgraded chunk or document
 */
export function downgradeEntries(
  location: string,
  { entries, generated }: WrittenEntries,
  documents: ReadonlyMap<AbsolutePath, JsonObject>,
): WrittenEntries {
  const levels = levelPaths(documents);
  const arrays = new Map<AbsolutePath, ArrayDescription>();
  const downgraded: EntryInput[] = [];
  const put = (path: AbsolutePath, name: string, document: JsonObject): void => {
    downgraded.push(documentInput(joinKey(path, name), document));
  };
  for (const [path, document] of documents) {
    const where = { location, path: joinKey(path, "zarr.json").slice(1) };
    const attributes = isJsonObject(document["attributes"]) ? document["attributes"] : {};
    if (document["node_type"] === "array") {
      const array = describeArrayV3(document, where);
      arrays.set(path, array);
      put(path, ".zarray", downgradeArray(document, array, where));
      // For the levels of an image, its axes name the dimensions.
      const names = levels.has(path) ? undefined : array.dimensionNames;
      const all = names ? { ...attributes, _ARRAY_DIMENSIONS: names } : attributes;
      if (Object.keys(all).length > 0) put(path, ".zattrs", all);
    } else {
      put(path, ".zgroup", { zarr_format: 2 });
      const flat = downgradeTo04(attributes, where);
      if (Object.keys(flat).length > 0) put(path, ".zattrs", flat);
    }
  }
  for (const entry of entries) {
    if (keyName(entry.key) === "zarr.json" && documents.has(parentKey(entry.key))) continue;
    downgraded.push({ ...entry, key: keyInV2(entry.key, arrays) });
  }
  refuseKeyClash(downgraded, location, "0.4");
  return { entries: downgraded, generated: generated && downgradedProducer(generated, arrays) };
}

/** Every array that is a level of an image. */
function levelPaths(documents: ReadonlyMap<AbsolutePath, JsonObject>): Set<AbsolutePath> {
  const levels = new Set<AbsolutePath>();
  for (const [path, { attributes }] of documents) {
    const ome = isJsonObject(attributes) ? attributes["ome"] : undefined;
    if (!isJsonObject(ome)) continue;
    for (const dataset of listOf(ome, "multiscales").flatMap((one) => listOf(one, "datasets"))) {
      const level = typeof dataset["path"] === "string" ? resolvePath(path, dataset["path"]) : undefined;
      if (level !== undefined) levels.add(level);
    }
  }
  return levels;
}

function downgradedProducer(producer: EntryProducer, arrays: Arrays): EntryProducer {
  const { origin } = producer;
  return {
    ...producer,
    origin: origin && { ...origin, owns: (key) => origin.owns(keyBeforeV2(key, arrays)) },
    async *produce(options) {
      const after = options?.after && keyBeforeV2(options.after, arrays);
      for await (const entry of producer.produce({ ...options, after })) {
        yield { ...entry, key: keyInV2(entry.key, arrays) };
      }
    },
  };
}
