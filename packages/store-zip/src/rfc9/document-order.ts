import { type AbsolutePath, compareKeys } from "@ozx/core";
import { type CentralDirectory, MARK_DIRECTORY, nameAt } from "../directory/central-directory.js";

/** RFC-9's order of metadata, spelt once: the root's `zarr.json` first, all before other entries, breadth-first. */

const ROOT_DOCUMENT = "zarr.json";
const DOCUMENT = new TextEncoder().encode(ROOT_DOCUMENT);
const SLASH = 0x2f;

/** Whether an entry of this name, or with a `/` before it a key, is a `zarr.json`. */
export function isDocumentName(name: string): boolean {
  return name === ROOT_DOCUMENT || name.endsWith(`/${ROOT_DOCUMENT}`);
}

/** The same of the name at `start..end` of `names`: there may be millions, which are never made to strings. */
export function isDocumentAt(names: Uint8Array, start: number, end: number): boolean {
  const at = end - DOCUMENT.length;
  if (at < start || (at > start && names[at - 1] !== SLASH)) return false;
  for (let i = 0; i < DOCUMENT.length; i++) if (names[at + i] !== DOCUMENT[i]) return false;
  return true;
}

/** Orders documents as RFC-9 has them, by their names or by their keys. */
export function compareDocuments(a: string, b: string): number {
  return depthOf(a) - depthOf(b) || compareKeys(a, b);
}

function depthOf(name: string): number {
  let slashes = 0;
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) === SLASH) slashes++;
  return slashes;
}

/** A document that comes too late, and the one that it comes after. */
export interface LateDocument {
  readonly name: string;
  readonly before: string;
}

/**
 * Documents that are not breadth-first: after a deeper one, or after a child of a node that stands behind their own
 * parent.
 */
export function* outOfBreadthFirst(documents: readonly { readonly name: string }[]): Generator<LateDocument> {
  const places = new Map<string, number>();
  for (const [place, { name }] of documents.entries()) places.set(nodeOf(name), place);
  let last: { name: string; depth: number; parent: number } | undefined;
  for (const { name } of documents) {
    const depth = depthOf(name);
    const parent = places.get(parentOf(nodeOf(name))) ?? -1;
    const isLate =
      last !== undefined &&
      (depth < last.depth || (depth === last.depth && parent >= 0 && parent < last.parent));
    if (isLate && last !== undefined) yield { name, before: last.name };
    else last = { name, depth, parent };
  }
}

function nodeOf(document: string): string {
  return document.slice(0, Math.max(0, document.length - ROOT_DOCUMENT.length - 1));
}

function parentOf(node: string): string {
  return node.slice(0, Math.max(0, node.lastIndexOf("/")));
}

/** Whether what `jsonFirst` lets a reader assume is so: all documents first, the root's before all, none before a higher one. */
export function isJsonFirst(
  documents: readonly { readonly name: string; readonly othersBefore: number }[],
): boolean {
  let deepest = 0;
  return documents.every(({ name, othersBefore }, k) => {
    const depth = depthOf(name);
    const inOrder = othersBefore === 0 && depth >= deepest && (k > 0 || name === ROOT_DOCUMENT);
    deepest = depth;
    return inOrder;
  });
}

/** One `zarr.json` in one of the two orders that an archive has. */
export interface DocumentPosition {
  readonly index: number;
  /** How many entries of any kind come before it. */
  readonly position: number;
  readonly name: string;
  /** How many entries that are no documents and no folders come before it. */
  readonly othersBefore: number;
}

/** The `zarr.json` entries of an archive, as its directory lists them and as they lie in the file. */
export interface DocumentPositions {
  readonly inDirectory: readonly DocumentPosition[];
  readonly inFile: readonly DocumentPosition[];
}

export function locateDocuments(directory: CentralDirectory, fileOrder: Uint32Array): DocumentPositions {
  const { names, nameEnds } = directory;
  const isDocument = new Uint8Array(directory.count);
  for (let index = 0, start = 0; index < directory.count; index++) {
    const end = nameEnds[index] as number;
    isDocument[index] = Number(isDocumentAt(names, start, end));
    start = end;
  }
  const inOrder = (indexAt: (k: number) => number): DocumentPosition[] => {
    const documents: DocumentPosition[] = [];
    let othersBefore = 0;
    for (let k = 0; k < directory.count; k++) {
      const index = indexAt(k);
      if (isDocument[index] === 1) {
        documents.push({ index, position: k, name: nameAt(directory, index), othersBefore });
      } else if (((directory.marks[index] as number) & MARK_DIRECTORY) === 0) othersBefore++;
    }
    return documents;
  };
  return { inDirectory: inOrder((k) => k), inFile: inOrder((k) => fileOrder[k] as number) };
}

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

export function directoryOrder(documents: readonly DocumentPosition[]): DirectoryOrder {
  const [first] = documents;
  return {
    documents: documents.length,
    rootFirst: first?.position === 0 && first.name === "zarr.json",
    documentsFirst: documents.every(({ othersBefore }) => othersBefore === 0),
    breadthFirst: outOfBreadthFirst(documents).next().done === true,
    jsonFirst: documents.length > 0 && isJsonFirst(documents),
  };
}

/**
 * The order that RFC-9 recommends for metadata, the root `zarr.json` first and the others breadth-first, and
 * ours for all other entries: by name, numbers by value, so that a level's chunks lie in the order of their
 * positions. The same entries give the same order, however a file system lists them.
 */
export function rfc9Order<Entry extends { readonly key: AbsolutePath }>(entries: readonly Entry[]): Entry[] {
  const documents: Entry[] = [];
  const others: Entry[] = [];
  for (const entry of entries) (isDocumentName(entry.key) ? documents : others).push(entry);
  documents.sort((a, b) => compareDocuments(a.key, b.key));
  others.sort((a, b) => compareKeys(a.key, b.key));
  return [...documents, ...others];
}
