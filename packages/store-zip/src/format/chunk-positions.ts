import type { AbsolutePath, ReadOptions, Store } from "@ozx/core";
import { compareKeys, parentKey } from "@ozx/core/container";

/** More documents than this are not read to find one chunk. */
const MOST_DOCUMENTS = 10_000;

/**
 * Estimates how many chunks come before the one of a name, where all arrays have all their chunks and are in the order of
 * their names. Undefined for names that are no chunk's.
 */
export type ChunkPositions = (name: string) => number | undefined;

interface Grid {
  /** Chunks of all arrays before this one. */
  readonly before: number;
  /** The number of chunks along each dimension. */
  readonly counts: readonly number[];
}

/** Reads from the documents of a hierarchy where its chunks are. */
export async function readChunkPositions(
  store: Store,
  documents: readonly string[],
  options?: ReadOptions,
): Promise<ChunkPositions> {
  /** By the paths of arrays. */
  const grids = new Map<AbsolutePath, Grid>();
  if (documents.length <= MOST_DOCUMENTS) {
    let before = 0;
    for (const name of [...documents].sort(compareKeys)) {
      const key: AbsolutePath = `/${name}`;
      const counts = countsOf(await store.get(key, options));
      if (counts === undefined) continue;
      grids.set(parentKey(key), { before, counts });
      before += counts.reduce((product, count) => product * count, 1);
    }
  }
  return (name) => {
    const key: AbsolutePath = `/${name}`;
    for (let path = key; path !== "/"; ) {
      path = parentKey(path);
      const grid = grids.get(path);
      if (grid !== undefined) return grid.before + rankOf(key.slice(path.length), grid.counts);
    }
    return undefined;
  };
}

/** The number of chunks along each dimension of an array; undefined for other documents. */
function countsOf(document: Uint8Array | undefined): readonly number[] | undefined {
  try {
    const parsed: ArrayDocument = JSON.parse(new TextDecoder().decode(document));
    const { shape, chunk_grid } = parsed;
    const chunks = chunk_grid?.configuration?.chunk_shape;
    if (!isShape(shape) || !isShape(chunks)) return undefined;
    return shape.map((size, axis) => Math.max(1, Math.ceil(size / Math.max(1, chunks[axis] ?? 1))));
  } catch {
    // Whoever reads the array reports what is wrong with its document.
    return undefined;
  }
}

/** What may be in the document of an array. */
interface ArrayDocument {
  readonly shape?: unknown;
  readonly chunk_grid?: { readonly configuration?: { readonly chunk_shape?: unknown } };
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** The position of a chunk in the order of its array, as in `c/0/3/1`. */
function rankOf(key: string, counts: readonly number[]): number {
  const numbers = key.split(/[/.]/).filter((part) => part !== "" && part !== "c");
  return counts.reduce((rank, count, axis) => rank * count + (Number(numbers[axis]) || 0), 0);
}
