import { type AbsolutePath, compareKeys } from "@ozx/core";
import { compareDocuments, isDocumentName } from "./document-order.js";

/**
 * The order that RFC-9 recommends for metadata, the root `zarr.json` first and the others breadth-first, and
 * ours for all other entries: by name, numbers by value, so that a level's chunks lie in the order of their
 * positions. The same entries give the same order, however a file system lists them.
 */
export function rfc9Order<Entry extends { readonly key: AbsolutePath }>(entries: readonly Entry[]): Entry[] {
  const documents: Entry[] = [];
  const others: Entry[] = [];
  for (const entry of entries) (isDocumentName(entry.key) ? documents : others).push(entry);
  documents.sort((a, b) => compareDocuments(a.key, b.key));
  others.sort((a, b) => compareKeys(a.key, b.key));
  return [...documents, ...others];
}
