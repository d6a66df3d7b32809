import type { AbsolutePath, Finding, Hierarchy, JsonObject, ReadOptions, Store, StoreEntry } from "@ozx/core";
import { createThrottle, type EntryInput } from "@ozx/core/container";
import { type CodingTask, versionNameOf, versionOfOme } from "@ozx/core/internal";
import { completeDocuments, correctLevels } from "../versions/complete-documents.js";
import { type Documents, omeOf } from "../versions/lacking-metadata.js";
import {
  documentsIn04,
  movedDocuments,
  movedFinding,
  replaceDocuments,
  scalesFinding,
  withDocuments,
} from "../versions/settle-documents.js";
import { upgradeEntries } from "../versions/upgrade-entries.js";

/** A hierarchy in the Zarr format that is written, with its chunks as they were. */
export interface PreparedHierarchy {
  readonly entries: readonly EntryInput[];
  /** The `zarr.json` of every node; undefined where Zarr v2 is copied. */
  readonly documents: Documents | undefined;
  /** How to convert the chunks of arrays whose codecs Zarr v3 lacks. */
  readonly tasks: ReadonlyMap<AbsolutePath, CodingTask>;
  /** Groups that got OME-Zarr metadata, of which they had none. */
  readonly described: readonly AbsolutePath[];
  readonly findings: readonly Finding[];
  /** The OME-Zarr version of the root, as it is written; if it is plain, its Zarr format. */
  readonly to: string;
}

/** What is to become of the documents. */
export interface PrepareOptions extends ReadOptions {
  /** Whether the root is not OME-Zarr: all documents are copied as they are. */
  readonly isPlain: boolean;
  /** Whether Zarr v2 becomes v3. */
  readonly isUpgrade: boolean;
  /** Whether documents are completed, so that the output is valid. */
  readonly mustBeValid: boolean;
  /** Whether Zarr v2 that stays v2 becomes OME-Zarr 0.4. */
  readonly isFor04: boolean;
}

/**
 * The documents of a hierarchy as they are written: upgraded from Zarr v2, with metadata of earlier versions in its place,
 * and completed.
 *
 * @param kept what the store lists, without junk
 * @throws what {@link upgradeEntries} throws
 */
export async function prepareDocuments(
  source: Store,
  hierarchy: Hierarchy,
  kept: readonly StoreEntry[],
  { isPlain, isUpgrade, mustBeValid, isFor04, signal }: PrepareOptions,
): Promise<PreparedHierarchy> {
  const root = hierarchy.nodes.get("/");
  const from = (root && versionNameOf(root)) ?? "";
  const copies = kept.map(({ key, size }): EntryInput => ({ key, size, content: key }));
  const none = { tasks: new Map(), described: [] };
  if (isPlain) {
    const to = String(root?.zarrFormat ?? "");
    return { ...none, entries: copies, documents: undefined, findings: [], to };
  }
  if (root?.zarrFormat === 2 && !isUpgrade) {
    const changed = isFor04 ? documentsIn04(hierarchy) : new Map<AbsolutePath, JsonObject>();
    const scales = isFor04 ? scalesFinding(hierarchy) : undefined;
    return {
      ...none,
      entries: replaceDocuments(copies, changed),
      documents: undefined,
      findings: scales ? [scales] : [],
      to: isFor04 ? "0.4" : from,
    };
  }
  const pause = createThrottle({ signal });
  const moved = isUpgrade ? new Map<AbsolutePath, JsonObject>() : await movedDocuments(hierarchy, { signal });
  const start = isUpgrade
    ? await upgradeEntries(source, hierarchy, kept, { signal })
    : { entries: copies, documents: documentsOf(hierarchy, moved), tasks: none.tasks };
  await pause();
  const isCompleted = mustBeValid || isUpgrade || moved.size > 0;
  const unread = new Set(hierarchy.broken.map(({ path }) => path));
  const completion = isCompleted
    ? completeDocuments(start.documents, unread)
    : correctLevels(start.documents);
  await pause();
  const changed = new Map([...moved, ...completion.documents]);
  const documents = new Map([...start.documents, ...changed]);
  const ome = omeOf(documents.get("/"));
  const isEarlier = isUpgrade || moved.size > 0;
  const scales = isEarlier ? scalesFinding(hierarchy) : undefined;
  return {
    tasks: start.tasks,
    entries: withDocuments(start.entries, changed, documents),
    documents,
    described: completion.described,
    findings: [
      ...(moved.size > 0 ? [movedFinding(hierarchy, from)] : []),
      ...(scales ? [scales] : []),
      ...completion.findings,
    ],
    to: ome === undefined ? from : String(ome["version"] ?? versionOfOme(ome)),
  };
}

function documentsOf({ nodes }: Hierarchy, moved: Documents): Map<AbsolutePath, JsonObject> {
  return new Map([...[...nodes].map(([path, { document }]) => [path, document] as const), ...moved]);
}
