import type { AbsolutePath, AsyncReadable } from "zarrita";
import type { Store } from "../store/store.js";
import { joinKey } from "../store/store-keys.js";
import { downgradeFillValue } from "../zarr/data-types.js";
import { guardedInteger, type JsonObject, stringifyJson } from "../zarr/json.js";
import type { ArrayNode } from "../zarr/zarr-node.js";
import { shardingOf } from "./check-readable.js";

/** What it takes of a store to read the chunks of an array. */
export type ArraySource = Pick<Store, "name" | "get" | "getRange">;

/**
 * A store for one array, as zarrita reads it: the array's metadata is answered from what has been read already,
 * chunks come from the store that the array is in.
 */
export function arrayStore(store: ArraySource, node: ArrayNode): AsyncReadable {
  const documents = documentsOf(node);
  const indexAtStart = shardingOf(node)?.["index_location"] === "start";
  return {
    async get(key, options) {
      return documents.has(key) ? documents.get(key) : store.get(key, options);
    },
    async getRange(key, range, options) {
      // zarrita asks for a shard's index, and for nothing else, by a suffix; it knows of no other place for it
      // (0.7.5). And it keeps the answer for all who wait for it, so the first one's signal must not end it.
      if (!("suffixLength" in range)) return store.getRange(key, range, options);
      return store.getRange(key, indexAtStart ? { offset: 0, length: range.suffixLength } : range);
    },
  };
}

/** The documents that zarrita asks for, and undefined for those that are known not to exist. */
function documentsOf(node: ArrayNode) {
  const { path, zarrFormat, attributes } = node;
  const named = (name: string): AbsolutePath => joinKey(path, name);
  const own = stringifyJson(withPlainFillValue(node));
  return zarrFormat === 3
    ? new Map([[named("zarr.json"), own]])
    : new Map([
        [named(".zarray"), own],
        [named(".zattrs"), stringifyJson(attributes)],
      ]);
}

/**
 * With a fill value that zarrita puts into missing chunks as it is meant: as digits in a text, which it turns into a
 * bigint, where `JSON.parse` would round it; as a number where v3 gives the bits of one; and where v2 leaves it
 * undefined, with the one that v3 would have.
 */
function withPlainFillValue({ document, array: { dtype, codecs }, zarrFormat }: ArrayNode): JsonObject {
  const fill = document["fill_value"];
  const exact = guardedInteger(fill);
  if (exact !== undefined) return { ...document, fill_value: String(exact) };
  if (zarrFormat === 3) return { ...document, fill_value: downgradeFillValue(fill, dtype) };
  const isText = /^[<>|][SU]/.test(dtype) || (dtype === "|O" && codecs[0]?.["id"] === "vlen-utf8");
  const isUndefined = fill === undefined || fill === null || (isText && fill === 0);
  if (!isUndefined || (dtype === "|O" && !isText)) return document;
  return { ...document, fill_value: isText ? "" : 0 };
}
