import type { AbsolutePath, ReadOptions } from "@ozx/core";
import { compareKeys, sortInSlices } from "@ozx/core/container";
import { type CentralDirectory, MARK_DIRECTORY, nameAt } from "../directory/central-directory.js";

/**
 * RFC-9's order of metadata: the `zarr.json` of the root first, all of them before other entries, breadth-first.
 *
 * @module
 */

/** The name of the root's metadata document. */
export const ROOT_DOCUMENT = "zarr.json";
const DOCUMENT = new TextEncoder().encode(ROOT_DOCUMENT);
const SLASH = 0x2f;

/**
 * Sorts entries: `zarr.json` documents in the order that RFC-9 recommends, then all others by name, numbers by value, so
 * that the chunks of a level are in the order of their positions. The order does not depend on that of the input.
 */
export async function rfc9Order<Entry extends { readonly key: AbsolutePath }>(
  entries: readonly Entry[],
  options?: ReadOptions,
): Promise<Entry[]> {
  const documents: Entry[] = [];
  const others: Entry[] = [];
  for (const entry of entries) (isDocumentName(entry.key) ? documents : others).push(entry);
  const first = await sortInSlices(documents, (a, b) => compareDocuments(a.key, b.key), options);
  const rest = await sortInSlices(others, (a, b) => compareKeys(a.key, b.key), options);
  return [...first, ...rest];
}

/** Whether this is the name or the key of a `zarr.json`. */
export function isDocumentName(name: string): boolean {
  return name === ROOT_DOCUMENT || name.endsWith(`/${ROOT_DOCUMENT}`);
}

/** Whether the name at `start..end` of `names` is that of a `zarr.json`; nothing is allocated. */
export function isDocumentAt(names: Uint8Array, start: number, end: number): boolean {
  const at = end - DOCUMENT.length;
  if (at < start || (at > start && names[at - 1] !== SLASH)) return false;
  for (let i = 0; i < DOCUMENT.length; i++) if (names[at + i] !== DOCUMENT[i]) return false;
  return true;
}

/** Compares documents in RFC-9's order, by their names or by their keys. */
export function compareDocuments(a: string, b: string): number {
  return depthOf(a) - depthOf(b) || compareKeys(a, b);
}

function depthOf(name: string): number {
  let slashes = 0;
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) === SLASH) slashes++;
  return slashes;
}

/** A document that is not breadth-first, and the one that it follows. */
interface LateDocument {
  readonly name: string;
  readonly before: string;
}

/**
 * The documents that are not breadth-first: they follow a deeper one, or a child of a node that comes after their own
 * parent.
 */
export function* outOfBreadthFirst(documents: readonly { readonly name: string }[]): Generator<LateDocument> {
  const positions = new Map<string, number>();
  for (const [position, { name }] of documents.entries()) positions.set(nodeOf(name), position);
  let last: { name: string; depth: number; parent: number } | undefined;
  for (const { name } of documents) {
    const depth = depthOf(name);
    const parent = positions.get(parentOf(nodeOf(name))) ?? -1;
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

/** Whether RFC-9's `jsonFirst` is true: all documents come first, the root's before the others, and none after a deeper one. */
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

/** One `zarr.json` in the order of the directory or of the file. */
export interface DocumentPosition {
  /** Its index in the directory. */
  readonly index: number;
  /** How many entries of any kind come before it. */
  readonly position: number;
  readonly name: string;
  /** How many entries come before it that are neither documents nor folders. */
  readonly othersBefore: number;
}

/** The `zarr.json` entries of an archive, in the order of its directory and in that of the file. */
export interface DocumentPositions {
  readonly inDirectory: readonly DocumentPosition[];
  readonly inFile: readonly DocumentPosition[];
}

/** Whether there is a `zarr.json` at the root. */
export function hasRootDocument({ inDirectory }: DocumentPositions): boolean {
  return inDirectory.some(({ name }) => name === ROOT_DOCUMENT);
}

/** @param fileOrder the indices of all entries in the order of the file */
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

/** How an archive follows RFC-9's recommended order, in its central directory or in the file. */
export interface DirectoryOrder {
  /** The number of `zarr.json` entries, including those that a later entry replaces. */
  readonly documents: number;
  /** Whether the first entry is the root's `zarr.json`. */
  readonly rootFirst: boolean;
  /** Whether no `zarr.json` comes after another entry. */
  readonly documentsFirst: boolean;
  /** Whether no `zarr.json` follows a deeper one, or a child of a node that comes after its own parent. */
  readonly breadthFirst: boolean;
  /** Whether RFC-9's `jsonFirst` is true. */
  readonly jsonFirst: boolean;
}

/** @param documents in the order of the directory or of the file */
export function directoryOrder(documents: readonly DocumentPosition[]): DirectoryOrder {
  const [first] = documents;
  return {
    documents: documents.length,
    rootFirst: first?.position === 0 && first.name === ROOT_DOCUMENT,
    documentsFirst: documents.every(({ othersBefore }) => othersBefore === 0),
    breadthFirst: outOfBreadthFirst(documents).next().done === true,
    jsonFirst: documents.length > 0 && isJsonFirst(documents),
  };
}
