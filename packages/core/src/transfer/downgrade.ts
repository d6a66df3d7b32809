import type { ReadOptions } from "../bytes/source-and-sink.js";
import { InvalidMetadataError } from "../errors.js";
import { resolvePath } from "../ome/ome-metadata.js";
import { listOf } from "../ome/read-multiscale.js";
import { downgradeTo04 } from "../ome/versions/convert-version.js";
import type { AbsolutePath, RangeQuery } from "../store/store.js";
import { joinKey, keyName, parentKey } from "../store/store-keys.js";
import type { EntryInput, EntryProducer } from "../store/target.js";
import { isJsonObject, type JsonObject, stringifyJson } from "../zarr/json.js";
import { describeArrayV3 } from "../zarr/read-node.js";
import { downgradeArray, downgradedKey, upgradedKey } from "../zarr/versions/downgrade-array.js";
import type { ArrayDescription } from "../zarr/zarr-node.js";
import type { TransferPlan } from "./plan.js";

/**
 * A plan of OME-Zarr 0.5 as 0.4: documents of Zarr v2 for every node, chunks under nested keys with their bytes as
 * they are, and all other files unchanged.
 *
 * @param documents the `zarr.json` of every node
 * @throws UnsupportedError naming what cannot be said in Zarr v2
 */
export function downgradeEntries(
  plan: TransferPlan,
  documents: ReadonlyMap<AbsolutePath, JsonObject>,
): TransferPlan {
  const location = plan.source.name;
  const levels = levelPaths(documents);
  const arrays = new Map<AbsolutePath, ArrayDescription>();
  const entries: EntryInput[] = [];
  const put = (path: AbsolutePath, name: string, document: JsonObject): void => {
    const content = stringifyJson(document);
    entries.push({ key: joinKey(path, name), size: content.length, content });
  };
  for (const [path, document] of documents) {
    const place = { location, path: joinKey(path, "zarr.json").slice(1) };
    const written = document["attributes"];
    const attributes: JsonObject = isJsonObject(written) ? written : {};
    if (document["node_type"] === "array") {
      const array = describeArrayV3(document, place);
      arrays.set(path, array);
      put(path, ".zarray", downgradeArray(document, array, place));
      // The axes of an image name the dimensions of its levels already.
      const names = levels.has(path) ? undefined : array.dimensionNames;
      const all = names ? { ...attributes, _ARRAY_DIMENSIONS: names } : attributes;
      if (Object.keys(all).length > 0) put(path, ".zattrs", all);
    } else {
      put(path, ".zgroup", { zarr_format: 2 });
      const flat = downgradeTo04(attributes, place);
      if (Object.keys(flat).length > 0) put(path, ".zattrs", flat);
    }
  }
  for (const entry of plan.entries) {
    if (keyName(entry.key) === "zarr.json" && documents.has(parentKey(entry.key))) continue;
    entries.push({ ...entry, key: downgradedKey(entry.key, arrays) });
  }
  refuseClash(entries, location);
  return { ...plan, entries, made: downgradedMaker(plan.made, arrays) };
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

function downgradedMaker(
  made: EntryProducer | undefined,
  arrays: ReadonlyMap<AbsolutePath, ArrayDescription>,
): EntryProducer | undefined {
  if (made === undefined) return undefined;
  const down = (key: AbsolutePath): AbsolutePath => downgradedKey(key, arrays);
  const up = (key: AbsolutePath): AbsolutePath => upgradedKey(key, arrays);
  const { origin } = made;
  return {
    ...made,
    origin: origin && { ...origin, owns: (key) => origin.owns(up(key)) },
    async *produce(options) {
      const earlier = options?.earlier;
      const as05 = earlier && {
        last: up(earlier.last),
        values: {
          get: (key: AbsolutePath, reading?: ReadOptions) => earlier.values.get(down(key), reading),
          getRange: (key: AbsolutePath, range: RangeQuery, reading?: ReadOptions) =>
            earlier.values.getRange(down(key), range, reading),
        },
      };
      for await (const entry of made.produce({ ...options, earlier: as05 })) {
        yield { ...entry, key: down(entry.key) };
      }
    },
  };
}

function refuseClash(entries: readonly EntryInput[], location: string): void {
  const seen = new Set<AbsolutePath>();
  for (const { key } of entries) {
    if (seen.has(key)) {
      throw new InvalidMetadataError(
        `${location} holds a file where OME-Zarr 0.4 puts ${key.slice(1)}: remove it first`,
        { location, path: key },
      );
    }
    seen.add(key);
  }
}
