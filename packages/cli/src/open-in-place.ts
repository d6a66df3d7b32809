import { join } from "node:path";
import { appendToFolder, cutInterrupted, lockPath, openTailFile } from "@ozx/convert/node";
import { type ReadOptions, type Store, UnsupportedError } from "@ozx/core";
import type { InPlaceWriter } from "@ozx/core/container";
import { openPath } from "@ozx/core/node";
import { appendToArchive, isZipStore } from "@ozx/store-zip";
import { formats } from "./formats.js";

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
  /** What is added, as in `labels`, for messages. */
  readonly what: string;
}

/**
 * Opens an `.ozx` or a folder to add to it.
 *
 * @throws NotFoundError, UnsupportedError for what does not exist, or is neither
 * @throws WriteFailedError where another writer is at work there
 */
export async function openInPlace(
  path: string,
  { inside = "", what, signal }: InPlaceRequest,
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
    return { store, begin: (options) => writerInto(store, path, { what, hold, ...options }), hold, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The writer that adds entries to an open store. */
async function writerInto(
  store: Store,
  path: string,
  { what, hold, ...options }: BeginOptions & Pick<OpenedInPlace, "hold"> & Pick<InPlaceRequest, "what">,
): Promise<InPlaceWriter> {
  if (store.format === "directory") return appendToFolder(path, { isLocked: true });
  if (!isZipStore(store) || store.root !== "") {
    throw new UnsupportedError(
      `${path} cannot get ${what}: they can be added to a folder, or to an archive with an image at its root`,
      { location: path, feature: `adding ${what}` },
    );
  }
  const { source } = await store.loadArchive(options);
  const file = await openTailFile(path, { isLocked: true });
  hold(() => file.close());
  return appendToArchive(source, file, options);
}
