import type { ByteSource } from "../bytes/source-and-sink.js";
import { asByteSource } from "../bytes/to-byte-source.js";
import type { Store } from "../store/store.js";
import { type OpenOptions, openStore } from "../store/store-format.js";
import { openAddress } from "./open-address.js";

/**
 * Opens a store of whatever can be one: bytes that one of the formats knows, an http(s) address of them or of a folder;
 * a store that is open already is given back.
 *
 * @throws UsageError for anything else
 * @throws as `openAddress` and `openStore` do
 */
export async function openSource(
  source: Store | Blob | ByteSource | string | URL,
  options: OpenOptions,
): Promise<Store> {
  if (typeof source === "string" || source instanceof URL) return openAddress(source, options);
  return isStore(source) ? source : openStore(asByteSource(source), options);
}

function isStore(source: unknown): source is Store {
  return typeof source === "object" && source !== null && "list" in source;
}
