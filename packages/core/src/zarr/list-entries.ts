import type { ReadOptions } from "../bytes/byte-source.js";
import { UnsupportedError } from "../errors.js";
import { joinKey } from "../store/keys.js";
import { readAhead } from "../store/read-ahead.js";
import type { AbsolutePath, Store, StoreEntry } from "../store/store.js";
import { gridOf } from "./check/locate-key.js";
import { formatChunkKey } from "./chunk-key.js";
import type { ArrayNode, Hierarchy } from "./node.js";
import { positionsOf } from "./positions.js";

/** Each costs a question to a server. */
const MOST_KEYS = 10_000_000;
const QUESTIONS_AT_ONCE = 32;

/**
 * All entries of a store: as it lists them, or, where it cannot be listed, those that its metadata names (the
 * documents of all nodes, and the chunks that the arrays have room for) as far as they are there.
 *
 * @param also further keys to ask for where there is no listing
 * @throws UnsupportedError when more chunks would have to be asked for than anybody waits for
 */
export async function* listEntries(
  store: Store,
  hierarchy: Hierarchy,
  options?: ReadOptions,
  also: readonly AbsolutePath[] = [],
): AsyncGenerator<StoreEntry> {
  const { unlisted } = store;
  if (unlisted === undefined) {
    yield* store.list({ signal: options?.signal });
    return;
  }
  const ask = async (key: AbsolutePath): Promise<StoreEntry | undefined> => {
    const size = await unlisted.size(key, options);
    return size === undefined ? undefined : { key, size };
  };
  for await (const entry of readAhead(namedKeys(hierarchy, also), QUESTIONS_AT_ONCE, ask)) {
    options?.signal?.throwIfAborted();
    if (entry !== undefined) yield entry;
  }
}

function* namedKeys(hierarchy: Hierarchy, also: readonly AbsolutePath[]): Generator<AbsolutePath> {
  const arrays = [...hierarchy.nodes.values()].filter((node) => node.kind === "array");
  const chunks = arrays.reduce((sum, node) => sum + chunkCount(node), 0);
  if (chunks > MOST_KEYS) {
    throw new UnsupportedError(
      `${hierarchy.location} has room for ${chunks} chunks, and a server would have to be asked for each: copy the folder with the server's own tool first`,
      { location: hierarchy.location, feature: "very many chunks on a server" },
    );
  }
  yield* also;
  for (const { path, kind, zarrFormat } of hierarchy.nodes.values()) {
    const own = kind === "array" ? ".zarray" : ".zgroup";
    const consolidated = path === "/" ? [".zmetadata"] : [];
    const names = zarrFormat === 3 ? ["zarr.json"] : [own, ".zattrs", ...consolidated];
    for (const name of names) yield joinKey(path, name);
  }
  for (const node of arrays) {
    for (const position of positionsOf(gridOf(node))) {
      yield joinKey(node.path, formatChunkKey(position, node.array.chunkKey));
    }
  }
}

function chunkCount(node: ArrayNode): number {
  return gridOf(node).reduce((product, count) => product * count, 1);
}
