import { type AbsolutePath, type ByteSource, isOzxError, type ReadOptions, type Store } from "@ozx/core";
import { findHierarchyRoot, isListed } from "@ozx/core/container";
import { findEntries } from "./find-entries.js";
import { restoreDocuments } from "./restore-documents.js";
import { salvagedStore } from "./salvaged-store.js";

/** An entry that a directory or a header names, and that cannot be read. */
export interface LostKey {
  /** Its key in the store, whether it is one of the hierarchy or not. */
  readonly key: AbsolutePath;
  /** Why, as a clause about the entry. */
  readonly reason: string;
}

/** What {@link salvageArchive} found. */
export interface SalvagedArchive {
  /** The entries whose CRC is right, and the documents that were restored; closing it closes the source. */
  readonly store: Store;
  /** How many entries have a right CRC. */
  readonly entries: number;
  /** What is lost, in the order of the keys. */
  readonly lost: readonly LostKey[];
  /** Lost documents of which a document above has a copy (consolidated metadata), which is taken instead. */
  readonly restored: readonly AbsolutePath[];
  /** Why the central directory was not used, as a sentence; undefined where it was. */
  readonly noDirectory: string | undefined;
}

/**
 * Finds what can be read of a damaged zip archive: by its central directory, and by the local headers where that is gone
 * or wrong. All of the file is read, to check every CRC; memory depends on the number of entries alone.
 *
 * @throws UnsupportedError for a file of more than four million entries, and for one that was made to lead a scan in circles
 * @throws what reading the source throws
 */
export async function salvageArchive(source: ByteSource, options?: ReadOptions): Promise<SalvagedArchive> {
  const { sound, lost, noDirectory } = await findEntries(source, options);
  const root = await rootFolder(source, [...sound.keys(), ...lost.map(({ name }) => name)], options);
  const inside = salvagedStore(source, { entries: sound, documents: new Map(), root });
  const lostKeys = lost.map(({ name, reason }): LostKey => {
    const key: AbsolutePath = `/${name.startsWith(root) ? name.slice(root.length) : name}`;
    return { key, reason };
  });
  const documents = await restoreDocuments(
    inside,
    lostKeys.map(({ key }) => key),
    options,
  );
  return {
    store: documents.size === 0 ? inside : salvagedStore(source, { entries: sound, documents, root }),
    entries: sound.size,
    lost: lostKeys.filter(({ key }) => !documents.has(key)),
    restored: [...documents.keys()],
    noDirectory,
  };
}

/**
 * The folder of the hierarchy in the archive; the archive itself where there is none, or there are several.
 *
 * @param names of all entries, lost ones too: a lost root is still the root
 */
async function rootFolder(
  source: ByteSource,
  names: readonly string[],
  options?: ReadOptions,
): Promise<string> {
  const named = salvagedStore(source, { entries: new Map(), documents: new Map(), root: "" });
  named.list = async function* (listing) {
    for (const name of names) {
      const key: AbsolutePath = `/${name}`;
      if (isListed(key, listing)) yield { key, size: 0 };
    }
  };
  try {
    const root = await findHierarchyRoot(named, options);
    return root === "/" ? "" : `${root.slice(1)}/`;
  } catch (error) {
    if (isOzxError(error, "UnknownFormat") || isOzxError(error, "InvalidMetadata")) return "";
    throw error;
  }
}
