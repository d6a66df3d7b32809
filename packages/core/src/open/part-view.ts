import type { AbsolutePath, ChunkWindow, PartDescriptor, Store, ViewDescriptor } from "../store/store.js";
import { joinKey, keyName, parentKey } from "../store/store-keys.js";
import { viewStore } from "../store/view-store.js";
import { crc32c } from "../zarr/codec/byte-filters.js";
import { formatChunkKey, parseChunkKey } from "../zarr/zarr-node.js";

/**
 * A part of the hierarchy in a store, as a store.
 *
 * @param name in messages
 */
export function partView(store: Store, name: string, part: PartDescriptor): Store {
  const encoder = new TextEncoder();
  const documents = new Map(part.documents.map(([key, text]) => [key, encoder.encode(text)]));
  const moved = { hidden: new Set(part.hidden), windows: new Map(part.windows) };
  const view = viewStore(store, name, {
    root: "/",
    documents,
    part,
    toSource: (key) => mapKey(key, moved, keyInArray),
    toView: (key) => mapKey(key, moved, keyInWindow),
  });
  return { ...view, ...(view.fingerprint && { fingerprint: fingerprintWith(view.fingerprint, documents) }) };
}

/** Restores the views of a store that was opened again, the first one innermost. */
export function reopenViews(store: Store, views: readonly ViewDescriptor[] = []): Store {
  return views.reduce(
    (source, { name, root, part }) =>
      part === undefined ? viewStore(source, name, { root }) : partView(source, name, part),
    store,
  );
}

/** Adds a checksum of the documents to a fingerprint, since it must differ for another selection of the same values. */
function fingerprintWith(
  fingerprint: NonNullable<Store["fingerprint"]>,
  documents: ReadonlyMap<AbsolutePath, Uint8Array>,
): NonNullable<Store["fingerprint"]> {
  const checksum = [...documents.values()].map((document) => crc32c(document).toString(16)).join(".");
  return async (keys, options) => {
    const { text, newest } = await fingerprint(keys, options);
    return { text: `${text}-${checksum}`, newest };
  };
}

/** How a view differs from its source. */
interface MovedKeys {
  /** Nodes that the view lacks. */
  readonly hidden: ReadonlySet<AbsolutePath>;
  /** Arrays of which the view has only some chunks, under other keys. */
  readonly windows: ReadonlyMap<AbsolutePath, ChunkWindow>;
}

function mapKey(
  key: AbsolutePath,
  { hidden, windows }: MovedKeys,
  move: (path: AbsolutePath, window: ChunkWindow, key: AbsolutePath) => AbsolutePath | undefined,
): AbsolutePath | undefined {
  // It contains copies of the source's metadata.
  if (keyName(key) === ".zmetadata") return undefined;
  for (let node = parentKey(key); ; node = parentKey(node)) {
    const window = windows.get(node);
    if (window !== undefined) return move(node, window, key);
    if (hidden.has(node)) return undefined;
    if (node === "/") return key;
  }
}

/** The key of a chunk of the array at `path` in its window; undefined where it is outside. Other keys stay as they are. */
function keyInWindow(path: AbsolutePath, window: ChunkWindow, key: AbsolutePath): AbsolutePath | undefined {
  return moveKey(path, window, key, -1);
}

/** The inverse of {@link keyInWindow}. */
function keyInArray(path: AbsolutePath, window: ChunkWindow, key: AbsolutePath): AbsolutePath | undefined {
  return moveKey(path, window, key, 1);
}

function moveKey(
  path: AbsolutePath,
  { first, counts, chunkKey }: ChunkWindow,
  key: AbsolutePath,
  direction: 1 | -1,
): AbsolutePath | undefined {
  const position = parseChunkKey(key.slice(path.length + 1), { chunkKey, shape: counts });
  if (position === undefined) return key;
  const moved = position.map((index, axis) => index + direction * (first[axis] ?? 0));
  const inside = direction === -1 ? moved : position;
  const isInside = inside.every((index, axis) => index >= 0 && index < (counts[axis] ?? 0));
  return isInside ? joinKey(path, formatChunkKey(moved, chunkKey)) : undefined;
}
