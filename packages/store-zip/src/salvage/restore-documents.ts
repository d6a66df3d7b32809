import { type AbsolutePath, isOzxError, type ReadOptions, type Store } from "@ozx/core";
import { isJsonObject, keyName, parentKey, parseJsonObject } from "@ozx/core/container";
import { NODE_DOCUMENTS } from "@ozx/core/internal";

/**
 * Lost documents of which a group above has a copy: in its `consolidated_metadata` (Zarr v3), or in the `.zmetadata` of
 * the root (v2).
 *
 * @param lost keys of the store that are lost
 * @returns the documents, by key
 */
export async function restoreDocuments(
  store: Store,
  lost: readonly AbsolutePath[],
  options?: ReadOptions,
): Promise<ReadonlyMap<AbsolutePath, Uint8Array>> {
  const restored = new Map<AbsolutePath, Uint8Array>();
  const copies = new Map<AbsolutePath, Copies>();
  for (const key of lost) {
    const name = keyName(key);
    if (!NODE_DOCUMENTS.includes(name) || parentKey(key) === "/") continue;
    const copy = await findCopy(key, name, (at) => copiesAt(store, at, copies, options));
    if (copy !== undefined) restored.set(key, new TextEncoder().encode(JSON.stringify(copy, undefined, 2)));
  }
  return restored;
}

/** Copies of documents, by the paths that they are listed under. */
type Copies = Readonly<Record<string, unknown>>;

/** The copy that the nearest group above has. */
async function findCopy(
  key: AbsolutePath,
  name: string,
  copiesIn: (document: AbsolutePath) => Promise<Copies>,
): Promise<unknown> {
  if (name !== "zarr.json") return (await copiesIn("/.zmetadata"))[key.slice(1)];
  const node = parentKey(key);
  for (let group = parentKey(node); ; group = parentKey(group)) {
    const prefix: AbsolutePath = group === "/" ? "/" : `${group}/`;
    const found = (await copiesIn(`${prefix}zarr.json` as AbsolutePath))[node.slice(prefix.length)];
    if (isJsonObject(found)) return found;
    if (group === "/") return undefined;
  }
}

async function copiesAt(
  store: Store,
  at: AbsolutePath,
  known: Map<AbsolutePath, Copies>,
  options?: ReadOptions,
): Promise<Copies> {
  const before = known.get(at);
  if (before !== undefined) return before;
  const copies = await readCopies(store, at, options);
  known.set(at, copies);
  return copies;
}

async function readCopies(store: Store, at: AbsolutePath, options?: ReadOptions): Promise<Copies> {
  const bytes = await store.get(at, options);
  if (bytes === undefined) return {};
  try {
    const document = parseJsonObject(bytes, { location: store.name, path: at });
    const consolidated = at === "/.zmetadata" ? document : document["consolidated_metadata"];
    const metadata = isJsonObject(consolidated) ? consolidated["metadata"] : undefined;
    return isJsonObject(metadata) ? metadata : {};
  } catch (error) {
    if (isOzxError(error, "InvalidMetadata")) return {};
    throw error;
  }
}
