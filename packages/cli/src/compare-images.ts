import { type Difference, selectView, type TransferSelection, verifyBytes, verifyStores } from "@ozx/convert";
import type { AbsolutePath, ChunkWorkers, Store } from "@ozx/core";
import { createChunkWorkers, openPath } from "@ozx/core/node";
import { formats } from "./formats.js";
import type { InputOpener, InputOpening } from "./options/http-options.js";
import { createProgress, type ProgressReporter } from "./terminal/progress.js";

export interface CompareOptions {
  readonly signal: AbortSignal;
  /** How images on a server are opened. */
  readonly http: InputOpening;
  /** Show no progress. */
  readonly quiet?: boolean | undefined;
  /** The number of threads that decode; by default one for each processor. */
  readonly workers?: number | undefined;
  /** Compare the stored bytes instead of pixels and metadata. */
  readonly bytes?: boolean | undefined;
  /** The part of the first image that the second one consists of. */
  readonly selection?: TransferSelection | undefined;
  /** How much memory decoded chunks may take where that part is recomputed, in bytes. */
  readonly memory?: number | undefined;
  /** Levels that only the second image has, and that are not compared. */
  readonly added?: readonly AbsolutePath[] | undefined;
  /** Groups whose OME-Zarr metadata only the second image has. */
  readonly described?: readonly AbsolutePath[] | undefined;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** The Zarr formats of the two. */
  readonly zarrFormats: ReadonlySet<2 | 3>;
  /** What could not be compared, in sentences. */
  readonly notCompared: readonly string[];
}

/**
 * Finds all differences between the images at two paths or addresses.
 *
 * @param one may also be what opens the first image
 * @throws what `openPath` throws, and `UnsupportedError` for values that cannot be decoded
 */
export async function compareImages(
  one: string | InputOpener,
  other: string,
  options: CompareOptions,
): Promise<Comparison> {
  const { signal, http, workers, memory, selection } = options;
  const closing: (() => Promise<void>)[] = [];
  try {
    const chunkWorkers = createChunkWorkers({ workers });
    closing.push(() => chunkWorkers.close());
    const opening = { formats, signal, workers: chunkWorkers, wholeIndex: true, ...http };
    const whole = await (typeof one === "string" ? openPath(one, opening) : one(opening));
    closing.push(() => whole.close());
    const viewing = { signal, workers: chunkWorkers, memory };
    const left = selection === undefined ? whole : await selectView(whole, selection, viewing);
    const right = await openPath(other, opening);
    closing.push(() => right.close());
    return await compareStores(left, right, { ...options, chunkWorkers });
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function compareStores(
  left: Store,
  right: Store,
  {
    signal,
    added,
    described,
    bytes,
    quiet,
    chunkWorkers,
  }: CompareOptions & { readonly chunkWorkers: ChunkWorkers },
): Promise<Comparison> {
  let progress: ProgressReporter | undefined;
  const onProgress = ({ bytes, total }: { bytes: number; total: number }): void => {
    progress ??= createProgress(process.stderr, { verb: "Comparing", bytes: total });
    progress.update({ entries: 0, bytes });
  };
  try {
    const options = {
      ...{ signal, added, described, workers: chunkWorkers },
      onProgress: quiet ? undefined : onProgress,
    };
    const differences: Difference[] = [];
    const found = bytes ? verifyBytes(left, right, options) : verifyStores(left, right, options);
    for await (const difference of found) differences.push(difference);
    const documents = await Promise.all([left, right].map((store) => store.get("/zarr.json", { signal })));
    const zarrFormats = new Set(documents.map((document) => (document === undefined ? 2 : 3)));
    const notCompared = [...describeUnlisted(left, right), ...describeUnlisted(right, left)];
    return { differences, zarrFormats, notCompared };
  } finally {
    progress?.clear();
  }
}

/** Whatever else is in a folder that cannot be listed is not known. */
function describeUnlisted(store: Store, other: Store): string[] {
  if (store.unlisted === undefined) return [];
  const compared =
    other.unlisted === undefined ? `what its metadata or ${other.name} names` : "what its metadata names";
  return [`${store.name} is on a server that does not list it: only ${compared} was compared.`];
}
