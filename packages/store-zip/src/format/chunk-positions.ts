import type { ReadOptions, Store } from "@ozx/core";
import { compareKeys } from "@ozx/core/container";
import { ROOT_DOCUMENT } from "../rfc9/document-order.js";

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
  const grids = new Map<string, Grid>();
  if (documents.length <= MOST_DOCUMENTS) {
    let before = 0;
    for (const name of [...documents].sort(compareKeys)) {
      const counts = countsOf(await store.get(`/${name}`, options));
      if (counts === undefined) continue;
      grids.set(name.slice(0, -ROOT_DOCUMENT.length), { before, counts });
      before += counts.reduce((product, count) => product * count, 1);
    }
  }
  return (name) => {
    for (let end = name.lastIndexOf("/"); end >= 0; end = end === 0 ? -1 : name.lastIndexOf("/", end - 1)) {
      const grid = grids.get(name.slice(0, end + 1));
      if (grid !== undefined) return grid.before + rankOf(name.slice(end + 1), grid.counts);
    }
    const root = grids.get("");
    return root && root.before + rankOf(name, root.counts);
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
  const numbers = key.split(/[/.]/).filter((part) => part !== "c");
  return counts.reduce((rank, count, axis) => rank * count + (Number(numbers[axis]) || 0), 0);
}
