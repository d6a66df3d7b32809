import type { AbsolutePath, JsonObject } from "@ozx/core";
import type { EntryInput, GeneratedEntry } from "@ozx/core/container";
import { joinKey, stringifyJson } from "@ozx/core/internal";

/** A metadata document as an entry of a plan. */
export function documentInput(key: AbsolutePath, document: JsonObject): EntryInput {
  const content = stringifyJson(document);
  return { key, size: content.length, content };
}

/** The `zarr.json` of a node as an entry that is written at once. */
export function documentEntry(
  path: AbsolutePath,
  document: JsonObject,
): GeneratedEntry & { readonly bytes: Uint8Array } {
  return { key: joinKey(path, "zarr.json"), bytes: stringifyJson(document) };
}
