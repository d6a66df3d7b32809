import { join } from "node:path";
import { appendToFolder, cutInterrupted, lockPath, openTailFile } from "@ozx/convert/node";
import { type ReadOptions, type Store, UnsupportedError } from "@ozx/core";
import type { InPlaceWriter } from "@ozx/core/container";
import { formatBytes } from "@ozx/core/internal";
import { openPath } from "@ozx/core/node";
import { appendToArchive, describeArchive, isZipStore } from "@ozx/store-zip";
import { formats } from "./formats.js";
import type { Output } from "./terminal/output.js";

/** A hierarchy that is changed where it is. It is locked: nobody else changes or replaces it meanwhile. */
export interface OpenedInPlace {
  readonly store: Store;
  /** Begins to add, replace and remove entries; nothing is visible before the writer commits. */
  begin(options?: BeginOptions): Promise<InPlaceWriter>;
  /** Has something more closed by `release`, before the store. */
  hold(close: () => Promise<void>): void;
  /** Closes all that is held, the last first, and removes the lock. */
  release(): Promise<void>;
}

/** The options of a change in place. */
export interface BeginOptions extends ReadOptions {
  /** Bytes that are about to be written, where that is known and little: an archive does not grow by more at first. */
  readonly reserve?: number;
}

/** What is changed in place. */
export interface InPlaceRequest extends ReadOptions {
  /** The path of a node below which all changes are: others may be changed at the same time. The root by default. */
  readonly inside?: string;
}

/**
 * Opens an `.ozx` or a folder to change it.
 *
 * @throws NotFoundError, UnsupportedError for what does not exist, or is neither
 * @throws WriteFailedError where another writer is at work there
 */
export async function openInPlace(
  path: string,
  { inside = "", signal }: InPlaceRequest,
): Promise<OpenedInPlace> {
  const held: (() => Promise<void>)[] = [];
  const release = async (): Promise<void> => {
    try {
      await held.pop()?.();
    } finally {
      if (held.length > 0) await release();
    }
  };
  const hold = (close: () => Promise<void>): void => void held.push(close);
  try {
    // Before anything is read, so that it is still true when it is written.
    for (const place of inside === "" ? [path] : [path, join(path, inside)]) hold(await lockPath(place));
    await cutInterrupted(path);
    const store = await openPath(path, { formats, signal });
    hold(() => store.close());
    requireInPlace(store, path);
    return { store, begin: (options) => writerInto(store, path, { hold, ...options }), hold, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/**
 * Whether a store can be changed where it is.
 *
 * @throws UnsupportedError for anything else than a folder, and an archive of the content of one
 */
export function requireInPlace(store: Store, path: string): void {
  if (store.format === "directory" || (isZipStore(store) && store.root === "")) return;
  const reason = isZipStore(store)
    ? `its image is not at the root of the archive, but in ${store.root}`
    : "only folders and .ozx files can";
  throw new UnsupportedError(
    `${path} cannot be changed where it is: ${reason}; "ozx convert ${path} image.ozx" writes an .ozx of it`,
    { location: path, feature: "changes in place" },
  );
}

/** The writer that adds entries to an open store. */
async function writerInto(
  store: Store,
  path: string,
  { hold, ...options }: BeginOptions & Pick<OpenedInPlace, "hold">,
): Promise<InPlaceWriter> {
  if (!isZipStore(store)) return appendToFolder(path, { isLocked: true });
  const { source } = await store.loadArchive(options);
  const file = await openTailFile(path, { isLocked: true });
  hold(() => file.close());
  return appendToArchive(source, file, options);
}

/** Says what no reader of an archive uses any more: the entries that were replaced. */
export async function noteUnused(target: string, out: Output, signal: AbortSignal): Promise<void> {
  const unused = await unusedBytes(target, { signal });
  if (unused === 0) return;
  out.note(
    `${formatBytes(unused)} in the middle of ${target} are unused: replaced entries, which programs that read it as a stream see before the new ones. ozx fix --force ${target} writes it without them.`,
  );
}

async function unusedBytes(path: string, options: ReadOptions): Promise<number> {
  const store = await openPath(path, { formats, ...options });
  try {
    if (!isZipStore(store)) return 0;
    return (await describeArchive(await store.loadArchive(options), options)).wasted;
  } finally {
    await store.close();
  }
}
