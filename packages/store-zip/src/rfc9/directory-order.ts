import { isJsonFirst, outOfBreadthFirst } from "./document-order.js";
import type { PlacedDocument } from "./placed-documents.js";

/** How the entries of an archive are ordered, in its central directory or in the file (RFC-9's recommendations). */
export interface DirectoryOrder {
  /** How many entries are named `zarr.json`, those that a later one shadows included. */
  readonly documents: number;
  /** Whether the first entry is the root's `zarr.json`. */
  readonly rootFirst: boolean;
  /** Whether no `zarr.json` comes after another entry. */
  readonly documentsFirst: boolean;
  /** Whether no `zarr.json` comes after one that lies deeper, or after a child of a node behind its own parent. */
  readonly breadthFirst: boolean;
  /** Whether what `jsonFirst` promises is so, of which no reader needs to know more than depths. */
  readonly jsonFirst: boolean;
}

export function directoryOrder(documents: readonly PlacedDocument[]): DirectoryOrder {
  const [first] = documents;
  return {
    documents: documents.length,
    rootFirst: first?.place === 0 && first.name === "zarr.json",
    documentsFirst: documents.every(({ othersBefore }) => othersBefore === 0),
    breadthFirst: outOfBreadthFirst(documents).next().done === true,
    jsonFirst: documents.length > 0 && isJsonFirst(documents),
  };
}
