import { compareKeys, isBelow, keyName } from "./keys.js";
import type { AbsolutePath, ListOptions, StoreEntry } from "./store.js";

/** Whether a listing with these options yields `key`. */
export function isListed(key: AbsolutePath, options: ListOptions | undefined): boolean {
  if (options?.prefix !== undefined && !isBelow(key, options.prefix)) return false;
  return options?.names === undefined || options.names.includes(keyName(key));
}

/** All entries of a listing, in the order of `compareKeys`. */
export async function collectEntries(entries: AsyncIterable<StoreEntry>): Promise<StoreEntry[]> {
  const all: StoreEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return all.sort((a, b) => compareKeys(a.key, b.key));
}
